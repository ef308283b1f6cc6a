"""Taking everything out as a file, bringing it in with a look first, erasing it with a receipt."""

import datetime as dt
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cairn.delivery import actions as delivery
from cairn.delivery.models import Poll, PollAnswer, PollTime, ReminderChoice, SessionQuestion
from cairn.engines import carrying
from cairn.foundation import clock
from cairn.foundation.models import AuditEntry
from cairn.journey import queries
from cairn.journey.models import Erasure, JournalEntry, SealingKey
from cairn.people import actions as people_actions
from cairn.people.models import Person
from tests.delivery import making
from tests.journey import whole


@pytest.fixture(autouse=True)
def moment(monkeypatch, at):
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def fresh(world, at):
    return people_actions.sign_up(email="fresh@example.org", at=at)


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def taken_out(person):
    reply = client_of(person).post(reverse("take_out"))
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/zip")
    return reply.content


def offered(client, content, name="journey.zip"):
    return client.post(reverse("bring_in"), {"file": SimpleUploadedFile(name, content, "application/zip")})


def kept(reply):
    return re.search(r'name="kept" value="([^"]+)"', reply.content.decode()).group(1)


def zip_with(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def test_the_file_is_readable_without_cairn(world, at):
    made = whole.write(world.thandiwe, at, coach=world.ioana)
    archive = zipfile.ZipFile(io.BytesIO(taken_out(world.thandiwe)))
    names = archive.namelist()
    assert {"README.md", "journey.json", "path.md", "journal.md", "goals.md", "portrait.md", "sessions.md"} < set(names)
    prose = "\n".join(archive.read(name).decode() for name in names if name.endswith(".md"))
    # Every text stands in the Markdown too, but for the coach's private note.
    assert [text for text in made.texts if text not in prose and "note-private" not in text] == []
    assert "note-private" not in prose
    svg = [name for name in names if name.endswith(".svg")]
    assert svg and all(archive.read(name).lstrip().startswith(b"<") for name in svg)
    assert json.loads(archive.read("journey.json"))["version"] == carrying.VERSION
    assert AuditEntry.objects.filter(action="take_out", facts={}).count() == 1


def test_somebody_with_nothing_gets_a_thin_file(fresh):
    archive = zipfile.ZipFile(io.BytesIO(taken_out(fresh)))
    assert archive.namelist() == ["README.md", "journey.json"]


def test_what_was_said_around_sessions_goes_along_and_opens_nothing(world, at):
    wall, me, day = dt.datetime(2027, 4, 7, 14), world.thandiwe, dt.timedelta(days=1)
    topic = delivery.add_session(
        cohort=world.cohort, kind="topic", engagement=world.engagements["ioana"], by=world.halina, at=at
    )
    for person, text in ((me, "How do I begin?"), (world.part, "How do I end?")):
        SessionQuestion.objects.create(session=topic, person=person, text=text, stage="before", at=at)
    session = making.group_session(world, wall, at=at)
    poll = Poll.objects.create(session=session, opened_by=world.ioana, opened_at=at, closes_at=at + day)
    ends_at = session.starts_at + dt.timedelta(hours=1)
    time = PollTime.objects.create(poll=poll, wall_starts=at, starts_at=session.starts_at, ends_at=ends_at)
    PollAnswer.objects.create(time=time, enrolment=world.enrolments["thandiwe"], word="maybe", at=at)
    ReminderChoice.objects.create(person=me, minutes_before=[60])
    mine = {"by": me, "at": at}
    delivery.add_busy_calendar(kind="ics", name="Private", address="https://cal.example.org/token/x.ics", **mine)
    dav = "https://dav.example.org/tn/"
    delivery.add_busy_calendar(kind="caldav", name="Work", address=dav, user="tn", password="app-pass", **mine)

    archive = zipfile.ZipFile(io.BytesIO(taken_out(me)))

    prose, said = archive.read("around-sessions.md").decode(), json.loads(archive.read("around-sessions.json"))
    for words in (
        "Topic session 1, 3 March 2027: How do I begin?",
        "Group 1, session 1, 7 April 2027, 14:00 (London time, BST): if need be",
        "60 min; quiet from 21:00 to 07:00, London time",
        "Private, an .ics address, cal.example.org",
        f"Work, CalDAV, with an app password, {dav}, tn",
    ):
        assert words in prose
    assert [each["text"] for each in said["questions"]] == ["How do I begin?"]
    everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert [secret for secret in ("How do I end?", "token/x.ics", "app-pass") if secret in everything] == []


def test_a_look_first_and_then_everything_is_here(world, at, fresh):
    whole.write(world.thandiwe, at)
    content, client = taken_out(world.thandiwe), client_of(fresh)
    preview = offered(client, content)
    assert "journal entries" in preview.content.decode()
    assert JournalEntry.objects.filter(person=fresh).count() == 0
    assert SealingKey.objects.filter(person=fresh).count() == 0
    assert client.post(reverse("bring_in"), {"kept": kept(preview)}).status_code == 302
    assert JournalEntry.objects.filter(person=fresh).count() == 2
    again = offered(client, content).content.decode()
    assert "nothing to bring in" in again


ODD = {
    "not a zip": b"PK\x03\x04 no zip at all",
    "a text": b"hello",
    "without a journey": zip_with(readme__md="x"),
    "two journeys": b"",
    "not JSON": zip_with(journey__json="{"),
    "another JSON": zip_with(journey__json='{"format": "other"}'),
    "from the future": zip_with(journey__json=json.dumps({"format": carrying.FORMAT, "version": 99})),
    "a bomb": zip_with(journey__json=b" " * (carrying.BYTES_MOST + 10)),
    "a path upwards": zip_with(**{"../../journey__json": "{}"}),
    "many members": zip_with(**{f"m{number}": "" for number in range(10_050)}, journey__json="{}"),
}
with zipfile.ZipFile(_two := io.BytesIO(), "w") as _archive:
    _archive.writestr("journey.json", "{}")
    with pytest.warns(UserWarning, match="Duplicate"):
        _archive.writestr("journey.json", "{}")
ODD["two journeys"] = _two.getvalue()
ODD["cut off"] = zip_with(journey__json="{}" * 200)[:120]
_broken = bytearray(zip_with(journey__json="x" * 4000))
_broken[45:52] = b"\xff" * 7
ODD["bent"] = bytes(_broken)


@pytest.mark.parametrize("what", ODD)
def test_odd_files_are_answered_with_a_sentence_in_place(fresh, what):
    reply = offered(client_of(fresh), ODD[what])
    assert reply.status_code == 422
    assert "field--wrong" in reply.content.decode()
    assert SealingKey.objects.filter(person=fresh).count() == 0


@pytest.mark.parametrize("sent", ["%%%", "", "AAAA", "eJwLz0gEAAUdAgI="])
def test_what_comes_back_changed_is_answered_with_a_sentence(fresh, sent):
    reply = client_of(fresh).post(reverse("bring_in"), {"kept": sent}, follow=False)
    assert reply.status_code in (302, 422)
    assert JournalEntry.objects.filter(person=fresh).count() == 0


def test_a_large_file_lies_on_no_disk(settings):
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= 25_000_000


def test_erasing_needs_the_word(world, at):
    whole.write(world.thandiwe, at)
    client = client_of(world.thandiwe)
    for typed in ("", "yes", "erase everything"):
        assert client.post(reverse("erase"), {"word": typed}).status_code == 422
    assert Erasure.objects.count() == 0
    assert JournalEntry.objects.filter(person=world.thandiwe).count() == 2


def test_erasing_alone_closes_the_account_and_leaves_a_receipt(world, at, fresh):
    whole.write(fresh, at)
    client = client_of(fresh)
    assert "Your account. The address is free again" in client.get(reverse("erase")).content.decode()
    reply = client.post(reverse("erase"), {"word": " Erase "})
    [row] = Erasure.objects.all()
    assert reply.url == reverse("erased", args=[row.receipt])
    assert reply["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session
    page = client.get(reply.url).content.decode()
    assert str(row.receipt) in page and "journal entries" in page
    told = Client().get(reverse("erased_file", args=[row.receipt])).content.decode()
    assert str(row.receipt) in told and "fresh" not in told
    assert Person.objects.get(pk=fresh.pk).is_active is False
    assert Client().get(reverse("erased", args=["0" * 8 + "-0000-4000-8000-" + "0" * 12])).status_code == 404


def test_erasing_in_a_cohort_keeps_one_signed_in(world, at):
    whole.write(world.thandiwe, at)
    client = client_of(world.thandiwe)
    assert "your place in a programme" in client.get(reverse("erase")).content.decode()
    client.post(reverse("erase"), {"word": "erase"})
    assert client.get(reverse("my_details")).status_code == 200
    assert queries.has_journey(world.thandiwe) is False


def test_somebody_with_a_password_proves_it_first(world):
    world.thandiwe.set_password("long enough to be one")
    world.thandiwe.save(update_fields=["password"])
    client = client_of(world.thandiwe)
    reply = client.get(reverse("erase"))
    assert (reply.status_code, reply.url.split("?")[0]) == (302, reverse("account_reauthenticate"))


def test_the_way_from_sign_up_to_erasure_and_back(at, fresh):
    whole.write(fresh, at)
    content = taken_out(fresh)
    client_of(fresh).post(reverse("erase"), {"word": "erase"})
    again = people_actions.sign_up(email="fresh@example.org", at=at + dt.timedelta(days=1))
    client = client_of(again)
    client.post(reverse("bring_in"), {"kept": kept(offered(client, content))})
    assert len(queries.entries(again)) == 2
