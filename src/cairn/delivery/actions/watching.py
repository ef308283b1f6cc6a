"""A coachee asks to hear when a taken time of their coach becomes free. Nobody learns by whom it is taken, or why.

One mail for each watch. A watch ends when its time passes, when its session is booked or can no longer be, and when
its owner ends it.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery.actions import problems, self_booking
from cairn.delivery.models import CoachingSession, Hold, SlotWatch
from cairn.delivery.queries import availability, not_bookable, words
from cairn.delivery.queries import self_booking as reads
from cairn.foundation import mail
from cairn.people.models import Person
from cairn.programmes.models import Enrolment

MOST = 20  # for one session; more would be a subscription to somebody's diary
OWN = ("own_session", "own_calendar", "own_near")


@transaction.atomic
def watch_time(*, session: CoachingSession, starts_at: dt.datetime, by: Person, at: dt.datetime) -> SlotWatch:
    """Ask to be told, once, when this time can be booked. Asking twice changes nothing.

    Raises NotFound, NotPossibleNow when the time is free, lies outside the coach's hours, the coachee is not free
    themselves, or too many are watched.
    """
    current, engagement, enrolment = self_booking.own(session, by=by, at=at)
    why = not_bookable.why_not(
        session=current, engagement=engagement, enrolment=enrolment, starts_at=starts_at, holder=by, at=at
    )
    if why in OWN:
        raise problems.NotPossibleNow(_("You have something else then yourself, so nobody else can free it for you."))
    if why is not None:
        raise problems.NotPossibleNow(_("Your coach does not offer that time."))
    free = availability.bookable_at(
        session=current, engagement=engagement, enrolment=enrolment, starts_at=starts_at, holder=by, at=at
    )
    if free is not None:
        raise problems.NotPossibleNow(_("That time is free now. Choose it."))
    own = SlotWatch.objects.filter(session=current, person=by)
    if own.filter(told_at=None).exclude(starts_at=starts_at).count() >= MOST:
        raise problems.NotPossibleNow(_("You watch %(most)s times already. End one of them first.") % {"most": MOST})
    watch, _is_new = SlotWatch.objects.get_or_create(
        session=current, person=by, starts_at=starts_at, defaults={"since": at}
    )
    if watch.told_at is not None:
        watch.told_at, watch.since = None, at
        watch.save(update_fields=["told_at", "since"])
    return watch


@transaction.atomic
def end_watch(*, session: CoachingSession, starts_at: dt.datetime, by: Person, at: dt.datetime) -> None:
    """Hear no more of this time. Ending twice changes nothing."""
    SlotWatch.objects.filter(session=session, person=by, starts_at=starts_at).delete()


def tell_watchers(*, address: str = "", at: dt.datetime) -> int:
    """Tell everybody whose watched time can be booked now; `address` is where Cairn is. Returns how many were told.

    Doing it again tells nobody twice. Holds that ran out, and watches whose time has passed, go.
    """
    Hold.objects.filter(expires_at__lte=at).delete()
    SlotWatch.objects.filter(starts_at__lte=at).delete()
    concerned = SlotWatch.objects.filter(told_at=None).order_by("session").values_list("session", flat=True).distinct()
    return sum(_tell_of(session_id, address, at) for session_id in list(concerned))


def end_for(enrolment: Enrolment) -> None:
    """Somebody leaves, or has another coach: what they hold and watch goes."""
    Hold.objects.filter(session__enrolment=enrolment).delete()
    SlotWatch.objects.filter(session__enrolment=enrolment).delete()


@transaction.atomic
def _tell_of(session_id: int, address: str, at: dt.datetime) -> int:
    """Those who watch for one session. Raises nothing: who can no longer book it watches no more."""
    watches = SlotWatch.objects.select_for_update(of=("self",)).select_related("person")
    waiting = list(watches.filter(session=session_id, told_at=None).order_by("pk"))
    session = reads.to_book(session_id, at)
    if session is None or session.engagement is None or session.enrolment is None:
        SlotWatch.objects.filter(session=session_id).delete()
        return 0
    told = 0
    for watch in waiting:
        if availability.bookable_at(
            session=session,
            engagement=session.engagement,
            enrolment=session.enrolment,
            starts_at=watch.starts_at,
            holder=watch.person,
            at=at,
        ):
            SlotWatch.objects.filter(pk=watch.pk).update(told_at=at)
            _post(watch, session, address, at)
            told += 1
    return told


def _post(watch: SlotWatch, session: CoachingSession, address: str, at: dt.datetime) -> None:
    mail.post(
        key=f"watch:{watch.pk}:{int(watch.since.timestamp())}",
        to=watch.person,
        template="mail/time_free.txt",
        context={
            "title": words.title(session),
            "when": words.moment_words(watch.starts_at, watch.person.time_zone),
            "address": f"{address}/sessions/{session.pk}/book/",
        },
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )
