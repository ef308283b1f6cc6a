"""A coach of one's own choosing, without any organisation."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from cairn.foundation import clock
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.journey import actions, queries
from cairn.journey.models import Companion, Share
from cairn.people import actions as people_actions
from cairn.people.queries import NotFound

HERE = "https://cairn.example"


@pytest.fixture
def amahle(world, at):
    """Somebody on their own: no role, no organisation."""
    return people_actions.sign_up(email="amahle@example.org", at=at)


def ask(person, at, email="coach@elsewhere.example"):
    actions.ask_companion(email=email, address_of=HERE, by=person, at=at)
    return MailMessage.objects.filter(address=email).latest("pk").body.split("/beside/invitation/")[1].split("/")[0]


def test_a_coach_is_asked_and_walks_beside(world, amahle, at):
    secret = ask(amahle, at)
    [waiting] = queries.companions(amahle, at)
    assert (waiting.state, waiting.name, queries.beside(world.lena)) == ("waiting", "", ())
    assert actions.accept_companion(secret=secret, by=world.lena, at=at) == amahle.pk
    [beside] = queries.companions(amahle, at)
    assert (beside.state, beside.name, beside.coach_id) == ("beside", "Lena Fischer", world.lena.pk)
    assert [each.person_id for each in queries.beside(world.lena)] == [amahle.pk]


def test_the_mail_holds_nothing_that_the_person_wrote_and_the_secret_is_not_kept(amahle, at):
    people_actions.change_own_details(name="LEAK-name", known_as="LEAK-known", time_zone="UTC", by=amahle, at=at)
    amahle.refresh_from_db()
    secret = ask(amahle, at)
    mail = MailMessage.objects.get(address="coach@elsewhere.example")
    assert "LEAK" not in mail.subject + mail.body
    assert "amahle@example.org" in mail.body
    assert secret not in str(Companion.objects.values_list())


def test_the_link_works_once_and_for_a_fortnight(world, amahle, at):
    secret = ask(amahle, at)
    late = at + dt.timedelta(days=14, seconds=1)
    with pytest.raises(NotFound):
        actions.accept_companion(secret=secret, by=world.lena, at=late)
    assert [each.state for each in queries.companions(amahle, late)] == ["lapsed"]
    actions.accept_companion(secret=secret, by=world.lena, at=at)
    with pytest.raises(NotFound):
        actions.accept_companion(secret=secret, by=world.malik, at=at)


def test_who_asked_cannot_accept_and_cannot_ask_themselves(amahle, at):
    secret = ask(amahle, at)
    with pytest.raises(actions.CannotAccept):
        actions.accept_companion(secret=secret, by=amahle, at=at)
    with pytest.raises(actions.OwnAddress):
        actions.ask_companion(email="AMAHLE@example.org", address_of=HERE, by=amahle, at=at)


def test_few_invitations_at_a_time_and_one_to_an_address(amahle, at):
    for number in range(5):
        ask(amahle, at, f"coach-{number}@elsewhere.example")
    with pytest.raises(actions.AskedAlready):
        ask(amahle, at, "coach-0@elsewhere.example")
    with pytest.raises(actions.TooManyAsked):
        ask(amahle, at, "coach-6@elsewhere.example")
    assert MailMessage.objects.filter(address__contains="elsewhere").count() == 5


@pytest.mark.parametrize("who", ["amahle", "lena"])
def test_either_side_ends_it_at_once_and_with_it_all_that_was_shared(world, amahle, at, who):
    actions.accept_companion(secret=ask(amahle, at), by=world.lena, at=at)
    entry = actions.write_entry(text="mine", by=amahle, at=at)
    actions.share(
        kind="entry",
        item_id=getattr(entry, "pk", entry),
        reader=world.lena,
        until=at + dt.timedelta(days=9),
        by=amahle,
        at=at,
    )
    [companion] = Companion.objects.all()
    by = amahle if who == "amahle" else world.lena
    with pytest.raises(NotFound):
        actions.end_companion(companion_id=companion.pk, by=world.ioana, at=at)
    actions.end_companion(companion_id=companion.pk, by=by, at=at)
    actions.end_companion(companion_id=companion.pk, by=by, at=at)
    assert (queries.companions(amahle, at), queries.beside(world.lena)) == ((), ())
    assert Share.objects.filter(person=amahle, withdrawn_at=None).count() == 0
    assert AuditEntry.objects.filter(action="end_companion").count() == 1


def test_accepting_a_second_invitation_of_the_same_person_changes_nothing(world, amahle, at):
    actions.accept_companion(secret=ask(amahle, at), by=world.lena, at=at)
    second = ask(amahle, at, "lena@practice.example")
    actions.accept_companion(secret=second, by=world.lena, at=at)
    assert [each.state for each in queries.companions(amahle, at)] == ["beside"]


def test_the_pages_ask_answer_and_end(world, amahle, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    hers, coach, visitor = Client(), Client(), Client()
    hers.force_login(amahle)
    coach.force_login(world.lena)
    hers.post(reverse("companions"), {"email": "lena@practice.example"})
    body = MailMessage.objects.get(address="lena@practice.example").body
    url = "/beside/invitation/" + body.split("/beside/invitation/")[1].split("/")[0] + "/"
    assert "Amahle asks" in visitor.get(url).content.decode()
    asked_in = visitor.post(url, {"answer": "yes"})
    assert (asked_in.status_code, asked_in.url) == (302, f"{reverse('account_login')}?next={url}")
    assert coach.post(url, {"answer": "yes"}).status_code == 302
    assert visitor.get(url).status_code == 404
    page = hers.get(reverse("companions")).content.decode()
    assert "Lena Fischer" in page
    [companion] = queries.companions(amahle, at)
    coach.post(reverse("companion_end", args=[companion.id]))
    assert "Lena Fischer" not in hers.get(reverse("companions")).content.decode()


def test_taking_an_invitation_back_speaks_of_the_link_and_not_of_sharing(amahle, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    ask(amahle, at)
    [waiting] = queries.companions(amahle, at)
    hers = Client()
    hers.force_login(amahle)
    said = hers.post(reverse("companion_end", args=[waiting.id]), follow=True).content.decode()
    assert ("The link works no more." in said, "Ended." in said) == (True, False)


def test_saying_no_needs_no_account(amahle, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    url = reverse("companion_invitation", args=[ask(amahle, at)])
    assert "Thank you" in Client().post(url, {"answer": "no"}).content.decode()
    assert queries.companions(amahle, at) == ()


def test_what_is_wrong_with_an_address_is_said_in_place(world, amahle, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    client = Client()
    client.force_login(amahle)
    for email, words in (("no address", "e-mail"), ("amahle@example.org", "your own address")):
        reply = client.post(reverse("companions"), {"email": email})
        assert (reply.status_code, words in reply.content.decode()) == (422, True)


def test_an_invitation_that_is_taken_back_is_not_sent_any_more(amahle, at):
    ask(amahle, at)
    [waiting] = queries.companions(amahle, at)
    actions.end_companion(companion_id=waiting.id, by=amahle, at=at)
    assert list(MailMessage.objects.filter(key=f"companion:{waiting.id}")) == []
