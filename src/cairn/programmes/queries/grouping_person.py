"""One person in a proposal: why they are where they are, and what every other place would give or break."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from cairn.engines import grouping
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes.models import GroupingProposal
from cairn.programmes.queries import arrangements, grouping_answers
from cairn.programmes.queries.grouping import GroupingFacts, coach_key, grouping_facts, open_proposal

SUGGESTED = 150
MOST_OPTIONS = 12


@dataclass(frozen=True)
class Option:
    """Another group: the score it would give, or the sentences of the rules that forbid it; and the best swap."""

    number: int
    coach: str
    score: float
    forbidden: tuple[str, ...]
    swap_with: int | None
    swap_name: str
    swap_score: float | None


@dataclass(frozen=True)
class Cell:
    """How many share a value of this person's in their group, and the group's fair share."""

    attribute: str
    value: str
    count: int
    share: float


@dataclass(frozen=True)
class PersonInProposal:
    """What the menu of one person says. `number` is None for who opted out; `others` are (name, group) to suggest.

    `groups` are the numbers of all other groups; of more than a dozen, `options` holds those with the best swap.
    """

    proposal: GroupingProposal
    id: int
    name: str
    number: int | None
    coach: str
    is_pinned: bool
    opts_out: bool
    most_people: int | None
    score: float
    options: tuple[Option, ...]
    groups: tuple[int, ...]
    cells: tuple[Cell, ...]
    counts_protected: bool
    others: tuple[tuple[str, int], ...]


def person_in_proposal(
    reader: Person, cohort_id: int, enrolment_id: int, at: dt.datetime, *, to: int | None = None
) -> PersonInProposal:
    """One person in the proposal that waits, in a cohort that the reader coordinates: five queries.

    `to` asks for one group alone. Raises NotFound, also for a group that is not in the proposal.
    """
    proposal = open_proposal(reader, cohort_id, at)
    facts = grouping_facts(proposal.cohort)
    key = str(enrolment_id)
    enrolment = next((each for each in facts.people if each.pk == enrolment_id), None)
    held, number = proposal.assignment.get(key, (None, None))
    groups = grouping_answers.groups_of(proposal.answer)
    if enrolment is None or held is None or (to is not None and to not in groups):
        raise NotFound
    problem, seated = grouping_answers.as_it_stands(proposal, facts, proposal.assignment)
    desk = grouping.Desk(problem, seated)
    count = MOST_OPTIONS if len(groups) > MOST_OPTIONS + 1 and to is None else None
    explained = desk.explain(key, count=count) if key in seated else None
    names = facts.names
    return PersonInProposal(
        proposal=proposal,
        id=enrolment_id,
        name=enrolment.person.name,
        number=number,
        coach=names.get(coach_key(held), ""),
        is_pinned=key in proposal.pins,
        opts_out=enrolment.opts_out_of_groups,
        most_people=arrangements.smaller(facts).get(enrolment_id),
        score=desk.score,
        options=tuple(
            each
            for each in _options(names, facts, proposal, explained, enrolment_id)
            if to is None or each.number == to
        ),
        groups=tuple(each for each in groups if each != number),
        cells=_cells(facts, explained),
        counts_protected=facts.mixes_protected,
        others=_others(proposal, number, names),
    )


def _others(proposal: GroupingProposal, number: int | None, names: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Some of those in other groups, to suggest whom to trade places with."""
    seated = [(names[who], seat[1]) for who, seat in proposal.assignment.items() if who in names]
    return tuple(sorted(each for each in seated if each[1] not in (None, number))[:SUGGESTED])


def _options(
    names: Mapping[str, str],
    facts: GroupingFacts,
    proposal: GroupingProposal,
    explained: grouping.Explanation | None,
    who: int,
) -> tuple[Option, ...]:
    if explained is None:
        return ()
    groups, most = grouping_answers.groups_of(proposal.answer), arrangements.smaller(facts).get(who)
    if str(who) in proposal.pins:
        most = None
    found = [
        Option(
            number=int(each.group[1:]),
            coach=names.get(coach_key(groups[int(each.group[1:])]), ""),
            score=each.score,
            forbidden=tuple(_against(each, most, proposal, names)),
            swap_with=int(each.swap_with) if each.swap_with else None,
            swap_name=names.get(each.swap_with or "", ""),
            swap_score=each.swap_score,
        )
        for each in explained.alternatives
    ]
    return tuple(sorted(found, key=lambda each: each.number))


def _against(
    option: grouping.MoveOption, most: int | None, proposal: GroupingProposal, names: Mapping[str, str]
) -> Iterable[str]:
    """The sentences of the rules against a move. `most` is how many may be in the group of who needs a smaller one.

    To the engine they are pinned to the group they sit in; here they may go to any that is small.
    """
    blocked = option.blocked
    if most is not None:
        blocked = tuple(each for each in blocked if each.rule != "pin")
        size = proposal.answer["sizes"].get(option.group, 0) + 1
        if size > most:
            said = gettext("Group %(number)s would hold %(size)s people; %(most)s at most were agreed for this person.")
            yield said % {"number": option.group[1:], "size": size, "most": most}
    for sentence, _help in grouping_answers.in_words(blocked, names):
        yield sentence


def _cells(facts: GroupingFacts, explained: grouping.Explanation | None) -> tuple[Cell, ...]:
    labels = {each.key: each.label for each in facts.attributes}
    return tuple(
        Cell(labels[row.attribute], facts.label(row.attribute, row.value), row.count, round(float(row.target), 1))
        for row in (explained.cells if explained else ())
    )
