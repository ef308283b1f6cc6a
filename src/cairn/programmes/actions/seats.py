"""Taking a seat at a published time at once: first come, first seated, within the cap and a simple limit for the mix.

Seats change one at a time in a cohort: its row, and the rows of its slots, are locked. Whoever comes second is told.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cairn.foundation import mail
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.choosing import ChosenAnotherWay, open_cohort, record
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, Enrolment, GroupSlot, PairRule, SlotChoice
from cairn.programmes.queries import NotFound, choosing
from cairn.programmes.terms import Choosing, GroupMode, SlotState


class SeatJustTaken(Refused):
    """Somebody was quicker."""

    sentence = _("The last seat at this time was just taken. You can wait for one, or choose another time.")


class MixNeedsOthers(Refused):
    """One more like this person would be more than the group's share. Says which others are needed, of nobody who."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()

    def __str__(self) -> str:
        return str(MIX_WORDS[self.key])


class RuleAgainst(Refused):
    """A rule about two people, or about this person and the coach; which one is nobody's business."""

    sentence = _("A rule of the programme does not allow this group for you. Choose another time.")


class NoLongerOffered(Refused):
    """The coach has withdrawn the time."""

    sentence = _("This time is no longer offered. Choose another.")


class SeatAlready(Refused):
    """One does not wait for the seat one has."""

    sentence = _("You have a seat at this time.")


class ThereIsASeat(Refused):
    """One does not wait where one can sit."""

    sentence = _("There is a free seat at this time. Take it.")


MIX_WORDS = {
    "discipline": _("This group needs people of other disciplines first. You can wait for a seat, or choose another."),
    "department": _("This group needs people of other departments first. You can wait for a seat, or choose another."),
    "institution": _(
        "This group needs people of other institutions first. You can wait for a seat, or choose another."
    ),
}


@transaction.atomic
def take_seat(*, slot: GroupSlot, enrolment: Enrolment, by: Person, at: dt.datetime) -> SlotChoice:
    """Take a seat at this time; one that the person has elsewhere becomes free, and who waits for it moves up.

    Raises ChoosingIsClosed, ChosenAnotherWay, NoLongerOffered, SeatJustTaken, MixNeedsOthers, RuleAgainst.
    """
    cohort = _turn(enrolment, by=by, at=at)
    here = _here(slot, enrolment, cohort)
    if (here.mine or {}).get("state") == SlotState.SEATED:
        return SlotChoice.objects.get(slot=slot, enrolment=enrolment)
    _refuse(here, enrolment, cohort)
    choice = _seat(here, enrolment, at)
    record("take_seat", enrolment, {"slot": slot.pk}, by=by, at=at)
    move_up(cohort=cohort, at=at)
    return choice


@transaction.atomic
def leave_seat(*, enrolment: Enrolment, by: Person, at: dt.datetime) -> None:
    """Give the seat back; who waits for it moves up. Raises ChoosingIsClosed, ChosenAnotherWay."""
    cohort = _turn(enrolment, by=by, at=at)
    if SlotChoice.objects.filter(enrolment=enrolment, state=SlotState.SEATED).update(state=SlotState.SAID, said_at=at):
        record("leave_seat", enrolment, {}, by=by, at=at)
        move_up(cohort=cohort, at=at)


@transaction.atomic
def wait_for_seat(*, slot: GroupSlot, enrolment: Enrolment, by: Person, at: dt.datetime) -> SlotChoice:
    """Wait for a seat at this time, last in the row; a seat elsewhere is kept until then.

    Raises ChoosingIsClosed, ChosenAnotherWay, NoLongerOffered, SeatAlready, ThereIsASeat, RuleAgainst.
    """
    cohort = _turn(enrolment, by=by, at=at)
    here = _here(slot, enrolment, cohort)
    state = (here.mine or {}).get("state")
    if state == SlotState.SEATED:
        raise SeatAlready
    if state == SlotState.WAITING:
        return SlotChoice.objects.get(slot=slot, enrolment=enrolment)
    try:
        _refuse(here, enrolment, cohort)
    except (SeatJustTaken, MixNeedsOthers):
        choice = _say(here, enrolment, SlotState.WAITING, at)
    else:
        raise ThereIsASeat
    record("wait_for_seat", enrolment, {"slot": slot.pk}, by=by, at=at)
    return choice


@transaction.atomic
def stop_waiting(*, slot: GroupSlot, enrolment: Enrolment, by: Person, at: dt.datetime) -> None:
    """No longer wait for a seat at this time. Twice does no harm. Raises ChoosingIsClosed, ChosenAnotherWay."""
    _turn(enrolment, by=by, at=at)
    waits = SlotChoice.objects.filter(slot=slot, enrolment=enrolment, state=SlotState.WAITING)
    if waits.update(state=SlotState.SAID, said_at=at):
        record("stop_waiting", enrolment, {"slot": slot.pk}, by=by, at=at)


def move_up(*, cohort: Cohort, at: dt.datetime) -> int:
    """Give every free seat to the first who waits for it and fits, until nobody moves; each is told by mail.

    Seats of people who left, or are coached one-to-one only now, are free.

    Runs in a transaction in which the cohort is locked. Returns how many moved up.
    """
    here = SlotChoice.objects.filter(slot__cohort=cohort).exclude(state=SlotState.SAID)
    here.exclude(enrolment__in=choosing.asked(cohort)).update(state=SlotState.SAID)
    moved = 0
    while (choice := _next_in_row(cohort)) is not None:
        enrolment = choice.enrolment
        enrolment.cohort = cohort
        seated = _seat(choice.slot, enrolment, at)
        record("move_up", enrolment, {"slot": choice.slot_id}, by=None, at=at)
        mail.post(
            key=f"move-up:{seated.pk}:{at.isoformat()}",
            to=enrolment.person,
            template="mail/choosing_seat.txt",
            context={
                "cohort": cohort,
                "programme": cohort.programme,
                "coach": choice.slot.engagement.person.name,
                "day": WEEKDAYS[choice.slot.weekday - 1],
                "time": f"{choice.slot.starts:%H:%M}",
            },
            organisation_id=cohort.programme.organisation_id,
            at=at,
        )
        moved += 1
    return moved


# ------------------------------------------------------------------ within


def _turn(enrolment: Enrolment, *, by: Person, at: dt.datetime) -> Cohort:
    """The cohort, in which seats can be taken now, with its slots locked."""
    cohort = open_cohort(enrolment, by=by, at=at)
    if (cohort.group_mode, cohort.choosing) != (GroupMode.SELF_CHOSEN, Choosing.PICK):
        raise ChosenAnotherWay
    list(GroupSlot.objects.select_for_update().filter(cohort=cohort).order_by("pk").values_list("pk"))
    return cohort


def _here(slot: GroupSlot, enrolment: Enrolment, cohort: Cohort) -> Any:
    """The slot as it stands, with counts. Raises NoLongerOffered; NotFound when it never was offered to this person."""
    if GroupSlot.objects.filter(pk=slot.pk, cohort=cohort, withdrawn_at__isnull=False).exists():
        raise NoLongerOffered
    found = choosing.with_own(choosing.offered(cohort).filter(pk=slot.pk), enrolment)
    if not found or not rules.may_coach_person(found[0].engagement, enrolment):
        raise NotFound
    return found[0]


def _refuse(here: Any, enrolment: Enrolment, cohort: Cohort) -> None:
    """Whatever stands against one more person here: a rule first, for no waiting helps against that."""
    if _pair_stands_against(here, enrolment):
        raise RuleAgainst
    if here.seated_count >= choosing.open_seats(cohort):
        raise SeatJustTaken
    lacking = choosing.Room.of(enrolment).lacks(here)
    if lacking:
        raise MixNeedsOthers(lacking)


def _pair_stands_against(slot: Any, enrolment: Enrolment) -> bool:
    """Somebody to be kept apart from sits here, or somebody to be together with sits elsewhere."""
    mine = PairRule.objects.filter(Q(first=enrolment.pk) | Q(second=enrolment.pk))
    pairs = mine.values_list("first", "second", "rule")
    partners = {second if first == enrolment.pk else first: rule for first, second, rule in pairs}
    if not partners:
        return False
    seats = SlotChoice.objects.filter(
        enrolment__in=partners, state=SlotState.SEATED, enrolment__state__in=rules.TAKING_PART
    )
    return any(
        (partners[who] == PairRule.Rule.APART) == (where == slot.pk)
        for who, where in seats.values_list("enrolment", "slot")
    )


def _next_in_row(cohort: Cohort) -> SlotChoice | None:
    """The first who waits and whom a free seat fits; times in their order, people in theirs."""
    waiting = (
        SlotChoice.objects.filter(
            slot__cohort=cohort,
            slot__withdrawn_at=None,
            state=SlotState.WAITING,
            enrolment__state__in=rules.TAKING_PART,
            enrolment__opts_out_of_groups=False,
        )
        .select_related("enrolment__person")
        .order_by("slot", "said_at", "pk")
    )
    for choice in waiting:
        enrolment = choice.enrolment
        enrolment.cohort = cohort
        try:
            here = _here(choice.slot, enrolment, cohort)
            _refuse(here, enrolment, cohort)
        except (Refused, NotFound):
            continue
        choice.slot = here
        return choice
    return None


def _seat(slot: GroupSlot, enrolment: Enrolment, at: dt.datetime) -> SlotChoice:
    """Sit here and nowhere else."""
    SlotChoice.objects.filter(enrolment=enrolment, state=SlotState.SEATED).update(state=SlotState.SAID)
    return _say(slot, enrolment, SlotState.SEATED, at)


def _say(slot: GroupSlot, enrolment: Enrolment, state: str, at: dt.datetime) -> SlotChoice:
    choice, _is_new = SlotChoice.objects.update_or_create(
        slot_id=slot.pk,
        enrolment=enrolment,
        defaults={"state": state, "can_come": True, "rank": None, "said_at": at},
    )
    return choice
