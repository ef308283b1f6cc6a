"""What a cohort's plan means before anybody is recruited: groups, sessions, coach minutes, cost and dates.

Coach time is one-to-one minutes for each person, group minutes for each group (not for each person in it), meetings for
each coach, and familiarisation for each coach who is new. Minutes are whole; money is in minor units.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from cairn.engines.cadence import (
    FORTNIGHTLY_THEN_MONTHLY,
    SATURDAY_AND_SUNDAY,
    NoDayForMeeting,
    NotEnoughRoom,
    Rhythm,
    Timetable,
    meeting_dates,
    occurrences,
    split_minutes,
)
from cairn.engines.invoicing import amount, minor_digits
from cairn.engines.wording import Refusal, Wording, gettext_noop

TEN_O_CLOCK = time(10, 0)

WARNINGS = {
    "groups_over_cap": gettext_noop(
        "{people} people in {groups} groups means groups of {size}, over the limit of {cap}. Plan {needed} groups."
    ),
    "group_below_minimum": gettext_noop(
        "{people} people in {groups} groups means a group of {size}, below the minimum of {minimum}."
    ),
    "sessions_do_not_fit": gettext_noop(
        "There is room for {fit} of the {wanted} group sessions between {starts_on} and {ends_on} in this rhythm."
    ),
    "meetings_do_not_fit": gettext_noop("There is no free day for a coach meeting from {starts_on} to {ends_on}."),
    "no_coach": gettext_noop("Nobody can be coached without a coach. Plan at least one."),
    "coaches_without_group": gettext_noop(
        "There are {coaches} coaches for {groups} groups, so that not every coach has a group."
    ),
    "group_minutes_uneven": gettext_noop(
        "{total} group minutes do not divide into sessions of {length}: the last one has {last}."
    ),
}


class NotAPlan(Refusal):
    """Figures that no plan can have; `params["field"]` is the name of the first that is wrong."""

    key = "plan.not_a_plan"
    template = gettext_noop("“{field}” cannot be {value}.")


class EndBeforeStart(Refusal):
    key = "plan.end_before_start"
    template = gettext_noop("The last day, {ends_on}, is before the first, {starts_on}.")


class MoreNewCoachesThanCoaches(Refusal):
    key = "plan.more_new_coaches_than_coaches"
    template = gettext_noop("{new_coaches} coaches cannot be new when there are {coaches}.")


@dataclass(frozen=True)
class PlanInputs:
    """What a coordinator enters. Minutes promised are per person; session minutes are the length of one session.

    `groups` None: as few as the cap allows. `meetings` None: one per quarter. `rate_minor_per_hour` None: no cost yet.
    Wall time and zone matter only for days on which clocks change; a plan shows dates, a timetable shows times.
    """

    people: int
    coaches: int
    new_coaches: int
    starts_on: date
    ends_on: date
    one_to_one_minutes: int = 210
    one_to_one_session_minutes: int = 60
    group_minutes: int = 900
    group_session_minutes: int = 90
    group_cap: int = 11
    group_minimum: int = 1
    groups: int | None = None
    meetings: int | None = None
    meeting_minutes: int = 90
    familiarisation_minutes: int = 240
    rate_minor_per_hour: int | None = None
    currency: str = "GBP"
    rhythm: Rhythm = FORTNIGHTLY_THEN_MONTHLY
    weekday: int | None = None
    wall_time: time = TEN_O_CLOCK
    zone: str = "UTC"
    closed: frozenset[date] = frozenset()
    skip_weekends: bool = True
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def __post_init__(self) -> None:
        for field in AT_LEAST_ONE + AT_LEAST_NONE:
            value = getattr(self, field)
            if value is not None and value < (1 if field in AT_LEAST_ONE else 0):
                raise NotAPlan(field=field, value=value)
        if self.ends_on < self.starts_on:
            raise EndBeforeStart(starts_on=self.starts_on, ends_on=self.ends_on)
        if self.meetings is not None and self.meetings > (self.ends_on - self.starts_on).days + 1:
            raise NotAPlan(field="meetings", value=self.meetings)
        if self.new_coaches > self.coaches:
            raise MoreNewCoachesThanCoaches(new_coaches=self.new_coaches, coaches=self.coaches)
        minor_digits(self.currency)


AT_LEAST_ONE = ("group_cap", "one_to_one_session_minutes", "group_session_minutes", "meeting_minutes", "groups")
AT_LEAST_NONE = (
    *("people", "coaches", "new_coaches", "one_to_one_minutes", "group_minutes", "group_minimum", "meetings"),
    *("familiarisation_minutes", "rate_minor_per_hour"),
)


@dataclass(frozen=True)
class Plan:
    """What follows. Minutes are coach minutes of the whole cohort; dates are those of a group that starts at once.

    `cost_minor` is None without a rate. `group_timetable` holds as many sessions as fit, `meeting_timetable` is empty
    when a quarter has no free day; `warnings` say so.
    """

    groups: int
    group_sizes: tuple[int, ...]
    group_sessions_each: tuple[int, ...]
    one_to_one_sessions_each: tuple[int, ...]
    one_to_one_minutes: int
    group_minutes: int
    meeting_minutes: int
    familiarisation_minutes: int
    cost_minor: int | None
    currency: str
    group_timetable: Timetable
    meeting_timetable: Timetable
    warnings: tuple[Wording, ...]

    @property
    def total_minutes(self) -> int:
        return self.one_to_one_minutes + self.group_minutes + self.meeting_minutes + self.familiarisation_minutes

    @property
    def group_dates(self) -> tuple[date, ...]:
        return tuple(occurrence.on for occurrence in self.group_timetable.dates)

    @property
    def meeting_dates(self) -> tuple[date, ...]:
        return tuple(occurrence.on for occurrence in self.meeting_timetable.dates)

    @property
    def first_group_session_on(self) -> date | None:
        return next(iter(self.group_dates), None)

    @property
    def last_group_session_on(self) -> date | None:
        return next(reversed(self.group_dates), None)


def plan(inputs: PlanInputs) -> Plan:
    """Work out what a plan means. What is questionable comes as warnings; nonsense was refused by PlanInputs.

    The cost is the total at the rate, rounded once; invoices round line by line and can differ by a few minor units.
    Raises WeekdayAtWeekend and UnknownZone for a timetable that cannot be.
    """
    sizes = _group_sizes(inputs)
    group_sessions = split_minutes(inputs.group_minutes, inputs.group_session_minutes)
    group_timetable, group_warnings = _group_timetable(inputs, len(group_sessions) if sizes else 0)
    meeting_timetable, meeting_warnings = _meeting_timetable(inputs)
    meetings = len(meeting_timetable.dates) if inputs.meetings is None else inputs.meetings
    minutes = (
        inputs.people * inputs.one_to_one_minutes,
        len(sizes) * inputs.group_minutes,
        inputs.coaches * meetings * inputs.meeting_minutes,
        inputs.new_coaches * inputs.familiarisation_minutes,
    )
    rate = inputs.rate_minor_per_hour
    return Plan(
        groups=len(sizes),
        group_sizes=sizes,
        group_sessions_each=group_sessions,
        one_to_one_sessions_each=split_minutes(inputs.one_to_one_minutes, inputs.one_to_one_session_minutes),
        one_to_one_minutes=minutes[0],
        group_minutes=minutes[1],
        meeting_minutes=minutes[2],
        familiarisation_minutes=minutes[3],
        cost_minor=None if rate is None else amount(sum(minutes), rate),
        currency=inputs.currency,
        group_timetable=group_timetable,
        meeting_timetable=meeting_timetable,
        warnings=(*_warnings(inputs, sizes, group_sessions), *group_warnings, *meeting_warnings),
    )


def group_sizes(people: int, groups: int) -> tuple[int, ...]:
    """People spread as evenly as they go, the larger groups first: 53 over 5 is 11, 11, 11, 10, 10."""
    size, larger = divmod(people, groups)
    return (size + 1,) * larger + (size,) * (groups - larger)


def _group_sizes(inputs: PlanInputs) -> tuple[int, ...]:
    """Sizes of the groups; none in a cohort without group coaching or without people."""
    if not inputs.group_minutes or not inputs.people:
        return ()
    return group_sizes(inputs.people, inputs.groups or _fewest_groups(inputs))


def _fewest_groups(inputs: PlanInputs) -> int:
    return -(-inputs.people // inputs.group_cap)


def _group_timetable(inputs: PlanInputs, count: int) -> tuple[Timetable, tuple[Wording, ...]]:
    try:
        found = occurrences(
            starts_on=inputs.starts_on,
            ends_on=inputs.ends_on,
            count=count,
            rhythm=inputs.rhythm,
            wall_time=inputs.wall_time,
            minutes=inputs.group_session_minutes,
            zone=inputs.zone,
            weekday=inputs.weekday,
            closed=inputs.closed,
            skip_weekends=inputs.skip_weekends,
            weekend=inputs.weekend,
        )
    except NotEnoughRoom as shortage:
        period = {"starts_on": inputs.starts_on, "ends_on": inputs.ends_on}
        return shortage.timetable, (_warning("sessions_do_not_fit", fit=shortage.fit, wanted=count, **period),)
    return found, ()


def _meeting_timetable(inputs: PlanInputs) -> tuple[Timetable, tuple[Wording, ...]]:
    try:
        found = meeting_dates(
            starts_on=inputs.starts_on,
            ends_on=inputs.ends_on,
            wall_time=inputs.wall_time,
            minutes=inputs.meeting_minutes,
            zone=inputs.zone,
            meetings=inputs.meetings,
            closed=inputs.closed,
            skip_weekends=inputs.skip_weekends,
            weekend=inputs.weekend,
        )
    except NoDayForMeeting as full:
        return Timetable(), (_warning("meetings_do_not_fit", **full.params),)
    return found, ()


def _warnings(inputs: PlanInputs, sizes: tuple[int, ...], group_sessions: tuple[int, ...]) -> Iterator[Wording]:
    if inputs.coaches < 1:
        yield _warning("no_coach")
    if sizes:
        yield from _warnings_on_sizes(inputs, sizes)
    if len(sizes) < inputs.coaches and sizes:
        yield _warning("coaches_without_group", coaches=inputs.coaches, groups=len(sizes))
    length = inputs.group_session_minutes
    if group_sessions and group_sessions[-1] != length:
        yield _warning("group_minutes_uneven", total=inputs.group_minutes, length=length, last=group_sessions[-1])


def _warnings_on_sizes(inputs: PlanInputs, sizes: tuple[int, ...]) -> Iterator[Wording]:
    largest, smallest = sizes[0], sizes[-1]
    facts = {"people": inputs.people, "groups": len(sizes)}
    if largest > inputs.group_cap:
        needed = _fewest_groups(inputs)
        yield _warning("groups_over_cap", size=largest, cap=inputs.group_cap, needed=needed, **facts)
    if smallest < inputs.group_minimum:
        yield _warning("group_below_minimum", size=smallest, minimum=inputs.group_minimum, **facts)


def _warning(name: str, **params: object) -> Wording:
    return Wording(f"plan.{name}", WARNINGS[name], params)
