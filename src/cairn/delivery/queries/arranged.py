"""What is arranged for somebody, as coach and group are told it. What was needed, and who asked, is not here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Adjustment, GroupPlace
from cairn.programmes.terms import AdjustmentState


@dataclass(frozen=True)
class Arranged:
    """A sentence, and whether something is to be done after each session."""

    text: str
    due_after: bool = False


def arranged_for(enrolment_ids: Collection[int]) -> dict[int, tuple[Arranged, ...]]:
    """Enrolment id → what is arranged for those who take part. For their coach. One query."""
    found: dict[int, list[Arranged]] = defaultdict(list)
    rows = _agreed().filter(enrolment__in=enrolment_ids).exclude(arrangement="")
    for who, text, due in rows.order_by("arrangement", "pk").values_list("enrolment", "arrangement", "due_after"):
        found[who].append(Arranged(text, due))
    return {who: tuple(own) for who, own in found.items()}


def arranged_in(
    session: CoachingSession, enrolment_id: int, at: dt.datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For a coachee in a session that is not over: what is arranged for themselves, and what their group is told.

    Nobody is named, and whose arrangement it is cannot be had. One query.
    """
    is_over = session.ends_at is not None and session.ends_at <= at
    if is_over or session.state == SessionState.CANCELLED:
        return (), ()
    on = (session.wall_starts or at).date()
    seats = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=on), group=session.group_id or 0, from_on__lte=on
    ).values("enrolment")
    rows = _agreed().filter(Q(enrolment=enrolment_id) | Q(enrolment__in=seats) & ~Q(group_told=""))
    own: set[str] = set()
    told: set[str] = set()
    for who, text, for_all in rows.values_list("enrolment", "arrangement", "group_told"):
        own.update({text} if who == enrolment_id and text else ())
        told.update({for_all} if for_all and session.group_id else ())
    return tuple(sorted(own)), tuple(sorted(told))


def _agreed() -> QuerySet[Adjustment]:
    return Adjustment.objects.filter(state=AdjustmentState.AGREED, enrolment__state__in=programme_rules.TAKING_PART)
