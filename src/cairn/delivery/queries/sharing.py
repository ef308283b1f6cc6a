"""Who sits beside somebody: their coaches in a cohort, and companions by consent. Asked anew on every reading.

Whoever no longer coaches a person, by a change of coach, the end of an engagement, a role or an enrolment, is not
beside them from that moment, whatever was shared until when. A conflict of interest stands above all of it.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from cairn.delivery.queries import sharing_sql
from cairn.foundation import statements
from cairn.journey import queries as journey_queries
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class PossibleReader:
    """Somebody with whom a person may share. `cohort` is empty for a companion."""

    person: Person
    cohort: str = ""

    @property
    def is_companion(self) -> bool:
        """Whether they are here by the person's consent alone."""
        return not self.cohort


@dataclass(frozen=True)
class Beside:
    """Somebody beside whom the reader sits. Without an enrolment the reader is a companion; accounts as in ledger."""

    person_id: int
    name: str
    cohort: str = ""
    enrolment_id: int | None = None
    one_to_one: Mapping[str, Any] | None = None
    group_minutes: Mapping[str, Any] | None = None


def possible_readers(person: Person, at: dt.datetime) -> list[PossibleReader]:
    """With whom a person may share now: each once, coaches first. Three queries at most."""
    found: dict[int, PossibleReader] = {}
    for row, coach in _coachings((person.pk,), at):
        found.setdefault(coach.pk, PossibleReader(coach, row.cohort))
    for companion in journey_queries.companions_of(person):
        if companion.coach is not None:
            found.setdefault(companion.coach.pk, PossibleReader(companion.coach))
    return list(found.values())


def possible_reader(person: Person, reader_id: int, at: dt.datetime) -> PossibleReader:
    """One of them. Two queries. Raises NotFound."""
    for row, coach in _coachings((person.pk,), at, coach_id=reader_id):
        return PossibleReader(coach, row.cohort)
    companion = journey_queries.companions_of(person).filter(coach=reader_id).first()
    if companion is None or companion.coach is None:
        raise NotFound
    return PossibleReader(companion.coach)


def coach_sees(reader: Person, person_id: int, at: dt.datetime) -> Beside:
    """The person, while the reader sits beside them as their coach or companion; else NotFound. Two queries."""
    coachings = _coachings((person_id,), at, coach_id=reader.pk)
    if coachings:
        row, _coach = coachings[0]
        accounts = json.loads(row.accounts or "{}")
        return Beside(
            row.person_id,
            row.person,
            row.cohort,
            row.enrolment_id,
            accounts.get(Kind.ONE_TO_ONE),
            accounts.get(Kind.GROUP),
        )
    companion = journey_queries.accompanied_by(reader).filter(person=person_id).first()
    if companion is None:
        raise NotFound
    return Beside(companion.person_id, companion.person.name)


def accompanied(reader: Person, at: dt.datetime) -> list[Beside]:
    """Everybody whose companion the reader is, by name. One query."""
    return [Beside(each.person_id, each.person.name) for each in journey_queries.accompanied_by(reader)]


def sitting_beside(people: Sequence[int], at: dt.datetime) -> frozenset[tuple[int, int]]:
    """(person, reader) of everybody who sits beside these people now. Three queries at most."""
    coaches = {(row.person_id, coach.pk) for row, coach in _coachings(tuple(people), at)}
    return frozenset(coaches | journey_queries.companion_pairs(tuple(people)))


def _coachings(people: tuple[int, ...], at: dt.datetime, coach_id: int | None = None) -> list[tuple[Any, Person]]:
    """Enrolments with the coaches who hold them, without those between whom a conflict of interest stands."""
    rows = statements.rows(
        sharing_sql.COACHINGS,
        people=list(people),
        coach=coach_id,
        at=at,
        at_work=sorted(programme_rules.AT_WORK),
        taking_part=sorted(programme_rules.TAKING_PART),
    )
    engagements: dict[int, CoachEngagement] = {}
    for row in rows:
        engagement = statements.loaded(CoachEngagement, row, "ce")
        engagement.person = statements.loaded(Person, row, "coach")
        engagements.setdefault(engagement.pk, engagement)
    prefetch_related_objects(list(engagements.values()), "conflicts")
    conflicts = programme_rules.Conflicts(engagements.values())
    return [(row, engagements[row.ce_id].person) for row in rows if row.ce_id not in conflicts.against(_enrolment(row))]


def _enrolment(row: Any) -> Enrolment:
    """As much of an enrolment as a conflict of interest is judged by."""
    return Enrolment(pk=row.enrolment_id, department=row.department, line_manager=row.line_manager)
