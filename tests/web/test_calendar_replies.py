import datetime as dt

import pytest

from cairn.delivery.models import InvitationReply, ReplyMailbox, SentInvitation
from cairn.foundation import mailbox
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)
GIVEN = {"address": "replies@eastmere.example", "host": "imap.eastmere.example", "port": "993", "user": "replies"}


def address(world):
    return f"/organisation/{world.eastmere.pk}/replies/"


def test_a_mailbox_is_given_tried_and_removed(world, client, monkeypatch):
    client.force_login(world.halina)
    assert client.post(address(world), {**GIVEN, "password": "green lichen"}).status_code == 302

    def closed(account, *, seconds=10):
        raise mailbox.Unreadable("sign_in")

    monkeypatch.setattr(mailbox, "check", closed)
    client.post(address(world), {"do": "try"})
    shown = client.get(address(world)).content.decode()
    assert "The server does not accept this user and password." in shown
    assert "green lichen" not in shown
    assert "forgotten for good" in shown
    client.post(address(world), {"do": "remove"})
    assert not ReplyMailbox.objects.exists()


def test_whoever_may_give_it_finds_the_way_there(world, page):
    for who in (world.halina, world.otto):
        assert f'href="{address(world)}"' in page(who, "/organisation/")[1]


def test_what_is_wrong_is_said_in_place_and_what_was_typed_stays(world, client):
    client.force_login(world.halina)
    shown = client.post(address(world), {**GIVEN, "host": "https://imap.example"}).content.decode()
    assert "alone, such as imap.example.org." in shown
    assert 'value="https://imap.example"' in shown
    assert "Write the password once more" in client.post(address(world), GIVEN).content.decode()


def test_a_private_server_is_not_spoken_to(world, client, settings):
    settings.CAIRN_FETCH_LOCAL = False
    client.force_login(world.halina)
    said = {
        "host": ("127.0.0.1", "names no server in the open net"),
        "port": ("25", "at port 993 only"),
        "address": ("replies+x@eastmere.example", "without the plus sign"),
    }
    for name, (typed, sentence) in said.items():
        shown = client.post(address(world), {**GIVEN, "password": "x", name: typed}).content.decode()
        assert (sentence in shown, f'value="{typed}"' in shown) == (True, True)
    assert not ReplyMailbox.objects.exists()


def test_a_decline_is_shown_to_the_coach_and_to_whoever_declined_alone(world, page):
    session = running.group_session(world, TEN)
    sent = SentInvitation.objects.get(session=session, person=world.thandiwe)
    InvitationReply.objects.create(
        session=session, person=world.thandiwe, answer="declined", sequence=sent.sequence, at=running.AT
    )

    coach = page(world.ioana, f"/coach/sessions/{session.pk}/")[1]
    own = page(world.thandiwe, f"/sessions/{session.pk}/")[1]
    other = page(world.part, f"/sessions/{session.pk}/")[1]
    assert "Their calendar says they cannot come" in coach
    assert ("Your calendar says that you cannot come" in own, 'href="#apologies"' in own) == (True, True)
    assert "cannot come" not in other.replace("cannot come after", "")
