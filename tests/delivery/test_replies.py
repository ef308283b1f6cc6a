import datetime as dt
from email.message import EmailMessage

import icalendar
import pytest

from cairn.delivery import actions, queries
from cairn.delivery.actions import replies
from cairn.delivery.models import InvitationReply, ReplyMailbox
from cairn.foundation import mailbox
from cairn.foundation.models import MailMessage, Secret
from cairn.ledger.models import LedgerEntry
from tests.delivery import making
from tests.delivery.test_invitations import events, series
from tests.faults import imap_box
from tests.web import running

TEN = dt.datetime(2027, 4, 7, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def box(world, at):
    return actions.keep_mailbox(
        organisation=world.eastmere,
        address="replies@eastmere.example",
        host="imap.eastmere.example",
        port=993,
        user=imap_box.USER,
        password=imap_box.PASSWORD,
        by=world.halina,
        at=at,
    )


def answer(event, word, *, sequence=None, organiser=None, planned=None, uid=None, method="REPLY"):
    """The mail with which a calendar program answers this event."""
    file = icalendar.Calendar()
    file.add("prodid", "-//Some program//EN")
    file.add("version", "2.0")
    file.add("method", method)
    said = icalendar.Event()
    said.add("uid", uid or event["uid"])
    said.add("sequence", event["sequence"] if sequence is None else sequence)
    said.add("dtstamp", TEN)
    said.add("dtstart", event["dtstart"].dt)
    said.add("organizer", organiser or str(event["organizer"]))
    said.add("attendee", str(event["attendee"]), parameters={"PARTSTAT": word})
    if planned is not None:
        said.add("recurrence-id", planned)
    file.add_component(said)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "somebody@example.org", "replies@eastmere.example", word
    mail.set_content("answered")
    mail.add_attachment(file.to_ical(), maintype="text", subtype="calendar", params={"method": "REPLY"})
    return mail.as_bytes()


def take(box, at, *mails, monkeypatch):
    """These mails are in the mailbox when it is next read."""
    came = mailbox.Came(tuple(mails), 5, 1)
    monkeypatch.setattr(mailbox, "read", lambda account, *, last_uid, uid_validity: came)
    return actions.read_replies(mailbox_id=box.pk, at=at)


def answers():
    return sorted(InvitationReply.objects.values_list("person__email", "session", "answer"))


@pytest.mark.parametrize("word", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_to_the_invitation_is_kept(world, at, box, word, monkeypatch):
    session = running.one_to_one(world, TEN)

    assert take(box, at, answer(events(world.thandiwe)[0], word), monkeypatch=monkeypatch) == 1
    assert answers() == [("thandiwe@example.org", session.pk, word.lower())]


def test_a_decline_is_shown_draws_no_minutes_and_ends_with_the_next_date(world, at, box, monkeypatch):
    session = running.one_to_one(world, TEN)
    entries = LedgerEntry.objects.count()
    take(box, at, answer(events(world.thandiwe)[0], "DECLINED"), monkeypatch=monkeypatch)

    seen = queries.session_for(world.ioana, session.pk, at)
    assert queries.cannot_come(seen) == ("Thandiwe Ndlovu",)
    assert queries.own_calendar_declined(world.thandiwe, queries.session_for(world.thandiwe, session.pk, at))
    assert LedgerEntry.objects.count() == entries
    making.date(session, dt.datetime(2027, 4, 8, 11), by=world.ioana, at=at)
    assert queries.cannot_come(queries.session_for(world.ioana, session.pk, at)) == ()


def test_what_is_forged_or_stale_changes_nothing(world, at, box, monkeypatch):
    session = running.one_to_one(world, TEN)
    old = events(world.thandiwe)[0]
    making.date(session, dt.datetime(2027, 4, 8, 11), by=world.ioana, at=at)
    event, coachs = events(world.thandiwe)[0], events(world.ioana)[0]
    word = str(event["organizer"])
    other = f"-{world.part.pk}-".join([word.split("-", maxsplit=1)[0], word.split("-")[2]])
    mails = [
        answer(old, "DECLINED"),
        answer(event, "DECLINED", organiser="mailto:replies@eastmere.example"),
        answer(event, "DECLINED", organiser=word[:-30] + "0" * 10 + word[-20:]),
        answer(event, "DECLINED", organiser=other),
        answer(event, "DECLINED", uid=f"session-{session.pk + 1}@127.0.0.1"),
        answer(event, "DELEGATED"),
        answer(event, "DECLINED", method="COUNTER"),
        b"\xff\xfe not a mail",
        b"",
    ]

    assert take(box, at, *mails, monkeypatch=monkeypatch) == 0
    assert answers() == []
    assert take(box, at, answer(coachs, "DECLINED"), monkeypatch=monkeypatch) == 1
    assert answers() == [("ioana@example.org", session.pk, "declined")]


def test_a_series_is_answered_as_a_whole_or_one_occurrence_alone(world, at, box, monkeypatch):
    made = series(world, at)
    [master] = events(world.thandiwe)
    take(box, at, answer(master, "ACCEPTED"), monkeypatch=monkeypatch)
    assert [each[2] for each in answers()] == ["accepted"] * len(made)

    planned = made[1].starts_at  # some programs count it into UTC
    take(box, at, answer(master, "DECLINED", planned=planned), monkeypatch=monkeypatch)
    declined = InvitationReply.objects.filter(answer="declined").values_list("session", flat=True)
    assert list(declined) == [made[1].pk]


def test_a_mail_that_breaks_something_stops_none_behind_it(world, at, box, monkeypatch):
    made = series(world, at)
    [master] = events(world.thandiwe)
    early = answer(master, "DECLINED", planned=dt.datetime(1, 1, 1, tzinfo=dt.UTC))
    late = answer(master, "DECLINED", planned=dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC))
    read = replies.answers_in
    monkeypatch.setattr(replies, "answers_in", lambda mail: 1 // 0 if mail == b"worse" else read(mail))

    assert take(box, at, early, late, b"worse", answer(master, "ACCEPTED"), monkeypatch=monkeypatch) == 1
    assert [each[2] for each in answers()] == ["accepted"] * len(made)
    assert ReplyMailbox.objects.get(pk=box.pk).last_uid == 5


def test_an_organisation_reads_answers_to_its_own_sessions_alone(world, at, box, monkeypatch):
    session = running.one_to_one(world, TEN)
    mail = answer(events(world.thandiwe)[0], "DECLINED")
    foreign = ReplyMailbox.objects.create(organisation=world.harbour, address="a@harbour.example", host="127.0.0.1")

    assert take(foreign, at, mail, monkeypatch=monkeypatch) == 0
    assert session.pk
    assert answers() == []


def test_the_password_is_sealed_and_not_sent_to_another_server(world, at, box):
    assert imap_box.PASSWORD.encode() not in bytes(Secret.objects.get(name=f"reply_mailbox:{box.pk}").sealed)
    given = {"organisation": world.eastmere, "address": "b@eastmere.example", "port": 993, "by": world.halina, "at": at}
    actions.keep_mailbox(**given, host="imap.eastmere.example", user=imap_box.USER, password="")
    with pytest.raises(actions.PasswordWanted):
        actions.keep_mailbox(**given, host="imap.example.org", user=imap_box.USER, password="")


def test_removing_it_forgets_the_password_and_asks_for_no_answer_any_more(world, at, box):
    actions.remove_mailbox(organisation=world.eastmere, by=world.otto, at=at)
    running.one_to_one(world, TEN)

    assert not Secret.objects.filter(name__startswith="reply_mailbox").exists()
    assert events(world.thandiwe)[0]["attendee"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize("who", ["ioana", "thandiwe", "gwen", "ada"])
def test_only_who_runs_the_organisation_gives_or_removes_it(world, at, box, who):
    with pytest.raises(actions.NotAllowed):
        actions.remove_mailbox(organisation=world.eastmere, by=world.people[who], at=at)


def test_a_real_mailbox_is_read_from_its_server(world, at, settings, monkeypatch, tmp_path):
    settings.CAIRN_FETCH_LOCAL = True
    pem = imap_box.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with imap_box.Box(pem) as server:
        given = {"address": "replies@eastmere.example", "host": "127.0.0.1", "port": server.port}
        kept = actions.keep_mailbox(
            organisation=world.eastmere, user=imap_box.USER, password=imap_box.PASSWORD, by=world.halina, at=at, **given
        )
        server.put(b"Subject: before\r\n\r\nhello")
        assert actions.read_replies(mailbox_id=kept.pk, at=at) == 0
        session = running.one_to_one(world, TEN)
        server.put(answer(events(world.thandiwe)[0], "DECLINED"))
        assert actions.read_replies(mailbox_id=kept.pk, at=at) == 1
        assert actions.read_replies(mailbox_id=kept.pk, at=at) == 0
        assert actions.try_mailbox(organisation=world.eastmere, by=world.halina, at=at) == ""
        server.mood = "flood"
        server.put(b"x")
        actions.read_replies(mailbox_id=kept.pk, at=at)

    assert answers() == [("thandiwe@example.org", session.pk, "declined")]
    assert ReplyMailbox.objects.get().problem == "broken"
    assert MailMessage.objects.filter(calendar__contains="replies+s").exists()
    assert replies.answers_in(b"x") == []
