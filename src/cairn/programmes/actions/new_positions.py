"""Somebody moves to a new job: they, their coach or a coordinator say so. What follows is decided by a coordinator.

Only the day and the wish are asked; nobody asks which employer it is.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Enrolment, NewPosition
from cairn.programmes.terms import Stays


class SaidAlready(Refused):
    """One change of job waits at a time."""

    sentence = _("A new job has been noted already and waits for a coordinator. Take that back first to change it.")


class LeavesAlready(Refused):
    """A coordinator has recorded before that they leave."""

    sentence = _("A coordinator has recorded already that this person leaves on %(day)s.")


class OutsideCohort(Refused):
    """A new job before the cohort began or after it ended changes nothing in it."""

    field = "starts_on"
    sentence = _("The cohort runs from %(first)s to %(last)s. Choose a day within it.")


class DecidedAlready(Refused):
    """A coordinator has decided meanwhile."""

    sentence = _("A coordinator has decided about this meanwhile, so it can no longer be taken back here.")


@transaction.atomic
def say_new_position(
    *, enrolment: Enrolment, starts_on: dt.date, wish: str = Stays.UNKNOWN, by: Person, at: dt.datetime
) -> NewPosition:
    """Note that somebody has a new job from `starts_on` on, and what they wish (`terms.Stays`). Changes nothing else.

    The person, their coach and coordinators may. Raises SaidAlready, LeavesAlready, OutsideCohort.
    """
    current = Enrolment.objects.select_related("cohort__programme__organisation", "person").get(pk=enrolment.pk)
    if not rules.may_say_new_position(by, current, at):
        raise NotFound
    cohort = current.cohort
    if current.left_on is not None:
        raise LeavesAlready(day=_day(current.left_on))
    if not cohort.starts_on <= starts_on <= cohort.ends_on:
        raise OutsideCohort(first=_day(cohort.starts_on), last=_day(cohort.ends_on))
    try:
        with transaction.atomic():
            position = NewPosition.objects.create(
                enrolment=current, starts_on=starts_on, wish=Stays(wish).value, said_by=by, said_at=at
            )
    except IntegrityError as error:
        raise SaidAlready from error
    _record("say_new_position", position, by=by, at=at)
    return position


@transaction.atomic
def withdraw_new_position(*, position: NewPosition, by: Person, at: dt.datetime) -> None:
    """Take back what was said, as long as no coordinator has decided. Raises DecidedAlready."""
    current = (
        NewPosition.objects.select_for_update(of=("self",))
        .select_related("enrolment__cohort__programme__organisation", "enrolment__person")
        .get(pk=position.pk)
    )
    if not rules.may_say_new_position(by, current.enrolment, at):
        raise NotFound
    if current.state != NewPosition.State.WAITING:
        raise DecidedAlready
    NewPosition.objects.filter(pk=current.pk).update(
        state=NewPosition.State.DECLINED, recorded_by=by, recorded_at=at, outcome=""
    )
    _record("withdraw_new_position", current, by=by, at=at)


def _day(on: dt.date) -> str:
    return date_format(on, "j F Y")


def _record(action: str, position: NewPosition, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="new_position",
        subject_id=position.pk,
        organisation_id=position.enrolment.cohort.programme.organisation_id,
        facts={
            "enrolment": position.enrolment_id,
            "starts_on": position.starts_on.isoformat(),
            "wish": position.wish,
        },
        by=by,
        at=at,
    )
