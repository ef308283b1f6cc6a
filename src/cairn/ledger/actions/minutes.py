"""Promising minutes to coachees, commissioning them from coaches, releasing what is no longer needed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from cairn.engines import hours
from cairn.foundation import audit
from cairn.ledger import rules
from cairn.ledger.actions.posting import PLAN, PROMISE, RELEASE, Account, Difference, of_sources, post
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.people.queries import NotFound
from cairn.programmes.models import Adjustment, CoachEngagement, Enrolment
from cairn.programmes.terms import AdjustmentState, Kind, Need

ENTITLED = (Kind.ONE_TO_ONE, Kind.GROUP)


class LessThanBooked(Exception):
    """Fewer minutes than are booked, used or released already. `kind`, `least` and `wanted` say which and how many."""

    def __init__(self, *, kind: str, least: int, wanted: int) -> None:
        self.kind, self.least, self.wanted = kind, least, wanted
        super().__init__(
            _("%(least)d minutes of %(kind)s time are booked, used or released already, so it cannot be %(wanted)d.")
            % {"least": least, "kind": str(Kind(kind).label), "wanted": wanted}
        )


@transaction.atomic
def open_entitlements(*, enrolments: Iterable[Enrolment], by: Any, at: dt.datetime) -> int:
    """Promise each enrolment the minutes of its cohort's plan, opening both accounts. Returns the entries posted.

    Doing it again changes nothing, unless the plan or the enrolment changed: then the promise follows. Who opts out
    of groups takes a share of the group minutes one-to-one, apart from those already booked or used in a group: the
    share that was agreed with them, else the cohort's. Who comes back keeps what they took so far.
    Raises LessThanBooked when a plan was cut below what somebody has booked.
    """
    enrolled = list(enrolments)
    for enrolment in enrolled:
        if not rules.may_promise(by, enrolment.cohort, at):
            raise NotFound
    Entitlement.objects.bulk_create(
        [Entitlement(enrolment=enrolment, kind=kind) for enrolment in enrolled for kind in ENTITLED],
        ignore_conflicts=True,
    )
    accounts = {(each.enrolment_id, each.kind): each for each in _locked_entitlements(enrolled)}
    planned = _net_by_account(list(accounts.values()), kind=PLAN)
    shares = _shares(enrolled)
    differences = []
    for enrolment in enrolled:
        own: dict[str, Entitlement] = {kind: accounts[enrolment.pk, kind] for kind in ENTITLED}
        on = at.astimezone(enrolment.cohort.zone).date()
        for kind, minutes in _planned(enrolment, own, planned, shares.get(enrolment.pk)).items():
            difference = minutes - planned.get(own[kind].pk, 0)
            _refuse_less_than_booked(own[kind], own[kind].promised + difference)
            differences.append(Difference(own[kind], PROMISE, difference, (PLAN, enrolment.pk), on))
    posted = post(differences, by=by, at=at)
    for cohort in {enrolment.cohort_id: enrolment.cohort for enrolment in enrolled}.values():
        audit.record(
            action="open_entitlements",
            subject_kind="cohort",
            subject_id=cohort.pk,
            organisation_id=cohort.programme.organisation_id,
            facts={"enrolments": sum(1 for each in enrolled if each.cohort_id == cohort.pk), "entries": posted},
            by=by,
            at=at,
        )
    return posted


@transaction.atomic
def take_back_entitlements(*, enrolments: Iterable[Enrolment], by: Any, at: dt.datetime) -> int:
    """Take back what `open_entitlements` promised, for enrolments that are as good as never made.

    Returns the entries posted. Raises NotEnoughMinutes where some of it is booked or used already.
    """
    enrolled = {enrolment.pk: enrolment for enrolment in enrolments}
    for cohort in {enrolment.cohort_id: enrolment.cohort for enrolment in enrolled.values()}.values():
        if not rules.may_promise(by, cohort, at):
            raise NotFound
    accounts = list(_locked_entitlements(list(enrolled.values())))
    planned = _net_by_account(accounts, kind=PLAN)
    differences = [
        Difference(
            account,
            PROMISE,
            -planned.get(account.pk, 0),
            (PLAN, account.enrolment_id),
            at.astimezone(enrolled[account.enrolment_id].cohort.zone).date(),
        )
        for account in accounts
    ]
    posted = post(differences, by=by, at=at)
    for enrolment in list(enrolled.values())[:1]:
        facts = {"enrolments": sorted(enrolled), "entries": posted}
        _audit("take_back_entitlements", enrolment, facts, by=by, at=at)
    return posted


@transaction.atomic
def promise(
    *,
    enrolment: Enrolment,
    kind: str,
    minutes: int,
    source_kind: str,
    source_id: int,
    on: dt.date,
    by: Any,
    at: dt.datetime,
) -> int:
    """Let what this source promises stand at `minutes` (0 takes it back). Doing it again changes nothing.

    Returns the difference posted. Raises LessThanBooked.
    """
    if not rules.may_promise(by, enrolment.cohort, at):
        raise NotFound
    if minutes < 0:
        raise ValueError("a promise is not negative")
    Entitlement.objects.bulk_create([Entitlement(enrolment=enrolment, kind=kind)], ignore_conflicts=True)
    account = _locked_entitlements([enrolment]).get(kind=kind)
    difference = minutes - _net(account, PROMISE, (source_kind, source_id))
    _refuse_less_than_booked(account, account.promised + difference)
    post([Difference(account, PROMISE, difference, (source_kind, source_id), on)], by=by, at=at)
    _audit("promise", enrolment, {"kind": kind, "minutes": difference}, by=by, at=at)
    return difference


@transaction.atomic
def release(
    *,
    enrolment: Enrolment,
    kind: str,
    minutes: int | None,
    source_kind: str,
    source_id: int,
    on: dt.date,
    by: Any,
    at: dt.datetime,
) -> int:
    """Let what this source released stand at `minutes`; None: also everything that is left; 0 takes it back.

    Returns the difference posted. Raises NotEnoughMinutes.
    """
    if not rules.may_promise(by, enrolment.cohort, at):
        raise NotFound
    if minutes is not None and minutes < 0:
        raise ValueError("a release is not negative")
    account = _locked_entitlements([enrolment]).filter(kind=kind).first()
    if account is None:
        raise NotFound
    difference = account.left if minutes is None else minutes - _net(account, RELEASE, (source_kind, source_id))
    post([Difference(account, RELEASE, difference, (source_kind, source_id), on)], by=by, at=at)
    _audit("release", enrolment, {"kind": kind, "minutes": difference}, by=by, at=at)
    return difference


@transaction.atomic
def commission(*, engagement: CoachEngagement, minutes: Mapping[str, int], by: Any, at: dt.datetime) -> int:
    """Let the commissioned minutes of the kinds named stand at these figures; other kinds stay. Opens accounts.

    Returns the entries posted. Raises LessThanBooked.
    """
    if not rules.may_promise(by, engagement.cohort, at):
        raise NotFound
    if any(each < 0 for each in minutes.values()):
        raise ValueError("a commission is not negative")
    CoachTime.objects.bulk_create(
        [CoachTime(engagement=engagement, kind=Kind(kind)) for kind in minutes], ignore_conflicts=True
    )
    differences = []
    on = at.astimezone(engagement.cohort.zone).date()
    for account in _locked_coach_time(engagement):
        if account.kind in minutes:
            _refuse_less_than_booked(account, minutes[account.kind])
            difference = minutes[account.kind] - account.promised
            differences.append(Difference(account, PROMISE, difference, ("commission", engagement.pk), on))
    posted = post(differences, by=by, at=at)
    facts = {each.account.kind: each.minutes for each in differences if each.minutes}
    _audit_engagement("commission", engagement, facts, by=by, at=at)
    return posted


@transaction.atomic
def release_commission(*, engagement: CoachEngagement, on: dt.date, by: Any, at: dt.datetime) -> int:
    """Release everything that is left of a coach's commission, as when they leave. Returns the minutes released."""
    if not rules.may_promise(by, engagement.cohort, at):
        raise NotFound
    accounts = list(_locked_coach_time(engagement))
    post(
        [Difference(account, RELEASE, account.left, ("commission", engagement.pk), on) for account in accounts],
        by=by,
        at=at,
    )
    released = {account.kind: account.left for account in accounts if account.left}
    _audit_engagement("release_commission", engagement, released, by=by, at=at)
    return sum(released.values())


def _shares(enrolled: Iterable[Enrolment]) -> dict[int, int | None]:
    """Enrolment id → percent of the group minutes one-to-one, of who has or had that agreed. The last one counts."""
    agreed = Adjustment.objects.filter(
        enrolment__in=enrolled, need=Need.ONE_TO_ONE, state__in=(AdjustmentState.AGREED, AdjustmentState.ENDED)
    )
    return dict(agreed.order_by("answered_at", "pk").values_list("enrolment", "group_percent"))


def _planned(
    enrolment: Enrolment, own: Mapping[str, Entitlement], planned: Mapping[int, int], share: int | None
) -> dict[str, int]:
    """What the plan promises this person, by kind."""
    cohort = enrolment.cohort
    one_to_one, group = cohort.one_to_one_minutes, cohort.group_minutes
    percent = cohort.one_to_one_for_group_percent if share is None else share
    in_groups, alone = own[Kind.GROUP], own[Kind.ONE_TO_ONE]
    stays = min(group, _held_by_plan(in_groups, planned))
    if enrolment.opts_out_of_groups:
        return {Kind.ONE_TO_ONE: one_to_one + hours.instead_of_group(group - stays, percent), Kind.GROUP: stays}
    took = _held_by_plan(alone, planned) - one_to_one if share is not None else 0
    if took <= 0:
        return {Kind.ONE_TO_ONE: one_to_one, Kind.GROUP: group}
    return {Kind.ONE_TO_ONE: one_to_one + took, Kind.GROUP: max(stays, group - hours.given_up_for(took, percent))}


def _held_by_plan(account: Entitlement, planned: Mapping[int, int]) -> int:
    """The minutes booked, used or released that nothing but the plan promises."""
    otherwise_promised = account.promised - planned.get(account.pk, 0)
    return max(0, account.booked + account.used + account.released - otherwise_promised)


def _locked_entitlements(enrolments: list[Enrolment]) -> Any:
    return (
        Entitlement.objects.select_for_update(of=("self",))
        .filter(enrolment__in=enrolments)
        .select_related("enrolment__person")
        .order_by("pk")
    )


def _locked_coach_time(engagement: CoachEngagement) -> Any:
    return (
        CoachTime.objects.select_for_update(of=("self",))
        .filter(engagement=engagement)
        .select_related("engagement__person")
        .order_by("pk")
    )


def _net(account: Entitlement, movement: str, source: tuple[str, int]) -> int:
    found = LedgerEntry.objects.filter(of_sources([source]), entitlement=account, movement=movement)
    return found.aggregate(net=Sum("minutes"))["net"] or 0


def _net_by_account(accounts: list[Entitlement], *, kind: str) -> dict[int, int]:
    """The minutes that sources of this kind promise, by account id."""
    return dict(
        LedgerEntry.objects.filter(entitlement__in=accounts, movement=PROMISE, source_kind=kind)
        .values_list("entitlement")
        .annotate(net=Sum("minutes"))
    )


def _refuse_less_than_booked(account: Account, wanted: int) -> None:
    least = account.booked + account.used + account.released
    if wanted < least:
        raise LessThanBooked(kind=account.kind, least=least, wanted=wanted)


def _audit(action: str, enrolment: Enrolment, facts: dict[str, Any], *, by: Any, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="enrolment",
        subject_id=enrolment.pk,
        organisation_id=enrolment.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )


def _audit_engagement(
    action: str, engagement: CoachEngagement, facts: dict[str, Any], *, by: Any, at: dt.datetime
) -> None:
    audit.record(
        action=action,
        subject_kind="engagement",
        subject_id=engagement.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
