"""The ways to meet a request to change group, each with what it costs.

Every figure comes from what is known of people without their own answers in confidence, so that no page lets anybody
tell what somebody answered.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models.functions import JSONObject

from cairn.engines import grouping
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import Cohort, Enrolment, GroupPlace, MoveRequest
from cairn.programmes.queries import grouping_answers
from cairn.programmes.queries.grouping import GroupingFacts, group_key, grouping_facts, places_on
from cairn.programmes.terms import Against, MoveWish

WAYS_SHOWN = 8
MOST_MOVES = 3
IN_A_PAGE = grouping.Budget(effort=0)  # a page waits for no long proof
SEAT = JSONObject(
    who="enrolment_id",
    number="group__number",
    engaged="group__engagement_id",
    group="group_id",
    from_on="from_on",
    to_on="to_on",
)
OF_RULE = {
    "cap": Against.FULL,
    "minimum": Against.TOO_SMALL,
    "slot": Against.TIME,
    "coach_minutes": Against.MINUTES,
    "coach_groups": Against.MINUTES,
}


@dataclass(frozen=True)
class Change:
    """What becomes of one person: group and coach, from and to. Without a number: coached one-to-one only."""

    enrolment_id: int
    name: str
    from_number: int | None
    to_number: int | None
    from_engagement_id: int | None
    to_engagement_id: int
    from_coach: str
    to_coach: str
    to_group_id: int | None = None


@dataclass(frozen=True)
class Way:
    """One way to meet a request. `score` is what the groups have then, `change` the difference in points.

    `proven`: no other way with as few moves costs less; `best_swap`: no other swap does. `key` says the same as
    `changes`, for a form.
    """

    key: str
    changes: tuple[Change, ...]
    score: float
    change: float
    proven: bool
    best_swap: bool = False


@dataclass(frozen=True)
class Closed:
    """A group that is open in no way, with the rules against it, for coordinators."""

    number: int
    coach: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """How a request could be met on a day. `against` are `terms.Against`, the likeliest first; `stamp` says what
    was looked at: groups, coaches and rules as they were."""

    score: float
    ways: tuple[Way, ...]
    closed: tuple[Closed, ...]
    against: tuple[str, ...]
    stamp: str


@dataclass(frozen=True)
class Desk:
    """The groups of a cohort on a day, ready to be asked what a change would give.

    `seats` is enrolment id → group number; `held` number → engagement id; `group_ids` number → group id.
    """

    facts: GroupingFacts
    on: dt.date
    seats: Mapping[int, int]
    held: Mapping[int, int]
    group_ids: Mapping[int, int]
    fixed: frozenset[int]

    def problem(self, mover: int) -> grouping.Problem:
        """The engine's question, of what is known of people without their answers in confidence."""
        pins = {who: self.seats[who] for who in self.fixed & self.seats.keys()}
        others = {who: number for who, number in self.seats.items() if who != mover}
        seated = tuple(each for each in self.facts.people if each.pk in self.seats or each.opts_out_of_groups)
        return replace(self.facts, people=seated).problem(self.held, pins=pins, ordinary=True, seats=others)

    @property
    def assignment(self) -> dict[str, str]:
        """As the engine has it."""
        return {str(who): group_key(number) for who, number in self.seats.items()}

    def after(self, moves: Mapping[int, int]) -> dict[str, str]:
        """The assignment once these people (enrolment id → group number) sit there."""
        return {**self.assignment, **{str(who): group_key(number) for who, number in moves.items()}}


def desk(cohort: Cohort, on: dt.date, seats_there: Sequence[Mapping[str, Any]] | None = None) -> Desk:
    """The groups of a cohort, which the reader was given, on a day. Four queries, and one for seats not given."""
    facts = grouping_facts(cohort)
    people = tuple(each for each in facts.people if each.left_on is None or each.left_on > on)
    leaving = {each.pk: each.left_on for each in people}
    if seats_there is None:
        rows = GroupPlace.objects.filter(places_on(on), group__cohort=cohort).order_by("from_on", "pk")
        seats_there = list(rows.values_list(SEAT, flat=True))
    seats: dict[int, int] = {}
    held: dict[int, int] = {}
    ids: dict[int, int] = {}
    fixed: set[int] = set()
    for row in seats_there:
        who, number = row["who"], row["number"]
        from_on, to_on = (dt.date.fromisoformat(row[key]) if row[key] else None for key in ("from_on", "to_on"))
        if who not in leaving or from_on is None or (to_on is not None and to_on <= on):
            continue
        if from_on > on or to_on not in (None, leaving[who]):
            fixed.add(who)  # another change of their seat is planned already
        if from_on <= on:
            seats[who], held[number], ids[number] = number, row["engaged"], row["group"]
    return Desk(replace(facts, people=people), on, seats, dict(sorted(held.items())), ids, frozenset(fixed))


def answer(request: MoveRequest, on: dt.date) -> Answer:
    """How a request of `moves` could be met from a day on: the curve of moves against points."""
    return answered(desk(request.enrolment.cohort, on, getattr(request, "seats_there", None)), request)


def answered(found: Desk, request: MoveRequest) -> Answer:
    """The same, for groups that were read already."""
    mover = request.enrolment_id
    person = next((each for each in found.facts.people if each.pk == mover), None)
    problem = found.problem(mover)
    stamp = _stamp(found, problem, request)
    if person is None or mover in found.fixed:
        return Answer(0.0, (), (), (Against.RULES.value,), stamp)
    if mover not in found.seats:
        return _another_coach(found, person, stamp)
    targets = _targets(found, request)
    score = grouping.rescore(problem, found.assignment).score
    ways, shut = _ways(found, problem, request, targets)
    closed = [
        Closed(
            number,
            found.facts.names.get(f"c{found.held[number]}", ""),
            tuple(sentence for sentence, _help in grouping_answers.in_words(shut[number], found.facts.names)),
        )
        for number in targets
        if number in shut
    ]
    rules_against = [OF_RULE.get(each.rule, Against.RULES) for number in shut for each in shut[number]]
    against = dict.fromkeys([*([Against.MIX.value] if ways else []), *(each.value for each in rules_against)])
    return Answer(score, ways, tuple(closed), tuple(against) or (Against.RULES.value,), stamp)


def read_key(found: Desk, key: str) -> tuple[Change, ...]:
    """The changes that a way's `key` says: `12-2` puts enrolment 12 into group 2, `12=c5` gives them coach 5.

    Raises NotFound when it names what is not there.
    """
    changes = []
    for part in key.split(","):
        who, sign, where = part.partition("=" if "=c" in part else "-")
        number = where.removeprefix("c")
        if not (who.isdecimal() and number.isdecimal() and len(part) < 30):
            raise NotFound
        to_number = int(number) if sign == "-" else None
        coach = found.held.get(int(number)) if sign == "-" else int(number)
        if coach is None or not any(each.pk == coach for each in found.facts.engagements):
            raise NotFound
        changes.append(_change(found, int(who), to_number, coach))
    return tuple(changes)


def broken_by(found: Desk, request: MoveRequest, changes: Sequence[Change]) -> tuple[grouping.Conflict, ...]:
    """Rules that these changes would break and that are kept now."""
    problem = found.problem(request.enrolment_id)
    before = grouping.rescore(problem, found.assignment).violations
    moves = {each.enrolment_id: each.to_number for each in changes if each.to_number is not None}
    after = grouping.rescore(problem, found.after(moves)).violations
    return tuple(each for each in after if each not in before)


def scores(found: Desk, request: MoveRequest, changes: Sequence[Change]) -> tuple[float, float]:
    """The score of the groups before these changes and after them."""
    problem = found.problem(request.enrolment_id)
    moves = {each.enrolment_id: each.to_number for each in changes if each.to_number is not None}
    after = grouping.rescore(problem, found.after(moves)).score
    return grouping.rescore(problem, found.assignment).score, after


def meets(request: MoveRequest, found: Desk, changes: Sequence[Change]) -> bool:
    """Whether these changes give the person what they ask for."""
    own = next((each for each in changes if each.enrolment_id == request.enrolment_id), None)
    if own is None or len({each.enrolment_id for each in changes}) != len(changes):
        return False
    if own.to_number is None:
        return own.from_number is None and own.to_engagement_id != own.from_engagement_id
    return own.to_number in _targets(found, request)


def _targets(found: Desk, request: MoveRequest) -> list[int]:
    """The numbers of the groups that would do."""
    now = found.seats[request.enrolment_id]
    at_work = {each.pk for each in found.facts.engagements}
    others = [number for number, coach in found.held.items() if number != now and coach in at_work]
    if request.wish == MoveWish.THIS_GROUP and request.to_group is not None:
        return [number for number in others if number == request.to_group.number]
    if request.wish == MoveWish.ANOTHER_COACH:
        away = {found.held[now], request.enrolment.engagement_id}
        return [number for number in others if found.held[number] not in away]
    return others


def _ways(
    found: Desk, problem: grouping.Problem, request: MoveRequest, targets: Sequence[int]
) -> tuple[tuple[Way, ...], dict[int, tuple[grouping.Conflict, ...]]]:
    """The ways into these groups, few moves first, then by what they cost; and the groups that are shut, with why."""
    mover = request.enrolment_id
    wanted = frozenset(targets)
    best = _curve(found, problem, mover, targets)
    swaps: dict[str, float] = {}
    ways: dict[str, Way] = {}
    shut: dict[int, tuple[grouping.Conflict, ...]] = {}
    for option in grouping.options(problem, found.assignment, str(mover)):
        number = int(option.group[1:])
        if number not in wanted:
            continue
        if not option.blocked:
            _add(ways, found, {mover: number}, option.score, option.change)
        if option.swap_with is not None and option.swap_score is not None and option.swap_change is not None:
            swapped = {mover: number, int(option.swap_with): found.seats[mover]}
            swaps[_add(ways, found, swapped, option.swap_score, option.swap_change)] = option.swap_score
        elif option.blocked:
            shut[number] = option.blocked
    others = sorted((way for key, way in ways.items() if key not in best), key=lambda each: (-each.score, each.key))
    listed = [*best.values(), *others[: max(WAYS_SHOWN - len(best), 0)]]
    highest = max(swaps.values(), default=None)
    shown = [replace(way, best_swap=way.key in swaps and swaps[way.key] == highest) for way in listed]
    return tuple(sorted(shown, key=lambda each: (len(each.changes), -each.score, each.key))), shut


def _curve(found: Desk, problem: grouping.Problem, mover: int, targets: Sequence[int]) -> dict[str, Way]:
    """For each number of people who move, the best there is, if more moves make it better; proven where time allows."""
    ways: dict[str, Way] = {}
    if not targets:
        return ways
    asked = grouping.Request(str(mover), groups=tuple(group_key(number) for number in targets))
    try:
        points = grouping.repair(problem, found.assignment, [asked], max_moves=MOST_MOVES, budget=IN_A_PAGE)
    except (grouping.Infeasible, grouping.BadProblem):
        return ways
    for point in points:
        moves = {int(who): int(group[1:]) for who, group in point.moves.items()}
        ordered = {mover: moves[mover], **{who: moves[who] for who in sorted(moves)}}
        _add(ways, found, ordered, point.score, point.change, proven=point.proof != "none")
    return ways


def _add(
    ways: dict[str, Way], found: Desk, moves: Mapping[int, int], score: float, change: float, *, proven: bool = False
) -> str:
    """Put a way beside the others. Returns its key: the person who asks comes first, then the others by id."""
    changes = tuple(_change(found, who, number, found.held[number]) for who, number in moves.items())
    key = ",".join(f"{who}-{number}" for who, number in moves.items())
    ways.setdefault(key, Way(key, changes, score, change, proven))
    return key


def _another_coach(found: Desk, person: Enrolment, stamp: str) -> Answer:
    """Whoever is coached one-to-one only can have any other coach with whom there is no conflict."""
    open_to_them = [
        coach.pk
        for coach in found.facts.engagements
        if coach.pk != person.engagement_id and rules.may_coach_person(coach, person)
    ]
    ways = [
        Way(f"{person.pk}=c{coach}", (_change(found, person.pk, None, coach),), 0.0, 0.0, proven=True)
        for coach in open_to_them
    ]
    against = (Against.MIX.value,) if ways else (Against.RULES.value,)
    return Answer(0.0, tuple(ways[:WAYS_SHOWN]), (), against, stamp)


def _change(found: Desk, who: int, number: int | None, coach: int) -> Change:
    person = next((each for each in found.facts.people if each.pk == who), None)
    if person is None:
        raise NotFound
    names = found.facts.names
    return Change(
        enrolment_id=who,
        name=names[str(who)],
        from_number=found.seats.get(who),
        to_number=number,
        from_engagement_id=person.engagement_id,
        to_engagement_id=coach,
        from_coach=names.get(f"c{person.engagement_id}", ""),
        to_coach=names.get(f"c{coach}", ""),
        to_group_id=found.group_ids[number] if number is not None else None,
    )


def stamp_of(found: Desk, request: MoveRequest) -> str:
    """What was looked at, in short: request, groups, coaches and rules as they are on that day."""
    return _stamp(found, found.problem(request.enrolment_id), request)


def _stamp(found: Desk, problem: grouping.Problem, request: MoveRequest) -> str:
    coaches: Iterable[tuple[int, int | None]] = ((each.pk, each.engagement_id) for each in found.facts.people)
    looked = (request.pk, request.state, found.on, sorted(found.seats.items()), sorted(coaches))
    return hashlib.sha256(repr((looked, grouping_answers.fingerprint(problem))).encode()).hexdigest()[:32]
