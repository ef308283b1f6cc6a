"""Erasing a whole journey takes along what its owner left on sessions for their own sake."""

import datetime as dt

from django.db import transaction

from cairn.delivery.actions import occupancy
from cairn.delivery.models import Hold, SlotWatch
from cairn.journey import actions as journey_actions
from cairn.people.models import Person


@transaction.atomic
def erase_everything(*, by: Person, at: dt.datetime) -> journey_actions.Erased:
    """As `journey.actions.erase_everything`; what the person holds and watches goes as well.

    Sessions and marks stay: they are the organisation's history of what took place.
    """
    occupancy.let_go(Hold.objects.filter(by=by))
    SlotWatch.objects.filter(person=by).delete()
    return journey_actions.erase_everything(by=by, at=at)
