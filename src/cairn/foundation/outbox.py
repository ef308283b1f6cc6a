"""Reading the mails that lie in the folder, in the demonstration and while developing. Nothing is kept of them."""

import datetime as dt
import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import icalendar
from django.conf import settings

from cairn.foundation import handover

PER_PAGE = 25
MOST = 2_000
"""Older mails than the newest so many are not looked at."""
HEAD_BYTES = 16_384
SHOWN = ("From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")


@dataclass(frozen=True)
class KeptMail:
    """A mail in the folder: its file's name, when it was written there, to whom and about what."""

    name: str
    at: dt.datetime
    to: str
    subject: str


@dataclass(frozen=True)
class EventShown:
    """An event of a calendar part, to be read. `when` says the zone beside the time."""

    summary: str
    when: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OpenedMail:
    """A mail with all its parts."""

    kept: KeptMail
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    calendar: str
    method: str
    events: tuple[EventShown, ...]


def listed(*, to: str = "") -> list[KeptMail]:
    """The newest mails, of one recipient (part of an address) if wished, newest first."""
    found: list[KeptMail] = []
    for number, path in enumerate(handover.kept_mails()):
        if number == MOST:
            break
        mail = _kept(path)
        if to.strip().lower() in mail.to.lower():
            found.append(mail)
    return found


def names() -> list[str]:
    """The files' names alone, newest first: what a page that filters nothing needs to be cut into pages."""
    return [path.name for _number, path in zip(range(MOST), handover.kept_mails(), strict=False)]


def kept(name: str) -> KeptMail:
    """One mail of the list. Raises FileNotFoundError."""
    return _kept(_path(name))


def opened(name: str) -> OpenedMail:
    """One mail with its parts. Raises FileNotFoundError."""
    path = _path(name)
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
    calendar = parts.get("text/calendar")
    text = _content(calendar)
    return OpenedMail(
        kept=_kept(path),
        headers=tuple((key, str(mail[key])) for key in SHOWN if mail[key]),
        text=_content(parts.get("text/plain")),
        html=_content(parts.get("text/html")),
        calendar=text,
        method=str(calendar.get_param("method") or "") if calendar is not None else "",
        events=tuple(_events(text)) if text else (),
    )


def _path(name: str) -> Path:
    path = Path(settings.EMAIL_FILE_PATH) / name
    if not handover.KEPT_NAME.fullmatch(name) or not path.is_file():
        raise FileNotFoundError(name)
    return path


def _kept(path: Path) -> KeptMail:
    with path.open("rb") as file:
        head = email.message_from_bytes(file.read(HEAD_BYTES), policy=email.policy.default)
    at = dt.datetime.strptime(path.name[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=dt.UTC)
    return KeptMail(path.name, at, str(head["To"] or ""), str(head["Subject"] or ""))


def _content(part: EmailMessage | None) -> str:
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _events(text: str) -> list[EventShown]:
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except ValueError:
        return []
    return [_event(each) for each in calendar.walk("VEVENT")]


def _event(event: icalendar.cal.Component) -> EventShown:
    names = ("STATUS", "SEQUENCE", "LOCATION", "RRULE", "RECURRENCE-ID", "ORGANIZER", "UID")
    facts = tuple((name, _words(event[name])) for name in names if name in event)
    ends = event.get("DTEND")
    when = _words(event.get("DTSTART")) + (f" – {_words(ends)}" if ends is not None else "")
    return EventShown(str(event.get("SUMMARY", "")), when, facts)


def _words(value: object) -> str:
    moment = getattr(value, "dt", None)
    if isinstance(moment, dt.datetime):
        zone = getattr(value, "params", {}).get("TZID") or moment.tzname() or ""
        return f"{moment:%Y-%m-%d %H:%M} {zone}".strip()
    if isinstance(moment, dt.date):
        return moment.isoformat()
    if hasattr(value, "to_ical"):
        raw = value.to_ical()
        return raw.decode() if isinstance(raw, bytes) else str(raw)
    return str(value)
