"""What the pages about groups show: proposals with the names that belong to them, and groups as they are.

However large a cohort is, a page names at most a hundred people and asks the same few questions.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, JSONObject

from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import (
    CoachEngagement,
    Cohort,
    Enrolment,
    GroupingProposal,
    GroupPlace,
    MixingAttribute,
    PairRule,
)
from cairn.programmes.queries import grouping_answers
from cairn.programmes.queries.access import cohort as cohort_of
from cairn.programmes.queries.cohort_people import cohort_with_counts
from cairn.programmes.queries.grouping import FROM_ENROLMENT, places_on, proposals

State = GroupingProposal.State
SHOWN = (State.PROPOSED, State.WORKING, State.FAILED)
ROWS = 100
FEW = 7
SUGGESTED = 150
MOST_PRICES = 20


@dataclass(frozen=True)
class PersonHere:
    """Somebody by enrolment id."""

    id: int
    name: str
    engagement_id: int | None = None


@dataclass(frozen=True)
class PairHere:
    """A pair rule with the names of the two."""

    id: int
    first: str
    second: str
    rule: str


@dataclass(frozen=True)
class MixHere:
    """What groups are mixed by; `known` is of how many people, None where only they themselves say."""

    label: str
    is_protected: bool
    known: int | None


@dataclass(frozen=True)
class Standing:
    """A group as it is: its number, coach and size, and who sits in it, in order of names."""

    number: int
    coach: str
    size: int
    members: tuple[PersonHere, ...]


@dataclass(frozen=True)
class Counted:
    """A cohort's people in numbers. Lists hold a few names only; the numbers beside them are true."""

    people: int
    ready: int
    seated: int
    unseated: int
    some_unseated: tuple[str, ...]
    opted_out: int
    opt_outs: tuple[PersonHere, ...]
    some_newcomers: tuple[str, ...]
    known: Mapping[str, int]


@dataclass(frozen=True)
class GroupsBoard:
    """A cohort's groups for its coordinator. `proposal` waits for adoption, `working` is being worked out.

    `failed` is the newest attempt, if it failed. `groups` are those of one page of the groups as they are, empty
    before the first adoption or while a proposal is shown; `from_on` is the first day of their newest seat.
    `coaches` is engagement id → name of those at work, `names` enrolment id → name of whoever the page shows.
    """

    cohort: Cohort
    proposal: GroupingProposal | None
    working: GroupingProposal | None
    failed: GroupingProposal | None
    counted: Counted
    coaches: Mapping[int, str]
    pairs: tuple[PairHere, ...]
    mixes: tuple[MixHere, ...]
    names: Mapping[int, str]
    numbers: tuple[int, ...]
    groups: tuple[Standing, ...]
    page: Page[Any]
    from_on: dt.date | None


def groups_board(
    reader: Person, cohort_id: int, at: dt.datetime, *, page: str | None = None, as_they_are: bool = False
) -> GroupsBoard:
    """Everything a page about groups shows, in five queries: the proposal that waits, or the groups as they are."""
    cohort = cohort_with_counts(reader, cohort_id, at)
    newest = _newest(cohort)
    proposal = newest.get(State.PROPOSED)
    coaches, pairs, attributes = _coaches_and_rules(cohort)
    counted = _counted(cohort, proposal, at.astimezone(cohort.zone).date())
    shown = None if as_they_are and counted.seated else proposal
    numbers = _numbers(shown)
    pages = Paginator(numbers, _groups_on_a_page(cohort)) if shown else Paginator(range(counted.seated), ROWS)
    this_page: Page[Any] = pages.get_page(page)
    names: dict[int, str] = {}
    seats: list[GroupPlace] = []
    if shown is not None:
        names = _names(cohort, shown, set(this_page.object_list))
    elif counted.seated:
        seats = _seats(cohort, at, this_page)
    return GroupsBoard(
        cohort=cohort,
        proposal=proposal,
        working=newest.get(State.WORKING),
        failed=newest.get(State.FAILED),
        counted=counted,
        coaches=coaches,
        pairs=pairs,
        mixes=tuple(_mix(each, counted.known) for each in attributes) if cohort.mixes_groups else (),
        names=names,
        numbers=tuple(this_page.object_list) if shown else (),
        groups=_standing(seats),
        page=this_page,
        from_on=max((seat.from_on for seat in seats), default=None),
    )


def in_work(reader: Person, cohort_id: int, at: dt.datetime) -> GroupingProposal | None:
    """The proposal of a cohort that the reader coordinates that the queue works on: on itself, or on its prices."""
    pricing = Q(state=State.PROPOSED, progress__doing="price")
    found = proposals(reader, at).filter(Q(state=State.WORKING) | pricing, cohort=cohort_of(reader, cohort_id, at))
    working: GroupingProposal | None = found.order_by("-pk").first()
    return working


def working_proposal(reader: Person, cohort_id: int, at: dt.datetime) -> GroupingProposal:
    """The proposal that is being worked out."""
    found: GroupingProposal | None = proposals(reader, at).filter(cohort=cohort_id, state=State.WORKING).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class GroupRules:
    """A cohort's rules for groups: the first hundred of each. `suggested` are names to choose from."""

    cohort: Cohort
    pairs: tuple[PairHere, ...]
    opt_outs: tuple[PersonHere, ...]
    suggested: tuple[str, ...]
    waits: bool


def group_rules(reader: Person, cohort_id: int, at: dt.datetime) -> GroupRules:
    """The rules of a cohort that the reader coordinates, in two queries."""
    cohort = cohort_of(reader, cohort_id, at)
    people = _taking_part(cohort).order_by("person__name", "pk")
    row = (
        Cohort.objects.filter(pk=cohort.pk)
        .annotate(
            pairs_here=ArraySubquery(_pairs(PairRule.objects.filter(cohort=OuterRef("pk")))),
            opt_outs_here=ArraySubquery(_people(people.filter(opts_out_of_groups=True))[:ROWS]),
            suggested_here=ArraySubquery(people.values("person__name")[:SUGGESTED]),
            waits_here=Exists(GroupingProposal.objects.filter(cohort=OuterRef("pk"), state=State.PROPOSED)),
        )
        .values("pairs_here", "opt_outs_here", "suggested_here", "waits_here")
        .get()
    )
    return GroupRules(
        cohort,
        tuple(PairHere(**each) for each in row["pairs_here"]),
        tuple(PersonHere(**each) for each in row["opt_outs_here"]),
        tuple(dict.fromkeys(row["suggested_here"])),
        row["waits_here"],
    )


@dataclass(frozen=True)
class Found:
    """Somebody by name, the group they sit in (None: none) and the page of the board on which it stands."""

    id: int
    name: str
    number: int | None
    page: int


MOST_FOUND = 50


def find_in_groups(
    reader: Person, cohort_id: int, words: str, at: dt.datetime, *, as_they_are: bool = False
) -> tuple[Cohort, list[Found]]:
    """Who of a cohort that the reader coordinates has these words in name or address, the first fifty, by name.

    Places are those of the proposal that waits, or with `as_they_are` (and where none waits) of the groups as they are.
    """
    cohort = cohort_of(reader, cohort_id, at)
    words = words.strip()
    if not words:
        return cohort, []
    named = _taking_part(cohort).filter(Q(person__name__icontains=words) | Q(person__email__iexact=words))
    people = dict(named.order_by("person__name", "pk").values_list("pk", "person__name")[:MOST_FOUND])
    proposal = None if as_they_are else _newest(cohort).get(State.PROPOSED)
    if proposal is not None:
        places = _places_proposed(cohort, proposal)
    else:
        seats = _newest_seats(cohort, at.astimezone(cohort.zone).date())
        in_order = seats.order_by("group__number", "enrolment__person__name", "enrolment_id")
        rows = enumerate(in_order.values_list("enrolment_id", "group__number"))
        places = {who: (number, 1 + row // ROWS) for row, (who, number) in rows}
    return cohort, [Found(who, name, *places.get(who, (None, 1))) for who, name in people.items()]


def _places_proposed(cohort: Cohort, proposal: GroupingProposal) -> dict[int, tuple[int, int]]:
    """Enrolment id → (group, page of the board)."""
    pages = {number: 1 + row // _groups_on_a_page(cohort) for row, number in enumerate(_numbers(proposal))}
    return {
        int(who): (number, pages[number]) for who, (_held, number) in proposal.assignment.items() if number in pages
    }


def _groups_on_a_page(cohort: Cohort) -> int:
    return max(1, ROWS // max(cohort.group_cap, 1))


def people_named(cohort: Cohort, words: str) -> list[Enrolment]:
    """Who of a cohort that the reader was given has this name or address: at most two, so that doubt can be said."""
    found = _taking_part(cohort).filter(Q(person__name__iexact=words.strip()) | Q(person__email__iexact=words.strip()))
    people = list(found.select_related("person").order_by("pk")[:2])
    for each in people:
        each.cohort = cohort
    return people


def rows_as_they_are(cohort: Cohort, at: dt.datetime) -> list[tuple[str, int | None, str]]:
    """(name, group, coach) of everybody in a cohort that the reader was given, by group and name."""
    today = at.astimezone(cohort.zone).date()
    numbers = dict(_newest_seats(cohort, today).values_list("enrolment_id", "group__number"))
    people = _taking_part(cohort).values_list("pk", "person__name", "engagement__person__name")
    return _by_group((name, numbers.get(pk), coach or "") for pk, name, coach in people)


def rows_as_proposed(found: GroupsBoard) -> list[tuple[str, int | None, str]]:
    """(name, group, coach) of everybody in the proposal."""
    assignment = found.proposal.assignment if found.proposal else {}
    people = dict(_taking_part(found.cohort).values_list("pk", "person__name"))
    return _by_group(
        (people[int(who)], number, found.coaches.get(held, ""))
        for who, (held, number) in assignment.items()
        if int(who) in people
    )


def _by_group(rows: Iterable[tuple[str, int | None, str]]) -> list[tuple[str, int | None, str]]:
    return sorted(rows, key=lambda row: (row[1] or 1_000_000, row[0]))


def _newest(cohort: Cohort) -> dict[str, GroupingProposal]:
    """The newest proposal of each state that is shown; a failure that something came after is not."""
    found: dict[str, GroupingProposal] = {}
    rows = GroupingProposal.objects.filter(cohort=cohort, state__in=SHOWN).order_by("-pk")
    for proposal in rows[:5]:
        proposal.cohort = cohort
        if proposal.state != State.FAILED or not found:
            found.setdefault(proposal.state, proposal)
    return found


def _numbers(proposal: GroupingProposal | None) -> list[int]:
    return list(grouping_answers.groups_of(proposal.answer)) if proposal else []


def _taking_part(cohort: Cohort) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART)


def _people(people: QuerySet[Enrolment]) -> QuerySet[Any, Any]:
    return people.values(found=JSONObject(id="pk", name="person__name", engagement_id="engagement_id"))


def _pairs(pairs: QuerySet[PairRule]) -> QuerySet[Any, Any]:
    named = JSONObject(id="pk", first="first__person__name", second="second__person__name", rule="rule")
    return pairs.order_by("pk").values(found=named)[:ROWS]


def _counted(cohort: Cohort, proposal: GroupingProposal | None, today: dt.date) -> Counted:
    """The cohort's people in numbers and a few names, in one query."""
    people = _taking_part(cohort).order_by("person__name", "pk")
    joining = people.filter(opts_out_of_groups=False)
    opted_out = people.filter(opts_out_of_groups=True)
    seat = GroupPlace.objects.filter(places_on(today), enrolment=OuterRef("pk"), group__cohort=cohort.pk)
    unseated = joining.filter(~Exists(seat))
    new = people.exclude(pk__in=[int(who) for who in proposal.assignment]) if proposal else people.filter(pk__lt=0)
    row = (
        Cohort.objects.filter(pk=cohort.pk)
        .annotate(
            n_ready=_number(joining),
            n_opted_out=_number(opted_out),
            n_unseated=_number(unseated),
            n_seated=_number(people.filter(Exists(seat))),
            n_discipline=_number(people.exclude(discipline="")),
            n_department=_number(people.exclude(department="")),
            some_unseated=ArraySubquery(unseated.values("person__name")[:FEW]),
            some_new=ArraySubquery(new.values("person__name")[:FEW]),
            some_opted_out=ArraySubquery(_people(opted_out)[:ROWS]),
        )
        .values()
        .get()
    )
    total = row["n_ready"] + row["n_opted_out"]
    return Counted(
        people=total,
        ready=row["n_ready"],
        seated=row["n_seated"],
        unseated=row["n_unseated"],
        some_unseated=tuple(row["some_unseated"]),
        opted_out=row["n_opted_out"],
        opt_outs=tuple(PersonHere(**each) for each in row["some_opted_out"]),
        some_newcomers=tuple(row["some_new"]),
        known={"discipline": row["n_discipline"], "department": row["n_department"], "institution": total},
    )


def _number(people: QuerySet[Enrolment]) -> Any:
    counted = people.order_by().annotate(_one=Value(1)).values("_one").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _mix(attribute: Mapping[str, Any], known: Mapping[str, int]) -> MixHere:
    own = attribute["is_protected"] or attribute["key"] not in FROM_ENROLMENT
    return MixHere(attribute["label"], attribute["is_protected"], None if own else known[attribute["key"]])


def _coaches_and_rules(cohort: Cohort) -> tuple[dict[int, str], tuple[PairHere, ...], list[dict[str, Any]]]:
    """Coaches at work by name, and with them pair rules and what groups are mixed by: one query."""
    attributes = MixingAttribute.objects.filter(cohort=OuterRef("cohort"), weight__gt=0).order_by("pk")
    rows = CoachEngagement.objects.filter(cohort=cohort, state__in=rules.AT_WORK).annotate(
        pairs=ArraySubquery(_pairs(PairRule.objects.filter(cohort=OuterRef("cohort")))),
        mixes=ArraySubquery(attributes.values(found=JSONObject(key="key", label="label", is_protected="is_protected"))),
    )
    found = list(rows.order_by("person__name", "pk").values_list("pk", "person__name", "pairs", "mixes"))
    standing, mixes = found[0][2:] if found else ([], [])
    return {pk: name for pk, name, *_rest in found}, tuple(PairHere(**each) for each in standing), mixes


def _names(cohort: Cohort, proposal: GroupingProposal, numbers: set[int]) -> dict[int, str]:
    """Names of those in these groups of the proposal, of those coached one-to-one, and of those whom a rule names."""
    wanted = {int(who) for who, (_held, number) in proposal.assignment.items() if number in numbers}
    named = grouping_answers.conflicts(proposal.answer)[:ROWS]
    named += [each.rule for each in _dearest(proposal) if not isinstance(each.rule, str)]
    wanted |= {int(who) for each in named for who in each.people}
    return dict(_taking_part(cohort).filter(pk__in=wanted).values_list("pk", "person__name"))


def _dearest(proposal: GroupingProposal) -> list[grouping_answers.Priced]:
    return (grouping_answers.prices(proposal.answer) or [])[:MOST_PRICES]


def _newest_seats(cohort: Cohort, today: dt.date) -> QuerySet[GroupPlace]:
    """The newest seat that holds today, or will, of each person who takes part."""
    later = GroupPlace.objects.filter(enrolment=OuterRef("enrolment"), from_on__gt=OuterRef("from_on"))
    seats = GroupPlace.objects.filter(places_on(today), group__cohort=cohort, enrolment__state__in=rules.TAKING_PART)
    return seats.filter(~Exists(later.filter(places_on(today))))


def _seats(cohort: Cohort, at: dt.datetime, page: Page[Any]) -> list[GroupPlace]:
    """The seats of one page of the groups as they are, each with the size of its group."""
    today = at.astimezone(cohort.zone).date()
    seats = (
        _newest_seats(cohort, today)
        .select_related("group__engagement__person", "enrolment__person")
        .annotate(size=Window(Count("pk"), partition_by=F("group_id")))
        .order_by("group__number", "enrolment__person__name", "enrolment_id")
    )
    first = page.start_index() - 1
    return list(seats[first : first + ROWS])


def _standing(seats: list[GroupPlace]) -> tuple[Standing, ...]:
    groups: dict[int, list[GroupPlace]] = {}
    for seat in seats:
        groups.setdefault(seat.group.number, []).append(seat)
    return tuple(
        Standing(
            number,
            own[0].group.engagement.person.name,
            own[0].size,  # type: ignore[attr-defined]
            tuple(PersonHere(seat.enrolment_id, seat.enrolment.person.name) for seat in own),
        )
        for number, own in groups.items()
    )
