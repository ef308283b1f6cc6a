"""A cohort whose coaches offer times, for tests of choosing."""

import datetime as dt
from typing import Any

from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, GroupSlot, SlotChoice
from tests import cast

FOUR = dt.time(16, 0)
OPENED = cast.AT - dt.timedelta(days=2)
CLOSES = cast.AT + dt.timedelta(days=5)


def open_up(cohort: Cohort, **fields: Any) -> Cohort:
    """Choosing has been open for two days and closes in five; by rank unless said otherwise."""
    given = {"group_mode": "self_chosen", "choices_open_at": OPENED, "choices_close_at": CLOSES, **fields}
    Cohort.objects.filter(pk=cohort.pk).update(**given)
    cohort.refresh_from_db()
    return cohort


def slot(engagement: CoachEngagement, weekday: int = 2, starts: dt.time = FOUR, **fields: Any) -> GroupSlot:
    """A published time."""
    return GroupSlot.objects.create(
        cohort_id=engagement.cohort_id,
        engagement=engagement,
        weekday=weekday,
        starts=starts,
        published_at=OPENED,
        **fields,
    )


def enrolled(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it stands, with its cohort read anew."""
    return Enrolment.objects.select_related("cohort__programme__organisation", "person").get(pk=enrolment.pk)


def states(enrolment: Enrolment) -> dict[int, str]:
    """Slot id → state."""
    return dict(SlotChoice.objects.filter(enrolment=enrolment).values_list("slot", "state"))


def ranks(enrolment: Enrolment) -> dict[int, int | None]:
    """Slot id → rank."""
    return dict(SlotChoice.objects.filter(enrolment=enrolment).values_list("slot", "rank"))
