"""Nobody keeps a time by holding it again and again: what was held twice within the hour is not held a third time.

Holds themselves go when they run out, so what was held is read from the audit of the coach's engagement.
"""

import datetime as dt

from django.utils.translation import gettext as _

from cairn.delivery.actions import problems
from cairn.delivery.models import Hold
from cairn.delivery.queries import self_booking as reads
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement

MOST = 2
WITHIN = dt.timedelta(hours=1)
ACTION = "hold_time"


def must_not_go_on(engagement: CoachEngagement, starts_at: dt.datetime, *, by: Person, at: dt.datetime) -> None:
    """Whichever of their sessions somebody holds it for; with a booking they begin anew. Raises NotPossibleNow."""
    held = AuditEntry.objects.filter(
        subject_kind="engagement", subject_id=engagement.pk, action=ACTION, by_id=by.pk, at__gt=at - WITHIN
    )
    same = list(held.filter(facts__starts_at=starts_at.isoformat()))
    if len(same) < MOST:
        return
    booked = AuditEntry.objects.filter(
        subject_kind="session",
        subject_id__in={entry.facts["session"] for entry in same},
        action__in=reads.DATING,
        by_id=by.pk,
    )
    last = booked.order_by("-pk").values_list("pk", flat=True).first() or 0
    if sum(entry.pk > last for entry in same) >= MOST:
        raise problems.NotPossibleNow(
            _("This time was kept for you twice within the hour, so it is not kept again. Choose another, or wait.")
        )


def record(engagement: CoachEngagement, hold: Hold, *, by: Person, at: dt.datetime) -> None:
    """That somebody holds a time of this coach now."""
    audit.record(
        action=ACTION,
        subject_kind="engagement",
        subject_id=engagement.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts={"session": hold.session_id, "starts_at": hold.during.lower.isoformat()},
        by=by,
        at=at,
    )
