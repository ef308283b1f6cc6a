"""What it means when somebody leaves a cohort or stays on in own time, before anybody decides it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.terms import SessionState
from cairn.ledger.models import Entitlement, LedgerEntry
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment, GroupPlace, NewPosition
from cairn.programmes.terms import Kind, Stays

SOURCE = "session"
STANDING = (SessionState.BOOKED, SessionState.HELD)


@dataclass(frozen=True)
class Effects:
    """What recording an outcome does. Sessions are those from `on` on, on the wall of their own zone.

    `cancelled` are one-to-one sessions with a date; `left_out` are group sessions that take place without the person;
    `released` is minutes by kind. `is_due` is whether the day has come: otherwise the last step waits for it.
    """

    outcome: str
    on: dt.date
    buy_out_ends_on: dt.date | None
    is_due: bool = True
    cancelled: tuple[CoachingSession, ...] = ()
    left_out: tuple[CoachingSession, ...] = ()
    released: Mapping[str, int] = field(default_factory=dict)
    group: int | None = None
    role_ends: bool = False
    told: tuple[Person, ...] = ()


def effects(
    position: NewPosition, outcome: str, on: dt.date, buy_out_ends_on: dt.date | None, at: dt.datetime
) -> Effects:
    """What recording would do for a change of job that the reader was given. Four queries at most."""
    enrolment = position.enrolment
    places = places_after(enrolment, on)
    told = tuple({each.pk: each for each in [enrolment.person, *coaches_of(enrolment, places)]}.values())
    if outcome != Stays.LEAVES:
        return Effects(outcome, on, buy_out_ends_on, told=told)
    sessions = list(sessions_after(enrolment, on))
    return Effects(
        outcome,
        on,
        buy_out_ends_on,
        is_due=on <= at.astimezone(enrolment.cohort.zone).date(),
        cancelled=tuple(each for each in sessions if each.kind == Kind.ONE_TO_ONE),
        left_out=tuple(each for each in sessions if each.kind == Kind.GROUP),
        released=_released(enrolment, sessions),
        group=next((place.group.number for place in places), None),
        role_ends=not has_another_enrolment(enrolment),
        told=told,
    )


def sessions_after(enrolment: Enrolment, on: dt.date) -> QuerySet[CoachingSession]:
    """The person's sessions from a day on without a mark of theirs: booked one-to-ones, and those of their group."""
    begins = dt.datetime.combine(on, dt.time(), tzinfo=dt.UTC)
    held = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=OuterRef("day")),
        enrolment=enrolment,
        group=OuterRef("group"),
        from_on__lte=OuterRef("day"),
    )
    marked = Attendance.objects.filter(session=OuterRef("pk"), enrolment=enrolment)
    own = Q(enrolment=enrolment, kind=Kind.ONE_TO_ONE, state=SessionState.BOOKED)
    return (
        CoachingSession.objects.annotate(day=TruncDate("wall_starts", tzinfo=dt.UTC))
        .filter(own | Q(Exists(held), kind=Kind.GROUP, state__in=STANDING))
        .filter(~Exists(marked), wall_starts__gte=begins)
        .select_related("group", "cohort__programme", "engagement__person")
        .order_by("starts_at", "pk")
    )


def places_after(enrolment: Enrolment, on: dt.date) -> list[GroupPlace]:
    """The seats that hold on a day or later."""
    places = GroupPlace.objects.filter(Q(to_on=None) | Q(to_on__gt=on), enrolment=enrolment)
    return list(places.select_related("group__engagement__person").order_by("from_on", "pk"))


def coaches_of(enrolment: Enrolment, places: Sequence[GroupPlace]) -> list[Person]:
    """Who coaches the person: one-to-one, and in their group."""
    engagements = [enrolment.engagement, *(place.group.engagement for place in places)]
    return [each.person for each in engagements if each is not None and each.state in programme_rules.AT_WORK]


def has_another_enrolment(enrolment: Enrolment) -> bool:
    """Whether the person takes part in another cohort of the same organisation."""
    organisation = enrolment.cohort.programme.organisation_id
    others = Enrolment.objects.filter(
        person=enrolment.person_id,
        state__in=programme_rules.TAKING_PART,
        cohort__programme__organisation=organisation,
    )
    return others.exclude(pk=enrolment.pk).exists()


def session_words(sessions: Sequence[CoachingSession]) -> list[str]:
    """Each session in one line: what it is and when it was to be."""
    return [f"{words.title(session)}, {words.when_words(session)}" for session in sessions]


def _released(enrolment: Enrolment, sessions: Sequence[CoachingSession]) -> dict[str, int]:
    """Minutes by kind that would be left once these sessions no longer count."""
    freed = (
        LedgerEntry.objects.filter(
            entitlement=OuterRef("pk"),
            source_kind=SOURCE,
            source_id__in=[session.pk for session in sessions],
            movement__in=[LedgerEntry.Movement.BOOK, LedgerEntry.Movement.USE],
        )
        .order_by()
        .values("entitlement")
        .annotate(net=Sum("minutes"))
    )
    left = F("promised") - F("booked") - F("used") - F("released")
    rows = Entitlement.objects.filter(enrolment=enrolment).annotate(
        freed=Coalesce(Subquery(freed.values("net"), output_field=IntegerField()), 0) + left
    )
    return dict(rows.order_by("-kind").values_list("kind", "freed"))
