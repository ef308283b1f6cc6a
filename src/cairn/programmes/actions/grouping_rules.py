"""Rules that groups must keep: pairs apart or together, and who is coached one-to-one only."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions import seating
from cairn.programmes.actions.grouping_edits import rescore_open_proposal
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, Enrolment, PairRule


class TwoPeopleNeeded(Refused):
    """A pair rule is about two people of the cohort."""

    field = "second"
    sentence = _("Choose two different people.")


class PairHasRule(Refused):
    """One rule for each pair."""

    field = "second"
    sentence = _("There is a rule for these two already. Take it away first.")


@transaction.atomic
def add_pair_rule(
    *, cohort: Cohort, first: Enrolment, second: Enrolment, rule: str, by: Person, at: dt.datetime
) -> PairRule:
    """Two people must be in different groups ("apart") or in one ("together"). No reason is asked for.

    A proposal that waits is reckoned anew. Raises TwoPeopleNeeded, PairHasRule.
    """
    _must_run(by, cohort, at)
    if first.pk == second.pk or {first.cohort_id, second.cohort_id} != {cohort.pk}:
        raise TwoPeopleNeeded
    low, high = sorted((first, second), key=lambda each: each.pk)
    made, is_new = PairRule.objects.get_or_create(
        first=low, second=high, defaults={"cohort": cohort, "rule": PairRule.Rule(rule)}
    )
    if not is_new:
        raise PairHasRule
    rescore_open_proposal(cohort)
    facts = {"first": low.pk, "second": high.pk, "rule": made.rule}
    _record("add_pair_rule", cohort, facts, by=by, at=at)
    return made


@transaction.atomic
def remove_pair_rule(*, rule: PairRule, by: Person, at: dt.datetime) -> None:
    """Take a pair rule away; a proposal that waits is reckoned anew. Twice does no harm."""
    _must_run(by, rule.cohort, at)
    gone, _kinds = PairRule.objects.filter(pk=rule.pk).delete()
    if gone:
        rescore_open_proposal(rule.cohort)
        _record("remove_pair_rule", rule.cohort, {"first": rule.first_id, "second": rule.second_id}, by=by, at=at)


@transaction.atomic
def set_opt_out(*, enrolment: Enrolment, opts_out: bool, by: Person, at: dt.datetime) -> Enrolment:
    """Whether somebody is coached one-to-one only. The effect is kept, never a reason. Their seat ends today.

    A proposal that waits is reckoned anew. Call `delivery.actions.set_opt_out`: minutes and sessions follow there.
    """
    _must_run(by, enrolment.cohort, at)
    return follow_opt_out(enrolment, opts_out, by=by, at=at)


def follow_opt_out(enrolment: Enrolment, opts_out: bool, *, by: Person, at: dt.datetime) -> Enrolment:
    """The same, for who was found to be allowed it already. Runs in the caller's transaction."""
    Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    changed = Enrolment.objects.filter(pk=enrolment.pk).exclude(opts_out_of_groups=opts_out)
    if changed.update(opts_out_of_groups=opts_out):
        if opts_out:
            seating.end_seat(enrolment, at.astimezone(enrolment.cohort.zone).date())
        rescore_open_proposal(enrolment.cohort)
        _record("set_opt_out", enrolment.cohort, {"enrolment": enrolment.pk, "opts_out": opts_out}, by=by, at=at)
    enrolment.opts_out_of_groups = opts_out
    return enrolment


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _record(action: str, cohort: Cohort, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="cohort",
        subject_id=cohort.pk,
        organisation_id=cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
