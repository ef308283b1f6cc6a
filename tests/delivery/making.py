"""Sessions for tests, made through the product's own actions."""

import datetime as dt
from typing import Any

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import Person
from tests.cast import World


def undated(world: World, who: str = "thandiwe") -> CoachingSession:
    """A one-to-one session that waits for a date."""
    enrolment = world.enrolments[who]
    return CoachingSession.objects.create(
        cohort=enrolment.cohort,
        kind="one_to_one",
        engagement=enrolment.engagement,
        enrolment=enrolment,
        position=CoachingSession.objects.filter(enrolment=enrolment).count() + 1,
        minutes=60,
        time_zone=enrolment.cohort.time_zone,
    )


def date(session: CoachingSession, wall_starts: dt.datetime, *, by: Person, at: dt.datetime, **more: Any) -> Any:
    """Date or move a session as somebody who has just looked at it."""
    seen = CoachingSession.objects.get(pk=session.pk).version
    return actions.date_session(
        session=session,
        wall_starts=wall_starts,
        mode="online",
        where="",
        expected_version=seen,
        by=by,
        at=at,
        **more,
    )


def group_session(world: World, wall_starts: dt.datetime, *, at: dt.datetime, number: int = 1) -> CoachingSession:
    """A session of a group, added by the coordinator."""
    return actions.add_session(
        cohort=world.cohort,
        kind="group",
        group=world.groups[number],
        wall_starts=wall_starts,
        mode="online",
        where="https://meet.example/LEAK-LINK",
        by=world.halina,
        at=at,
    )


def taken(session: CoachingSession) -> set[int]:
    """Whose time the session takes."""
    return set(PersonTime.objects.filter(session=session).values_list("person_id", flat=True))


def entitlement(world: World, who: str, kind: str = "one_to_one") -> tuple[int, int, int]:
    """Promised, booked, used."""
    account = Entitlement.objects.get(enrolment=world.enrolments[who], kind=kind)
    return account.promised, account.booked, account.used


def coach_time(world: World, who: str, kind: str = "one_to_one") -> tuple[int, int, int]:
    """Commissioned, booked, delivered."""
    account = CoachTime.objects.get(engagement=world.engagements[who], kind=kind)
    return account.promised, account.booked, account.used


def told() -> set[str]:
    """Addresses to which a mail went."""
    return set(MailMessage.objects.values_list("address", flat=True))
