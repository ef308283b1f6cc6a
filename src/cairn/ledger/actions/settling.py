"""Bringing the minutes of sessions to where they belong, in both books at once."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, Sum

from cairn.engines.hours import NOTHING, Position
from cairn.ledger.actions.posting import (
    BOOK,
    USE,
    Account,
    Difference,
    NotEnoughMinutes,
    Shortage,
    Source,
    of_sources,
    post,
)
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.programmes.models import CoachEngagement, Enrolment

Wanted = Mapping[int, tuple[str, Position]]
Owner = tuple[bool, int, str]
"""Whether it is coach time; the enrolment's or engagement's id; the kind of minutes."""


@dataclass(frozen=True)
class Standing:
    """Where one source is to stand: `entitlements` by enrolment id, `coach_time` by engagement id, with the kind.

    `on` is the day of the session; `description` is how an invoice line names it.
    """

    source_kind: str
    source_id: int
    on: dt.date
    entitlements: Wanted = field(default_factory=dict)
    coach_time: Wanted = field(default_factory=dict)
    description: str = ""

    @property
    def source(self) -> Source:
        return self.source_kind, self.source_id

    def positions(self) -> dict[Owner, Position]:
        """The position wanted in each account, by its owner."""
        coachees = {(False, owner, kind): place for owner, (kind, place) in self.entitlements.items()}
        coaches = {(True, owner, kind): place for owner, (kind, place) in self.coach_time.items()}
        return coachees | coaches


def settle(
    *,
    source_kind: str,
    source_id: int,
    on: dt.date,
    entitlements: Wanted,
    coach_time: Wanted,
    description: str = "",
    by: Any,
    at: dt.datetime,
) -> int:
    """Bring one source to the positions wanted; accounts that are not named go to (0, 0). Returns the entries posted.

    Settling twice posts once. What stood on another day is reversed on that day, so that minutes and money are found
    in the quarter of the session. Permission is the caller's, who knows the session. Raises NotEnoughMinutes.
    """
    standing = Standing(source_kind, source_id, on, entitlements, coach_time, description)
    return settle_all(standings=[standing], by=by, at=at)


@transaction.atomic
def settle_all(*, standings: Sequence[Standing], by: Any, at: dt.datetime) -> int:
    """Settle many sources at once: all or none, in as many queries as one. Raises NotEnoughMinutes."""
    sources = {standing.source for standing in standings}
    if len(sources) != len(standings):
        raise ValueError("a source can be settled once in one call")
    _take_turns(sources)
    accounts = _locked_accounts(standings, sources)
    owners = {(isinstance(each, CoachTime), each.pk): owner for owner, each in accounts.items()}
    stands = _standing_minutes(sources, owners)
    differences: list[Difference] = []
    missing: list[Owner] = []
    for standing in standings:
        wanted = _wanted_minutes(standing)
        for owner, movement, on in sorted(wanted.keys() | stands[standing.source].keys()):
            minutes = wanted[owner, movement, on] - stands[standing.source][owner, movement, on]
            if minutes and owner not in accounts:
                missing.append(owner)
            elif minutes:
                differences.append(
                    Difference(accounts[owner], movement, minutes, standing.source, on, standing.description[:200])
                )
    if missing:
        raise NotEnoughMinutes(_shortages_without_account(missing, standings))
    return post(differences, by=by, at=at)


Place = tuple[Owner, str, dt.date]


def _take_turns(sources: Iterable[Source]) -> None:
    """One transaction at a time settles a source, also when it moves from one person's account to another's."""
    keys = [
        int.from_bytes(hashlib.blake2b(f"{kind}:{source_id}".encode(), digest_size=8).digest(), "big", signed=True)
        for kind, source_id in sources
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT key FROM unnest(%s::bigint[]) key ORDER BY key) ordered",
            [keys],
        )


def _locked_accounts(standings: Sequence[Standing], sources: Iterable[Source]) -> dict[Owner, Account]:
    """Every account that is named or that a source has touched, locked: entitlements first, each book in id order."""
    touched = LedgerEntry.objects.filter(of_sources(sources))
    enrolments = {owner for standing in standings for owner in standing.entitlements}
    engagements = {owner for standing in standings for owner in standing.coach_time}
    entitlements = (
        Entitlement.objects.select_for_update(of=("self",))
        .filter(Q(enrolment__in=enrolments) | Q(pk__in=touched.filter(coach_time=None).values("entitlement")))
        .select_related("enrolment__person")
        .order_by("pk")
    )
    coach_time = (
        CoachTime.objects.select_for_update(of=("self",))
        .filter(Q(engagement__in=engagements) | Q(pk__in=touched.filter(entitlement=None).values("coach_time")))
        .select_related("engagement__person")
        .order_by("pk")
    )
    found: dict[Owner, Account] = {(False, each.enrolment_id, each.kind): each for each in entitlements}
    return found | {(True, each.engagement_id, each.kind): each for each in coach_time}


def _standing_minutes(
    sources: Iterable[Source], owners: Mapping[tuple[bool, int], Owner]
) -> dict[Source, dict[Place, int]]:
    """The minutes that stand now, of each source, by account, sum and day."""
    stands: dict[Source, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
    found = (
        LedgerEntry.objects.filter(of_sources(sources), movement__in=[BOOK, USE])
        .values_list("entitlement", "coach_time", "source_kind", "source_id", "movement", "on")
        .annotate(net=Sum("minutes"))
    )
    for entitlement, coach_time, source_kind, source_id, movement, on, net in found:
        owner = owners[(False, entitlement) if entitlement else (True, coach_time)]
        stands[source_kind, source_id][owner, movement, on] = net
    return stands


def _wanted_minutes(standing: Standing) -> dict[Place, int]:
    wanted: dict[Place, int] = defaultdict(int)
    for owner, place in standing.positions().items():
        if place != NOTHING:
            wanted[owner, BOOK, standing.on] = place.booked
            wanted[owner, USE, standing.on] = place.used
    return wanted


def _shortages_without_account(missing: Sequence[Owner], standings: Sequence[Standing]) -> list[Shortage]:
    """Whoever has no account of a kind has nothing left of it."""
    coaches = dict(
        CoachEngagement.objects.filter(pk__in=[owner for is_coach, owner, _ in missing if is_coach]).values_list(
            "pk", "person__name"
        )
    )
    coachees = dict(
        Enrolment.objects.filter(pk__in=[owner for is_coach, owner, _ in missing if not is_coach]).values_list(
            "pk", "person__name"
        )
    )
    shortages = []
    for is_coach, owner, kind in sorted(set(missing)):
        places = [standing.positions().get((is_coach, owner, kind), NOTHING) for standing in standings]
        wanted = sum(place.booked + place.used for place in places)
        name = (coaches if is_coach else coachees).get(owner, "")
        shortages.append(Shortage(name, kind, 0, wanted, is_coach))
    return shortages
