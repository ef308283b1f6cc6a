"""A coach says when coachees can book: weekly hours and rules, days that differ, places. Nobody says it for another."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cairn.delivery.actions import occupancy, problems
from cairn.delivery.models import Availability, AvailabilityException, MeetingPlace, WeeklyHours
from cairn.delivery.terms import Mode
from cairn.engines.availability import Differing, Hours
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.people import rules as people_rules
from cairn.people.models import Person

MOST_PLACES = 20
MOST_EXCEPTIONS = 200
RESTORED_WITHIN = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class BookingTerms:
    """The rules of a coach's booking, as the form has them. Minutes, hours and days as named; None is no limit."""

    time_zone: str
    is_open: bool = True
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 15
    notice_hours: int = 24
    cut_off_hours: int = 24
    most_per_day: int | None = None
    most_per_week: int | None = None
    horizon_days: int = 60
    step_minutes: int = 30


class HoursChangedMeanwhile(problems.Refused):
    """They were saved elsewhere since this page was opened; `version` is the one that stands now."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            _("Your hours were changed since you opened this page, in another window or on another device.")
        )


class PlaceNamedTwice(problems.Refused):
    """Coachees could not tell them apart."""

    def __init__(self, name: str) -> None:
        super().__init__(_("You have a place called “%(name)s” already. Give this one another name.") % {"name": name})


class PlaceNameWithComma(problems.Refused):
    """Hours are typed with commas between them."""

    def __init__(self) -> None:
        super().__init__(_("Write the name without commas: they stand between hours where you type them."))


class PlaceInUse(problems.Refused):
    """Weekly hours name the place; without it they would be open anywhere."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Your weekly hours name “%(name)s”. Take it out of them first, then remove it.") % {"name": name}
        )


class Enough(problems.Refused):
    """A page stays one that people can read."""

    def __init__(self, most: int) -> None:
        super().__init__(_("There are %(most)s already. Remove one that is no longer needed first.") % {"most": most})


class DaysGoneBy(problems.Refused):
    """Days that are over need no exception."""

    def __init__(self) -> None:
        super().__init__(_("These days have gone by. Choose days to come."))


@transaction.atomic
def save_availability(
    *, terms: BookingTerms, hours: Sequence[Hours], expected_version: int, by: Person, at: dt.datetime
) -> Availability:
    """Set the weekly hours and the rules of `by`. `expected_version` is the one that was seen; 0: there were none.

    Sessions that are booked already stay. Raises NotAllowed, HoursChangedMeanwhile.
    """
    current = _locked(expected_version, by, at)
    former = _as_facts(current) if current is not None else {}
    kept = _put(current, terms, hours, by)
    facts = {"version": kept.version, "spans": len(hours), "former": former}
    _record("save_availability", kept.pk, facts, by=by, at=at)
    return kept


@transaction.atomic
def restore_availability(*, expected_version: int, by: Person, at: dt.datetime) -> Availability | None:
    """Undo the saving that made `expected_version`, within a quarter of an hour: the former hours and rules hold again.

    None where there were none before. Raises NotAllowed, HoursChangedMeanwhile, NotPossibleNow.
    """
    current = _locked(expected_version, by, at)
    saved = AuditEntry.objects.filter(subject_kind="availability", action="save_availability", by_id=by.pk)
    entry = saved.filter(subject_id=current.pk if current is not None else None).order_by("-pk").first()
    facts = entry.facts if entry is not None and entry.at >= at - RESTORED_WITHIN else {}
    if current is None or "former" not in facts or facts["version"] != current.version:
        raise problems.NotPossibleNow(_("This can no longer be taken back."))
    if not facts["former"]:
        if current.exceptions.exists():
            raise problems.NotPossibleNow(_("You have added days that differ since. Remove them first."))
        pk = current.pk
        current.delete()
        _record("restore_availability", pk, {}, by=by, at=at)
        return None
    terms, hours = _from_facts(facts["former"])
    named = {each.place for each in hours if each.place is not None}
    if MeetingPlace.objects.filter(person=by, pk__in=named).count() != len(named):
        raise problems.NotPossibleNow(_("A place that these hours named is gone. Write them anew."))
    kept = _put(current, terms, hours, by)
    _record("restore_availability", kept.pk, {"version": kept.version}, by=by, at=at)
    return kept


@transaction.atomic
def add_exceptions(*, differing: Sequence[Differing], by: Person, at: dt.datetime) -> list[int]:
    """Be away for days or spans of them, or open at more hours than every week. What is said already is not said twice.

    Returns the ids of what was added. Raises NotAllowed, DaysGoneBy, Enough, NotPossibleNow without weekly hours.
    """
    _lock(by, at)
    kept = Availability.objects.filter(person=by).first()
    if kept is None:
        raise problems.NotPossibleNow(_("Save your weekly hours first; then days can differ from them."))
    today = at.astimezone(kept.zone).date()
    if any(each.last_on < today for each in differing):
        raise DaysGoneBy
    existing = AvailabilityException.objects.filter(availability=kept)
    existing.filter(last_on__lt=today - dt.timedelta(days=2)).delete()
    said = {_said(each) for each in existing}
    new = [each for each in dict.fromkeys(differing) if each not in said]
    if len(said) + len(new) > MOST_EXCEPTIONS:
        raise Enough(MOST_EXCEPTIONS)
    made = AvailabilityException.objects.bulk_create(
        AvailabilityException(availability=kept, **asdict(each)) for each in new
    )
    for each in new:
        _record("add_availability_exception", kept.pk, _days(each), by=by, at=at)
    return [each.pk for each in made]


@transaction.atomic
def remove_exceptions(*, exception_ids: Collection[int], by: Person, at: dt.datetime) -> list[Differing]:
    """Take exceptions back. Returns what they said, so that they can be added again. Raises NotAllowed."""
    _lock(by, at)
    found = list(AvailabilityException.objects.filter(pk__in=exception_ids, availability__person=by))
    AvailabilityException.objects.filter(pk__in=[each.pk for each in found]).delete()
    for each in found:
        _record("remove_availability_exception", each.availability_id, _days(_said(each)), by=by, at=at)
    return [_said(each) for each in found]


@transaction.atomic
def add_place(*, name: str, mode: str, where: str, by: Person, at: dt.datetime) -> MeetingPlace:
    """One more place, link or number at which `by` meets people. Raises NotAllowed, PlaceNamedTwice, Enough."""
    _lock(by, at)
    own = MeetingPlace.objects.filter(person=by)
    if own.count() >= MOST_PLACES:
        raise Enough(MOST_PLACES)
    name = _place_name(name, own)
    last = own.order_by("-position").values_list("position", flat=True).first() or 0
    place = MeetingPlace.objects.create(
        person=by, name=name, mode=Mode(mode).value, where=where.strip(), position=last + 1
    )
    _record("add_meeting_place", place.pk, {}, by=by, at=at, kind="meeting_place")
    return place


@transaction.atomic
def change_place(*, place_id: int, name: str, mode: str, where: str, by: Person, at: dt.datetime) -> MeetingPlace:
    """Call it otherwise, or say where else it is. Sessions that are booked keep what they were told.

    Raises NotAllowed (also for the place of somebody else), PlaceNamedTwice.
    """
    _lock(by, at)
    place = _own_place(place_id, by)
    place.name = _place_name(name, MeetingPlace.objects.filter(person=by).exclude(pk=place.pk))
    place.mode, place.where = Mode(mode).value, where.strip()
    place.save(update_fields=["name", "mode", "where"])
    _record("change_meeting_place", place.pk, {}, by=by, at=at, kind="meeting_place")
    return place


@transaction.atomic
def remove_place(*, place_id: int, by: Person, at: dt.datetime) -> MeetingPlace:
    """Offer a place no more; returns what it was. Raises NotAllowed, PlaceInUse while weekly hours name it."""
    _lock(by, at)
    place = _own_place(place_id, by)
    if WeeklyHours.objects.filter(place=place).exists():
        raise PlaceInUse(place.name)
    MeetingPlace.objects.filter(pk=place.pk).delete()
    _record("remove_meeting_place", place.pk, {}, by=by, at=at, kind="meeting_place")
    return place


def _lock(by: Person, at: dt.datetime) -> None:
    """One change at a time for each coach, under the lock that bookings take too."""
    if not people_rules.may_coach(by, at):
        raise problems.NotAllowed
    occupancy.lock([by.pk])


def _locked(expected_version: int, by: Person, at: dt.datetime) -> Availability | None:
    """The hours of `by` as they were seen. Raises NotAllowed, HoursChangedMeanwhile."""
    _lock(by, at)
    current = Availability.objects.select_for_update().filter(person=by).first()
    seen = current.version if current is not None else 0
    if seen != expected_version:
        raise HoursChangedMeanwhile(seen)
    return current


def _put(current: Availability | None, terms: BookingTerms, hours: Sequence[Hours], by: Person) -> Availability:
    """Write hours and rules in place of those there were."""
    kept = current if current is not None else Availability(person=by, version=0)
    for name, value in asdict(terms).items():
        setattr(kept, name, value)
    kept.version += 1
    if kept.pk is None:
        kept.save(force_insert=True)
    else:
        kept.save(update_fields=[*asdict(terms), "version"])
    own = set(MeetingPlace.objects.filter(person=by).values_list("pk", flat=True))
    kept.hours.all().delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            availability=kept,
            weekday=each.weekday,
            starts=each.starts,
            ends=each.ends,
            place_id=each.place if each.place in own else None,
        )
        for each in hours
    )
    return kept


def _as_facts(kept: Availability) -> dict[str, Any]:
    """Hours and rules as audit keeps them, so that a saving can be taken back."""
    terms = {each.name: getattr(kept, each.name) for each in fields(BookingTerms)}
    spans = kept.hours.values_list("weekday", "starts", "ends", "place")
    hours = [[day, starts.isoformat(), ends.isoformat(), place] for day, starts, ends, place in spans]
    return {"terms": terms, "hours": hours}


def _from_facts(former: Mapping[str, Any]) -> tuple[BookingTerms, list[Hours]]:
    hours = [
        Hours(day, dt.time.fromisoformat(starts), dt.time.fromisoformat(ends), place)
        for day, starts, ends, place in former["hours"]
    ]
    return BookingTerms(**former["terms"]), hours


def _own_place(place_id: int, by: Person) -> MeetingPlace:
    place = MeetingPlace.objects.filter(pk=place_id, person=by).first()
    if place is None:
        raise problems.NotAllowed
    return place


def _place_name(name: str, others: QuerySet[MeetingPlace]) -> str:
    plain = " ".join(name.split())
    if "," in plain or ";" in plain:
        raise PlaceNameWithComma
    if others.filter(name__iexact=plain).exists():
        raise PlaceNamedTwice(plain)
    return plain


def _said(row: AvailabilityException) -> Differing:
    return Differing(row.first_on, row.last_on, row.starts, row.ends, row.is_open)


def _days(differing: Differing) -> dict[str, str]:
    return {"first": differing.first_on.isoformat(), "last": differing.last_on.isoformat()}


def _record(
    action: str,
    subject_id: int,
    facts: Mapping[str, object],
    *,
    by: Person,
    at: dt.datetime,
    kind: str = "availability",
) -> None:
    audit.record(action=action, subject_kind=kind, subject_id=subject_id, facts=dict(facts), by=by, at=at)
