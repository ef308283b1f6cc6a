"""What the grouping engine is asked about a cohort: opaque ids, rules, and values that people agreed to have used.

People stand in the problem by enrolment id, groups as `g1`, coaches as `c` with their engagement's id. Protected
attributes come from people's own answers with consent and from nowhere else; whoever did not answer, or prefers not to
say, has no value there and is not balanced.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q
from django.db.models.functions import JSONObject

from cairn.engines import grouping, hours
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import (
    CoachEngagement,
    CoachingGroup,
    Cohort,
    ConflictOfInterest,
    Enrolment,
    GroupingProposal,
    MixingAnswer,
    MixingAttribute,
    PairRule,
)
from cairn.programmes.queries import arrangements, settling
from cairn.programmes.queries.access import cohorts
from cairn.programmes.terms import GroupMode

BETWEEN = " × "  # as the engine joins the values of an intersection; a × in a value is doubled
FROM_ENROLMENT = ("discipline", "department", "institution")
State = GroupingProposal.State


def group_key(number: int) -> str:
    """The engine's id of a group."""
    return f"g{number}"


def coach_key(engagement_id: int) -> str:
    """The engine's id of a coach."""
    return f"c{engagement_id}"


@dataclass(frozen=True)
class MixBy:
    """An attribute to mix by. `of` are keys of those it is the intersection of; protected if any of them is.

    With weight 0 it is only there for an intersection.
    """

    id: int
    key: str
    label: str
    weight: int
    is_protected: bool
    of: tuple[str, ...] = ()
    avoids_isolation: bool = False
    seats_alike: bool = False


@dataclass(frozen=True)
class GroupingFacts:
    """Everything about a cohort from which problems for the engine are made. Not for pages: it holds values."""

    cohort: Cohort
    people: tuple[Enrolment, ...]
    engagements: tuple[CoachEngagement, ...]
    attributes: tuple[MixBy, ...]
    pairs: tuple[Mapping[str, Any], ...]
    labels: dict[tuple[str, str], str] = field(default_factory=dict)

    def problem(
        self,
        groups: Mapping[int, int],
        *,
        pins: Mapping[int, int] | None = None,
        coach_minutes: Mapping[int, int] | None = None,
        ordinary: bool = False,
        slots: Mapping[int, int] | None = None,
        seats: Mapping[int, int] | None = None,
    ) -> grouping.Problem:
        """The engine's question. `groups` is number → engagement id, `pins` enrolment id → number.

        `coach_minutes` holds by engagement id what each coach may give in all; None: minutes limit nobody. `ordinary`
        leaves out every protected attribute: figures that are shown come from such a question only. `slots` (number →
        slot id) says when groups meet, where that is known; without it the engine finds a time. `seats`
        (enrolment id → number) says where people sit already, so that whoever needs a smaller group stays there and
        their group has their limit; without it a group is chosen for them.
        """
        cohort, present = self.cohort, {each.pk for each in self.people}
        pins = pins or {}
        small = arrangements.small_groups(self, groups, pins) if seats is None else self._small_in(seats)
        held = {**small, **pins}
        caps = arrangements.caps_of(self, held)
        used = tuple(each for each in self.attributes if not (ordinary and each.is_protected))
        conflicts = rules.Conflicts(self.engagements)
        return grouping.Problem(
            people=tuple(
                self._person(each, held.get(each.pk), used, slots or {}, conflicts.against(each))
                for each in self.people
            ),
            groups=tuple(
                self._group(number, engaged, caps.get(number), slots or {}) for number, engaged in groups.items()
            ),
            attributes=tuple(_attribute(each) for each in used),
            cap=cohort.group_cap,
            minimum=cohort.group_minimum,
            apart=self._pairs(PairRule.Rule.APART, present),
            together=self._pairs(PairRule.Rule.TOGETHER, present),
            coaches=tuple(self._coach(each, coach_minutes) for each in self.engagements),
            minutes_per_person=cohort.one_to_one_minutes,
            minutes_per_opt_out=cohort.one_to_one_minutes
            + hours.instead_of_group(cohort.group_minutes, cohort.one_to_one_for_group_percent),
            minutes_per_group=cohort.group_minutes,
            met=arrangements.met(self.people) if cohort.avoids_meeting_again else (),
            **self._mode(slots or {}),
        )

    def plain_problem(self, seats: Mapping[int, int]) -> grouping.Problem:
        """Only how the seats (enrolment id → number) are mixed by what is no secret: no rule and nothing confidential.

        What people are seated alike by is left out too.
        """
        alike = self.cohort.group_mode == GroupMode.ALIKE
        used = tuple(each for each in self.attributes if not each.is_protected and not (alike and each.seats_alike))
        return grouping.Problem(
            people=tuple(
                grouping.Person(str(each.pk), {by.key: self._value(each, by) for by in used if not by.of})
                for each in self.people
                if each.pk in seats
            ),
            groups=tuple(grouping.Group(group_key(number)) for number in sorted(set(seats.values()))),
            attributes=tuple(grouping.Attribute(each.key, each.weight, of=each.of) for each in used),
        )

    @property
    def mixes_protected(self) -> bool:
        """Something that people answered in confidence is mixed by."""
        return any(each.is_protected for each in self.attributes)

    def label(self, attribute: str, value: str) -> str:
        """A value as people wrote it; the parts of an intersection, each as people wrote it."""
        of = next((each.of for each in self.attributes if each.key == attribute), ())
        if not of:
            return self.labels.get((attribute, value), value)
        parts = [part.replace("××", "×") for part in value.split(BETWEEN)]
        return ", ".join(self.labels.get(pair, pair[1]) for pair in zip(of, parts, strict=False))

    @property
    def names(self) -> dict[str, str]:
        """Engine id → name, of people and coaches."""
        people = {str(each.pk): each.person.name for each in self.people}
        return people | {coach_key(each.pk): each.person.name for each in self.engagements}

    def _mode(self, slots: Mapping[int, int]) -> dict[str, Any]:
        """Groups that people chose, or of like people by something ordinary: nothing protected ever seats people."""
        if settling.is_self_chosen(self.cohort) and slots:
            return {"mode": "self_chosen"}
        alike = tuple(each.key for each in self.attributes if each.seats_alike and not each.is_protected)
        if self.cohort.group_mode == GroupMode.ALIKE and alike:
            return {"mode": "alike", "alike_by": alike}
        return {}

    def _small_in(self, seats: Mapping[int, int]) -> dict[int, int]:
        return {who: seats[who] for who in arrangements.smaller(self) if who in seats}

    def _group(self, number: int, engaged: int, cap: int | None, known: Mapping[int, int]) -> grouping.Group:
        minimum = None if cap is None else min(cap, self.cohort.group_minimum)
        if known:
            slots: tuple[str, ...] = (arrangements.slot_key(known[number]),) if number in known else ()
        else:
            slots = arrangements.slots_of(self, number, engaged)
        return grouping.Group(group_key(number), coach_key(engaged), cap=cap, minimum=minimum, slots=slots)

    def _person(
        self,
        enrolment: Enrolment,
        pinned: int | None,
        used: tuple[MixBy, ...],
        slots: Mapping[int, int],
        blocked: set[int],
    ) -> grouping.Person:
        return grouping.Person(
            id=str(enrolment.pk),
            values={each.key: self._value(enrolment, each) for each in used if not each.of},
            opted_out=enrolment.opts_out_of_groups,
            blocked_coaches=frozenset(coach_key(held) for held in blocked),
            pinned_group=None if pinned is None or enrolment.opts_out_of_groups else group_key(pinned),
            slots=arrangements.can_come(self, enrolment),
            styles=frozenset(enrolment.styles),
            wishes=tuple(group_key(number) for number in settling.wishes_of(enrolment, slots)),
        )

    def _value(self, enrolment: Enrolment, attribute: MixBy) -> str | None:
        if attribute.is_protected or attribute.key not in FROM_ENROLMENT:
            return next((each["value"] for each in enrolment.agreed if each["of"] == attribute.id), None)  # type: ignore[attr-defined]
        if attribute.key == "institution":
            text, shown = str(enrolment.institution_id), enrolment.institution.label
        else:
            shown = " ".join(getattr(enrolment, attribute.key).split())
            text = shown.casefold()
        if text:
            self.labels.setdefault((attribute.key, text), shown)
        return text or None

    def _pairs(self, rule: str, present: set[int]) -> tuple[grouping.Pair, ...]:
        return tuple(
            grouping.Pair(str(each["first"]), str(each["second"]))
            for each in self.pairs
            if each["rule"] == rule and {each["first"], each["second"]} <= present
        )

    def _coach(self, engagement: CoachEngagement, coach_minutes: Mapping[int, int] | None) -> grouping.Coach:
        minutes = None if coach_minutes is None else max(0, coach_minutes.get(engagement.pk, 0))
        return grouping.Coach(coach_key(engagement.pk), minutes=minutes, styles=frozenset(engagement.styles))


def _attribute(each: MixBy) -> grouping.Attribute:
    alone = frozenset({"*"}) if each.avoids_isolation else frozenset()
    return grouping.Attribute(each.key, each.weight, of=each.of, not_alone=alone)


def grouping_facts(cohort: Cohort) -> GroupingFacts:
    """The facts of a cohort that the reader was given, in four queries."""
    attributes, pairs = _rules_of(cohort)
    agreed = (
        MixingAnswer.objects.filter(enrolment=OuterRef("pk"), consented=True)
        .exclude(value="")
        .values(found=JSONObject(of="attribute_id", value="value"))
    )
    people = (
        Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART)
        .select_related("person", "institution")
        .annotate(agreed=ArraySubquery(agreed), **arrangements.of_people(cohort), **settling.of_people(cohort))
        .order_by("pk")
    )
    engagements = (
        CoachEngagement.objects.filter(cohort=cohort, state__in=rules.AT_WORK)
        .select_related("person")
        .annotate(**arrangements.of_coaches(cohort))
        .prefetch_related(Prefetch("conflicts", queryset=ConflictOfInterest.objects.order_by("pk")))
        .order_by("person__name", "pk")
    )
    return GroupingFacts(cohort, tuple(people), tuple(engagements), attributes, pairs)


def mixing_facts(cohort: Cohort) -> GroupingFacts:
    """What a cohort that the reader was given is mixed by, and its people with what is no secret, in two queries."""
    attributes, _pairs = _rules_of(cohort)
    agreed = (
        MixingAnswer.objects.filter(enrolment=OuterRef("pk"), consented=True, attribute__is_protected=False)
        .exclude(value="")
        .values(found=JSONObject(of="attribute_id", value="value"))
    )
    people = (
        Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART, opts_out_of_groups=False)
        .select_related("institution")
        .annotate(agreed=ArraySubquery(agreed))
        .order_by("pk")
    )
    return GroupingFacts(cohort, tuple(people), (), attributes, ())


def grouping_problem(
    cohort: Cohort,
    *,
    group_coaches: Mapping[int, int] | None = None,
    pins: Mapping[int, int] | None = None,
    coach_minutes: Mapping[int, int] | None = None,
) -> grouping.Problem:
    """The engine's question about a cohort that the reader was given, with opaque ids only.

    `group_coaches` is engagement id → how many groups; None: one for each coach at work, or as many as the cap needs.
    """
    facts = grouping_facts(cohort)
    wanted = default_group_coaches(facts) if group_coaches is None else group_coaches
    groups = numbered_groups(wanted, standing_groups(cohort))
    return facts.problem(groups, pins=pins, coach_minutes=coach_minutes)


def default_group_coaches(facts: GroupingFacts) -> dict[int, int]:
    """Engagement id → groups: one each, more where the cap asks for it, fewer where the minimum does."""
    return share_groups(
        [each.pk for each in facts.engagements],
        sum(1 for each in facts.people if not each.opts_out_of_groups),
        cap=facts.cohort.group_cap,
        minimum=facts.cohort.group_minimum,
    )


def share_groups(engagement_ids: list[int], people: int, *, cap: int, minimum: int) -> dict[int, int]:
    """The number of groups for so many people, dealt out among the coaches in their order."""
    coaches = len(engagement_ids)
    if not coaches:
        return {}
    least = max(1, -(-people // cap))
    most = max(1, people // max(minimum, 1))
    count = max(least, min(coaches, most))
    each, more = divmod(count, coaches)
    return {held: each + (position < more) for position, held in enumerate(engagement_ids)}


def standing_groups(cohort: Cohort) -> list[tuple[int, int]]:
    """(number, engagement id) of every group the cohort has or had."""
    return list(CoachingGroup.objects.filter(cohort=cohort).order_by("number").values_list("number", "engagement_id"))


def numbered_groups(group_coaches: Mapping[int, int], standing: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Number → engagement id. A coach keeps the numbers of the groups they have; a number never changes its coach."""
    known = list(standing)
    wanted = dict(group_coaches)
    groups: dict[int, int] = {}
    for number, held in known:
        if wanted.get(held, 0) > 0:
            groups[number] = held
            wanted[held] -= 1
    used = {number for number, _held in known}
    free = (number for number in range(1, 10_000) if number not in used)
    most = max(wanted.values(), default=0)
    for turn in range(most):
        for held, count in wanted.items():
            if turn < count:
                groups[next(free)] = held
    return dict(sorted(groups.items()))


# ------------------------------------------------------------------ proposals


def proposals(reader: Person, at: dt.datetime) -> Any:
    """Proposals of cohorts that the reader coordinates, each with its cohort."""
    return GroupingProposal.objects.filter(cohort__in=cohorts(reader, at)).select_related(
        "cohort__programme__organisation"
    )


def open_proposal(reader: Person, cohort_id: int, at: dt.datetime) -> GroupingProposal:
    """The proposal that waits for adoption, with its cohort, in a cohort that the reader coordinates."""
    found: GroupingProposal | None = proposals(reader, at).filter(cohort=cohort_id, state=State.PROPOSED).first()
    if found is None:
        raise NotFound
    return found


def pair_rule(cohort: Cohort, rule_id: int) -> PairRule:
    """One pair rule of a cohort that the reader was given."""
    found = PairRule.objects.filter(cohort=cohort, pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def person_in_cohort(cohort: Cohort, enrolment_id: int) -> Enrolment:
    """One person who takes part in a cohort that the reader was given."""
    found = (
        Enrolment.objects.filter(cohort=cohort, pk=enrolment_id, state__in=rules.TAKING_PART)
        .select_related("person")
        .first()
    )
    if found is None:
        raise NotFound
    found.cohort = cohort
    return found


def _rules_of(cohort: Cohort) -> tuple[tuple[MixBy, ...], tuple[Mapping[str, Any], ...]]:
    """Attributes and pair rules of a cohort in one query."""
    attributes = MixingAttribute.objects.filter(cohort=OuterRef("pk")).order_by("pk")
    pairs = PairRule.objects.filter(cohort=OuterRef("pk")).order_by("pk")
    fields = ("key", "label", "weight", "is_protected", "of", "avoids_isolation", "seats_alike")
    row = (
        Cohort.objects.filter(pk=cohort.pk)
        .annotate(
            mixes_by=ArraySubquery(
                attributes.values(found=JSONObject(id="pk", **dict(zip(fields, fields, strict=True))))
            ),
            pairs=ArraySubquery(
                pairs.values(found=JSONObject(id="pk", first="first_id", second="second_id", rule="rule"))
            ),
        )
        .values("mixes_groups", "mixes_by", "pairs")
        .get()
    )
    return _used(row["mixes_by"]) if row["mixes_groups"] else (), tuple(row["pairs"])


def _used(rows: Iterable[Mapping[str, Any]]) -> tuple[MixBy, ...]:
    """Attributes that count, and those that are only part of an intersection; one that lost a part is left out."""
    known = {row["key"]: row for row in rows}
    whole = [row for row in known.values() if row["weight"] and set(row["of"]) <= set(known)]
    parts = {key for row in whole for key in row["of"]}
    return tuple(
        MixBy(
            **{
                **row,
                "of": tuple(row["of"]),
                "is_protected": row["is_protected"] or any(known[key]["is_protected"] for key in row["of"]),
            }
        )
        for row in known.values()
        if row in whole or row["key"] in parts
    )


def places_on(on: dt.date) -> Q:
    """Seats that hold on this day, or will."""
    return Q(to_on=None) | Q(to_on__gt=on)
