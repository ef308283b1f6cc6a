"""Groups with all that hangs on them: minutes, sessions, mails. The grouping itself is `programmes.actions`' work."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery.actions import booking, invitations, notices, one_to_ones, sharing, turns
from cairn.delivery.models import CoachingSession
from cairn.delivery.queries.grouping import Lack, commissioned, minutes_lacking, upcoming_group_sessions
from cairn.foundation import mail
from cairn.ledger import actions as ledger_actions
from cairn.people.models import Person
from cairn.programmes import actions as programme_actions
from cairn.programmes.actions import Refused
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, GroupingProposal, GroupPlace, GroupSlot
from cairn.programmes.queries.grouping import places_on
from cairn.programmes.queries.grouping_answers import groups_of


class CommissionTooSmall(Refused):
    """Coaches would give more than they are commissioned for; `lacks` says who, of what, how much."""

    sentence = gettext_lazy("Some coaches are commissioned for fewer minutes than these groups need.")

    def __init__(self, lacks: Sequence[Lack]) -> None:
        self.lacks = tuple(lacks)
        super().__init__()


class SessionsHangOnGroup(Refused):
    """A group that is to end has sessions ahead."""

    sentence = gettext_lazy("%(reason)s")

    def __init__(self, number: int, sessions: Sequence[CoachingSession]) -> None:
        reason = ngettext(
            "Group %(number)s would end, but still has a session on %(day)s.",
            "Group %(number)s would end, but still has %(count)s sessions, the first on %(day)s.",
            len(sessions),
        ) % {
            "number": number,
            "count": len(sessions),
            "day": date_format(booking.wall_day(sessions[0]), "j F Y"),
        }
        remedy = _("Cancel them first, or let its coach keep a group: then the sessions go on with it.")
        super().__init__(reason=f"{reason} {remedy}")


@dataclass(frozen=True)
class Adopted:
    """What an adoption did: people with a coach, groups, sessions made and carried on, mails sent."""

    people: int
    groups: int
    sessions_made: int
    sessions_carried: int
    mails: int


def propose_groups(
    *,
    cohort: Cohort,
    seed: int = 0,
    group_coaches: Mapping[int, int] | None = None,
    pins: Mapping[int, int] | None = None,
    keep_places: bool = False,
    keep_to_commission: bool = False,
    seen: int | None = None,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    """`programmes.actions.propose_groups`, where asked within the minutes that coaches are commissioned for."""
    return programme_actions.propose_groups(
        cohort=cohort,
        seed=seed,
        group_coaches=group_coaches,
        pins=pins,
        keep_places=keep_places,
        coach_minutes=commissioned(cohort) if keep_to_commission else None,
        seen=seen,
        by=by,
        at=at,
    )


@transaction.atomic
def adopt_grouping(
    *,
    proposal: GroupingProposal,
    expected_version: int,
    from_on: dt.date,
    raise_commission: bool = False,
    address_of: str = "",
    by: Person,
    at: dt.datetime,
) -> Adopted:
    """Let a proposal hold from a day on: groups, dated seats, one coach each, undated one-to-one sessions, mails.

    Sessions of groups that go on are carried to whoever sits in them then. `raise_commission` raises what coaches lack;
    otherwise CommissionTooSmall says so. `address_of` is the public address of this Cairn, for the link in the mails.
    Nothing is kept of an adoption that was refused. Raises GroupsChanged, NoGrouping, DayOutsideCohort, DayHasPassed,
    SessionsHangOnGroup, CommissionTooSmall, JustTaken, ledger NotEnoughMinutes.
    """
    cohort = proposal.cohort
    turns.take(cohort, at=at)
    before = _as_they_are(cohort, from_on)
    people = programme_actions.adopt_proposal(
        proposal=proposal, expected_version=expected_version, from_on=from_on, by=by, at=at
    )
    groups = groups_of(proposal.answer)
    carried = _carry_sessions(cohort, groups, from_on, by=by, at=at)
    entered = [each.pk for each in upcoming_group_sessions(cohort, from_on, at)] if carried else []
    _see_to_commission(proposal, raise_commission, by=by, at=at)
    made = one_to_ones.prepare_one_to_ones(cohort=cohort, by=by, at=at)
    after = _as_they_are(cohort, from_on)
    coaches = [(each, before[each][0] if each in before else None, after[each][0]) for each in after]
    sharing.end_with_coaches(coaches=coaches, at=at)
    mails = _tell(
        proposal,
        people,
        before=before,
        after=after,
        entered=entered,
        from_on=from_on,
        address_of=address_of,
        at=at,
    )
    return Adopted(len(people), len(groups), made, carried, mails)


@transaction.atomic
def set_opt_out(*, enrolment: Enrolment, opts_out: bool, by: Person, at: dt.datetime) -> Enrolment:
    """Coach somebody one-to-one only, or in a group again: seat, minutes and sessions follow. No reason is kept.

    Raises ledger LessThanBooked where more is booked than the changed promise would hold.
    """
    turns.take(enrolment.cohort, at=at)
    places = seats_from_today(enrolment, at)
    changed = programme_actions.set_opt_out(enrolment=enrolment, opts_out=opts_out, by=by, at=at)
    follow_opt_out(changed, [place.group_id for place in places], by=by, at=at)
    return changed


def seats_from_today(enrolment: Enrolment, at: dt.datetime) -> list[GroupPlace]:
    """The seats that somebody has today, or will have."""
    today = at.astimezone(enrolment.cohort.zone).date()
    return list(GroupPlace.objects.filter(places_on(today), enrolment=enrolment).order_by("pk"))


def follow_opt_out(enrolment: Enrolment, groups: Collection[int], *, by: Person | None, at: dt.datetime) -> None:
    """Sessions of the groups that were left, minutes and one-to-one sessions follow. Runs in the caller's transaction.

    `by` runs the cohort, or is None where somebody used a right of their own. Raises ledger LessThanBooked.
    """
    if enrolment.opts_out_of_groups and groups:
        today = at.astimezone(enrolment.cohort.zone).date()
        ahead = upcoming_group_sessions(enrolment.cohort, today, at)
        booking.realign(sessions=[each for each in ahead if each.group_id in groups], by=by, at=at)
        tell_calendar(enrolment, at=at)
    ledger_actions.open_entitlements(enrolments=[enrolment], by=by, at=at)
    one_to_ones.balance([enrolment], by=by, at=at)


def tell_calendar(enrolment: Enrolment, *, entered: Collection[int] = (), at: dt.datetime) -> None:
    """Tell somebody's own calendar which sessions are theirs now, in mails of its own."""
    messages = invitations.catch_up([enrolment.person], entered=entered, at=at)
    notices.tell_calendars(messages, organisation_id=enrolment.cohort.programme.organisation_id, at=at)


Place = tuple[int | None, int | None]


def _as_they_are(cohort: Cohort, on: dt.date) -> dict[int, Place]:
    """Enrolment id → (engagement id, group number) on a day."""
    seats = GroupPlace.objects.filter(places_on(on), group__cohort=cohort, from_on__lte=on)
    numbers = dict(seats.values_list("enrolment_id", "group__number"))
    coaches = Enrolment.objects.filter(cohort=cohort).values_list("pk", "engagement_id")
    return {who: (held, numbers.get(who)) for who, held in coaches}


def _carry_sessions(cohort: Cohort, groups: Mapping[int, int], from_on: dt.date, *, by: Person, at: dt.datetime) -> int:
    """Sessions of groups that go on follow their members; a group that ends must have none ahead."""
    ahead = upcoming_group_sessions(cohort, from_on, at)
    for number in sorted({each.group.number for each in ahead if each.group}):
        own = [each for each in ahead if each.group and each.group.number == number]
        if number not in groups:
            raise SessionsHangOnGroup(number, own)
    return booking.realign(sessions=ahead, by=by, at=at) if ahead else 0


def _see_to_commission(proposal: GroupingProposal, raise_it: bool, *, by: Person, at: dt.datetime) -> None:
    lacks = minutes_lacking(proposal)
    if lacks and not raise_it:
        raise CommissionTooSmall(lacks)
    wanted: dict[int, dict[str, int]] = {}
    for lack in lacks:
        wanted.setdefault(lack.engagement_id, {})[lack.kind] = lack.commissioned + lack.minutes
    engagements = CoachEngagement.objects.select_related("cohort__programme", "person").in_bulk(wanted)
    for engagement_id in sorted(wanted):
        ledger_actions.commission(engagement=engagements[engagement_id], minutes=wanted[engagement_id], by=by, at=at)


def _tell(
    proposal: GroupingProposal,
    people: Iterable[Enrolment],
    *,
    before: Mapping[int, Place],
    after: Mapping[int, Place],
    entered: Collection[int],
    from_on: dt.date,
    address_of: str,
    at: dt.datetime,
) -> int:
    """One mail to each person whose group or coach changed, and to each coach concerned. None names another coachee.

    `entered` are the sessions (ids) in which others are now; calendars are told of them with these mails.
    """
    shared = {
        "cohort": proposal.cohort,
        "programme": proposal.cohort.programme,
        "from_on": date_format(from_on, "l j F Y"),
        "address": address_of,
    }
    times = _times_of_groups(proposal.cohort)
    moved = [each for each in people if before.get(each.pk) != after.get(each.pk) and each.engagement]
    drafts = [
        mail.Draft(
            f"groups:{proposal.pk}:{each.person_id}",
            each.person,
            "mail/group_place.txt",
            {
                **shared,
                **_meets(times, after[each.pk][1]),
                "coach": each.engagement.person.name if each.engagement else "",
            },
        )
        for each in moved
    ]
    drafts += _drafts_to_coaches(proposal, moved, before, after, shared)
    changed = [each.person for each in people if before.get(each.pk) != after.get(each.pk)]
    concerned = [*changed, *(draft.to for draft in drafts)]
    calendars = invitations.catch_up(concerned, entered=entered, at=at) if entered else {}
    return mail.post_all(
        drafts=notices.with_calendars(drafts, calendars),
        organisation_id=proposal.cohort.programme.organisation_id,
        at=at,
    )


def _times_of_groups(cohort: Cohort) -> dict[int, tuple[str, str]]:
    """Number → weekday and time on the cohort's wall, of groups that were formed for a published time."""
    slots = GroupSlot.objects.filter(cohort=cohort, group__isnull=False).order_by("pk")
    found = slots.values_list("group__number", "weekday", "starts")
    return {number: (str(WEEKDAYS[weekday - 1]), f"{starts:%H:%M}") for number, weekday, starts in found}


def _meets(times: Mapping[int, tuple[str, str]], number: int | None) -> dict[str, object]:
    day, time = times.get(number or 0, ("", ""))
    return {"number": number, "day": day, "time": time}


def _drafts_to_coaches(
    proposal: GroupingProposal,
    moved: Iterable[Enrolment],
    before: Mapping[int, Place],
    after: Mapping[int, Place],
    shared: Mapping[str, object],
) -> list[mail.Draft]:
    concerned = {held for each in moved for held in (before[each.pk][0], after[each.pk][0]) if held is not None}
    drafts = []
    coaches = CoachEngagement.objects.filter(pk__in=concerned).select_related("person").order_by("pk")
    for engagement in coaches:
        own = [number for held, number in after.values() if held == engagement.pk]
        numbers = sorted({number for number in own if number is not None})
        context = {**shared, "numbers": ", ".join(map(str, numbers)), "groups": len(numbers), "people": len(own)}
        key = f"groups:{proposal.pk}:coach:{engagement.pk}"
        drafts.append(mail.Draft(key, engagement.person, "mail/group_coach.txt", context))
    return drafts
