"""Questions that coaches contributed: what each reader may see of them."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cairn.engines.paths.lint import Finding, lint
from cairn.library.models import Contribution
from cairn.library.terms import ContributionKind, ContributionState
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role


@dataclass(frozen=True)
class Contributed:
    """One contribution as pages show it. `findings` are the lint's, and none for a question never to ask."""

    id: int
    organisation: str
    kind: ContributionKind
    text: str
    because: str
    stage: str
    state: ContributionState
    coach: str
    offered_at: dt.datetime
    reviewed_at: dt.datetime | None
    answer: str
    findings: tuple[Finding, ...]

    @property
    def advises(self) -> bool:
        """Whether it fits only where a programme includes mentoring."""
        return any(finding.kind == "advising" for finding in self.findings)


def findings(kind: str, text: str) -> tuple[Finding, ...]:
    """What keeps a question from being open and unprejudiced. A question never to ask may be anything."""
    return lint(text) if kind == ContributionKind.FAVOURITE else ()


def contributions_in_use(reader: Person, kind: str, at: dt.datetime) -> QuerySet[Contribution]:
    """Accepted ones of the organisations in which the reader coaches, by stage."""
    return _of_coach(reader, at).filter(kind=kind, state=ContributionState.ACCEPTED).order_by("stage", "text")


def own_contributions(reader: Person, at: dt.datetime) -> QuerySet[Contribution]:
    """The reader's own, whatever became of them, newest first."""
    return _of_coach(reader, at).filter(coach=reader).order_by("-offered_at", "-pk")


def contributions_of(reader: Person, state: str, at: dt.datetime) -> QuerySet[Contribution]:
    """All in this state in the organisations that the reader coordinates; what waits, the oldest first."""
    order = "offered_at" if state == ContributionState.OFFERED else "-reviewed_at"
    return _of_coordinator(reader, at).filter(state=state).order_by(order, "pk")


def waiting_contributions(reader: Person, at: dt.datetime) -> int:
    """How many wait for the reader as a coordinator."""
    return _of_coordinator(reader, at).filter(state=ContributionState.OFFERED).count()


def contribution(reader: Person, contribution_id: int, at: dt.datetime) -> Contribution:
    """One that the reader may decide about as a coordinator. Raises NotFound."""
    found = _of_coordinator(reader, at).filter(pk=contribution_id).first()
    if found is None:
        raise NotFound
    return found


def own_contribution(reader: Person, contribution_id: int, at: dt.datetime) -> Contribution:
    """One of the reader's own. Raises NotFound."""
    found = own_contributions(reader, at).filter(pk=contribution_id).first()
    if found is None:
        raise NotFound
    return found


def contributed(row: Contribution) -> Contributed:
    """A row as pages show it."""
    return Contributed(
        id=row.pk,
        organisation=row.organisation.label,
        kind=ContributionKind(row.kind),
        text=row.text,
        because=row.because,
        stage=row.stage,
        state=ContributionState(row.state),
        coach=row.coach.name,
        offered_at=row.offered_at,
        reviewed_at=row.reviewed_at,
        answer=row.answer,
        findings=findings(row.kind, row.text),
    )


def _of_coach(reader: Person, at: dt.datetime) -> QuerySet[Contribution]:
    places = people_rules.organisations_as(reader, Role.COACH, at=at)
    mine_or_used = Q(state=ContributionState.ACCEPTED) | Q(coach=reader)
    return _rows().filter(mine_or_used, organisation__in=places)


def _of_coordinator(reader: Person, at: dt.datetime) -> QuerySet[Contribution]:
    return _rows().filter(organisation__in=people_rules.organisations_as(reader, Role.COORDINATOR, at=at))


def _rows() -> QuerySet[Contribution]:
    return Contribution.objects.select_related("organisation", "coach")
