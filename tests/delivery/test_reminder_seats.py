"""Who has a seat in a session for the whole cohort is reminded of it; who waits for one is not."""

import datetime as dt

from cairn.delivery.actions import reminders
from cairn.delivery.models import CoachingSession, SessionPlace
from cairn.delivery.queries import reminders as queries
from cairn.foundation.models import MailMessage
from cairn.people.models import RoleGrant
from tests.api.asking import session as one_to_one

STARTS_AT = dt.datetime(2027, 3, 17, 14, 0, tzinfo=dt.UTC)
SOON = STARTS_AT - dt.timedelta(hours=1)


def test_a_seat_is_reminded_of_and_a_place_on_the_list_is_not(world, at):
    topic = CoachingSession.objects.create(
        cohort=world.cohort,
        kind="topic",
        engagement=world.engagements["malik"],
        position=1,
        minutes=60,
        state="booked",
        time_zone="Europe/London",
        wall_starts=STARTS_AT,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + dt.timedelta(hours=1),
    )
    for who, state in (("thandiwe", "seated"), ("siobhan", "waiting")):
        SessionPlace.objects.create(session=topic, enrolment=world.enrolments[who], state=state, since=at)

    reminders.send_due_reminders(address="https://cairn.example", at=STARTS_AT - dt.timedelta(hours=2))

    found = {each.to_id: each.body for each in MailMessage.objects.filter(key__startswith="reminder:")}
    assert set(found) == {world.thandiwe.pk, world.malik.pk}
    assert f"https://cairn.example/meetings/{topic.pk}/" in found[world.thandiwe.pk]


def test_whoever_lost_their_role_is_reminded_of_nothing(world, at):
    session = one_to_one(world, starts=STARTS_AT)
    assert {each.person_id for each in queries.due_reminders(SOON)} == {world.thandiwe.pk, world.ioana.pk}

    RoleGrant.objects.filter(person=world.thandiwe).update(until=at)
    assert {each.person_id for each in queries.due_reminders(SOON, sessions=[session.pk])} == {world.ioana.pk}
    RoleGrant.objects.filter(person=world.ioana).update(until=at)
    assert queries.due_reminders(SOON) == []
