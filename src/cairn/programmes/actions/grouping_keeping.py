"""Keeping proposals: one at a time for each cohort, with versions that count on, each change on record."""

import datetime as dt
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.grouping_solving import Asked
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.actions.setting_up import ChangedMeanwhile
from cairn.programmes.models import Cohort, GroupingProposal

State = GroupingProposal.State


class GroupsChanged(ChangedMeanwhile):
    """The proposal is not the one that the person was looking at."""

    sentence = _("Somebody else changed the groups since you looked. They are shown as they stand now.")

    def __init__(self) -> None:
        super().__init__(names=(), current={})


class InWork(Refused):
    """One proposal at a time is worked out."""

    sentence = _("Groups are being worked out already. Wait for them, or stop that first.")


def locked(proposal: GroupingProposal, expected_version: int, *, by: Person, at: dt.datetime) -> GroupingProposal:
    """The proposal, locked, if it waits for adoption and is the one that was looked at. Raises GroupsChanged."""
    must_run(by, proposal.cohort, at)
    current = (
        GroupingProposal.objects.select_for_update(of=("self",))
        .select_related("cohort__programme__organisation")
        .get(pk=proposal.pk)
    )
    if current.state != State.PROPOSED or current.version != expected_version:
        raise GroupsChanged
    return current


def record(
    action: str, proposal: GroupingProposal, facts: dict[str, Any], *, by: Person | None, at: dt.datetime
) -> None:
    """One audit row about a proposal."""
    audit.record(
        action=action,
        subject_kind="grouping_proposal",
        subject_id=proposal.pk,
        organisation_id=proposal.cohort.programme.organisation_id,
        facts={"cohort": proposal.cohort_id, "version": proposal.version, **facts},
        by=by,
        at=at,
    )


def must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    """Raise NotAllowed to whoever does not coordinate the cohort."""
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def create(
    cohort: Cohort,
    asked: Asked,
    state: str,
    answer: dict[str, Any],
    assignment: dict[str, Any],
    *,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    """A row for a proposal, with the next version. It is your turn already."""
    return GroupingProposal.objects.create(
        cohort=cohort,
        state=state,
        assignment=assignment,
        pins={str(who): number for who, number in asked.pins.items()},
        answer=answer,
        seed=asked.seed,
        version=next_version(cohort),
        proposed_by=by,
        proposed_at=at,
    )


def next_version(cohort: Cohort) -> int:
    """Versions count on through a cohort's proposals, so that an old page never fits a new proposal."""
    last = GroupingProposal.objects.filter(cohort=cohort).aggregate(last=Max("version"))["last"]
    return int(last or 0) + 1


def take_turn(cohort: Cohort) -> None:
    """One change of a cohort's proposals at a time; rows that merely refer to the cohort can still be written."""
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
