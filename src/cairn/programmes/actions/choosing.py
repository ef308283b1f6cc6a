"""What a person says about the published times: when they cannot come, which they would like, in which style."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, Enrolment, GroupSlot, SlotChoice
from cairn.programmes.queries import choosing
from cairn.programmes.terms import Choosing, GroupMode, SlotState


class ChoosingIsClosed(Refused):
    """Nothing can be said now."""

    sentence = _("Choosing is not open now, so nothing was changed.")


class ChosenAnotherWay(Refused):
    """The programme team has changed how groups come about."""

    sentence = _("The programme team has changed how groups are chosen. This is the page as it stands now.")


class NowhereToCome(Refused):
    """Somebody who can come to nothing cannot have a group."""

    sentence = _(
        "With this you could come to no group at all. Leave at least one time open, or write to the programme team "
        "if none of them suits you."
    )


class RankedTwice(Refused):
    """Two times with the same number."""

    sentence = _("Two times have the number %(rank)s. Give each its own, 1 for the one you would like most.")


@transaction.atomic
def say_when(*, enrolment: Enrolment, cannot: Collection[int], by: Person, at: dt.datetime) -> None:
    """Which of the slots (by id) this person cannot come to; to all others they can.

    Raises ChoosingIsClosed, ChosenAnotherWay, NowhereToCome.
    """
    cohort = open_cohort(enrolment, by=by, at=at)
    if cohort.group_mode == GroupMode.SELF_CHOSEN:
        raise ChosenAnotherWay
    slots = slots_for(enrolment, cohort)
    _write(enrolment, slots, {}, cannot, at=at)
    record("say_when", enrolment, {"cannot": len(set(cannot) & {each.pk for each in slots})}, by=by, at=at)


@transaction.atomic
def rank_slots(
    *, enrolment: Enrolment, ranks: Mapping[int, int], cannot: Collection[int] = (), by: Person, at: dt.datetime
) -> None:
    """Wishes by slot id, the smallest number first; numbers may have holes and are kept as 1, 2, 3 …

    Times without a number are possible, but not wished for; `cannot` are those that are impossible.
    Raises ChoosingIsClosed, ChosenAnotherWay, RankedTwice, NowhereToCome.
    """
    cohort = open_cohort(enrolment, by=by, at=at)
    if (cohort.group_mode, cohort.choosing) != (GroupMode.SELF_CHOSEN, Choosing.RANK):
        raise ChosenAnotherWay
    slots = slots_for(enrolment, cohort)
    wished = {each.pk: ranks[each.pk] for each in slots if each.pk in ranks and each.pk not in cannot}
    twice = [rank for rank in wished.values() if list(wished.values()).count(rank) > 1]
    if twice:
        raise RankedTwice(rank=twice[0])
    order = sorted(wished, key=lambda pk: wished[pk])
    _write(enrolment, slots, {pk: place for place, pk in enumerate(order, start=1)}, cannot, at=at)
    record("rank_slots", enrolment, {"wishes": len(order)}, by=by, at=at)


@transaction.atomic
def say_styles(*, enrolment: Enrolment, styles: Collection[str], by: Person, at: dt.datetime) -> None:
    """Which of the cohort's coaching styles this person would like. What the cohort does not name is left out."""
    if not rules.may_take_part(by, enrolment, at):
        raise NotAllowed
    wanted = [each for each in enrolment.cohort.coaching_styles if each in styles]
    if Enrolment.objects.filter(pk=enrolment.pk).exclude(styles=wanted).update(styles=wanted):
        record("say_styles", enrolment, {"styles": len(wanted)}, by=by, at=at)
    enrolment.styles = wanted


# ------------------------------------------------------------------ what the drawers about choosing share


def open_cohort(enrolment: Enrolment, *, by: Person, at: dt.datetime) -> Cohort:
    """The person's cohort, locked, so that nobody chooses while it is closed. Raises ChoosingIsClosed."""
    if not rules.may_take_part(by, enrolment, at):
        raise NotAllowed
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=enrolment.cohort_id)
    cohort.programme = enrolment.cohort.programme
    enrolment.cohort = cohort
    if not rules.may_choose(by, enrolment, at):
        raise ChoosingIsClosed
    return cohort


def slots_for(enrolment: Enrolment, cohort: Cohort) -> list[GroupSlot]:
    """The times that are offered to this person: not those of a coach they cannot have."""
    found = choosing.offered(cohort).prefetch_related("engagement__conflicts")
    return [each for each in found if rules.may_coach_person(each.engagement, enrolment)]


def record(action: str, enrolment: Enrolment, facts: dict[str, int], *, by: Person | None, at: dt.datetime) -> None:
    """One audit row: that something was said, and how much of it."""
    audit.record(
        action=action,
        subject_kind="enrolment",
        subject_id=enrolment.pk,
        organisation_id=enrolment.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )


def _write(
    enrolment: Enrolment,
    slots: Sequence[GroupSlot],
    ranks: Mapping[int, int],
    cannot: Collection[int],
    *,
    at: dt.datetime,
) -> None:
    """One row for each slot, in place of whatever was said before."""
    if slots and all(each.pk in cannot for each in slots):
        raise NowhereToCome
    SlotChoice.objects.filter(enrolment=enrolment).delete()
    SlotChoice.objects.bulk_create(
        SlotChoice(
            slot=each,
            enrolment=enrolment,
            can_come=each.pk not in cannot,
            rank=ranks.get(each.pk),
            state=SlotState.SAID,
            said_at=at,
        )
        for each in slots
    )
