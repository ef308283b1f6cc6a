"""A cohort's values change, and what its sessions are to do about it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from cairn.delivery.actions import occupancy
from cairn.delivery.models import CoachingSession, Hold
from cairn.delivery.terms import SessionState
from cairn.foundation import audit
from cairn.people.models import Person
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import Cohort
from cairn.programmes.queries.plan import CohortValues


@transaction.atomic
def change_cohort(
    *,
    cohort: Cohort,
    values: CohortValues,
    mixing: Sequence[programme_actions.MixBy] | None = None,
    seen: str = "",
    by: Person,
    at: dt.datetime,
) -> programme_actions.CohortChange:
    """Change some of a cohort's values; with another time zone, sessions that have no date yet follow to it.

    Those with a date keep what people agreed on: wall time and zone. Raises what `programmes.actions.change_cohort`
    raises.
    """
    change = programme_actions.change_cohort(cohort=cohort, values=values, mixing=mixing, seen=seen, by=by, at=at)
    if "time_zone" not in values:
        return change
    return replace(change, sessions_following=_follow(change.cohort, by=by, at=at))


def _follow(cohort: Cohort, *, by: Person, at: dt.datetime) -> int:
    """Let undated sessions lie in the cohort's zone. Returns how many did not.

    The version is raised, so that a form which shows the former zone does not give them a date in this one; a time
    that somebody is about to confirm is let go.
    """
    undated = CoachingSession.objects.filter(cohort=cohort, state=SessionState.UNDATED)
    other = undated.exclude(time_zone=cohort.time_zone).select_for_update(no_key=True).order_by("pk")
    ids = list(other.values_list("pk", flat=True))
    if not ids:
        return 0
    occupancy.let_go(Hold.objects.filter(session__in=ids))
    CoachingSession.objects.filter(pk__in=ids).update(time_zone=cohort.time_zone, version=F("version") + 1)
    audit.record(
        action="follow_cohort_zone",
        subject_kind="cohort",
        subject_id=cohort.pk,
        organisation_id=cohort.programme.organisation_id,
        facts={"sessions": len(ids)},
        by=by,
        at=at,
    )
    return len(ids)
