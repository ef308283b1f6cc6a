"""The constraints on times that are held or watched: what each allows, what it refuses."""

import datetime as dt

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery.models import Hold, SlotWatch
from tests.cast import AT
from tests.delivery import making
from tests.house.constraints_programmes import each

HOUR = dt.timedelta(hours=1)


def _hold(w, *, hours=0, coach="ioana"):
    starts_at = AT + hours * HOUR
    return Hold.objects.create(
        session=making.undated(w),
        coach=w.people[coach],
        by=w.thandiwe,
        wall_starts=starts_at,
        during=DateTimeTZRange(starts_at, starts_at + HOUR),
        expires_at=AT,
    )


def _watch(w, session, *, hours=0, who="thandiwe"):
    return SlotWatch.objects.create(session=session, person=w.people[who], starts_at=AT + hours * HOUR, since=AT)


def _watches(w, *given):
    session = making.undated(w)
    return each(lambda **fields: _watch(w, session, **fields), *given)


TABLE = {
    "no_time_is_held_twice": (
        lambda w: each(lambda **f: _hold(w, **f), {}, {"hours": 1}, {"coach": "malik"}),
        lambda w: each(lambda **f: _hold(w, **f), {}, {"hours": 0.5}),
    ),
    "one_watch_per_time": (
        lambda w: _watches(w, {}, {"hours": 1}, {"who": "part"}),
        lambda w: _watches(w, {}, {}),
    ),
}
