"""The constraints on polls: what each allows, what it refuses."""

import datetime as dt

from cairn.delivery.models import CoachingSession, Poll, PollAnswer, PollTime
from tests.cast import AT
from tests.house.constraints_programmes import each

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def _session(w):
    found = CoachingSession.objects.filter(kind="group", position=9).first()
    starts = AT + 20 * DAY
    return found or CoachingSession.objects.create(
        cohort=w.cohort,
        kind="group",
        engagement=w.engagements["ioana"],
        group=w.groups[1],
        position=9,
        minutes=60,
        state="booked",
        time_zone="Europe/London",
        wall_starts=starts,
        starts_at=starts,
        ends_at=starts + HOUR,
    )


def _poll(w, **fields):
    given = {"session": _session(w), "opened_by": w.ioana, "opened_at": AT, "closes_at": AT + DAY}
    return Poll.objects.create(**{**given, **fields})


def _time(w, poll=None, *, days=10, **fields):
    poll = poll or Poll.objects.filter(state="open").first() or _poll(w)
    starts = AT + days * DAY
    given = {"poll": poll, "wall_starts": starts, "starts_at": starts, "ends_at": starts + HOUR}
    return PollTime.objects.create(**{**given, **fields})


def _answer(w, who="thandiwe"):
    time = PollTime.objects.first() or _time(w)
    return PollAnswer.objects.create(time=time, enrolment=w.enrolments[who], word="yes", at=AT)


TABLE = {
    "one_open_poll_per_session": (
        lambda w: each(lambda **f: _poll(w, **f), {"state": "settled"}, {"state": "withdrawn"}, {}),
        lambda w: each(lambda **f: _poll(w, **f), {}, {}),
    ),
    "poll_closes_after_it_opens": (_poll, lambda w: _poll(w, closes_at=AT)),
    "one_poll_time_per_start": (
        lambda w: each(lambda **f: _time(w, **f), {}, {"days": 11}),
        lambda w: each(lambda **f: _time(w, **f), {}, {}),
    ),
    "one_chosen_time_per_poll": (
        lambda w: each(lambda **f: _time(w, **f), {"is_chosen": True}, {"days": 11}),
        lambda w: each(lambda **f: _time(w, is_chosen=True, **f), {}, {"days": 11}),
    ),
    "poll_time_ends_after_it_starts": (_time, lambda w: _time(w, ends_at=AT + 10 * DAY)),
    "one_answer_per_poll_time": (
        lambda w: each(lambda **f: _answer(w, **f), {}, {"who": "part"}),
        lambda w: each(lambda **f: _answer(w, **f), {}, {}),
    ),
}
