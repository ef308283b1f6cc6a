"""Engaging a coach: the person, the offer, the minutes, the rate and the invitation in one go."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.delivery.actions import booking, invitations, notices, problems, turns
from cairn.delivery.models import CoachingSession, Hold, SessionPlace, SlotWatch
from cairn.delivery.terms import OF_ALL_COACHES, PlaceState, SessionState
from cairn.ledger import actions as ledger_actions
from cairn.ledger import queries as ledger_queries
from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.people.terms import Role
from cairn.programmes import actions as programme_actions
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class Accepted:
    """A coach has taken the work on: the meetings of all coaches to come in which they are now, and those in which
    they could not be put, because they are in another session then or no minutes are commissioned for it."""

    engagement: CoachEngagement
    entered: tuple[CoachingSession, ...]
    left_out: tuple[CoachingSession, ...]


class SessionsHangOnIt(programme_actions.Refused):
    """An engagement cannot end under sessions that have a date."""

    sentence = _("%(name)s still has %(sessions)s sessions with a date to come. Cancel them or give them away first.")


@transaction.atomic
def engage_coach(
    *,
    cohort: Cohort,
    email: str,
    name: str,
    is_internal: bool,
    needs_familiarisation: bool,
    minutes: Mapping[str, int],
    minor_per_hour: int | None,
    currency: str,
    tax_basis_points: int | None,
    address_of: str,
    by: Person,
    at: dt.datetime,
) -> CoachEngagement:
    """Ask somebody, known to Cairn or not, to coach a cohort, and invite them by mail to answer online.

    `minutes` are commissioned by kind. Without `minor_per_hour` no rate is set yet. The name of somebody known is left
    as it is. Raises programmes.actions.AlreadyEngaged, ledger.actions.LessThanBooked, invoicing.UnknownCurrency.
    """
    organisation = cohort.programme.organisation
    person, _is_new = people_actions.find_or_add_person(
        email=email, name=name, time_zone=organisation.time_zone, by=by, at=at
    )
    engagement = programme_actions.offer_engagement(
        cohort=cohort,
        person=person,
        is_internal=is_internal,
        needs_familiarisation=needs_familiarisation,
        by=by,
        at=at,
    )
    people_actions.grant_role(person=person, organisation=organisation, role=Role.COACH, by=by, at=at)
    _set_terms(
        engagement,
        minutes=minutes,
        minor_per_hour=minor_per_hour,
        currency=currency,
        tax_basis_points=tax_basis_points,
        by=by,
        at=at,
    )
    _invite(engagement, address_of=address_of, by=by, at=at)
    return engagement


@transaction.atomic
def accept_engagement(*, engagement: CoachEngagement, by: Person, at: dt.datetime) -> Accepted:
    """The coach takes the work on, and is expected at the meetings of all coaches to come: with minutes as the others
    are, and a mail that invites their calendar. Raises programmes.actions.NotOffered.
    """
    turns.take(engagement.cohort, at=at)
    accepted = programme_actions.accept_engagement(engagement=engagement, by=by, at=at)
    return _enter_meetings(accepted, by=by, at=at)


@transaction.atomic
def change_commission(
    *,
    engagement: CoachEngagement,
    is_internal: bool,
    needs_familiarisation: bool,
    minutes: Mapping[str, int],
    minor_per_hour: int | None,
    currency: str,
    tax_basis_points: int | None,
    rate_from_on: dt.date | None = None,
    by: Person,
    at: dt.datetime,
) -> CoachEngagement:
    """Change what a coach is commissioned for, and the rate from a day on (None: the first rate).

    Meetings of all coaches to come for which minutes were lacking are theirs then. Raises LessThanBooked,
    RateAlreadyInvoiced, AnotherCurrency of ledger.actions.
    """
    turns.take(engagement.cohort, at=at)
    changed = programme_actions.change_engagement(
        engagement=engagement, is_internal=is_internal, needs_familiarisation=needs_familiarisation, by=by, at=at
    )
    _set_terms(
        changed,
        minutes=minutes,
        minor_per_hour=minor_per_hour,
        currency=currency,
        tax_basis_points=tax_basis_points,
        from_on=rate_from_on,
        by=by,
        at=at,
    )
    if changed.state in programme_rules.AT_WORK:
        _enter_meetings(changed, by=by, at=at)
    return changed


@transaction.atomic
def ask_again(*, engagement: CoachEngagement, address_of: str, by: Person, at: dt.datetime) -> CoachEngagement:
    """Send an open offer's mail again, or offer anew what was declined or withdrawn, on the terms as they stand."""
    if engagement.state != CoachEngagement.State.OFFERED:
        engagement = programme_actions.offer_engagement(
            cohort=engagement.cohort,
            person=engagement.person,
            is_internal=engagement.is_internal,
            needs_familiarisation=engagement.needs_familiarisation,
            by=by,
            at=at,
        )
    _invite(engagement, address_of=address_of, by=by, at=at)
    return engagement


@transaction.atomic
def end_engagement(*, engagement: CoachEngagement, by: Person, at: dt.datetime) -> CoachEngagement:
    """End an engagement today, or withdraw an offer. Minutes not delivered are released; invoices stay.

    Raises programmes.actions.CoacheesHangOnIt, SessionsHangOnIt.
    """
    turns.take(engagement.cohort, at=at)
    on = at.astimezone(engagement.cohort.zone).date()
    ended = programme_actions.end_engagement(engagement=engagement, on=on, by=by, at=at)
    to_come = CoachingSession.objects.filter(engagement=ended, state=SessionState.BOOKED, starts_at__gte=at).count()
    if to_come:
        raise SessionsHangOnIt(name=ended.person.name, sessions=to_come)
    Hold.objects.filter(session__engagement=ended).delete()
    SlotWatch.objects.filter(session__engagement=ended).delete()
    _leave_meetings(ended, by=by, at=at)
    ledger_actions.release_commission(engagement=ended, on=on, by=by, at=at)
    return ended


def _enter_meetings(engaged: CoachEngagement, *, by: Person, at: dt.datetime) -> Accepted:
    """Put a coach into the meetings of all coaches to come, each on its own: one that cannot be stops no other.

    Where it cannot be they are noted as away, so that the meeting goes on without them; a later commission tries again.
    """
    ahead = CoachingSession.objects.filter(
        cohort=engaged.cohort_id, kind__in=OF_ALL_COACHES, state=SessionState.BOOKED, starts_at__gt=at
    )
    # To a celebration they may have said themselves that they cannot come.
    missing = ahead.exclude(taken__person=engaged.person_id).exclude(
        kind=Kind.CELEBRATION, places__engagement=engaged.pk
    )
    entered, left_out = [], []
    for session in missing.order_by("pk"):
        try:
            with transaction.atomic():
                SessionPlace.objects.filter(session=session, engagement=engaged).delete()
                booking.realign(sessions=[session], by=by, at=at)
        except (problems.JustTaken, ledger_actions.NotEnoughMinutes):
            away = {"state": PlaceState.AWAY, "since": at}
            SessionPlace.objects.get_or_create(session=session, engagement=engaged, defaults=away)
            left_out.append(session)
        else:
            entered.append(session)
    if entered:
        messages = invitations.invite(entered, [engaged.person], at=at)
        notices.tell_calendars(messages, organisation_id=engaged.cohort.programme.organisation_id, at=at)
    return Accepted(engaged, tuple(entered), tuple(left_out))


def _leave_meetings(ended: CoachEngagement, *, by: Person, at: dt.datetime) -> None:
    """Meetings of all coaches go on without them: time and minutes come back, and their calendar is told."""
    meetings = CoachingSession.objects.filter(
        cohort=ended.cohort_id, kind__in=OF_ALL_COACHES, state=SessionState.BOOKED, taken__person=ended.person_id
    )
    ahead = list(meetings.filter(starts_at__gt=at))
    if ahead:
        booking.realign(sessions=ahead, by=by, at=at)
        messages = invitations.catch_up([ended.person], at=at)
        notices.tell_calendars(messages, organisation_id=ended.cohort.programme.organisation_id, at=at)


def _set_terms(
    engagement: CoachEngagement,
    *,
    minutes: Mapping[str, int],
    minor_per_hour: int | None,
    currency: str,
    tax_basis_points: int | None,
    from_on: dt.date | None = None,
    by: Person,
    at: dt.datetime,
) -> None:
    ledger_actions.commission(engagement=engagement, minutes=minutes, by=by, at=at)
    if minor_per_hour is None:
        return
    ledger_actions.set_rate(
        engagement=engagement,
        minor_per_hour=minor_per_hour,
        currency=currency,
        tax_basis_points=tax_basis_points,
        from_on=from_on or _first_day(engagement, at),
        by=by,
        at=at,
    )


def _first_day(engagement: CoachEngagement, at: dt.datetime) -> dt.date:
    """From when the first rate holds: familiarisation is paid too, and takes place before the cohort begins."""
    rates = ledger_queries.rates_for([engagement]).get(engagement.pk, ())
    engaged_on = at.astimezone(engagement.cohort.zone).date()
    return rates[0].from_on if rates else min(engaged_on, engagement.cohort.starts_on)


def _invite(engagement: CoachEngagement, *, address_of: str, by: Person, at: dt.datetime) -> None:
    programme = engagement.cohort.programme
    people_actions.invite(
        person=engagement.person,
        organisation=programme.organisation,
        leads_to=f"/engagements/{engagement.pk}/",
        template="mail/invitation_engagement.txt",
        context={"cohort": engagement.cohort, "programme": programme},
        address_of=address_of,
        by=by,
        at=at,
    )
