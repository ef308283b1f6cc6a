"""Groups of large cohorts are worked out by the queue: watched, stopped with the best so far, taken up again."""

import datetime as dt
import time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from cairn.engines import grouping
from cairn.foundation import queue
from cairn.people.models import Person
from cairn.programmes.actions.grouping_keeping import InWork, create, must_run, next_version, record, take_turn
from cairn.programmes.actions.grouping_solving import Asked, NoGrouping, NotConfirmed, Reason, work_out
from cairn.programmes.models import Cohort, GroupingProposal
from cairn.programmes.queries.grouping import grouping_facts

State = GroupingProposal.State
SECONDS_BETWEEN_LOOKS = 1.0


@transaction.atomic
def queue_groups(cohort: Cohort, asked: Asked, *, by: Person, at: dt.datetime) -> GroupingProposal:
    """Put a proposal on the queue. Raises InWork."""
    take_turn(cohort)
    if GroupingProposal.objects.filter(cohort=cohort, state=State.WORKING).exists():
        raise InWork
    made = create(cohort, asked, State.WORKING, asked.kept(), {}, by=by, at=at)
    queue.defer("cairn.jobs.tasks.form_groups", proposal_id=made.pk)
    record("queue_groups", made, {"groups": len(asked.groups)}, by=by, at=at)
    return made


def work_out_groups(*, proposal_id: int, at: dt.datetime) -> None:
    """The job behind a large proposal. Run twice it does its work once; a refusal is kept for the coordinator.

    How far it is can be read in `progress`. Asked to stop, it keeps the best it has, if that holds every rule.
    """
    found = (
        GroupingProposal.objects.filter(pk=proposal_id, state=State.WORKING)
        .select_related("cohort__programme__organisation", "proposed_by")
        .first()
    )
    if found is None:
        return
    facts = grouping_facts(found.cohort)
    watch = Watching(found.pk, shows_figures=not facts.mixes_protected)
    try:
        answer, assignment = work_out(facts, _asked_of(found), watch)
    except NoGrouping as refused:
        stopped = [(gettext("It was stopped before groups were found that hold every rule."), "")]
        _give_up(found, [*(stopped if watch.stopped else []), *refused.reasons])
    except NotConfirmed as refused:
        _give_up(found, [(str(refused), "")])
    else:
        _finish(found, answer, assignment, at=at)


def fail_groups(*, proposal_id: int) -> None:
    """Note that the queue could not work a proposal out, for a reason that is ours."""
    found = GroupingProposal.objects.filter(pk=proposal_id, state=State.WORKING).first()
    if found is not None:
        _give_up(found, [(gettext("Something went wrong on our side while the groups were worked out."), "")])


@transaction.atomic
def stop_groups(*, proposal: GroupingProposal, keep_best: bool = False, by: Person, at: dt.datetime) -> None:
    """Stop a proposal that is being worked out: at once and for nothing, or soon and with the best so far.

    Once it is there, nothing happens.
    """
    must_run(by, proposal.cohort, at)
    working = GroupingProposal.objects.filter(pk=proposal.pk, state=State.WORKING)
    if keep_best:
        stopped = working.filter(stop_asked_at=None).update(stop_asked_at=at)
    else:
        stopped = working.update(state=State.SUPERSEDED)
    if stopped:
        record("stop_groups", proposal, {"keep_best": keep_best}, by=by, at=at)


class Watching:
    """Writes down how far a solve is, at most once a second, and tells it when somebody wants it to stop.

    The whole score counts what people answered in confidence. Where something of that kind is mixed by, no figure is
    written down, only what is being done.
    """

    def __init__(self, proposal_id: int, *, shows_figures: bool) -> None:
        """Nothing is looked at before the first call."""
        self.proposal_id, self.shows_figures = proposal_id, shows_figures
        self.stopped = False
        self._looked_at: float | None = None

    def __call__(self, progress: grouping.Progress) -> bool:
        """False asks for the best so far."""
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < SECONDS_BETWEEN_LOOKS:
            return not self.stopped
        self._looked_at = now
        kept: dict[str, Any] = {"doing": progress.doing}
        if self.shows_figures:
            kept |= {
                "score": progress.score,
                "bound_score": progress.bound_score,
                "violations": progress.violations,
            }
        working = GroupingProposal.objects.filter(pk=self.proposal_id, state=State.WORKING)
        written = working.filter(stop_asked_at=None).update(progress=kept)
        self.stopped = not written
        return not self.stopped


def _asked_of(working: GroupingProposal) -> Asked:
    kept = working.answer
    minutes = kept["coach_minutes"]
    return Asked(
        groups=dict(kept["groups"]),
        pins={int(who): number for who, number in working.pins.items()},
        coach_minutes=None if minutes is None else {int(who): most for who, most in minutes.items()},
        seed=working.seed,
        slots=dict(kept.get("slots", ())),
    )


@transaction.atomic
def _finish(
    working: GroupingProposal, answer: dict[str, Any], assignment: dict[str, list[int | None]], *, at: dt.datetime
) -> None:
    take_turn(working.cohort)
    current = GroupingProposal.objects.select_for_update().filter(pk=working.pk, state=State.WORKING).first()
    if current is None:
        return
    GroupingProposal.objects.filter(cohort=working.cohort, state=State.PROPOSED).update(state=State.SUPERSEDED)
    current.state, current.answer, current.assignment = State.PROPOSED, answer, assignment
    current.version, current.progress = next_version(working.cohort), {}
    current.save(update_fields=["state", "answer", "assignment", "version", "progress"])
    current.cohort = working.cohort
    record("propose_groups", current, {"people": len(assignment)}, by=working.proposed_by, at=at)


def _give_up(working: GroupingProposal, why: list[Reason]) -> None:
    GroupingProposal.objects.filter(pk=working.pk, state=State.WORKING).update(
        state=State.FAILED, answer={"reasons": [list(each) for each in why]}
    )
