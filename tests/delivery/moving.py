"""Steps in the life of a request to change group, as tests take them."""

import datetime as dt

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.foundation.models import MailMessage
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import CoachTime, Entitlement
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import (
    GroupPlace,
)
from tests.delivery import making

FROM = dt.date(2027, 3, 11)


def ask(world, at, *, who="thandiwe", wish="another", by=None, **more):
    enrolment = world.enrolments[who]
    return programme_actions.ask_to_move(enrolment=enrolment, wish=wish, by=by or world.people[who], at=at, **more)


def looked(world, request, at, on=FROM):
    """What the coordinator sees on the request's page."""
    return programme_queries.move_answer(programme_queries.move_request(world.halina, request.pk, at), on)


def approve(world, request, at, *, way=None, on=FROM, seen=None, by=None, **more):
    shown = looked(world, request, at, on)
    return actions.approve_move_request(
        request=request,
        way=way or shown.ways[-1].key,
        from_on=on,
        seen=seen or shown.stamp,
        by=by or world.halina,
        at=at,
        **more,
    )


def undo(world, request, at, by=None):
    return actions.undo_move_request(request=request, by=by or world.halina, at=at)


def swap(world):
    """The key of the way in which Thandiwe and Siobhán change places."""
    return f"{world.enrolments['thandiwe'].pk}-2,{world.enrolments['siobhan'].pk}-1"


def seats(world):
    rows = GroupPlace.objects.filter(group__cohort=world.cohort).order_by("enrolment_id", "from_on")
    return list(rows.values_list("enrolment_id", "group__number", "from_on", "to_on"))


def books():
    """What stands in every account."""
    fields = ("pk", "promised", "booked", "used", "released")
    return [list(model.objects.order_by("pk").values_list(*fields)) for model in (Entitlement, CoachTime)]


def one_to_ones(world, who):
    sessions = CoachingSession.objects.filter(enrolment=world.enrolments[who], kind="one_to_one")
    return sorted(sessions.exclude(state="cancelled").values_list("state", "engagement__person__name", "minutes"))


def mailed(before=0):
    """Whom mails told of it, but for those that only bring a calendar up to date."""
    mails = MailMessage.objects.order_by("pk").values_list("address", "key")[before:]
    return sorted(address for address, key in mails if not key.startswith("calendar:"))


def gathering(world, at):
    """Both groups meet on 10 and 24 March; Thandiwe has a one-to-one on 18 March."""
    own = [each for each in world.enrolments.values() if each.cohort_id == world.cohort.pk]
    ledger_actions.open_entitlements(enrolments=own, by=world.halina, at=at)
    met = {
        (number, day): making.group_session(world, dt.datetime(2027, 3, day, 10 + number), at=at, number=number)
        for number in (1, 2)
        for day in (10, 24)
    }
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    first = CoachingSession.objects.filter(enrolment=world.enrolments["thandiwe"], state="undated").earliest("position")
    making.date(first, dt.datetime(2027, 3, 18, 15), by=world.ioana, at=at)
    return met, first
