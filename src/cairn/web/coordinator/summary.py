"""What a plan means, in finished values for the page: hours, how they come about, sessions, dates, warnings."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.engines.plan import Plan
from cairn.engines.wording import Refusal
from cairn.programmes import queries
from cairn.web import fields
from cairn.web.templatetags._amounts import minutes


@dataclass(frozen=True)
class Line:
    """One kind of coach time: what it is, how it comes about, minutes."""

    label: str
    how: str
    minutes: int


@dataclass(frozen=True)
class Summary:
    """Everything `_plan_summary.html` shows. `problem` says why there is nothing to show."""

    plan: Plan | None = None
    lines: tuple[Line, ...] = ()
    each_person: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    problem: str = ""


def summary(values: Mapping[str, Any], closed: frozenset[dt.date] = frozenset()) -> Summary:
    """Work the plan out from what has been entered so far; what is missing is as in a new cohort."""
    known = {**queries.plan.defaults(), **values}
    if not known.get("starts_on") or not known.get("ends_on"):
        return Summary(problem=_("Enter the first and the last day, and you see here what the plan means."))
    try:
        plan = queries.plan.plan(known, closed)
    except Refusal as refused:
        return Summary(problem=fields.words(refused.wording))
    return Summary(
        plan=plan,
        lines=_lines(plan, known),
        each_person=_each_person(plan),
        warnings=tuple(fields.words(warning) for warning in plan.warnings),
        moved=tuple(
            fields.words(moved.wording) for moved in (*plan.group_timetable.problems, *plan.meeting_timetable.problems)
        ),
    )


def _lines(plan: Plan, values: Mapping[str, Any]) -> tuple[Line, ...]:
    people, coaches, new = (values[f"expected_{each}"] for each in ("people", "coaches", "new_coaches"))
    meetings = len(plan.meeting_dates)
    return (
        Line(
            _("One-to-one"),
            _times(ngettext("%(n)s person", "%(n)s people", people), people, values["one_to_one_minutes"]),
            plan.one_to_one_minutes,
        ),
        Line(
            _("Group"),
            _times(ngettext("%(n)s group", "%(n)s groups", plan.groups), plan.groups, values["group_minutes"]),
            plan.group_minutes,
        ),
        Line(
            _("Coach meetings"),
            _("%(coaches)s × %(meetings)s × %(length)s")
            % {
                "coaches": ngettext("%(n)s coach", "%(n)s coaches", coaches) % {"n": coaches},
                "meetings": meetings,
                "length": minutes(values["meeting_minutes"]),
            },
            plan.meeting_minutes,
        ),
        Line(
            _("Familiarisation"),
            _times(ngettext("%(n)s new coach", "%(n)s new coaches", new), new, values["familiarisation_minutes"]),
            plan.familiarisation_minutes,
        ),
    )


def _times(words: str, count: int, length: int) -> str:
    return f"{words % {'n': count}} × {minutes(length)}"


def _each_person(plan: Plan) -> tuple[str, ...]:
    found = []
    for label, sessions in (
        (_("One-to-one: %(sessions)s"), plan.one_to_one_sessions_each),
        (_("Group: %(sessions)s"), plan.group_sessions_each),
    ):
        if sessions:
            found.append(label % {"sessions": sessions_in_words(sessions)})
    if plan.group_sizes:
        sizes = [_("%(n)s of %(size)s") % {"n": n, "size": size} for size, n in Counter(plan.group_sizes).items()]
        found.append(
            ngettext("%(n)s group: %(sizes)s people", "%(n)s groups: %(sizes)s people", plan.groups)
            % {"n": plan.groups, "sizes": ", ".join(sizes)}
        )
    return tuple(found)


def sessions_in_words(sessions: tuple[int, ...]) -> str:
    """ "3 sessions of 60 min and 1 of 30 min"."""
    counted = list(Counter(sessions).items())
    first_length, first = counted[0]
    words = ngettext("%(n)s session of %(length)s", "%(n)s sessions of %(length)s", first) % {
        "n": first,
        "length": minutes(first_length),
    }
    for length, count in counted[1:]:
        words = _("%(before)s and %(n)s of %(length)s") % {"before": words, "n": count, "length": minutes(length)}
    return words
