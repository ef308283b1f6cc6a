"""A coach's engagement for a cohort: offered, accepted or declined, changed, ended."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment

State = CoachEngagement.State


class AlreadyEngaged(Refused):
    """The coach has an offer or works in the cohort already."""

    field = "email"
    sentence = _("%(name)s is a coach of this cohort already. Change what they are commissioned for in the list.")


class CoacheesHangOnIt(Refused):
    """An engagement cannot end under people or groups."""

    sentence = _(
        "%(name)s still coaches in this cohort (people: %(people)s, groups: %(groups)s). "
        "Give them another coach first, then end the engagement."
    )


class NotOffered(Refused):
    """The offer was answered or withdrawn meanwhile."""

    sentence = _("This offer is no longer open. Look at how it stands now.")


@transaction.atomic
def offer_engagement(
    *, cohort: Cohort, person: Person, is_internal: bool, needs_familiarisation: bool, by: Person, at: dt.datetime
) -> CoachEngagement:
    """Offer a person the work of a coach in a cohort; one who declined or whose engagement ended is asked anew.

    Raises AlreadyEngaged.
    """
    _must_run(by, cohort, at)
    standing = CoachEngagement.objects.select_for_update().filter(cohort=cohort, person=person).first()
    if standing is not None and standing.state in (State.OFFERED, State.ACCEPTED):
        raise AlreadyEngaged(name=person.name)
    terms = {"is_internal": is_internal, "needs_familiarisation": needs_familiarisation, "state": State.OFFERED}
    if standing is None:
        engagement = CoachEngagement.objects.create(cohort=cohort, person=person, offered_at=at, **terms)
    else:
        engagement = standing
        _write(engagement, offered_at=at, answered_at=None, ended_on=None, **terms)
    _record("offer_engagement", engagement, by=by, at=at)
    return engagement


@transaction.atomic
def accept_engagement(*, engagement: CoachEngagement, by: Person, at: dt.datetime) -> CoachEngagement:
    """The coach takes the work on; also from a decline that they take back. Raises NotOffered."""
    current = _locked_for_coach(engagement, by)
    if current.state == State.ACCEPTED:
        return current
    if current.state not in (State.OFFERED, State.DECLINED):
        raise NotOffered
    _write(current, state=State.ACCEPTED, answered_at=at)
    _record("accept_engagement", current, by=by, at=at)
    return current


@transaction.atomic
def decline_engagement(*, engagement: CoachEngagement, by: Person, at: dt.datetime) -> CoachEngagement:
    """The coach does not take the work on. Raises NotOffered once they had accepted."""
    current = _locked_for_coach(engagement, by)
    if current.state == State.DECLINED:
        return current
    if current.state != State.OFFERED:
        raise NotOffered
    _write(current, state=State.DECLINED, answered_at=at)
    _record("decline_engagement", current, by=by, at=at)
    return current


@transaction.atomic
def take_back_decline(*, engagement: CoachEngagement, by: Person, at: dt.datetime) -> CoachEngagement:
    """The coach makes a decline undone: the offer is open again. Raises NotOffered."""
    current = _locked_for_coach(engagement, by)
    if current.state != State.DECLINED:
        raise NotOffered
    _write(current, state=State.OFFERED, answered_at=None)
    _record("take_back_decline", current, by=by, at=at)
    return current


@transaction.atomic
def change_engagement(
    *, engagement: CoachEngagement, is_internal: bool, needs_familiarisation: bool, by: Person, at: dt.datetime
) -> CoachEngagement:
    """Put right whether a coach is internal, and new to the programme."""
    _must_run(by, engagement.cohort, at)
    current = _locked(engagement)
    _write(current, is_internal=is_internal, needs_familiarisation=needs_familiarisation)
    _record("change_engagement", current, by=by, at=at)
    return current


@transaction.atomic
def end_engagement(*, engagement: CoachEngagement, on: dt.date, by: Person, at: dt.datetime) -> CoachEngagement:
    """End an engagement, or withdraw an offer. Raises CoacheesHangOnIt; history and invoices stay."""
    _must_run(by, engagement.cohort, at)
    current = _locked(engagement)
    if current.state == State.ENDED:
        return current
    people = Enrolment.objects.filter(engagement=current, state__in=rules.TAKING_PART).count()
    groups = current.groups.count()
    if people or groups:
        raise CoacheesHangOnIt(name=current.person.name, people=people, groups=groups)
    _write(current, state=State.ENDED, ended_on=on, answered_at=current.answered_at or at)
    _record("end_engagement", current, by=by, at=at)
    return current


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _locked(engagement: CoachEngagement) -> CoachEngagement:
    found = CoachEngagement.objects.select_for_update(of=("self",)).select_related(
        "person", "cohort__programme__organisation"
    )
    return found.get(pk=engagement.pk)


def _locked_for_coach(engagement: CoachEngagement, by: Person) -> CoachEngagement:
    current = _locked(engagement)
    if current.person_id != by.pk:
        raise NotAllowed
    return current


def _write(engagement: CoachEngagement, **values: object) -> None:
    for name, value in values.items():
        setattr(engagement, name, value)
    engagement.save(update_fields=[*values])


def _record(action: str, engagement: CoachEngagement, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="engagement",
        subject_id=engagement.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts={"cohort": engagement.cohort_id, "person": engagement.person_id},
        by=by,
        at=at,
    )
