import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.foundation.models import MailMessage
from tests.cast import AT
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)


def cancel(session, by):
    session.refresh_from_db()
    return actions.cancel_session(session=session, expected_version=session.version, by=by, at=AT)


def test_a_coachs_cancellation_stands_on_home_and_on_the_sessions_page(world, page):
    session = running.one_to_one(world, TEN)
    assert "Choose another time" not in page(world.thandiwe, "/home/")[1]

    cancel(session, world.ioana)

    told = f"Your coach, {world.ioana.name}, cancelled the session that was to be on"
    for path in ("/home/", f"/sessions/{session.pk}/"):
        text = page(world.thandiwe, path)[1]
        assert told in text
        assert "Wednesday 10 March 2027, 10:00" in text
    assert f'href="/sessions/{session.pk}/book/"' in text
    assert "Choose another time" in text


@pytest.mark.parametrize(("who", "told"), [("halina", "The programme team cancelled"), ("thandiwe", "You cancelled")])
def test_others_than_the_coach_are_not_taken_for_them(world, page, who, told):
    session = running.one_to_one(world, TEN)
    act = actions.cancel_own if who == "thandiwe" else actions.cancel_session
    session.refresh_from_db()
    act(session=session, expected_version=session.version, by=world.people[who], at=AT)

    assert told in page(world.thandiwe, f"/sessions/{session.pk}/")[1]
    assert (told in page(world.thandiwe, "/home/")[1]) == (who != "thandiwe")


def test_a_restored_session_is_no_lost_date(world, page):
    session = running.one_to_one(world, TEN)
    gone = cancel(session, world.ioana)
    actions.restore_session(session=gone, expected_version=gone.version, by=world.ioana, at=AT)

    assert "cancelled the session" not in page(world.thandiwe, "/home/")[1]


def test_to_cancel_a_one_to_one_is_worded_for_one_person(world, page, client):
    alone, many = running.one_to_one(world, TEN), running.group_session(world, TEN + dt.timedelta(days=1))

    text = page(world.ioana, f"/coach/sessions/{alone.pk}/")[1]
    assert "Cancel it and tell your coachee" in text
    assert "my coachee cannot come" in text
    assert "too few coachees can come" not in text
    text = page(world.ioana, f"/coach/sessions/{many.pk}/")[1]
    assert "Cancel it and tell everybody" in text
    assert "too few coachees can come" in text

    alone.refresh_from_db()
    posted = {"reason": "coachees", "version": alone.version}
    answer = client.post(f"/coach/sessions/{alone.pk}/cancel/", posted, follow=True).content.decode()
    assert "Cancelled. Your coachee has been told." in answer


def test_a_call_without_a_number_says_so_on_both_pages(world, page):
    session = running.one_to_one(world, TEN, mode="phone", where="")

    assert "agree with your coach who rings whom" in page(world.thandiwe, f"/sessions/{session.pk}/")[1]
    assert "agree who rings whom, or write it below" in page(world.ioana, f"/coach/sessions/{session.pk}/")[1]


def test_undo_of_forgiving_leads_back_to_where_one_was(world, client):
    session = running.one_to_one(world, AT + dt.timedelta(hours=3))
    session.refresh_from_db()
    actions.cancel_own(session=session, expected_version=session.version, by=world.thandiwe, at=AT)
    client.force_login(world.ioana)
    address = f"/coach/sessions/{session.pk}/forgive/{world.enrolments['thandiwe'].pk}/"

    forgiven = client.post(address, {"back": "session"}, follow=True)
    assert f'action="{address}?undo=1&amp;back=session"' in forgiven.content.decode()
    taken_back = client.post(f"{address}?undo=1&back=session")

    assert taken_back["Location"] == f"/coach/sessions/{session.pk}/"
    forgiving = MailMessage.objects.filter(key__contains="forgive_late", to_id=world.thandiwe.pk)
    assert not forgiving.exists()


def test_a_lost_date_costs_its_page_no_question_too_many(world, client, django_assert_max_num_queries):
    session = running.one_to_one(world, TEN)
    cancel(session, world.ioana)
    client.force_login(world.thandiwe)
    with django_assert_max_num_queries(8):
        client.get(f"/sessions/{session.pk}/")
