"""Engaging a coach: the person, the offer, the minutes, the rate and the invitation in one go."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.delivery.actions import booking, invitations, notices
from cairn.delivery.models import CoachingSession, Hold, SlotWatch
from cairn.delivery.terms import OF_ALL_COACHES, SessionState
from cairn.ledger import actions as ledger_actions
from cairn.ledger import queries as ledger_queries
from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.people.terms import Role
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import CoachEngagement, Cohort


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

    Raises ledger.actions.LessThanBooked, RateAlreadyInvoiced, AnotherCurrency.
    """
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
