"""What a cohort's plan means, and the values that make one up."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from cairn.engines import plan as planning
from cairn.engines.cadence import Rhythm, Step
from cairn.people.models import Person
from cairn.people.queries import organisation
from cairn.programmes.models import ClosedDay, Cohort, MixingAttribute


class CohortValues(TypedDict, total=False):
    """What a coordinator decides about a cohort. Minutes, dates, whole numbers; money in minor units per hour."""

    name: str
    starts_on: dt.date
    ends_on: dt.date
    time_zone: str
    expected_people: int
    expected_coaches: int
    expected_new_coaches: int
    expected_groups: int | None
    expected_rate_minor: int | None
    currency: str
    one_to_one_minutes: int
    group_minutes: int
    one_to_one_session_minutes: int
    group_session_minutes: int
    meeting_minutes: int
    familiarisation_minutes: int
    group_cap: int
    group_minimum: int
    mixes_groups: bool
    one_to_one_for_group_percent: int
    early_sessions: int
    early_weeks: int
    later_weeks: int
    agreement_text: str
    coaching_is_compulsory: bool
    late_cancelled_uses_minutes: bool
    missed_uses_minutes: bool
    apologies_hours: int


FIELDS: tuple[str, ...] = tuple(CohortValues.__annotations__)


def values_of(cohort: Cohort, names: Iterable[str] = FIELDS) -> dict[str, Any]:
    """The named values as they stand."""
    return {name: getattr(cohort, name) for name in names}


def stamped(cohort: Cohort, names: Iterable[str], *, mixing: bool = False) -> dict[str, Any]:
    """The named values, and in words what groups are mixed by: what a form shows and is compared by."""
    values = values_of(cohort, names)
    if mixing:
        values["mixing"] = ", ".join(_in_words(mix) for mix in mixing_attributes(cohort))
    return values


def _in_words(mix: MixingAttribute) -> str:
    said = [f"{mix.label} × {mix.weight}"]
    said += [_("nobody alone")] if mix.avoids_isolation else []
    said += [_("alike together")] if mix.seats_alike else []
    return " ".join(said)


def plan(values: Mapping[str, Any], closed: frozenset[dt.date] = frozenset()) -> planning.Plan:
    """What these values mean; what is not given is as in a new cohort. Raises a Refusal of the engines for nonsense."""
    return planning.plan(plan_inputs({**defaults(), **values}, closed))


def plan_inputs(values: Mapping[str, Any], closed: frozenset[dt.date] = frozenset()) -> planning.PlanInputs:
    """The engine's question, from a cohort's values."""
    early = values["early_sessions"]
    steps = (Step(early, values["early_weeks"]),) if early else ()
    return planning.PlanInputs(
        people=values["expected_people"],
        coaches=values["expected_coaches"],
        new_coaches=values["expected_new_coaches"],
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        one_to_one_minutes=values["one_to_one_minutes"],
        one_to_one_session_minutes=values["one_to_one_session_minutes"],
        group_minutes=values["group_minutes"],
        group_session_minutes=values["group_session_minutes"],
        group_cap=values["group_cap"],
        group_minimum=values["group_minimum"],
        groups=values["expected_groups"],
        meeting_minutes=values["meeting_minutes"],
        familiarisation_minutes=values["familiarisation_minutes"],
        rate_minor_per_hour=values["expected_rate_minor"],
        currency=values["currency"],
        rhythm=Rhythm(steps, values["later_weeks"]),
        zone=values["time_zone"],
        closed=closed,
    )


def defaults() -> dict[str, Any]:
    """The values of a cohort nobody has decided anything about yet; dates are missing."""
    return values_of(Cohort())


def closed_days(reader: Person, organisation_id: int, at: dt.datetime) -> list[ClosedDay]:
    """The closed days of an organisation that the reader coordinates, in order."""
    return list(ClosedDay.objects.filter(organisation=organisation(reader, organisation_id, at)).order_by("on"))


def closed_dates(cohort: Cohort) -> frozenset[dt.date]:
    """The days during a cohort on which its organisation is closed."""
    days = ClosedDay.objects.filter(
        organisation=cohort.programme.organisation_id, on__range=(cohort.starts_on, cohort.ends_on)
    )
    return frozenset(days.values_list("on", flat=True))


def mixing_attributes(cohort: Cohort) -> list[MixingAttribute]:
    """What the cohort's groups are mixed by, in order."""
    return list(cohort.mixing_attributes.all())
