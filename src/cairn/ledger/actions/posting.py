"""The one way in which entries come to be: accounts locked, what is taken away first, refused in words if short."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.programmes.terms import Kind

Account = Entitlement | CoachTime
Source = tuple[str, int]
PROMISE, BOOK, USE, RELEASE = LedgerEntry.Movement
PLAN = "plan"


@dataclass(frozen=True)
class Shortage:
    """An account in which `wanted` minutes are needed and only `left` are there."""

    whose: str
    kind: str
    left: int
    wanted: int
    is_coach: bool

    @property
    def sentence(self) -> str:
        """One sentence for the person who wanted the minutes."""
        template = (
            _("%(whose)s has %(left)d minutes of %(kind)s time left in their commission; this needs %(wanted)d.")
            if self.is_coach
            else _("%(whose)s has %(left)d minutes of %(kind)s coaching left; this needs %(wanted)d.")
        )
        kind = str(Kind(self.kind).label)
        return template % {"whose": self.whose, "left": self.left, "kind": kind, "wanted": self.wanted}


class NotEnoughMinutes(Exception):
    """Accounts that do not hold what is wanted of them. Nothing was posted."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = tuple(shortages)
        first, rest = self.shortages[0], len(self.shortages) - 1
        self.whose, self.kind, self.left, self.wanted = first.whose, first.kind, first.left, first.wanted
        more = ngettext("It is the same for %(count)d more.", "It is the same for %(count)d more.", rest)
        super().__init__(first.sentence + (" " + more % {"count": rest} if rest else ""))


@dataclass(frozen=True)
class Difference:
    """Minutes to be added to one sum of one account, on behalf of a source."""

    account: Account
    movement: str
    minutes: int
    source: Source
    on: dt.date
    description: str = ""


def post(differences: Iterable[Difference], *, by: Any, at: dt.datetime) -> int:
    """Write the entries of these differences; the accounts are locked by the caller. Returns how many there were.

    The database's trigger brings the sums along row by row, so what is taken away goes in first.
    Raises NotEnoughMinutes before anything is written.
    """
    moving = sorted((each for each in differences if each.minutes), key=_taken_away_first)
    if not moving:
        return 0
    _refuse_shortages(moving)
    revisions = _last_revisions(moving)
    entries = []
    for each in moving:
        key = (_key(each.account), each.source)
        revisions[key] += 1
        entries.append(_entry(each, revisions[key], by=by, at=at))
    LedgerEntry.objects.bulk_create(entries)
    return len(entries)


def of_sources(sources: Iterable[Source]) -> Q:
    """The entries of these sources."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, source_id in sources:
        by_kind[kind].append(source_id)
    found = Q(pk__in=[])
    for kind, ids in by_kind.items():
        found |= Q(source_kind=kind, source_id__in=ids)
    return found


def _key(account: Account) -> tuple[bool, int]:
    return isinstance(account, CoachTime), account.pk


def _adds(each: Difference) -> int:
    """By how much the difference raises what is taken of the account."""
    return -each.minutes if each.movement == PROMISE else each.minutes


def _taken_away_first(each: Difference) -> tuple[bool, bool, int]:
    return _adds(each) > 0, *_key(each.account)


def _refuse_shortages(moving: Sequence[Difference]) -> None:
    accounts = {_key(each.account): each.account for each in moving}
    added: dict[tuple[bool, int], int] = defaultdict(int)
    freed: dict[tuple[bool, int], int] = defaultdict(int)
    for each in moving:
        (added if _adds(each) > 0 else freed)[_key(each.account)] += abs(_adds(each))
    short = [
        shortage(accounts[key], left=accounts[key].left + freed[key], wanted=added[key])
        for key in sorted(added)
        if accounts[key].left + freed[key] < added[key]
    ]
    if short:
        raise NotEnoughMinutes(short)


def shortage(account: Account, *, left: int, wanted: int) -> Shortage:
    """What is missing in an account, with the name of the person it belongs to."""
    owner = account.engagement if isinstance(account, CoachTime) else account.enrolment
    return Shortage(owner.person.name, account.kind, left, wanted, isinstance(account, CoachTime))


def _last_revisions(moving: Sequence[Difference]) -> dict[tuple[tuple[bool, int], Source], int]:
    """The newest revision of each source in each account."""
    keys = {_key(each.account) for each in moving}
    found = (
        LedgerEntry.objects.filter(of_sources({each.source for each in moving}))
        .filter(
            Q(entitlement__in=[pk for is_coach, pk in keys if not is_coach])
            | Q(coach_time__in=[pk for is_coach, pk in keys if is_coach])
        )
        .values_list("entitlement", "coach_time", "source_kind", "source_id")
        .annotate(last=Max("revision"))
    )
    revisions: dict[tuple[tuple[bool, int], Source], int] = defaultdict(int)
    for entitlement, coach_time, source_kind, source_id, last in found:
        account = (False, entitlement) if entitlement else (True, coach_time)
        revisions[account, (source_kind, source_id)] = last
    return revisions


def _entry(each: Difference, revision: int, *, by: Any, at: dt.datetime) -> LedgerEntry:
    is_coach = isinstance(each.account, CoachTime)
    return LedgerEntry(
        entitlement_id=None if is_coach else each.account.pk,
        coach_time_id=each.account.pk if is_coach else None,
        movement=each.movement,
        minutes=each.minutes,
        on=each.on,
        source_kind=each.source[0],
        source_id=each.source[1],
        revision=revision,
        description=each.description,
        by=by,
        at=at,
    )
