"""When choosing closes: what people chose becomes a proposal, which a coordinator looks at and adopts."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.actions import choosing_terms, grouping, seats
from cairn.programmes.actions.grouping_keeping import record
from cairn.programmes.actions.grouping_solving import NoGrouping, Reason
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, GroupingProposal, GroupSlot, SlotChoice
from cairn.programmes.terms import Choosing, GroupMode, SlotState

State = GroupingProposal.State


def settle_choices(*, cohort: Cohort, by: Person, at: dt.datetime) -> GroupingProposal:
    """Propose groups from what people chose, where they choose; elsewhere from what they said of the times.

    Wishes are followed as far as every rule allows; equals are drawn by a seed that is kept with the proposal. Seats
    that people took stay theirs, and everybody else is placed for the mix. What stands in the way is kept as an
    attempt that failed, for the page about groups to show.
    """
    try:
        return grouping.propose_groups(cohort=cohort, seed=int(at.timestamp()) % 2**31, pins={}, by=by, at=at)
    except NoGrouping as refused:
        return _failed(cohort, list(refused.reasons), by=by, at=at)
    except Refused as refused:
        return _failed(cohort, [(str(refused), "")], by=by, at=at)


def close_and_settle(*, cohort: Cohort, by: Person, at: dt.datetime) -> GroupingProposal | None:
    """Close choosing now; where people choose their group, propose what follows. Raises NotOpenYet."""
    closed = choosing_terms.close_choosing(cohort=cohort, by=by, at=at)
    if closed.group_mode != GroupMode.SELF_CHOSEN:
        return None
    return settle_choices(cohort=closed, by=by, at=at)


def settle_due(*, at: dt.datetime) -> int:
    """Settle every cohort whose last moment has come, once; in the name of who set it. Returns how many."""
    settled = 0
    for cohort in _due(at):
        by = _in_whose_name(cohort, at)
        if by is not None:
            settle_choices(cohort=cohort, by=by, at=at)
            settled += 1
    return settled


def move_up_everywhere(*, at: dt.datetime) -> int:
    """Give seats that fell free otherwise (somebody left, the cap rose) to who waits for them. Returns how many."""
    waiting = SlotChoice.objects.filter(slot__cohort=OuterRef("pk"), state=SlotState.WAITING)
    picking = Cohort.objects.filter(Exists(waiting), group_mode=GroupMode.SELF_CHOSEN, choosing=Choosing.PICK)
    moved = 0
    for cohort_id in picking.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            cohort = (
                Cohort.objects.select_for_update(of=("self",), no_key=True)
                .select_related("programme__organisation")
                .get(pk=cohort_id)
            )
            if rules.choosing_is_open(cohort, at):
                moved += seats.move_up(cohort=cohort, at=at)
    return moved


def _due(at: dt.datetime) -> list[Cohort]:
    """Cohorts in which people choose, that have closed, and for which nothing was proposed since."""
    since = GroupingProposal.objects.filter(cohort=OuterRef("pk"), proposed_at__gte=OuterRef("choices_close_at"))
    times = GroupSlot.objects.filter(cohort=OuterRef("pk"), withdrawn_at=None)
    return list(
        Cohort.objects.filter(
            Exists(times),
            ~Exists(since),
            group_mode=GroupMode.SELF_CHOSEN,
            choices_close_at__lte=at,
            choices_close_at__gt=F("choices_open_at"),
        )
        .select_related("programme__organisation")
        .order_by("pk")
    )


def _in_whose_name(cohort: Cohort, at: dt.datetime) -> Person | None:
    """Who last decided when it closes, while they still run it; else any coordinator of the organisation."""
    decided = AuditEntry.objects.filter(
        subject_kind="cohort", subject_id=cohort.pk, action__in=["set_choosing", "reopen_choosing"]
    )
    last = decided.order_by("-at", "-pk").values_list("by_id", flat=True).first()
    found = Person.objects.filter(pk=last).first() if last else None
    if found is not None and rules.may_run_cohort(found, cohort, at):
        return found
    held = Person.objects.filter(
        is_active=True, grants__organisation=cohort.programme.organisation_id, grants__role=Role.COORDINATOR
    )
    others = held.distinct().order_by("pk")
    return next((each for each in others if rules.may_run_cohort(each, cohort, at)), None)


def _failed(cohort: Cohort, why: list[Reason], *, by: Person, at: dt.datetime) -> GroupingProposal:
    """An attempt that failed, with its reasons; a proposal that waits stays."""
    made = GroupingProposal.objects.create(
        cohort=cohort,
        state=State.FAILED,
        assignment={},
        answer={"reasons": [list(each) for each in why]},
        proposed_by=by,
        proposed_at=at,
    )
    record("fail_to_settle", made, {}, by=by, at=at)
    return made
