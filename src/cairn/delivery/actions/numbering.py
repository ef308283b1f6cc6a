"""Coach meetings count by their dates, however late one was planned or moved. One that was cancelled keeps the number
it had, and counts no longer.

They are numbered together, and all coaches are in them: each change of one waits for the others'.
"""

from django.db.models import F, QuerySet

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import OF_ALL_COACHES, SessionState
from cairn.programmes.models import Cohort
from cairn.programmes.terms import Kind


def line_up(cohort_id: int, kind: str) -> None:
    """Wait until nobody else changes a meeting of all coaches in this cohort, or who they are; for others do nothing.

    Call first: it locks the cohort before sessions before people, as every action does. Ends with the transaction.
    """
    if kind not in OF_ALL_COACHES:
        return
    list(Cohort.objects.select_for_update(no_key=True).filter(pk=cohort_id).values_list("pk", flat=True))
    meetings = CoachingSession.objects.select_for_update(no_key=True).filter(cohort=cohort_id, kind__in=OF_ALL_COACHES)
    list(meetings.order_by("pk").values_list("pk", flat=True))


def by_date(session: CoachingSession) -> None:
    """Number the coach meetings of a cohort anew, this one too, which has just been written. Call in the line-up."""
    if session.kind != Kind.COACH_MEETING:
        return
    rows = standing(session.cohort_id).order_by(F("starts_at").asc(nulls_last=True), "pk").values_list("pk", "position")
    for number, (pk, was) in enumerate(list(rows), start=1):
        if pk == session.pk:
            session.position = number
        if number != was:
            CoachingSession.objects.filter(pk=pk).update(position=number)


def standing(cohort_id: int) -> QuerySet[CoachingSession]:
    """The coach meetings of a cohort that count."""
    found = CoachingSession.objects.filter(cohort=cohort_id, kind=Kind.COACH_MEETING)
    return found.exclude(state=SessionState.CANCELLED)
