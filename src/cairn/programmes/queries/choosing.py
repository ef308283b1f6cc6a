"""Published times, and what people say about them. To everybody but the person themselves they are counts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import (
    CoachEngagement,
    Cohort,
    ConflictOfInterest,
    Enrolment,
    GroupSlot,
    MixingAttribute,
    SlotChoice,
)
from cairn.programmes.queries.access import engagement_of, enrolment_of
from cairn.programmes.queries.cohort_people import cohort_with_counts
from cairn.programmes.terms import Choosing, GroupMode, SlotState

ROWS = 100
MATCHED = ("discipline", "department", "institution")  # what the enrolment says; answers of one's own never count here
TERMS = (
    *("group_mode", "choosing", "choices_open_at", "choices_close_at", "seats_held_back", "coaching_styles"),
    "avoids_meeting_again",
)
LIVE = {"state__in": rules.TAKING_PART, "opts_out_of_groups": False}


@dataclass(frozen=True)
class SlotSeen:
    """A time as a page shows it, with counts of people who take part. `starts_at` is the first one to come."""

    id: int
    engagement_id: int
    coach: str
    weekday: int
    starts: dt.time
    where: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    group: int | None
    wishes: int
    first_wishes: int
    cannot: int
    seated: int
    waiting: int
    seats: int

    @property
    def free(self) -> int:
        """Seats that can still be taken; those held back are not among them."""
        return max(0, self.seats - self.seated)


@dataclass(frozen=True)
class OwnSlot:
    """A time as one person sees it, with what they have said. `needs_other` names what its group needs more mix of."""

    slot: SlotSeen
    can_come: bool
    rank: int | None
    state: str
    is_new: bool
    needs_other: str

    @property
    def is_mine(self) -> bool:
        """Whether the person has a seat here."""
        return self.state == SlotState.SEATED

    @property
    def waits(self) -> bool:
        """Whether the person waits for a seat here."""
        return self.state == SlotState.WAITING


@dataclass(frozen=True)
class OwnChoices:
    """Everything on the page on which one person chooses; slots in their order of wish, then as the week goes."""

    enrolment: Enrolment
    slots: tuple[OwnSlot, ...]
    is_open: bool

    @property
    def has_answered(self) -> bool:
        """Whether anything was said about the times that are offered."""
        return any(not each.is_new for each in self.slots)

    @property
    def seat(self) -> OwnSlot | None:
        """Where the person has a seat."""
        return next((each for each in self.slots if each.is_mine), None)


@dataclass(frozen=True)
class CoachTimes:
    """The times that one coach offers in a cohort."""

    engagement: CoachEngagement
    slots: tuple[SlotSeen, ...]


@dataclass(frozen=True)
class ChoosingOverview:
    """For the coordinator: times with counts, and by name only who has said nothing yet."""

    cohort: Cohort
    slots: tuple[SlotSeen, ...]
    coaches: dict[int, str]
    asked: int
    unanswered: Page[Any]
    is_open: bool

    @property
    def silent(self) -> int:
        """How many have said nothing."""
        return int(self.unanswered.paginator.count)

    @property
    def seats(self) -> int:
        """How many seats the times have together, with those held back."""
        return len(self.slots) * self.cohort.group_cap


def offered(cohort: Cohort) -> QuerySet[GroupSlot]:
    """The times that stand in a cohort, as the week goes, each with counts of people who take part."""
    here = Q(choices__enrolment__state__in=rules.TAKING_PART, choices__enrolment__opts_out_of_groups=False)
    return (
        GroupSlot.objects.filter(cohort=cohort, withdrawn_at=None, engagement__state__in=rules.AT_WORK)
        .select_related("engagement__person", "group")
        .annotate(
            wish_count=Count("choices", filter=here & Q(choices__rank__isnull=False)),
            first_count=Count("choices", filter=here & Q(choices__rank=1)),
            cannot_count=Count("choices", filter=here & Q(choices__can_come=False)),
            seated_count=Count("choices", filter=here & Q(choices__state=SlotState.SEATED)),
            waiting_count=Count("choices", filter=here & Q(choices__state=SlotState.WAITING)),
        )
        .order_by("weekday", "starts", "pk")
    )


def seen(slots: Iterable[Any], cohort: Cohort, at: dt.datetime) -> tuple[SlotSeen, ...]:
    """Slots of `offered` with the instant at which each would first take place."""
    return tuple(_seen(each, cohort, at) for each in slots)


def first_time(slot: GroupSlot, cohort: Cohort, at: dt.datetime) -> dt.datetime:
    """The first occurrence of a slot that is still to come while the cohort runs, on the wall of the cohort's zone."""
    zone = ZoneInfo(cohort.time_zone)
    day = max(at.astimezone(zone).date(), cohort.starts_on)
    day += dt.timedelta(days=(slot.weekday - day.isoweekday()) % 7)
    return dt.datetime.combine(day, slot.starts, tzinfo=zone)


def own_choices(reader: Person, enrolment_id: int, at: dt.datetime) -> OwnChoices:
    """The reader's own page, in five queries. A coach they cannot have is not offered, and nothing says why."""
    enrolment = enrolment_of(reader, enrolment_id, at)
    cohort = enrolment.cohort
    found = with_own(offered(cohort), enrolment)
    picks = (cohort.group_mode, cohort.choosing) == (GroupMode.SELF_CHOSEN, Choosing.PICK)
    room = Room.of(enrolment) if picks else None
    slots = [
        _own(each, shown, room)
        for each, shown in zip(found, seen(found, cohort, at), strict=True)
        if rules.may_coach_person(each.engagement, enrolment)
    ]
    slots.sort(key=lambda each: (each.rank is None, each.rank or 0))
    return OwnChoices(enrolment, tuple(slots), rules.may_choose(reader, enrolment, at))


def with_own(slots: QuerySet[GroupSlot], enrolment: Enrolment) -> list[Any]:
    """Slots with this person's own choice, and of those seated how many are like them in what is mixed by."""
    mine = SlotChoice.objects.filter(slot=OuterRef("pk"), enrolment=enrolment)
    conflicts = ConflictOfInterest.objects.order_by("pk")
    here = Q(
        choices__state=SlotState.SEATED,
        choices__enrolment__state__in=rules.TAKING_PART,
        choices__enrolment__opts_out_of_groups=False,
    ) & ~Q(choices__enrolment=enrolment.pk)
    like = {
        f"like_{key}": Count("choices", filter=here & _like(enrolment, key, "choices__enrolment__")) for key in MATCHED
    }
    return list(
        slots.annotate(
            mine=Subquery(mine.values(found=JSONObject(can_come="can_come", rank="rank", state="state"))[:1]), **like
        ).prefetch_related(Prefetch("engagement__conflicts", queryset=conflicts))
    )


@dataclass(frozen=True)
class Room:
    """How many people like one person a full group may hold: their fair share of its open seats, rounded up.

    Only what the enrolment says and groups are mixed by counts: nobody's protected answers are looked at.
    """

    limits: dict[str, int]

    @classmethod
    def of(cls, enrolment: Enrolment) -> "Room":
        """For this person, in one query."""
        cohort = enrolment.cohort
        live = Q(enrolments__state__in=rules.TAKING_PART, enrolments__opts_out_of_groups=False)
        mixed = MixingAttribute.objects.filter(
            cohort=OuterRef("pk"), weight__gt=0, is_protected=False, key__in=MATCHED
        ).order_by("pk")
        row: Any = (
            Cohort.objects.filter(pk=cohort.pk)
            .annotate(
                everybody=Count("enrolments", filter=live),
                mixes_by=ArraySubquery(mixed.values("key")),
                **{
                    f"like_{key}": Count("enrolments", filter=live & _like(enrolment, key, "enrolments__"))
                    for key in MATCHED
                },
            )
            .values()
            .get()
        )
        keys = [key for key in row["mixes_by"] if _says(enrolment, key)] if cohort.mixes_groups else []
        seats, everybody = open_seats(cohort), max(1, row["everybody"])
        return cls({key: max(1, -(-row[f"like_{key}"] * seats // everybody)) for key in keys})

    def lacks(self, slot: Any) -> str:
        """What the group at this slot needs others of before this person can sit there; "" when there is room."""
        return next((key for key, most in self.limits.items() if getattr(slot, f"like_{key}") >= most), "")


def open_seats(cohort: Cohort) -> int:
    """Seats of a group that people may take themselves."""
    return cohort.group_cap - cohort.seats_held_back


def coach_times(reader: Person, engagement_id: int, at: dt.datetime) -> CoachTimes:
    """What the reader offers as a coach. How many wish for it, never who."""
    return _times(engagement_of(reader, engagement_id, at), at)


def times_of(cohort: Cohort, engagement_id: int, at: dt.datetime) -> CoachTimes:
    """What a coach at work in this cohort, which the reader was given, offers."""
    found = (
        CoachEngagement.objects.filter(cohort=cohort, pk=engagement_id, state__in=rules.AT_WORK)
        .select_related("person")
        .first()
    )
    if found is None:
        raise NotFound
    found.cohort = cohort
    return _times(found, at)


def slot_offered(engagement: CoachEngagement, slot_id: int) -> GroupSlot:
    """One of the times of an engagement that the reader was given."""
    slot = GroupSlot.objects.filter(engagement=engagement, pk=slot_id, withdrawn_at=None).first()
    if slot is None:
        raise NotFound
    slot.engagement = engagement
    return slot


def chosen_slot(enrolment: Enrolment, slot_id: int) -> GroupSlot:
    """One of the times of the cohort of an enrolment that the reader was given, also one that was withdrawn since."""
    slot = GroupSlot.objects.filter(cohort=enrolment.cohort_id, pk=slot_id).first()
    if slot is None:
        raise NotFound
    return slot


def choosing_overview(reader: Person, cohort_id: int, at: dt.datetime, *, page: str | None = None) -> ChoosingOverview:
    """A cohort that the reader runs: its times with counts, and who has not answered, a hundred at a time."""
    cohort = cohort_with_counts(reader, cohort_id, at)
    at_work = CoachEngagement.objects.filter(cohort=cohort, state__in=rules.AT_WORK)
    counted = asked(cohort).aggregate(asked=Count("pk"), silent=Count("pk", filter=~Exists(_said())))
    silent = Paginator(unanswered(cohort), ROWS)
    silent.count = counted["silent"]
    return ChoosingOverview(
        cohort=cohort,
        slots=seen(offered(cohort), cohort, at),
        coaches=dict(at_work.order_by("person__name", "pk").values_list("pk", "person__name")),
        asked=counted["asked"],
        unanswered=silent.get_page(page),
        is_open=rules.choosing_is_open(cohort, at),
    )


def choosing_terms(cohort: Cohort) -> dict[str, Any]:
    """How people of a cohort that the reader was given choose: what a form about it shows and is compared by."""
    return {name: getattr(cohort, name) for name in TERMS}


def asked(cohort: Cohort) -> QuerySet[Enrolment]:
    """Everybody who gets a group."""
    return Enrolment.objects.filter(cohort=cohort, **LIVE)


def unanswered(cohort: Cohort) -> QuerySet[Enrolment]:
    """Who has said nothing about the times that are offered, by name."""
    return asked(cohort).filter(~Exists(_said())).select_related("person").order_by("person__name", "pk")


def slots_of_groups(cohort: Cohort) -> dict[int, GroupSlot]:
    """Group id → the time it was formed for, in a cohort that the reader was given."""
    slots = GroupSlot.objects.filter(cohort=cohort, group__isnull=False).order_by("pk")
    return {slot.group_id: slot for slot in slots if slot.group_id is not None}


def _said() -> QuerySet[SlotChoice]:
    """What somebody has said about times that are offered."""
    return SlotChoice.objects.filter(enrolment=OuterRef("pk"), slot__withdrawn_at=None)


def _times(engagement: CoachEngagement, at: dt.datetime) -> CoachTimes:
    cohort = engagement.cohort
    return CoachTimes(engagement, seen(offered(cohort).filter(engagement=engagement), cohort, at))


def _seen(slot: Any, cohort: Cohort, at: dt.datetime) -> SlotSeen:
    starts_at = first_time(slot, cohort, at)
    return SlotSeen(
        id=slot.pk,
        engagement_id=slot.engagement_id,
        coach=slot.engagement.person.name,
        weekday=slot.weekday,
        starts=slot.starts,
        where=slot.where,
        starts_at=starts_at,
        ends_at=(starts_at.astimezone(dt.UTC) + dt.timedelta(minutes=cohort.group_session_minutes)),
        zone=cohort.time_zone,
        group=slot.group.number if slot.group else None,
        wishes=slot.wish_count,
        first_wishes=slot.first_count,
        cannot=slot.cannot_count,
        seated=slot.seated_count,
        waiting=slot.waiting_count,
        seats=open_seats(cohort),
    )


def _own(slot: Any, shown: SlotSeen, room: Room | None) -> OwnSlot:
    mine = slot.mine or {}
    state = mine.get("state", SlotState.SAID)
    return OwnSlot(
        slot=shown,
        can_come=mine.get("can_come", True),
        rank=mine.get("rank"),
        state=state,
        is_new=not mine,
        needs_other=room.lacks(slot) if room and state != SlotState.SEATED else "",
    )


def _says(enrolment: Enrolment, key: str) -> bool:
    return bool(enrolment.institution_id if key == "institution" else getattr(enrolment, key).strip())


def _like(enrolment: Enrolment, key: str, prefix: str) -> Q:
    """Everybody who says the same."""
    if key == "institution":
        return Q(**{f"{prefix}institution": enrolment.institution_id})
    return Q(**{f"{prefix}{key}__iexact": getattr(enrolment, key).strip()})
