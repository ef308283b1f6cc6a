"""Who waits for whom, where a change touches many people of a cohort at once.

Every action locks sessions before people before accounts, each by id, so that none waits in a circle. What seats many
people anew cannot know beforehand whose sessions it will touch, so it takes the whole cohort's turn first.
"""

import datetime as dt

from django.db.models import Q

from cairn.delivery.actions import occupancy
from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment


def take(cohort: Cohort, *, also: Q | None = None, at: dt.datetime) -> None:
    """Wait until nobody else changes seats, dates or minutes of this cohort from now on. Ends with the transaction.

    `also` are further sessions of the cohort, apart from those to come.
    """
    list(Cohort.objects.select_for_update(no_key=True).filter(pk=cohort.pk).values_list("pk", flat=True))
    ahead = Q(state=SessionState.UNDATED) | Q(state=SessionState.BOOKED, starts_at__gt=at)
    sessions = CoachingSession.objects.select_for_update(no_key=True).filter(
        ahead | (also or Q(pk__in=[])), cohort=cohort
    )
    list(sessions.order_by("pk").values_list("pk", flat=True))
    enrolled = Enrolment.objects.filter(cohort=cohort).values_list("person_id", flat=True)
    coaches = CoachEngagement.objects.filter(cohort=cohort).values_list("person_id", flat=True)
    occupancy.lock({*enrolled, *coaches})
