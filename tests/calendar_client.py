"""A calendar program for the tests: it subscribes to a feed, takes in invitations by mail as clients do, and keeps what
it was told on a CalDAV server. Everything is read back by libraries that are not Cairn's."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import caldav
import icalendar
import recurring_ical_events
import vobject

from cairn.foundation.models import MailMessage
from cairn.people.models import Person
from tests.radicale import Radicale

FIRST, LAST = dt.datetime(2027, 3, 1, tzinfo=dt.UTC), dt.datetime(2027, 7, 1, tzinfo=dt.UTC)
Instants = set[dt.datetime]


@dataclass
class Program:
    """Somebody's calendar program with a calendar of its own on the server."""

    person: Person
    calendar: caldav.Calendar
    mails_read: set[int] = field(default_factory=set)
    kept: dict[str, list[Any]] = field(default_factory=dict)

    def read_mails(self) -> str:
        """Take in every invitation that came since; returns the text of all new mails to this person."""
        new = MailMessage.objects.filter(to_id=self.person.pk).exclude(pk__in=self.mails_read).order_by("pk")
        texts = []
        for mail in new:
            self.mails_read.add(mail.pk)
            texts += [mail.subject, mail.body, mail.calendar]
            if mail.calendar:
                self._take_in(icalendar.Calendar.from_ical(mail.calendar))
        return "\n".join(texts)

    def on_the_server(self) -> Instants:
        """When the events begin that the server now finds between March and July."""
        found = self.calendar.search(start=FIRST, end=LAST, event=True, expand=False)
        return {start for each in found for start in _begins(each.data)}

    def _take_in(self, message: icalendar.Calendar) -> None:
        """What RFC 5546 asks of a client: keep, replace, or drop, one occurrence or all."""
        events = message.walk("VEVENT")
        uid = str(events[0]["UID"])
        held = {_recurrence(each): each for each in self.kept.get(uid, [])}
        if message["METHOD"] == "REQUEST" and any(_recurrence(each) is None for each in events):
            held = {}
        for event in events:
            key = _recurrence(event)
            if key in held and int(held[key]["SEQUENCE"]) > int(event["SEQUENCE"]):
                continue  # an older message that came late
            held[key] = event
        if message["METHOD"] == "CANCEL" and any(_recurrence(each) is None for each in events):
            held = {}
        self.kept[uid] = list(held.values())
        self._store(uid, message)

    def _store(self, uid: str, message: icalendar.Calendar) -> None:
        events = self.kept[uid]
        if not events:
            self.calendar.event_by_uid(uid).delete()
            return
        file = icalendar.Calendar()
        file.add("prodid", "-//a calendar program//EN")
        file.add("version", "2.0")
        for part in (*message.walk("VTIMEZONE"), *events):
            file.add_component(part)
        self.calendar.save_event(file.to_ical().decode())


def programme(person: Person, server: Radicale) -> Program:
    """A program with an empty calendar on the server, as its owner sets it up."""
    client = caldav.DAVClient(server.address, username=server.user, password=server.password)
    return Program(person, client.calendar(url=server.collection(f"of-{person.pk}")))


def begins(text: str | bytes) -> Instants:
    """When the events of a file begin between March and July, read by two libraries that have to agree."""
    found = _begins(text)
    assert found == _begins_by_vobject(text.decode() if isinstance(text, bytes) else text)
    return found


def _begins(text: str | bytes) -> Instants:
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(FIRST, LAST)
    return {_utc(each["DTSTART"].dt) for each in events if str(each.get("STATUS", "")) != "CANCELLED"}


def _begins_by_vobject(text: str) -> Instants:
    events = getattr(vobject.readOne(text), "vevent_list", [])
    changed = {
        (event.uid.value, _utc(event.recurrence_id.value)) for event in events if hasattr(event, "recurrence_id")
    }
    found: Instants = set()
    for event in events:
        if getattr(getattr(event, "status", None), "value", "") == "CANCELLED":
            continue
        starts = {_utc(event.dtstart.value)}
        if not hasattr(event, "recurrence_id"):
            starts |= {_utc(each) for more in getattr(event, "rdate_list", []) for each in more.value}
            starts -= {_utc(each) for less in getattr(event, "exdate_list", []) for each in less.value}
            starts = {each for each in starts if (event.uid.value, each) not in changed}
        found |= {each for each in starts if FIRST <= each < LAST}
    return found


def _recurrence(event: Any) -> dt.datetime | None:
    return _utc(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
