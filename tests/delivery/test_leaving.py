"""Leaving a cohort by oneself, joining one later: the journey stays with the person and is nobody's to see."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from cairn.delivery import actions, queries
from cairn.delivery.models import Attendance, CoachingSession
from cairn.foundation import clock
from cairn.foundation.models import MailMessage
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries
from cairn.journey.models import Reading, Share
from cairn.ledger.models import Entitlement
from cairn.people import actions as people_actions
from cairn.people.models import Person, RoleGrant
from cairn.people.queries import NotFound
from cairn.programmes.models import Enrolment, GroupPlace
from cairn.programmes.queries.import_shapes import NewEnrolment
from tests.delivery.test_changes import started  # noqa: F401  the same cohort under way
from tests.kept import kept

MOMENT = dt.datetime(2027, 3, 3, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def sharing(started):  # noqa: F811
    return kept(_sharing, started)


def _sharing(world):
    """Thandiwe shares an entry with her coach, and another with a companion of her own."""
    texts = [journey_actions.write_entry(text=text, by=world.thandiwe, at=MOMENT) for text in ("one", "two")]
    until = MOMENT + dt.timedelta(days=90)
    actions.share_with(
        kind="entry", item_id=texts[0].pk, reader_id=world.ioana.pk, until=until, by=world.thandiwe, at=MOMENT
    )
    journey_actions.share(
        kind="entry", item_id=texts[1].pk, reader=world.lena, until=until, by=world.thandiwe, at=MOMENT
    )
    MailMessage.objects.all().delete()
    return world


def test_leaving_ends_what_is_to_come_and_keeps_what_was(sharing):
    world = sharing
    enrolment = world.enrolments["thandiwe"]
    marks = list(Attendance.objects.filter(enrolment=enrolment).values_list("session", "mark"))
    on = actions.leave_cohort(enrolment_id=enrolment.pk, by=world.thandiwe, at=MOMENT)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.left_on, on) == (Enrolment.State.LEFT, MOMENT.date(), MOMENT.date())
    waiting = CoachingSession.objects.filter(enrolment=enrolment, state__in=("booked", "undated"))
    assert waiting.count() == 0
    assert list(Attendance.objects.filter(enrolment=enrolment).values_list("session", "mark")) == marks
    assert not GroupPlace.objects.filter(enrolment=enrolment, to_on=None).exists()
    assert {each.left for each in Entitlement.objects.filter(enrolment=enrolment)} == {0}
    assert not RoleGrant.objects.filter(person=world.thandiwe, until=None).exists()
    assert [entry.text for entry in journey_queries.entries(world.thandiwe)] == ["two", "one"]


def test_leaving_ends_sharing_with_the_cohorts_coaches_only(sharing):
    world = sharing
    asked = people_actions.sign_up(email="x@example.org", at=MOMENT)  # somebody else's grants are not touched
    entry = journey_actions.write_entry(text="hers", by=asked, at=MOMENT)
    journey_actions.share(
        kind="entry", item_id=entry.pk, reader=world.ioana, until=MOMENT + dt.timedelta(9), by=asked, at=MOMENT
    )
    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=MOMENT)
    assert not Share.objects.filter(person=world.thandiwe, reader=world.ioana, withdrawn_at=None).exists()
    assert Share.objects.filter(person=asked, reader=world.ioana, withdrawn_at=None).count() == 1


def test_coaches_are_told_once_and_nothing_of_the_person_is_in_the_mail(sharing):
    world = sharing
    for _twice in range(2):
        try:
            actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=MOMENT)
        except NotFound:
            continue
    [mail] = MailMessage.objects.exclude(key__startswith="calendar:")
    assert (mail.to_id, "Thandiwe" in mail.subject) == (world.ioana.pk, True)


def test_a_coach_reads_of_their_own_sessions_only(sharing):
    world = sharing
    enrolment = world.enrolments["thandiwe"]
    Enrolment.objects.filter(pk=enrolment.pk).update(engagement=world.engagements["malik"])  # her group stays Ioana's
    CoachingSession.objects.filter(enrolment=enrolment, kind="one_to_one", state="booked").update(
        engagement=world.engagements["malik"]
    )
    actions.leave_cohort(enrolment_id=enrolment.pk, by=world.thandiwe, at=MOMENT)
    told = {
        mail.to_id: "no longer take" in mail.body for mail in MailMessage.objects.exclude(key__startswith="calendar:")
    }
    assert told == {world.malik.pk: True, world.ioana.pk: False}


def test_a_session_that_has_begun_today_still_counts(sharing):
    world = sharing
    during = dt.datetime(2027, 3, 8, 10, 30, tzinfo=dt.UTC)
    enrolment = world.enrolments["thandiwe"]
    on = actions.leave_cohort(enrolment_id=enrolment.pk, by=world.thandiwe, at=during)
    assert on == dt.date(2027, 3, 9)
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE
    assert actions.leave_when_due(at=during) == 0
    assert actions.leave_when_due(at=during + dt.timedelta(days=1)) == 1
    assert actions.leave_when_due(at=during + dt.timedelta(days=1)) == 0
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.LEFT


@pytest.mark.parametrize("who", ["part", "ioana", "halina", "tomasz"])
def test_nobody_leaves_for_somebody_else(world, at, who):
    with pytest.raises(NotFound):
        actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.people[who], at=at)


def test_the_page_says_what_stays_and_what_goes(sharing, monkeypatch):
    world = sharing
    monkeypatch.setattr(clock, "now", lambda: MOMENT)
    client = Client()
    client.force_login(world.thandiwe)
    url = reverse("leave", args=[world.enrolments["thandiwe"].pk])
    page = client.get(url).content.decode()
    assert "2 one-to-one sessions to come are cancelled" in page
    assert "What you share with Ioana Pop is shared no more" in page
    assert client.post(url).status_code == 302
    assert client.get(url).status_code == 404
    assert client.get(reverse("my_details")).status_code == 200


def test_joining_a_cohort_later_keeps_everything_and_shows_nothing(world, at):
    amahle = people_actions.sign_up(email="amahle@example.org", at=at)
    entry = journey_actions.write_entry(text="before any programme", by=amahle, at=at)
    found = NewEnrolment(row=1, name="Amahle Dlamini", email="AMAHLE@example.org", institution="")
    enrolment = actions.enrol_person(
        cohort=world.cohort, entry=found, address_of="https://cairn.example", by=world.halina, at=at
    )
    Enrolment.objects.filter(pk=enrolment.pk).update(engagement=world.engagements["ioana"])
    assert enrolment.person_id == amahle.pk
    assert Person.objects.get(pk=amahle.pk).name == "Amahle"
    assert journey_queries.entry(amahle, entry.pk).text == "before any programme"
    for reader in (world.ioana, world.halina, world.otto):
        assert journey_queries.shared_items(reader, amahle.pk, at).items == ()
        with pytest.raises(NotFound):
            journey_queries.entry(reader, entry.pk)
        with pytest.raises(NotFound):
            journey_queries.shared_item(reader, amahle.pk, "entry", entry.pk, at)
    assert Reading.objects.count() == 0
    actions.leave_cohort(enrolment_id=enrolment.pk, by=amahle, at=at)
    assert journey_queries.entry(amahle, entry.pk).text == "before any programme"


def test_leaving_is_previewed_as_it_happens(sharing):
    world = sharing
    before = queries.leaving(world.thandiwe, world.enrolments["thandiwe"].pk, MOMENT)
    cancelled = {each.pk for each in before.cancelled}
    actions.leave_cohort(enrolment_id=world.enrolments["thandiwe"].pk, by=world.thandiwe, at=MOMENT)
    assert cancelled == set(
        CoachingSession.objects.filter(pk__in=cancelled, state="cancelled").values_list("pk", flat=True)
    )
