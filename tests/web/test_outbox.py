"""In the demonstration mails lie in a folder and are read on a page; nowhere else is there such a page."""

import datetime as dt

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse

from cairn.config import urls
from cairn.foundation import clock, letters, mail
from cairn.foundation.models import MailMessage
from cairn.web import outbox

urlpatterns = [*urls.urlpatterns, *outbox.urlpatterns]
shown = override_settings(ROOT_URLCONF=__name__, EMAIL_BACKEND="cairn.foundation.handover.FolderBackend")
WORDS = "Look: <script>x</script>\n\nhttps://cairn.example/a?b=1&c=2"
INVITATION = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:session-3@cairn.example\n"
    "DTSTAMP:20270301T090000Z\nDTSTART:20270303T140000Z\nSUMMARY:Coaching\nSEQUENCE:4\nEND:VEVENT\nEND:VCALENDAR\n"
)


@pytest.fixture
def folder(tmp_path, settings, db):
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    with shown:
        yield tmp_path / "outbox"


def deliver(number=1, to="ioana@example.org", **more):
    """One mail, queued and sent as the worker does it."""
    mail.post_text(
        key=f"mail:{number}",
        address=to,
        subject=f"Mail <{number}>",
        body=WORDS,
        at=clock.now(),
        **more,
    )
    mail.send(message_id=MailMessage.objects.get(key=f"mail:{number}").pk, at=clock.now())


def test_a_sent_mail_lies_in_the_folder_whole_and_its_row_is_emptied(folder):
    deliver(calendar=INVITATION, unsubscribe="https://cairn.example/mail/stop/x/")

    assert len(list(folder.iterdir())) == 1
    row = MailMessage.objects.get()
    assert (row.state, row.body, row.calendar, row.unsubscribe) == ("sent", "", "", "")


def test_the_page_lists_the_newest_first_and_by_recipient(folder, client):
    for number in range(1, 28):
        deliver(number, to="ioana@example.org" if number % 9 else "part@example.org")

    first, second = client.get("/outbox/"), client.get("/outbox/?page=2")
    of_part = client.get("/outbox/?to=PART@")

    assert "Mail &lt;27&gt;" in first.content.decode() and "Mail &lt;2&gt;" not in first.content.decode()
    assert "Mail &lt;2&gt;" in second.content.decode()
    assert [each.subject for each in of_part.context["mails"]] == ["Mail <27>", "Mail <18>", "Mail <9>"]


def test_times_are_the_readers_own_and_the_page_says_so(folder, client, world):
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])
    deliver()

    assert "Times are UTC time." in client.get("/outbox/").content.decode()
    client.force_login(world.thandiwe)
    assert "Times are Auckland time." in client.get("/outbox/").content.decode()


def test_a_mail_is_shown_with_text_html_headers_and_what_it_tells_a_calendar(folder, client):
    deliver(calendar=INVITATION, unsubscribe="https://cairn.example/mail/stop/x/")
    name = next(folder.iterdir()).name

    page = client.get(reverse("outbox_mail", args=[name])).content.decode()
    html = client.get(reverse("outbox_html", args=[name]))
    file = client.get(reverse("outbox_calendar", args=[name]))

    assert "<script>x" not in page and "REQUEST" in page and "2027-03-03 14:00 UTC" in page
    assert "List-Unsubscribe=One-Click" in page
    assert (
        'sandbox="allow-popups"' in page
        and "frame-src 'self'" in client.get(f"/outbox/{name}/")["Content-Security-Policy"]
    )
    assert html.content.decode() == letters.html_of("Mail <1>", WORDS)
    assert "sandbox allow-popups" in html["Content-Security-Policy"] and html["X-Frame-Options"] == "SAMEORIGIN"
    assert (file["Content-Type"], b"UID:session-3@cairn.example" in file.content) == (
        "text/calendar; charset=utf-8",
        True,
    )


@pytest.mark.parametrize("name", ["x", "..", "20270303-140000-000000-abcdef01.eml", "%2e%2e%2fsecret-key"])
def test_nothing_but_mails_is_served_from_the_folder(folder, client, name):
    folder.mkdir()
    (folder.parent / "secret-key").write_text("x")

    assert client.get(f"/outbox/{name}/").status_code == 404


def test_an_empty_folder_says_what_to_do(folder, client):
    assert b"No mail yet." in client.get("/outbox/").content


def test_there_is_no_such_page_elsewhere(db, client):
    with pytest.raises(NoReverseMatch):
        reverse("outbox")
    assert client.get("/outbox/").status_code == 404


def test_files_are_named_by_their_time(folder):
    deliver()
    name = next(folder.iterdir()).name

    at = dt.datetime.strptime(name[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=dt.UTC)
    assert abs(dt.datetime.now(dt.UTC) - at) < dt.timedelta(minutes=5)
