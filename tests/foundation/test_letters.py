"""A mail is said twice, as text and as HTML in the same words; a calendar part names its method."""

import email
import email.policy
import re
from html import unescape

import icalendar
import pytest

from cairn.foundation import letters

BODY = """Hello Ioana,

your session is on Wednesday 3 March 2027, 14:00 (London time).
online

- bring <b>nothing</b> & "rest"
- see https://cairn.example/sessions/3/?a=1&b=2.

1. one
2. two
"""
INVITATION = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:session-3@cairn.example\n"
    "DTSTAMP:20270301T090000Z\nDTSTART:20270303T140000Z\nSUMMARY:Coaching — “Grüße”\nEND:VEVENT\nEND:VCALENDAR\n"
)


def sent(**changes):
    wanted = {"to": "ioana@example.org", "subject": "It <has> changed", "body": BODY, "message_id": "<1@cairn.invalid>"}
    letter = letters.compose(**(wanted | changes))
    return email.message_from_bytes(letter.message().as_bytes(linesep="\r\n"), policy=email.policy.default)


def words(text):
    return re.findall(r"\w+", text)


def test_text_and_html_say_the_same():
    mail = sent()
    text, html = mail.iter_parts()

    assert (mail.get_content_type(), text.get_content_type(), html.get_content_type()) == (
        "multipart/alternative",
        "text/plain",
        "text/html",
    )
    around = r"<style>.*?</style>|<title>.*?</title>|<h1>.*?</h1>|<footer>.*?</footer>"
    shown = unescape(re.sub(r"<[^>]+>", " ", re.sub(around, "", html.get_content(), flags=re.S)))
    told = re.sub(r"^\d\. ", "", text.get_content(), flags=re.M)
    assert words(shown) == words(told)


def test_html_is_escaped_and_loads_nothing():
    html = letters.html_of("It <has> changed", BODY)

    assert "<h1>It &lt;has&gt; changed</h1>" in html
    assert "<li>bring &lt;b&gt;nothing&lt;/b&gt; &amp; &quot;rest&quot;</li>" in html
    address = "https://cairn.example/sessions/3/?a=1&amp;b=2"
    assert f'<li>see <a href="{address}">{address}</a>.</li>' in html
    assert "<ol>\n<li>one</li>\n<li>two</li>\n</ol>" in html
    assert re.findall(r"<(?:img|link|script|iframe|object)|url\(|@import|\bsrc=", html) == []


def test_lines_of_a_paragraph_stay_lines():
    assert "<p>one<br>\ntwo</p>\n<p>three</p>" in letters.html_of("x", "one\ntwo\n\nthree\n")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_calendar_part_names_its_method_and_is_read_again(method):
    mail = sent(calendar=INVITATION.replace("REQUEST", method))
    part = list(mail.iter_parts())[2]

    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    assert (part.get_param("method"), part.get_param("charset"), part.get_content_disposition()) == (
        method,
        "utf-8",
        None,
    )
    found = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert (str(found["METHOD"]), str(found.events[0]["SUMMARY"])) == (method, "Coaching — “Grüße”")
    assert part.get_payload(decode=True).replace(b"\r\n", b"").count(b"\n") == 0


def test_a_method_cannot_smuggle_a_header():
    assert letters.calendar_type("METHOD:REQUEST; x=y\r\nBCC: a@example.org\r\n") == "text/calendar"


def test_one_click_is_offered_where_the_address_is_safe():
    safe = sent(unsubscribe="https://cairn.example/mail/stop/x/")
    assert (safe["List-Unsubscribe"], safe["List-Unsubscribe-Post"]) == (
        "<https://cairn.example/mail/stop/x/>",
        "List-Unsubscribe=One-Click",
    )
    plain = sent(unsubscribe="http://127.0.0.1:8000/mail/stop/x/")
    assert (plain["List-Unsubscribe"], plain["List-Unsubscribe-Post"]) == ("<http://127.0.0.1:8000/mail/stop/x/>", None)
    assert sent()["List-Unsubscribe"] is None
