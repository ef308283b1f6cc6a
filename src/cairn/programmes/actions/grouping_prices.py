"""What each rule for groups costs, in points of the score by ordinary attributes; asked for, never by itself.

An adjustment has no price: nobody is told what somebody's need costs the mix.
"""

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from cairn.engines import grouping
from cairn.foundation import queue
from cairn.people.models import Person
from cairn.programmes.actions.grouping import AT_ONCE
from cairn.programmes.actions.grouping_keeping import must_run, record, take_turn
from cairn.programmes.actions.grouping_solving import NoGrouping, bad_input, reasons
from cairn.programmes.models import GroupingProposal
from cairn.programmes.queries import arrangements, grouping_answers
from cairn.programmes.queries.grouping import GroupingFacts, grouping_facts

State = GroupingProposal.State
MOST_RULES_AT_ONCE = 25
PRICING = {"doing": "price"}


def price_rules(*, proposal: GroupingProposal, by: Person, at: dt.datetime) -> bool:
    """Work out what each rule costs; it stays with the proposal until the question changes.

    More than 80 people, or many rules, are left to the queue. True when the prices are there already. Raises NoGrouping
    where the rules cannot hold.
    """
    must_run(by, proposal.cohort, at)
    facts = grouping_facts(proposal.cohort)
    problem = grouping_answers.as_it_stands(proposal, facts, proposal.assignment)[0]
    if len(facts.people) <= AT_ONCE and len(priced_rules(problem, facts, proposal)) <= MOST_RULES_AT_ONCE:
        _keep(proposal, problem, _worked_out(problem, facts, proposal), by=by, at=at)
        return True
    with transaction.atomic():
        waiting = GroupingProposal.objects.filter(pk=proposal.pk, state=State.PROPOSED).exclude(progress=PRICING)
        if waiting.update(progress=PRICING):
            queue.defer("cairn.jobs.tasks.price_groups", proposal_id=proposal.pk)
            record("queue_prices", proposal, {}, by=by, at=at)
    return False


def work_out_prices(*, proposal_id: int, at: dt.datetime) -> None:
    """The job behind it. A refusal is kept in the place of the prices."""
    found = (
        GroupingProposal.objects.filter(pk=proposal_id, state=State.PROPOSED)
        .select_related("cohort__programme__organisation", "proposed_by")
        .first()
    )
    if found is None:
        return
    facts = grouping_facts(found.cohort)
    problem = grouping_answers.as_it_stands(found, facts, found.assignment)[0]
    try:
        rows = _worked_out(problem, facts, found)
    except NoGrouping as refused:
        rows = [{"refused": list(each)} for each in refused.reasons]
    _keep(found, problem, rows, by=found.proposed_by, at=at)


def fail_prices(*, proposal_id: int) -> None:
    """Note that the queue could not price the rules, for a reason that is ours."""
    found = GroupingProposal.objects.filter(pk=proposal_id, state=State.PROPOSED).first()
    if found is not None:
        said = gettext("Something went wrong on our side while the prices were worked out.")
        GroupingProposal.objects.filter(pk=proposal_id).update(
            progress={}, answer={**found.answer, "prices": [{"refused": [said, ""]}]}
        )


def priced_rules(
    problem: grouping.Problem, facts: GroupingFacts, proposal: GroupingProposal
) -> list[grouping.Conflict | str]:
    """The rules that have a price: all but what was agreed for somebody who needs it."""
    needed = {str(who) for who in arrangements.smaller(facts)} - set(proposal.pins)
    return [
        rule
        for rule in grouping.rules_of(problem)
        if isinstance(rule, str)
        or not (rule.rule == "opt_out" or (rule.rule == "pin" and needed.intersection(rule.people)))
    ]


def _worked_out(problem: grouping.Problem, facts: GroupingFacts, proposal: GroupingProposal) -> list[dict[str, Any]]:
    """Rows for JSON: rule, points and whether they are proven; the dearest first."""
    rules = priced_rules(problem, facts, proposal)
    try:
        best = grouping.solve(problem, seed=proposal.seed)
        found = grouping.prices(problem, best, rules=rules, seed=proposal.seed)
    except grouping.Infeasible as impossible:
        raise NoGrouping(*reasons(facts, impossible.conflicts)) from impossible
    except grouping.BadProblem as bad:
        raise NoGrouping(bad_input(facts, bad)) from bad
    rows = [
        {
            "rule": each.rule if isinstance(each.rule, str) else asdict(each.rule),
            "points": each.points,
            "is_proven": each.proof != "none",
        }
        for each in found
    ]
    return sorted(rows, key=lambda row: -float(row["points"]))


def _keep(
    proposal: GroupingProposal, problem: grouping.Problem, rows: list[dict[str, Any]], *, by: Person, at: dt.datetime
) -> None:
    """Write prices into the proposal, unless the question is another by now."""
    with transaction.atomic():
        take_turn(proposal.cohort)
        current = GroupingProposal.objects.select_for_update().filter(pk=proposal.pk, state=State.PROPOSED).first()
        if current is None:
            return
        same = current.answer.get("question") == grouping_answers.fingerprint(problem)
        current.progress = {}
        current.answer = {**current.answer, **({"prices": rows} if same else {})}
        current.save(update_fields=["progress", "answer"])
        record("price_rules", proposal, {"rules": len(rows)}, by=by, at=at)
