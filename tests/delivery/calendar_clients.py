"""Calendar programs as tests have them: each reads what Cairn wrote and says when there are sessions.

The instants are compared, not the words: start and end in UTC of everything that takes place.
"""

import datetime as dt
from collections import defaultdict

import icalendar
import recurring_ical_events
import vobject

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession
from cairn.foundation import calendar_files
from cairn.foundation.models import MailMessage
from cairn.people.models import Person
from cairn.programmes.models import Cohort

ZONES = ("Pacific/Auckland", "Europe/London", "America/Sao_Paulo")
FIRST, LAST = dt.datetime(2027, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)


def steps(world, zone, at):
    """A coachee's sessions on the clocks of a zone, step by step: the name of each, once it is done.

    The series crosses the changes of clocks of 28 March (London) and 4 April 2027 (Auckland); São Paulo has none.
    """
    Cohort.objects.filter(pk=world.cohort.pk).update(time_zone=zone, group_minutes=360)
    world.cohort.refresh_from_db()
    made = actions.plan_timetable(
        cohort=world.cohort,
        group=world.groups[1],
        weekday=2,
        wall_time=dt.time(9, 30),
        mode="in_person",
        where="Library; room 4, “North”",
        starts_on=dt.date(2027, 3, 17),
        by=world.halina,
        at=at,
    )
    yield "series"
    alone = actions.add_session(
        cohort=world.cohort,
        kind="one_to_one",
        enrolment=world.enrolments["thandiwe"],
        wall_starts=dt.datetime(2027, 3, 27, 23, 30),
        by=world.halina,
        at=at,
    )
    yield "booked"
    _move(alone, dt.datetime(2027, 4, 4, 0, 15), world, at)
    yield "moved"
    _move(made[1], dt.datetime(2027, 4, 5, 14), world, at)
    yield "one occurrence moved"
    _move(made[0], dt.datetime(2027, 3, 18, 7), world, at)
    yield "the first occurrence moved"
    _cancel(made[2], world, at)
    yield "one occurrence cancelled"
    _cancel(alone, world, at)
    yield "cancelled"


def _move(session, wall, world, at):
    session.refresh_from_db()
    actions.date_session(
        session=session,
        wall_starts=wall,
        mode="online",
        where="",
        expected_version=session.version,
        by=world.halina,
        at=at,
    )


def _cancel(session, world, at):
    session.refresh_from_db()
    actions.cancel_session(session=session, expected_version=session.version, by=world.halina, at=at)


def expected(person: Person):
    """When the person's sessions take place, as Cairn itself knows it."""
    found = CoachingSession.objects.filter(taken__person=person, state="booked")
    return {(session.starts_at, session.ends_at) for session in found}


def feed(person: Person, at: dt.datetime) -> str:
    """The file that the person's calendar reads, with everything said."""
    return calendar_files.write(queries.events_of(person, at), name="Cairn", stamp=at).decode()


class Invited:
    """A calendar that knows only what came by mail, and takes it in as RFC 5546 has it. Objects by UID."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, icalendar.Event]] = defaultdict(dict)
        self.zones: dict[str, icalendar.Timezone] = {}
        self.seen: set[int] = set()

    def take_in(self, person: Person) -> None:
        """Everything that came since the last time."""
        for mail in MailMessage.objects.filter(to_id=person.pk).exclude(calendar="").order_by("pk"):
            if mail.pk not in self.seen:
                self.seen.add(mail.pk)
                self._message(icalendar.Calendar.from_ical(mail.calendar))

    def _message(self, file: icalendar.Calendar) -> None:
        for zone in file.walk("VTIMEZONE"):
            self.zones[str(zone["tzid"])] = zone
        for event in file.walk("VEVENT"):
            own = self.objects[str(event["uid"])]
            which = event["recurrence-id"].to_ical().decode() if "recurrence-id" in event else ""
            known = own.get(which) or own.get("")
            assert known is None or event["sequence"] > known["sequence"], "numbers only rise"
            if str(file["method"]) == "REQUEST":
                if not which:
                    own.clear()
                own[which] = event
            elif which:
                event["status"] = icalendar.vText("CANCELLED")
                own[which] = event
            else:
                own.clear()

    def files(self) -> dict[str, str]:
        """One calendar object for each UID."""
        return {uid: _file(events.values(), self.zones) for uid, events in self.objects.items() if events}


def split(text: str) -> dict[str, str]:
    """A feed as calendar objects, one for each UID, as a CalDAV server keeps them."""
    file = icalendar.Calendar.from_ical(text)
    zones = {str(zone["tzid"]): zone for zone in file.walk("VTIMEZONE")}
    by_uid = defaultdict(list)
    for event in file.walk("VEVENT"):
        by_uid[str(event["uid"])].append(event)
    return {uid: _file(events, zones) for uid, events in by_uid.items()}


def _file(events, zones) -> str:
    file = icalendar.Calendar()
    file.add("prodid", "-//Some program//EN")
    file.add("version", "2.0")
    for zone in zones.values():
        file.add_component(zone)
    for event in events:
        file.add_component(event)
    return file.to_ical().decode()


def by_icalendar(text: str):
    """As icalendar and recurring-ical-events read it."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(FIRST, LAST)
    return {_utc(each["dtstart"].dt, each["dtend"].dt) for each in found if str(each.get("status")) != "CANCELLED"}


def by_vobject(text: str):
    """As vobject reads it, which believes the file's own VTIMEZONE."""
    masters, single = {}, defaultdict(dict)
    for event in vobject.readOne(text).vevent_list:
        if hasattr(event, "recurrence_id"):
            single[event.uid.value][_utc(event.recurrence_id.value)[0]] = event
        else:
            masters[event.uid.value] = event
    found = set()
    for uid in masters.keys() | single.keys():
        replaced, master = single[uid], masters.get(uid)
        if master is not None:
            length = master.dtend.value - master.dtstart.value
            rules = master.getrruleset(addRDate=True)
            starts = [master.dtstart.value] if rules is None else {master.dtstart.value, *rules}
            for start in starts:
                if _utc(start)[0] not in replaced and master.status.value != "CANCELLED":
                    found.add(_utc(start, start + length))
        for event in replaced.values():
            if event.status.value != "CANCELLED":
                found.add(_utc(event.dtstart.value, event.dtend.value))
    return found


def _utc(*moments):
    return tuple(moment.astimezone(dt.UTC) for moment in moments)
