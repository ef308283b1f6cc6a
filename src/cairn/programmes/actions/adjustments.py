"""Reasonable adjustments: what somebody needs so that coaching works for them, never why.

Who takes part asks, or a coordinator on their behalf; coordinators answer. What an answer does to minutes, seats and
sessions, and who is told, is `delivery.actions`' work. Audit holds ids and states, never a text.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.actions import grouping_rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Adjustment, Enrolment
from cairn.programmes.terms import AdjustmentState, Need

LONGEST = 200
FEWEST_PEOPLE = 2
SUBJECT = "adjustment"
LOADED = (
    "enrolment__cohort__programme__organisation",
    "enrolment__person",
    "enrolment__engagement__person",
    "answered_by",
)
CANNOT_GO_BACK = (AdjustmentState.WAITING, AdjustmentState.WITHDRAWN)


class NothingAsked(Refused):
    """A form that was sent empty."""

    field = "needs"
    sentence = _("Choose at least one.")


class AskedAlready(Refused):
    """One waiting or agreed adjustment for each need."""

    field = "needs"
    sentence = _("This was asked for already: %(need)s. It stands below.")


class SayWhat(Refused):
    """Something else has to be said."""

    field = "other"
    sentence = _("Write what is needed.")


class SayHowSmall(Refused):
    """A smaller group is smaller than the groups are."""

    field = "most_people"
    sentence = _("Write how many people the group may have at most, from %(least)s to %(most)s.")


class TooManyWords(Refused):
    """The texts are short."""

    sentence = _("Write it in %(most)s characters or fewer.")

    def __init__(self, field: str) -> None:
        self.field = field  # type: ignore[misc]
        super().__init__(most=LONGEST)


class SayWhatIsArranged(Refused):
    """What was agreed has to be said to those who do it."""

    field = "arrangement"
    sentence = _("Write what is arranged, as the coach will read it.")


class SayWhatInstead(Refused):
    """A refusal says what is possible."""

    field = "instead"
    sentence = _("Write what is possible instead.")


class ChangedMeanwhile(Refused):
    """Somebody else answered, withdrew or ended it."""

    sentence = _("This has changed meanwhile: it is now %(state)s. Nothing was done.")


class HasLeft(Refused):
    """Whoever left has nothing arranged any more."""

    sentence = _("This person has left the cohort, so nothing is arranged for them any more.")


class CannotGoBack(Refused):
    """Another one of the same need stands."""

    sentence = _("There is another request for the same. Answer or end that one first.")


@dataclass(frozen=True)
class Ask:
    """One thing that is needed: `other` in the person's own words, `most_people` for a smaller group."""

    need: str
    other: str = ""
    most_people: int | None = None


@transaction.atomic
def ask_adjustments(*, enrolment: Enrolment, asks: Sequence[Ask], by: Person, at: dt.datetime) -> list[Adjustment]:
    """Ask for what is needed, several at a time; all of it or nothing. Changes nothing else.

    The person and coordinators may. Raises NothingAsked, AskedAlready, SayWhat, SayHowSmall, TooManyWords.
    """
    current = Enrolment.objects.select_related("cohort__programme__organisation", "person").get(pk=enrolment.pk)
    if not rules.may_ask_adjustment(by, current, at):
        raise NotFound
    if not asks:
        raise NothingAsked
    return [_ask(current, each, by=by, at=at) for each in asks]


@transaction.atomic
def withdraw_adjustment(*, adjustment: Adjustment, by: Person, at: dt.datetime) -> None:
    """Take back what nobody has answered. The person and coordinators may. Raises ChangedMeanwhile."""
    current = held(adjustment, AdjustmentState.WAITING)
    if not rules.may_ask_adjustment(by, current.enrolment, at):
        raise NotFound
    _turn(current, "withdraw_adjustment", {"state": AdjustmentState.WITHDRAWN}, by=by, at=at)


@transaction.atomic
def agree_adjustment(
    *,
    adjustment: Adjustment,
    arrangement: str,
    group_told: str = "",
    due_after: bool = False,
    most_people: int | None = None,
    facts: dict[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> Adjustment:
    """Agree, with what the coach is told and, where others need to know, what the group is told.

    Call `delivery.actions.agree_adjustment`: minutes, seat, sessions and mails follow there. `facts` goes to audit.
    Raises ChangedMeanwhile, HasLeft, SayWhatIsArranged, SayHowSmall, TooManyWords.
    """
    current = _present(_run(adjustment, AdjustmentState.WAITING, by=by, at=at))
    arrangement, group_told = _short(arrangement, "arrangement"), _short(group_told, "group_told")
    if not arrangement:
        raise SayWhatIsArranged
    changes = {
        "state": AdjustmentState.AGREED,
        "arrangement": arrangement,
        "group_told": group_told,
        "due_after": due_after,
        **_answered(by, at),
    }
    if current.need == Need.SMALLER_GROUP and most_people is not None:
        changes["most_people"] = _how_small(current.enrolment, most_people)
    if current.need == Need.ONE_TO_ONE:
        changes["group_percent"] = current.enrolment.cohort.one_to_one_for_group_percent
    _turn(current, "agree_adjustment", changes, facts=facts, by=by, at=at)
    return _with_effect(current, by=by, at=at)


@transaction.atomic
def decline_adjustment(*, adjustment: Adjustment, instead: str, by: Person, at: dt.datetime) -> Adjustment:
    """Say that it is not possible, and what is. Raises ChangedMeanwhile, SayWhatInstead, TooManyWords."""
    current = _run(adjustment, AdjustmentState.WAITING, by=by, at=at)
    instead = _short(instead, "instead")
    if not instead:
        raise SayWhatInstead
    changes = {"state": AdjustmentState.DECLINED, "instead": instead, **_answered(by, at)}
    return _turn(current, "decline_adjustment", changes, by=by, at=at)


@transaction.atomic
def end_adjustment(*, adjustment: Adjustment, by: Person, at: dt.datetime) -> Adjustment:
    """End what was agreed: the person at any time, and coordinators. Raises ChangedMeanwhile.

    Call `delivery.actions.end_adjustment`: minutes and mails follow there.
    """
    current = held(adjustment, AdjustmentState.AGREED)
    if not rules.may_ask_adjustment(by, current.enrolment, at):
        raise NotFound
    _turn(current, "end_adjustment", {"state": AdjustmentState.ENDED, "ended_at": at}, by=by, at=at)
    return _with_effect(current, by=by, at=at)


@transaction.atomic
def reopen_adjustment(*, adjustment: Adjustment, state: str, by: Person, at: dt.datetime) -> Adjustment:
    """Take the last step back: an answer waits again, what was ended stands again. `state` is what was looked at.

    Call `delivery.actions.undo_adjustment`. Raises ChangedMeanwhile, HasLeft, CannotGoBack.
    """
    if state in CANNOT_GO_BACK:
        raise ChangedMeanwhile(state=AdjustmentState(state).label)
    current = _present(_run(adjustment, AdjustmentState(state), by=by, at=at))
    if state == AdjustmentState.ENDED:
        changes: dict[str, Any] = {"state": AdjustmentState.AGREED, "ended_at": None}
    else:
        texts = {"arrangement": "", "group_told": "", "due_after": False, "instead": "", "group_percent": None}
        changes = {"state": AdjustmentState.WAITING, "answered_by": None, "answered_at": None, **texts}
    try:
        with transaction.atomic():
            _turn(current, "undo_adjustment", changes, facts={"was": state}, by=by, at=at)
    except IntegrityError as error:
        raise CannotGoBack from error
    return _with_effect(current, by=by, at=at)


def held(adjustment: Adjustment, state: str) -> Adjustment:
    """The adjustment as it stands, locked. Raises ChangedMeanwhile unless it is in this state."""
    list(Adjustment.objects.select_for_update().filter(pk=adjustment.pk).values_list("pk", flat=True))
    # Read after the wait: a row locked together with others would bring those as they were before it.
    current = Adjustment.objects.select_related(*LOADED).get(pk=adjustment.pk)
    if current.state != state:
        raise ChangedMeanwhile(state=current.get_state_display())
    return current


def _ask(enrolment: Enrolment, ask: Ask, *, by: Person, at: dt.datetime) -> Adjustment:
    need = Need(ask.need)
    other = _short(ask.other, "other") if need == Need.OTHER else ""
    if need == Need.OTHER and not other:
        raise SayWhat
    most = _how_small(enrolment, ask.most_people) if need == Need.SMALLER_GROUP else None
    try:
        with transaction.atomic():
            made = Adjustment.objects.create(
                enrolment=enrolment, need=need, other=other, most_people=most, asked_by=by, asked_at=at
            )
    except IntegrityError as error:
        raise AskedAlready(need=need.label) from error
    _record("ask_adjustment", made, {}, by=by, at=at)
    return made


def _how_small(enrolment: Enrolment, most: int | None) -> int:
    largest = max(enrolment.cohort.group_cap - 1, FEWEST_PEOPLE)
    if most is None or not FEWEST_PEOPLE <= most <= largest:
        raise SayHowSmall(least=FEWEST_PEOPLE, most=largest)
    return most


def _short(text: str, field: str) -> str:
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise TooManyWords(field)
    return words


def _run(adjustment: Adjustment, state: str, *, by: Person, at: dt.datetime) -> Adjustment:
    """The adjustment in this state, for whoever runs the cohort; nobody else learns that it is there."""
    if not rules.may_run_cohort(by, adjustment.enrolment.cohort, at):
        raise NotFound
    return held(adjustment, state)


def _present(adjustment: Adjustment) -> Adjustment:
    if adjustment.enrolment.state not in rules.TAKING_PART:
        raise HasLeft
    return adjustment


def _answered(by: Person, at: dt.datetime) -> dict[str, Any]:
    return {"answered_by": by, "answered_at": at}


def _turn(
    adjustment: Adjustment,
    action: str,
    changes: dict[str, Any],
    *,
    facts: dict[str, Any] | None = None,
    by: Person,
    at: dt.datetime,
) -> Adjustment:
    for name, value in changes.items():
        setattr(adjustment, name, value)
    adjustment.save(update_fields=list(changes))
    _record(action, adjustment, facts or {}, by=by, at=at)
    return adjustment


def _with_effect(adjustment: Adjustment, *, by: Person, at: dt.datetime) -> Adjustment:
    """One-to-one instead of a group is the one need that changes what the person takes part in."""
    if adjustment.need == Need.ONE_TO_ONE:
        opts_out = adjustment.state == AdjustmentState.AGREED
        adjustment.enrolment = grouping_rules.follow_opt_out(adjustment.enrolment, opts_out, by=by, at=at)
    return adjustment


def _record(action: str, adjustment: Adjustment, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind=SUBJECT,
        subject_id=adjustment.pk,
        organisation_id=adjustment.enrolment.cohort.programme.organisation_id,
        facts={"enrolment": adjustment.enrolment_id, "state": str(adjustment.state), **facts},
        by=by,
        at=at,
    )
