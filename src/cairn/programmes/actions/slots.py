"""Times at which a coach offers to hold a group: published and withdrawn by the coach, or by a coordinator for them."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, spans
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, GroupPlace, GroupSlot, SlotChoice
from cairn.programmes.terms import SlotState

WORKING_DAYS = range(1, 6)
WEEK = 7 * 24 * 60
MOST_SLOTS = 40


class NoWorkingDay(Refused):
    """Groups meet from Monday to Friday."""

    field = "weekday"
    sentence = _("Groups meet from Monday to Friday. Choose one of these days.")


class TimesClash(Refused):
    """Two of a coach's own times would overlap."""

    field = "starts"
    sentence = _(
        "This overlaps with %(day)s at %(time)s (%(zone)s), which is offered already; a session lasts %(minutes)s "
        "minutes. Choose another time, or withdraw that one first."
    )


class EnoughTimes(Refused):
    """A page of times stays one that people can read."""

    sentence = _("There are %(most)s times already. Withdraw one that nobody needs before you add another.")


class SomebodySitsHere(Refused):
    """People have a seat at this time."""

    sentence = _("People have a seat at this time, so it stays. Ask the programme team if it cannot be held.")


@transaction.atomic
def publish_slot(
    *, engagement: CoachEngagement, weekday: int, starts: dt.time, where: str = "", by: Person, at: dt.datetime
) -> GroupSlot:
    """Offer a weekly time for a group: weekday 1 is Monday, `starts` is on the wall in the cohort's zone.

    Raises NoWorkingDay, TimesClash with what it overlaps, EnoughTimes.
    """
    engagement = _locked(engagement, by=by, at=at)
    if weekday not in WORKING_DAYS:
        raise NoWorkingDay
    starts = starts.replace(second=0, microsecond=0, tzinfo=None)
    slot = GroupSlot(
        cohort=engagement.cohort,
        engagement=engagement,
        weekday=weekday,
        starts=starts,
        where=where.strip(),
        published_at=at,
    )
    _refuse_overlaps(slot, at)
    if GroupSlot.objects.filter(cohort=engagement.cohort_id, withdrawn_at=None).count() >= MOST_SLOTS:
        raise EnoughTimes(most=MOST_SLOTS)
    slot.save()
    _record("publish_slot", slot, by=by, at=at)
    return slot


@transaction.atomic
def withdraw_slot(*, slot: GroupSlot, by: Person, at: dt.datetime) -> None:
    """Take a time back while nobody has a seat there; who waited for it no longer does. Twice does no harm.

    Raises SomebodySitsHere.
    """
    _locked(slot.engagement, by=by, at=at)
    current = GroupSlot.objects.select_for_update().get(pk=slot.pk)
    if current.withdrawn_at is not None:
        return
    choices = SlotChoice.objects.filter(slot=current)
    sitting = choices.filter(state=SlotState.SEATED, enrolment__state__in=rules.TAKING_PART)
    if current.group_id is not None or sitting.exists():
        raise SomebodySitsHere
    choices.exclude(state=SlotState.SAID).update(state=SlotState.SAID)
    current.withdrawn_at = at
    current.save(update_fields=["withdrawn_at"])
    current.cohort = slot.engagement.cohort
    _record("withdraw_slot", current, by=by, at=at)


@transaction.atomic
def say_coach_styles(
    *, engagement: CoachEngagement, styles: Collection[str], by: Person, at: dt.datetime
) -> CoachEngagement:
    """Which of the cohort's coaching styles this coach works in. What the cohort does not name is left out."""
    engagement = _locked(engagement, by=by, at=at)
    wanted = [each for each in engagement.cohort.coaching_styles if each in styles]
    if wanted != engagement.styles:
        engagement.styles = wanted
        engagement.save(update_fields=["styles"])
        audit.record(
            action="say_coach_styles",
            subject_kind="engagement",
            subject_id=engagement.pk,
            organisation_id=engagement.cohort.programme.organisation_id,
            facts={"styles": len(wanted)},
            by=by,
            at=at,
        )
    return engagement


def give_slots(cohort: Cohort, slots: Mapping[int, int]) -> None:
    """Let groups (number → slot id) meet at these times, and those who sit in them have their chosen seats there.

    Runs in the transaction in which the groups are adopted.
    """
    offered = GroupSlot.objects.select_for_update().filter(cohort=cohort).order_by("pk")
    numbers = {slot: number for number, slot in slots.items()}
    groups = dict(CoachingGroup.objects.filter(cohort=cohort, number__in=slots).values_list("number", "pk"))
    changed = []
    for slot in offered:
        group = groups.get(numbers.get(slot.pk, 0)) if slot.withdrawn_at is None else None
        if slot.group_id != group:
            slot.group_id = group
            changed.append(slot)
    GroupSlot.objects.bulk_update(changed, ["group"])
    choices = SlotChoice.objects.filter(slot__cohort=cohort)
    choices.exclude(state=SlotState.SAID).update(state=SlotState.SAID)
    here = GroupPlace.objects.filter(enrolment=OuterRef("enrolment"), group=OuterRef("slot__group"), to_on=None)
    choices.filter(Exists(here), can_come=True).update(state=SlotState.SEATED)


def _locked(engagement: CoachEngagement, *, by: Person, at: dt.datetime) -> CoachEngagement:
    """The engagement, locked: a coach's times change one at a time."""
    current: Any = (
        CoachEngagement.objects.select_for_update(of=("self",))
        .select_related("cohort__programme__organisation", "person")
        .get(pk=engagement.pk)
    )
    if not rules.may_publish_times(by, current, at):
        raise NotAllowed
    return current  # type: ignore[no-any-return]


def _refuse_overlaps(slot: GroupSlot, at: dt.datetime) -> None:
    """Whatever the coach offers in cohorts of this organisation, on clocks of whichever zone."""
    organisation = slot.cohort.programme.organisation_id
    others = GroupSlot.objects.filter(
        engagement__person=slot.engagement.person_id,
        cohort__programme__organisation=organisation,
        withdrawn_at=None,
        engagement__state__in=rules.AT_WORK,
    ).select_related("cohort")
    begins, lasts = _minute(slot, slot.cohort, at), slot.cohort.group_session_minutes
    for each in others:
        other, long = _minute(each, each.cohort, at), each.cohort.group_session_minutes
        if (other - begins) % WEEK < lasts or (begins - other) % WEEK < long:
            raise TimesClash(
                day=WEEKDAYS[each.weekday - 1],
                time=f"{each.starts:%H:%M}",
                zone=spans.zone_time(each.cohort.time_zone),
                minutes=long,
            )


def _minute(slot: GroupSlot, cohort: Cohort, at: dt.datetime) -> int:
    """Where it stands in a week, in minutes of UTC, as the clocks stand now."""
    day = at.astimezone(ZoneInfo(cohort.time_zone)).date()
    day += dt.timedelta(days=(slot.weekday - day.isoweekday()) % 7)
    moment = dt.datetime.combine(day, slot.starts, tzinfo=ZoneInfo(cohort.time_zone)).astimezone(dt.UTC)
    return (moment.weekday() * 24 + moment.hour) * 60 + moment.minute


def _record(action: str, slot: GroupSlot, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="group_slot",
        subject_id=slot.pk,
        organisation_id=slot.cohort.programme.organisation_id,
        facts={"cohort": slot.cohort_id, "engagement": slot.engagement_id, "weekday": slot.weekday},
        by=by,
        at=at,
    )
