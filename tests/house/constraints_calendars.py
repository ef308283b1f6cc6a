"""Constraints of calendars that go out and of the series in them: what each allows, what it refuses."""

import datetime as dt

from cairn.delivery.models import CalendarFeed, InvitationReply, SentInvitation, Series
from tests.cast import AT
from tests.house.constraints_delivery import DATED, _session
from tests.house.constraints_programmes import each


def _feed(w, number, **fields):
    return CalendarFeed.objects.create(person=w.thandiwe, secret_hash=str(number) * 64, made_at=AT, **fields)


def _reply(w, session, who):
    return InvitationReply.objects.create(session=session, person=w.people[who], answer="declined", sequence=1, at=AT)


def _sent(w, session, who):
    return SentInvitation.objects.create(
        session=session, person=w.people[who], sequence=1, starts_at=AT, ends_at=AT + dt.timedelta(hours=1), sent_at=AT
    )


def _twice(w, make, *people):
    session = _session(w)
    return [make(w, session, who) for who in people][-1]


def _series(w):
    return Series.objects.create(cohort=w.cohort, group=w.groups[1], made_at=AT)


TABLE = {
    "one_live_feed_per_person": (
        lambda w: each(lambda **f: _feed(w, **f), {"number": 1, "revoked_at": AT}, {"number": 2}),
        lambda w: each(lambda **f: _feed(w, **f), {"number": 1}, {"number": 2}),
    ),
    "one_reply_per_invitation": (
        lambda w: _twice(w, _reply, "thandiwe", "part"),
        lambda w: _twice(w, _reply, "thandiwe", "thandiwe"),
    ),
    "one_invitation_per_person": (
        lambda w: _twice(w, _sent, "thandiwe", "part"),
        lambda w: _twice(w, _sent, "thandiwe", "thandiwe"),
    ),
    "occurrence_knows_where_it_was_planned": (
        lambda w: _session(w, **DATED, series=_series(w), planned_wall=AT),
        lambda w: _session(w, **DATED, series=_series(w)),
    ),
    "fold_is_first_or_second": (
        lambda w: _session(w, **DATED, fold=1),
        lambda w: _session(w, **DATED, fold=2),
    ),
}
