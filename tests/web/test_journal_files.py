import datetime as dt
import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cairn.foundation.models import AuditEntry
from cairn.jobs import tasks
from cairn.journey import actions, queries
from cairn.journey.models import JournalImport
from tests import cast

pytestmark = pytest.mark.usefixtures("now")
AT = cast.AT


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("alone@example.org", "Sam")


@pytest.fixture
def upload(client):
    """Send files as somebody, and follow: the text of the page."""

    def send(person, *files):
        client.force_login(person)
        sent = [SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode()) for name, data in files]
        return client.post("/journal/import/", {"files": sent}, follow=True).content.decode()

    return send


def keep(client):
    return client.post("/journal/import/keep/", follow=True).content.decode()


def said(entries):
    return [(each.title, each.text, each.tags, each.prompt, each.written_at) for each in entries]


def test_files_are_looked_at_before_they_are_kept(alone, upload, client):
    text = upload(
        alone,
        ("2024-05-17.md", "# A walk\n\nAlong the river."),
        ("list.txt", "Just words."),
        ("x.pdf", "%PDF"),
    )
    assert "2 entries were found" in text and "17 May 2024" in text and "A walk" in text
    assert "x.pdf" in text and "This is no text that Cairn can read." in text
    assert queries.entries(alone) == []
    assert "2 entries are in your journal." in keep(client)
    assert [(each.title, each.text) for each in queries.entries(alone)] == [
        ("", "Just words."),
        ("A walk", "Along the river."),
    ]
    assert client.post("/journal/import/keep/").status_code == 404
    assert JournalImport.objects.count() == 0


def test_what_waits_is_sealed_and_can_be_let_go(alone, upload, client):
    upload(alone, ("kingfisher.md", "# Kingfisher\n\nKingfisher."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM journey_journalimport")
        stored = bytes(cursor.fetchone()[0])
    assert b"ingfisher" not in stored
    assert "Kingfisher" in client.get("/journal/import/").content.decode()
    client.post("/journal/import/discard/")
    assert "Kingfisher" not in client.get("/journal/import/").content.decode()
    assert JournalImport.objects.count() == 0
    facts = [each.facts for each in AuditEntry.objects.filter(subject_kind="journal").order_by("pk")]
    assert facts == [{"entries": 1}, {}]


def test_what_waits_is_gone_after_a_day(alone, upload, client, now):
    upload(alone, ("a.md", "Kingfisher."))
    now.at = AT + dt.timedelta(days=1, minutes=1)
    assert "Kingfisher" not in client.get("/journal/import/").content.decode()
    assert client.post("/journal/import/keep/").status_code == 404
    upload(cast.person("other@example.org", "Other"), ("b.md", "Words."))
    tasks.forget_journal_imports(timestamp=0)
    tasks.forget_journal_imports(timestamp=0)
    assert [each.person.name for each in JournalImport.objects.all()] == ["Other"]


def test_nobody_sees_what_waits_for_somebody_else(alone, upload, client):
    upload(alone, ("a.md", "Kingfisher."))
    client.force_login(cast.person("other@example.org", "Other"))
    assert "Kingfisher" not in client.get("/journal/import/").content.decode()
    assert client.post("/journal/import/keep/").status_code == 404


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Choose at least one file."),
        ([("x.pdf", "%PDF")], "There is nothing in it that could become an entry."),
        ([("x.zip", "no zip")], "There is nothing in it that could become an entry."),
        ([("a.md", " \n ")], "There are no words in it."),
        ([("a.md", "x" * 100_001)], "Please split it."),
        ([("a.txt", b"x" * 5_000_001)], "larger than 5 MB"),
        ([(f"{number}.md", "x") for number in range(101)], "There are too many files in one go."),
        ([(f"{number}.md", b"x" * 4_900_000) for number in range(7)], "All files together are larger than 30 MB."),
    ],
)
def test_what_cannot_be_taken_is_answered_with_a_sentence(alone, upload, files, sentence):
    assert sentence in upload(alone, *files)
    assert JournalImport.objects.count() == 0


def test_nothing_that_is_uploaded_touches_the_disk(alone, upload, monkeypatch):
    def never(*_args, **_options):
        raise AssertionError("a temporary file")

    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", never)
    assert "One entry was found" in upload(alone, ("a.md", "word " * 19_000), ("b.txt", b"x" * 4_000_000))


def test_an_upload_without_the_token_is_refused(alone):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alone, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = strict.post("/journal/import/", {"files": [SimpleUploadedFile("a.md", b"x")]})
    assert (response.status_code, JournalImport.objects.count()) == (403, 0)


def test_the_own_export_brings_the_same_entries_into_another_account(alone, client, upload):
    for number, (title, tags, prompt) in enumerate(
        [("", (), ""), ("A / title: “x”", ("work", "静か"), "What for?")] * 2
    ):
        actions.write_entry(
            text=f"Text {number}.\r\n\r\n# 今日\n\n  indented ",
            title=title,
            tags=tags,
            prompt=prompt,
            by=alone,
            at=AT - dt.timedelta(days=number // 2, microseconds=number),
        )
    client.force_login(alone)
    response = client.get("/journal/export/")
    assert response["Content-Type"] == "application/zip"
    other = cast.person("other@example.org", "Other")
    assert "4 entries were found" in upload(other, ("journal.zip", response.content))
    keep(client)
    assert said(queries.all_entries(other)) == said(queries.all_entries(alone))
    again = upload(other, ("journal.zip", response.content))
    assert "0 entries were found" in again and "4 more are in your journal already" in again


def test_the_export_is_readable_without_cairn(alone, client):
    actions.write_entry(text="Words.", title="A day", tags=("work",), by=alone, at=AT)
    actions.write_entry(text="Others.", title="A day", by=alone, at=AT)
    client.force_login(alone)
    with zipfile.ZipFile(io.BytesIO(client.get("/journal/export/").content)) as archive:
        assert sorted(archive.namelist()) == [
            "entries/2027-03-03-a-day-2.md",
            "entries/2027-03-03-a-day.md",
            "journal.json",
        ]
        assert archive.read("entries/2027-03-03-a-day.md").decode() == (
            '---\ntitle: "A day"\nwritten_at: "2027-03-03T09:00:00+00:00"\ntags: ["work"]\n---\n\nWords.\n'
        )
        assert len(json.loads(archive.read("journal.json"))["entries"]) == 2


def test_the_markdown_files_alone_bring_back_the_same_too(alone, client, upload):
    actions.write_entry(
        text="One.\n\nTwo.", title="T", tags=("a",), prompt="P?", by=alone, at=AT - dt.timedelta(days=1)
    )
    client.force_login(alone)
    with zipfile.ZipFile(io.BytesIO(client.get("/journal/export/").content)) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist() if name.endswith(".md")]
    other = cast.person("other@example.org", "Other")
    upload(other, *files)
    keep(client)
    assert said(queries.all_entries(other)) == said(queries.all_entries(alone))


def test_a_year_is_printed_on_one_page(alone, page):
    for year in (2025, 2026):
        actions.write_entry(text=f"Words of {year}.", by=alone, at=AT.replace(year=year))
    assert "Words of 2026." in page(alone, "/journal/print/")[1]
    text = page(alone, "/journal/print/?year=2025")[1]
    assert "Words of 2025." in text and "Words of 2026." not in text
    assert page(alone, "/journal/print/?year=x")[0] == 200
    assert "nothing to print yet" in page(cast.person("new@example.org", "New"), "/journal/print/")[1]
