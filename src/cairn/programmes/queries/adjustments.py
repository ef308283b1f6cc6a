"""Adjustments as the person who needs them and as coordinators see them. Coaches and groups read what is arranged
elsewhere (`delivery.queries.arranged`), where the need cannot be had."""

import datetime as dt

from django.db.models import F, QuerySet

from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes.models import Adjustment, Enrolment
from cairn.programmes.terms import AdjustmentState

MOST = 50
ANSWERED_SHOWN = 25
WAITING, AGREED = AdjustmentState.WAITING, AdjustmentState.AGREED
LOADED = (
    "enrolment__person",
    "enrolment__cohort__programme__organisation",
    "enrolment__engagement__person",
    "asked_by",
    "answered_by",
)


def adjustments_of(enrolment: Enrolment) -> list[Adjustment]:
    """What was ever asked for somebody that the reader was given (themselves, or in a cohort of theirs), newest
    first."""
    found = Adjustment.objects.filter(enrolment=enrolment).select_related("asked_by")
    return list(found.order_by("-asked_at", "-pk")[:MOST])


def adjustment_of(enrolment: Enrolment, adjustment_id: int) -> Adjustment:
    """One of those; else NotFound."""
    found = Adjustment.objects.filter(enrolment=enrolment, pk=adjustment_id).first()
    if found is None:
        raise NotFound
    found.enrolment = enrolment
    return found


def adjustment(reader: Person, adjustment_id: int, at: dt.datetime) -> Adjustment:
    """One adjustment in a cohort that the reader coordinates."""
    found = _coordinated(reader, at).filter(pk=adjustment_id).first()
    if found is None:
        raise NotFound
    return found


def agreed_one_to_one(enrolment: Enrolment) -> Adjustment | None:
    """What stands behind somebody's being coached one-to-one only."""
    return Adjustment.objects.filter(enrolment=enrolment, need="one_to_one", state=AGREED).first()


def waiting_adjustments(reader: Person, at: dt.datetime, *, cohort_id: int | None = None) -> QuerySet[Adjustment]:
    """What nobody has answered, longest waiting first."""
    found = _coordinated(reader, at).filter(state=WAITING)
    return _in(found, cohort_id).order_by("asked_at", "pk")


def answered_adjustments(reader: Person, at: dt.datetime, *, cohort_id: int | None = None) -> list[Adjustment]:
    """The last few that were answered, ended or withdrawn; newest first."""
    found = _in(_coordinated(reader, at).exclude(state=WAITING), cohort_id)
    return list(found.order_by(F("answered_at").desc(nulls_last=True), "-pk")[:ANSWERED_SHOWN])


def _coordinated(reader: Person, at: dt.datetime) -> QuerySet[Adjustment]:
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    found = Adjustment.objects.filter(enrolment__cohort__programme__organisation__in=organisations)
    return found.select_related(*LOADED)


def _in(found: QuerySet[Adjustment], cohort_id: int | None) -> QuerySet[Adjustment]:
    return found.filter(enrolment__cohort=cohort_id) if cohort_id else found
