"""Erasing a whole journey takes along what its owner left on sessions for their own sake."""

import datetime as dt

from django.db import transaction

from cairn.delivery.actions import occupancy, topics
from cairn.delivery.actions.busy_calendars import forget_busy_calendars
from cairn.delivery.actions.feeds import forget_feeds
from cairn.delivery.models import Hold, SlotWatch
from cairn.journey import actions as journey_actions
from cairn.people.models import Person


@transaction.atomic
def erase_everything(*, by: Person, at: dt.datetime) -> journey_actions.Erased:
    """As `journey.actions.erase_everything`; what the person holds and watches goes as well.

    So do the questions they asked for topic sessions, words and author, also those that were taken up.

    When the account closes, what ties it to calendars of the person's own goes too, either way.

    Sessions and marks stay: they are the organisation's history of what took place.
    """
    occupancy.let_go(Hold.objects.filter(by=by))
    SlotWatch.objects.filter(person=by).delete()
    topics.forget_questions(by)
    erased = journey_actions.erase_everything(by=by, at=at)
    if erased.closed:
        forget_busy_calendars(person_id=by.pk)
        forget_feeds(person_id=by.pk)
    return erased
