"""A one-to-one that is written down afterwards: nobody is told, and the page does not say they were."""

import datetime as dt

import pytest

from cairn.foundation.models import MailMessage
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
AN_HOUR_AGO = {"on": "2027-03-03", "time": "08:00", "mode": "phone", "where": "", "version": 1}
NOBODY = "Its time has gone by, so nobody was told."


def mails() -> int:
    return MailMessage.objects.count()


def test_a_date_that_has_gone_by_tells_nobody_and_the_coachs_page_says_so(world, client):
    session, before = running.undated(world), mails()
    client.force_login(world.ioana)

    answer = client.post(f"/coach/sessions/{session.pk}/", AN_HOUR_AGO, follow=True).content.decode()

    assert f"Saved. {NOBODY}" in answer
    assert mails() == before
    taken_back = client.post(f"/coach/sessions/{session.pk}/undo/2/?was=undated", follow=True).content.decode()
    assert "It is as it was before." in taken_back
    assert mails() == before


def test_the_coordinators_page_says_so_too(world, client):
    session, before = running.undated(world), mails()
    address = f"/cohorts/{world.cohort.pk}/sessions/{session.pk}/"
    client.force_login(world.halina)

    assert "A time that has gone by is written down; nobody is told of it." in client.get(address).content.decode()
    said = AN_HOUR_AGO | {"wall_time": AN_HOUR_AGO["time"], "do": "move"}
    answer = client.post(address, said, follow=True).content.decode()

    assert f"08:00 to 09:00 (London time) now. {NOBODY}" in answer
    assert mails() == before


def test_who_was_told_of_a_session_is_told_when_it_is_cancelled_after_it_began(world, client, now):
    session = running.one_to_one(world, now.at + dt.timedelta(hours=1))
    now.at += dt.timedelta(hours=3)
    session.refresh_from_db()
    client.force_login(world.ioana)

    gone = {"reason": "", "version": session.version}
    answer = client.post(f"/coach/sessions/{session.pk}/cancel/", gone, follow=True).content.decode()

    assert "Cancelled. Whoever had been told of it has been told of this." in answer
    assert MailMessage.objects.filter(to_id=world.thandiwe.pk, key__contains=":cancelled:").count() == 1
