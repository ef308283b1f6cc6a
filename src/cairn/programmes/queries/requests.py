"""What waits for a coordinator: changes of job to decide about, and what Cairn could not deliver."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cairn.foundation import mail, queue
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import (
    Adjustment,
    Cohort,
    Enrolment,
    GroupPlace,
    MoveRequest,
    NewPosition,
    ParticipantImport,
)
from cairn.programmes.queries.access import cohorts

MOST = 100
DECIDED_DAYS = 60
DECIDED_SHOWN = 10
LOADED = (
    "enrolment__person",
    "enrolment__institution",
    "enrolment__engagement__person",
    "enrolment__cohort__programme__organisation",
    "said_by",
    "recorded_by",
)


@dataclass(frozen=True)
class Undelivered:
    """A mail that finally failed, or another job that did: what it was, whom it was for, since when.

    `kind` is "mail" or "job"; `id` is of that kind. `problem` is the kind of failure, never a text of anybody's.
    """

    kind: str
    id: int
    what: str
    whom: str
    address: str
    since: dt.datetime | None
    problem: str


def cohorts_with_waiting(reader: Person, at: dt.datetime) -> list[Cohort]:
    """The cohorts that the reader coordinates, newest first. One query.

    Adds `positions_waiting`, `moves_waiting`, `adjustments_waiting`, and `waiting_count`, which is everything that
    waits.
    """
    found = cohorts(reader, at).annotate(
        positions_waiting=_waiting(NewPosition),
        moves_waiting=_waiting(MoveRequest),
        adjustments_waiting=_waiting(Adjustment),
        waiting_count=F("positions_waiting") + F("moves_waiting") + F("adjustments_waiting"),
    )
    return list(found[:MOST])


def waiting_positions(reader: Person, at: dt.datetime, *, cohort_id: int | None = None) -> QuerySet[NewPosition]:
    """Changes of job that nobody has decided about, by the day from which they hold."""
    found = _coordinated(reader, at).filter(state=NewPosition.State.WAITING).order_by("starts_on", "pk")
    return found.filter(enrolment__cohort=cohort_id) if cohort_id else found


def decided_positions(reader: Person, at: dt.datetime, *, cohort_id: int | None = None) -> list[NewPosition]:
    """The last few that were decided, newest first."""
    since = at - dt.timedelta(days=DECIDED_DAYS)
    found = _coordinated(reader, at).exclude(state=NewPosition.State.WAITING).filter(recorded_at__gte=since)
    found = found.filter(enrolment__cohort=cohort_id) if cohort_id else found
    return list(found.order_by("-recorded_at", "-pk")[:DECIDED_SHOWN])


def position(reader: Person, position_id: int, at: dt.datetime) -> NewPosition:
    """One change of job in a cohort that the reader coordinates."""
    found = _coordinated(reader, at).filter(pk=position_id).first()
    if found is None:
        raise NotFound
    return found


def waiting_position_of(enrolment: Enrolment) -> NewPosition | None:
    """What waits for a person that the reader was given."""
    found = NewPosition.objects.filter(enrolment=enrolment, state=NewPosition.State.WAITING)
    return found.select_related("said_by").first()


def coached_enrolment(reader: Person, enrolment_id: int, at: dt.datetime) -> Enrolment:
    """Somebody who takes part and whom the reader coaches now: one-to-one, or in a group."""
    organisations = people_rules.organisations_as(reader, Role.COACH, at=at)
    coaching = {"state__in": rules.AT_WORK, "person": reader, "cohort__programme__organisation__in": organisations}
    own = Q(**{f"engagement__{name}": value for name, value in coaching.items()})
    seats = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=at.date()),
        **{f"group__engagement__{name}": value for name, value in coaching.items()},
    )
    found = (
        Enrolment.objects.filter(own | Q(pk__in=seats.values("enrolment")), state__in=rules.TAKING_PART)
        .select_related("cohort__programme__organisation", "engagement__person", "institution", "person")
        .filter(pk=enrolment_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def undelivered(reader: Person, at: dt.datetime, cohort_ids: Collection[int]) -> list[Undelivered]:
    """Mails that finally failed, and jobs that did, of the reader's organisations; newest first. Two queries.

    `cohort_ids` are those of `cohorts_with_waiting`.
    """
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    whom = Person.objects.filter(pk=OuterRef("to_id")).values("name")
    mails = mail.undelivered(organisations).annotate(whom=Subquery(whom[:1]))
    found = [
        Undelivered("mail", each.pk, each.subject, each.whom or "", each.address, each.queued_at, each.problem)
        for each in mails.order_by("-queued_at", "-pk")[:MOST]
    ]
    jobs = _jobs(cohort_ids, organisations).order_by("-pk")[:MOST]
    return found + [Undelivered("job", each.pk, each.task_name, "", "", each.scheduled_at, "") for each in jobs]


def failed_mail(reader: Person, mail_id: int, at: dt.datetime) -> int:
    """The id of a mail that failed for good in one of the reader's organisations."""
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    if not mail.undelivered(organisations).filter(pk=mail_id).exists():
        raise NotFound
    return mail_id


def failed_job(reader: Person, job_id: int, at: dt.datetime) -> int:
    """The id of a job that failed for good and belongs to one of the reader's cohorts or organisations."""
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    own = cohorts(reader, at).values_list("pk", flat=True)
    if not _jobs(list(own), organisations).filter(pk=job_id).exists():
        raise NotFound
    return job_id


def _waiting(model: type[Model]) -> Coalesce:
    """How many rows of a model that hangs on enrolments wait in a cohort."""
    waiting = model._default_manager.filter(enrolment__cohort=OuterRef("pk"), state="waiting").order_by()
    counted = waiting.values("enrolment__cohort").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _coordinated(reader: Person, at: dt.datetime) -> QuerySet[NewPosition]:
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return NewPosition.objects.filter(enrolment__cohort__programme__organisation__in=organisations).select_related(
        *LOADED
    )


def _jobs(cohort_ids: Collection[int], organisation_ids: Collection[int]) -> QuerySet[Any]:
    """Failed jobs other than mails that name a cohort, an organisation or an import of theirs in their arguments."""
    named = {name: queue.number_in_arguments(name) for name in ("cohort_id", "organisation_id", "import_id")}
    imports = ParticipantImport.objects.filter(cohort__in=cohort_ids).values("pk")
    return (
        queue.failed()
        .exclude(task_name=mail.SEND)
        .annotate(**named)
        .filter(Q(cohort_id__in=cohort_ids) | Q(organisation_id__in=organisation_ids) | Q(import_id__in=imports))
    )
