"""Answering adjustments, with all that hangs on the answer: minutes, seat, sessions, mails.

Mails say that something was answered or arranged and where to read it; what it is stands on the pages alone.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from cairn.delivery.actions import booking, grouping
from cairn.delivery.actions.problems import Refused as SessionRefused
from cairn.delivery.queries import changes
from cairn.delivery.queries.grouping import upcoming_group_sessions
from cairn.foundation import mail
from cairn.foundation.models import AuditEntry
from cairn.ledger import actions as ledger_actions
from cairn.people.models import Person
from cairn.programmes import actions as programme_actions
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Adjustment, CoachingGroup, Enrolment, GroupPlace
from cairn.programmes.queries import agreed_one_to_one
from cairn.programmes.queries.grouping import places_on
from cairn.programmes.terms import AdjustmentState, Need

SUBJECT = "adjustment"
AGREED = "agree_adjustment"


@dataclass(frozen=True)
class TakenBack:
    """An adjustment after an undo. `needs_group`: the person takes part in groups again and has no seat."""

    adjustment: Adjustment
    needs_group: bool


@transaction.atomic
def agree_adjustment(
    *,
    adjustment: Adjustment,
    arrangement: str,
    group_told: str = "",
    due_after: bool = False,
    most_people: int | None = None,
    address_of: str = "",
    by: Person,
    at: dt.datetime,
) -> Adjustment:
    """Agree, as `programmes.actions.agree_adjustment`. One-to-one instead of a group: seat, minutes, sessions follow.

    The person and their coaches get a mail with a link. `address_of` is the public address of this Cairn.
    Raises as that does, and ledger LessThanBooked.
    """
    places = grouping.seats_from_today(adjustment.enrolment, at)
    coaches = _coaches(adjustment.enrolment, at)
    agreed = programme_actions.agree_adjustment(
        adjustment=adjustment,
        arrangement=arrangement,
        group_told=group_told,
        due_after=due_after,
        most_people=most_people,
        facts={"places": {str(each.pk): each.to_on.isoformat() if each.to_on else None for each in places}},
        by=by,
        at=at,
    )
    if agreed.need == Need.ONE_TO_ONE:
        grouping.follow_opt_out(agreed.enrolment, [each.group_id for each in places], by=by, at=at)
    _tell_person(agreed, "answered", address_of, by=by, at=at)
    _tell_coaches(agreed, coaches, address_of, by=by, at=at)
    return agreed


@transaction.atomic
def arrange_adjustment(
    *, enrolment: Enrolment, need: str, arrangement: str, address_of: str = "", by: Person, at: dt.datetime
) -> Adjustment:
    """A coordinator enters what is needed and agrees at once; what waits for the same need is agreed instead."""
    waiting = Adjustment.objects.filter(enrolment=enrolment, need=need, state=AdjustmentState.WAITING).first()
    if waiting is None:
        ask = programme_actions.Ask(need)
        [waiting] = programme_actions.ask_adjustments(enrolment=enrolment, asks=[ask], by=by, at=at)
    return agree_adjustment(adjustment=waiting, arrangement=arrangement, address_of=address_of, by=by, at=at)


@transaction.atomic
def decline_adjustment(
    *, adjustment: Adjustment, instead: str, address_of: str = "", by: Person, at: dt.datetime
) -> Adjustment:
    """Say that it is not possible and what is; the person gets a mail with a link. Raises as the programmes' action."""
    declined = programme_actions.decline_adjustment(adjustment=adjustment, instead=instead, by=by, at=at)
    _tell_person(declined, "answered", address_of, by=by, at=at)
    return declined


@transaction.atomic
def end_adjustment(*, adjustment: Adjustment, address_of: str = "", by: Person, at: dt.datetime) -> Adjustment:
    """End what was agreed: the person themselves or a coordinator. Who was coached one-to-one waits for a group then.

    One-to-one minutes that were taken stay taken; the group minutes they did not stand for come back.
    Raises ChangedMeanwhile, ledger LessThanBooked.
    """
    coaches = _coaches(adjustment.enrolment, at)
    ended = programme_actions.end_adjustment(adjustment=adjustment, by=by, at=at)
    if ended.need == Need.ONE_TO_ONE:
        grouping.follow_opt_out(ended.enrolment, (), by=_acting(by, ended.enrolment, at), at=at)
    _tell_person(ended, "changed", address_of, by=by, at=at)
    _tell_coaches(ended, coaches, address_of, by=by, at=at)
    return ended


@transaction.atomic
def back_into_groups(*, enrolment: Enrolment, address_of: str = "", by: Person, at: dt.datetime) -> None:
    """End what stands behind somebody's being coached one-to-one only. Raises as `end_adjustment`."""
    agreed = agreed_one_to_one(enrolment)
    if agreed is None:
        grouping.set_opt_out(enrolment=enrolment, opts_out=False, by=by, at=at)
    else:
        end_adjustment(adjustment=agreed, address_of=address_of, by=by, at=at)


@transaction.atomic
def undo_adjustment(
    *, adjustment: Adjustment, state: str, address_of: str = "", by: Person, at: dt.datetime
) -> TakenBack:
    """Take the last step back. `state` is the one that was looked at: agreed, declined or ended.

    A seat that agreeing ended comes back where the group has room and everybody is free; otherwise the person waits
    for a group. Raises ChangedMeanwhile, CannotGoBack, ledger LessThanBooked.
    """
    places, coaches = grouping.seats_from_today(adjustment.enrolment, at), _coaches(adjustment.enrolment, at)
    back = programme_actions.reopen_adjustment(adjustment=adjustment, state=state, by=by, at=at)
    needs_group = False
    if back.need == Need.ONE_TO_ONE and state != AdjustmentState.DECLINED:
        grouping.follow_opt_out(back.enrolment, [each.group_id for each in places], by=by, at=at)
        needs_group = state == AdjustmentState.AGREED and not _sit_again(back, by=by, at=at)
    _tell_person(back, "changed", address_of, by=by, at=at)
    if state != AdjustmentState.DECLINED:
        _tell_coaches(back, {*coaches, *_coaches(back.enrolment, at)}, address_of, by=by, at=at)
    return TakenBack(back, needs_group)


def _acting(by: Person, enrolment: Enrolment, at: dt.datetime) -> Person | None:
    """Whoever runs the cohort; None, the product itself, where somebody ends what was arranged for themselves."""
    return by if programme_rules.may_run_cohort(by, enrolment.cohort, at) else None


def _coaches(enrolment: Enrolment, at: dt.datetime) -> set[Person]:
    today = at.astimezone(enrolment.cohort.zone).date()
    return set(changes.coaches_of(enrolment, changes.places_after(enrolment, today)))


def _sit_again(adjustment: Adjustment, *, by: Person, at: dt.datetime) -> bool:
    """Give back the seats that agreeing ended. False where that is not possible; then nothing is changed."""
    audited = AuditEntry.objects.filter(subject_kind=SUBJECT, subject_id=adjustment.pk, action=AGREED)
    facts = audited.order_by("-pk").values_list("facts", flat=True).first() or {}
    former: dict[str, str | None] = facts.get("places", {})
    if not former:
        return True
    enrolment = adjustment.enrolment
    today = at.astimezone(enrolment.cohort.zone).date()
    try:
        with transaction.atomic():
            places = list(GroupPlace.objects.filter(pk__in=[int(pk) for pk in former]).order_by("pk"))
            groups = {place.group_id for place in places}
            list(CoachingGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk"))
            if any(_is_full(group, enrolment, today) for group in groups):
                return False
            for place in places:
                until = former[str(place.pk)]
                GroupPlace.objects.filter(pk=place.pk).update(to_on=dt.date.fromisoformat(until) if until else None)
            ahead = upcoming_group_sessions(enrolment.cohort, today, at)
            back_in = [each for each in ahead if each.group_id in groups]
            booking.realign(sessions=back_in, by=by, at=at)
            grouping.tell_calendar(enrolment, entered=[each.pk for each in back_in], at=at)
    except (SessionRefused, ledger_actions.NotEnoughMinutes):
        return False
    return True


def _is_full(group_id: int, enrolment: Enrolment, on: dt.date) -> bool:
    return GroupPlace.objects.filter(places_on(on), group=group_id).count() >= enrolment.cohort.group_cap


def _tell_person(adjustment: Adjustment, event: str, address_of: str, *, by: Person, at: dt.datetime) -> None:
    if adjustment.enrolment.person_id != by.pk:
        _post(adjustment, event, adjustment.enrolment.person, {"address": address_of}, at=at)


def _tell_coaches(
    adjustment: Adjustment, coaches: set[Person], address_of: str, *, by: Person, at: dt.datetime
) -> None:
    """One mail to each coach, with a link to the coachee while they are theirs, else to the coach's own list."""
    now = {coach.pk for coach in _coaches(adjustment.enrolment, at)}
    for coach in sorted(coaches, key=lambda each: each.pk):
        if coach.pk != by.pk:
            context = {"address": address_of, "is_theirs": coach.pk in now}
            _post(adjustment, "coach", coach, context, at=at)


def _post(adjustment: Adjustment, event: str, to: Person, context: dict[str, object], *, at: dt.datetime) -> None:
    """`event` names the template `mail/adjustment_<event>.txt`; each step sends its own."""
    cohort = adjustment.enrolment.cohort
    steps = AuditEntry.objects.filter(subject_kind=SUBJECT, subject_id=adjustment.pk).count()
    mail.post(
        key=f"adjustment:{adjustment.pk}:{steps}:{event}:{to.pk}",
        to=to,
        template=f"mail/adjustment_{event}.txt",
        context={**context, "enrolment_id": adjustment.enrolment_id, "cohort": cohort, "programme": cohort.programme},
        organisation_id=cohort.programme.organisation_id,
        at=at,
    )
