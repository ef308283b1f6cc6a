"""How a cohort's people choose: decided by a coordinator, with when it opens and closes; and reminding the silent."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, mail, stamps
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.actions.setting_up import ChangedMeanwhile
from cairn.programmes.models import Cohort, SlotChoice
from cairn.programmes.queries import choosing
from cairn.programmes.queries.plan import values_of
from cairn.programmes.terms import SlotState


class ClosesBeforeItOpens(Refused):
    """The last moment lies before the first."""

    field = "close_on"
    sentence = _("Choosing has to close after it opens.")


class ClosesInThePast(Refused):
    """Nobody could choose any more."""

    field = "close_on"
    sentence = _("This moment has passed. Choose a later one, or close choosing now.")


class OpensNever(Refused):
    """A last moment without a first."""

    field = "open_on"
    sentence = _("Say from when people can choose.")


class HoldsEverythingBack(Refused):
    """Nobody could take a seat."""

    field = "seats_held_back"
    sentence = _("A group has at most %(cap)s seats. Hold back fewer, so that there is something to choose.")


class SeatsAreTaken(Refused):
    """People rely on the seats they took."""

    field = "group_mode"
    sentence = _("People have taken seats already, so how they choose stays as it is until these groups are adopted.")


class NotOpenYet(Refused):
    """What is not open cannot be closed."""

    sentence = _("Choosing is not open, so there is nothing to close.")


@transaction.atomic
def set_choosing(*, cohort: Cohort, values: Mapping[str, Any], seen: str = "", by: Person, at: dt.datetime) -> Cohort:
    """Change how groups come about and how people choose: any of `queries.choosing.TERMS`, moments as aware
    instants.

    `seen` is the stamp of the values the form showed. Raises ChangedMeanwhile, ClosesBeforeItOpens, ClosesInThePast,
    OpensNever, HoldsEverythingBack, SeatsAreTaken.
    """
    current = _locked(cohort, by=by, at=at)
    wanted = {name: values[name] for name in choosing.TERMS if name in values}
    stood = values_of(current, wanted)
    changed_meanwhile = stamps.changed(stood, seen)
    if changed_meanwhile:
        raise ChangedMeanwhile(names=changed_meanwhile, current=stood)
    changed = [name for name, value in wanted.items() if stood[name] != value]
    for name in changed:
        setattr(current, name, wanted[name])
    _refuse_impossible(current, changed, at)
    if changed:
        current.save(update_fields=changed)
        _record("set_choosing", current, {"fields": changed}, by=by, at=at)
    return current


@transaction.atomic
def close_choosing(*, cohort: Cohort, by: Person, at: dt.datetime) -> Cohort:
    """Close it now, before its time or without one. Closed already: nothing happens. Raises NotOpenYet."""
    current = _locked(cohort, by=by, at=at)
    if current.choices_open_at is None or current.choices_open_at >= at:
        raise NotOpenYet
    if rules.choosing_is_open(current, at):
        current.choices_close_at = at
        current.save(update_fields=["choices_close_at"])
        _record("close_choosing", current, {}, by=by, at=at)
    return current


@transaction.atomic
def reopen_choosing(*, cohort: Cohort, until: dt.datetime | None, by: Person, at: dt.datetime) -> Cohort:
    """Open it again, or for the first time, until a moment or until it is closed by hand. Raises ClosesInThePast."""
    current = _locked(cohort, by=by, at=at)
    if until is not None and until <= at:
        raise ClosesInThePast
    if current.choices_open_at is None or current.choices_open_at > at:
        current.choices_open_at = at
    current.choices_close_at = until
    current.save(update_fields=["choices_open_at", "choices_close_at"])
    _record("reopen_choosing", current, {}, by=by, at=at)
    return current


@transaction.atomic
def remind_silent(*, cohort: Cohort, address_of: str = "", by: Person, at: dt.datetime) -> int:
    """Write to everybody who has said nothing yet, at most once on a day of the cohort's zone. Returns how many mails.

    Raises NotOpenYet.
    """
    _must_run(by, cohort, at)
    if not rules.choosing_is_open(cohort, at):
        raise NotOpenYet
    today = at.astimezone(cohort.zone).date()
    shared: dict[str, Any] = {"cohort": cohort, "programme": cohort.programme}
    if cohort.choices_close_at is not None:
        shared["closes_at"] = cohort.choices_close_at.astimezone(cohort.zone).replace(tzinfo=None)
    drafts = [
        mail.Draft(
            f"choose:{each.pk}:{today.isoformat()}",
            each.person,
            "mail/choosing_remind.txt",
            {**shared, "enrolment": each, "address": address_of},
        )
        for each in choosing.unanswered(cohort)
    ]
    sent = mail.post_all(drafts=drafts, organisation_id=cohort.programme.organisation_id, at=at)
    _record("remind_silent", cohort, {"mails": sent}, by=by, at=at)
    return sent


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _locked(cohort: Cohort, *, by: Person, at: dt.datetime) -> Cohort:
    _must_run(by, cohort, at)
    current: Cohort = (
        Cohort.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__organisation")
        .get(pk=cohort.pk)
    )
    return current


def _refuse_impossible(cohort: Cohort, changed: list[str], at: dt.datetime) -> None:
    opens, closes = cohort.choices_open_at, cohort.choices_close_at
    if closes is not None and opens is None:
        raise OpensNever
    if closes is not None and opens is not None and closes <= opens:
        raise ClosesBeforeItOpens
    if closes is not None and closes <= at and "choices_close_at" in changed:
        raise ClosesInThePast
    if cohort.seats_held_back >= cohort.group_cap:
        raise HoldsEverythingBack(cap=cohort.group_cap)
    taken = SlotChoice.objects.filter(slot__cohort=cohort, slot__group=None, state=SlotState.SEATED)
    if {"group_mode", "choosing"} & set(changed) and taken.exists():
        raise SeatsAreTaken


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
