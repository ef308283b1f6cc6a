"""What the pages about groups show: proposals with the names that belong to them, and groups as they are."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

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
from cairn.programmes.queries.access import cohort
from cairn.programmes.queries.cohort_people import cohort_with_counts
from cairn.programmes.queries.grouping import FROM_ENROLMENT, places_on, proposals

State = GroupingProposal.State
SHOWN = (State.PROPOSED, State.WORKING, State.FAILED)


@dataclass(frozen=True)
class PersonHere:
    """Somebody who takes part, with the number of the group they sit in now, if any."""

    id: int
    name: str
    opts_out: bool
    engagement_id: int | None
    sits_in: int | None


@dataclass(frozen=True)
class PairHere:
    """A pair rule by enrolment ids."""

    id: int
    first: int
    second: int
    rule: str


@dataclass(frozen=True)
class MixHere:
    """What groups are mixed by; `known` is of how many people, None where only they themselves say."""

    label: str
    is_protected: bool
    known: int | None


@dataclass(frozen=True)
class Standing:
    """A group as it is: its number, coach, and who sits in it, in order of names."""

    number: int
    coach: str
    members: tuple[PersonHere, ...]


@dataclass(frozen=True)
class GroupsBoard:
    """A cohort's groups for its coordinator. `proposal` waits for adoption, `working` is being worked out.

    `failed` is the newest attempt, if it failed. `groups` are the groups as they are, empty before the first adoption;
    `from_on` is the first day of the newest seats. `coaches` is engagement id → name of those at work.
    """

    cohort: Cohort
    proposal: GroupingProposal | None
    working: GroupingProposal | None
    failed: GroupingProposal | None
    people: tuple[PersonHere, ...]
    coaches: Mapping[int, str]
    pairs: tuple[PairHere, ...]
    mixes: tuple[MixHere, ...]
    groups: tuple[Standing, ...]
    from_on: dt.date | None

    @property
    def names(self) -> dict[int, str]:
        """Enrolment id → name."""
        return {each.id: each.name for each in self.people}

    @property
    def opt_outs(self) -> tuple[PersonHere, ...]:
        """Who is coached one-to-one only."""
        return tuple(each for each in self.people if each.opts_out)


def groups_board(reader: Person, cohort_id: int, at: dt.datetime) -> GroupsBoard:
    """Everything the page about groups shows, in five queries."""
    cohort = cohort_with_counts(reader, cohort_id, at)
    newest = _newest(cohort)
    coaches, pairs, attributes = _coaches_and_rules(cohort)
    places = _places(cohort, at.astimezone(cohort.zone).date())
    people, known = _people(cohort, {place.enrolment_id: place.group.number for place in places})
    proposal = newest.get(State.PROPOSED)
    return GroupsBoard(
        cohort=cohort,
        proposal=proposal,
        working=newest.get(State.WORKING),
        failed=newest.get(State.FAILED),
        people=people,
        coaches=coaches,
        pairs=pairs,
        mixes=tuple(_mix(each, known) for each in attributes) if cohort.mixes_groups else (),
        groups=_standing(places, people),
        from_on=max((place.from_on for place in places), default=None),
    )


def is_working(reader: Person, cohort_id: int, at: dt.datetime) -> bool:
    """Whether a proposal of a cohort that the reader coordinates is still being worked out."""
    return bool(proposals(reader, at).filter(cohort=cohort(reader, cohort_id, at), state=State.WORKING).exists())


def working_proposal(reader: Person, cohort_id: int, at: dt.datetime) -> GroupingProposal:
    """The proposal that is being worked out."""
    found: GroupingProposal | None = proposals(reader, at).filter(cohort=cohort_id, state=State.WORKING).first()
    if found is None:
        raise NotFound
    return found


def _newest(cohort: Cohort) -> dict[str, GroupingProposal]:
    """The newest proposal of each state that is shown; a failure that something came after is not."""
    found: dict[str, GroupingProposal] = {}
    rows = GroupingProposal.objects.filter(cohort=cohort, state__in=SHOWN).order_by("-pk")
    for proposal in rows[:5]:
        proposal.cohort = cohort
        if proposal.state != State.FAILED or not found:
            found.setdefault(proposal.state, proposal)
    return found


def _people(cohort: Cohort, sits_in: Mapping[int, int]) -> tuple[tuple[PersonHere, ...], Mapping[str, int]]:
    """Everybody who takes part, and of how many each fact is known."""
    known: dict[str, int] = dict.fromkeys(FROM_ENROLMENT, 0)
    people = []
    rows = Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART).order_by("person__name", "pk")
    for pk, name, opts_out, held, discipline, department in rows.values_list(
        "pk", "person__name", "opts_out_of_groups", "engagement_id", "discipline", "department"
    ):
        people.append(PersonHere(pk, name, opts_out, held, sits_in.get(pk)))
        known["discipline"] += bool(discipline.strip())
        known["department"] += bool(department.strip())
        known["institution"] += 1
    return tuple(people), known


def _mix(attribute: Mapping[str, Any], known: Mapping[str, int]) -> MixHere:
    own = attribute["is_protected"] or attribute["key"] not in known
    return MixHere(attribute["label"], attribute["is_protected"], None if own else known[attribute["key"]])


def _coaches_and_rules(
    cohort: Cohort,
) -> tuple[dict[int, str], tuple[PairHere, ...], list[dict[str, Any]]]:
    """Coaches at work by name, and with them pair rules and what groups are mixed by: one query."""
    pairs = PairRule.objects.filter(cohort=OuterRef("cohort")).order_by("pk")
    attributes = MixingAttribute.objects.filter(cohort=OuterRef("cohort"), weight__gt=0).order_by("pk")
    rows = CoachEngagement.objects.filter(cohort=cohort, state__in=rules.AT_WORK).annotate(
        pairs=ArraySubquery(pairs.values(found=JSONObject(id="pk", first="first_id", second="second_id", rule="rule"))),
        mixes=ArraySubquery(attributes.values(found=JSONObject(key="key", label="label", is_protected="is_protected"))),
    )
    found = list(rows.order_by("person__name", "pk").values_list("pk", "person__name", "pairs", "mixes"))
    standing, mixes = found[0][2:] if found else ([], [])
    return {pk: name for pk, name, *_rest in found}, tuple(PairHere(**each) for each in standing), mixes


def _places(cohort: Cohort, today: dt.date) -> list[GroupPlace]:
    """The newest seat that holds today, or will, of each person who takes part."""
    seats = (
        GroupPlace.objects.filter(places_on(today), group__cohort=cohort, enrolment__state__in=rules.TAKING_PART)
        .select_related("group__engagement__person")
        .order_by("from_on", "pk")
    )
    return list({seat.enrolment_id: seat for seat in seats}.values())


def _standing(places: list[GroupPlace], people: tuple[PersonHere, ...]) -> tuple[Standing, ...]:
    by_id = {each.id: each for each in people}
    members: dict[int, list[PersonHere]] = {}
    coaches: dict[int, str] = {}
    for place in places:
        coaches[place.group.number] = place.group.engagement.person.name
        if place.enrolment_id in by_id:
            members.setdefault(place.group.number, []).append(by_id[place.enrolment_id])
    return tuple(
        Standing(number, coaches[number], tuple(sorted(found, key=lambda each: (each.name, each.id))))
        for number, found in sorted(members.items())
    )
