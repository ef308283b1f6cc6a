"""Meetings of many: planned and paid for in one go, described, and what coaches bring to their own meetings.

Texts of a coach meeting are read by the coaches of the cohort and those who run it, and by nobody else.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, numbering, occupancy, place_notices, places, problems
from cairn.delivery.actions.taken_away import TakenAway
from cairn.delivery.models import CoachingSession, MeetingPoint, SessionDetail
from cairn.delivery.queries import words
from cairn.delivery.terms import FOR_THE_COHORT, MEETINGS, OF_ALL_COACHES, Mode, PointKind
from cairn.ledger import actions as ledger_actions
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment
from cairn.programmes.terms import Kind

# Which texts belong to which kind of meeting. The description of a coach meeting is its agenda.
FIELDS = {
    Kind.COACH_MEETING: frozenset({"description", "notes"}),
    Kind.TOPIC: frozenset({"title", "description", "material", "places"}),
    Kind.DROP_IN: frozenset({"description", "places"}),
    Kind.CELEBRATION: frozenset({"description", "places"}),
}


class WrittenMeanwhile(problems.Refused):
    """Somebody else wrote in the same place; `detail` is what stands there now. Nothing of theirs was overwritten."""

    def __init__(self, detail: SessionDetail, zone: Any) -> None:
        self.detail = detail
        who = detail.changed_by.name if detail.changed_by else _("Somebody")
        time = f"{detail.changed_at.astimezone(zone):%H:%M}" if detail.changed_at else ""
        super().__init__(
            _("%(who)s changed this at %(time)s (%(zone)s), after you had opened it.")
            % {"who": who, "time": time, "zone": words.zone_label(str(zone))}
        )


class MoreSeated(problems.Refused):
    """Fewer places than are taken."""

    def __init__(self, seated: int) -> None:
        super().__init__(_("%(n)s places are taken already, so there cannot be fewer.") % {"n": seated})


@transaction.atomic
def add_meeting(
    *,
    cohort: Cohort,
    kind: str,
    engagement: CoachEngagement | None = None,
    minutes: int | None = None,
    wall_starts: dt.datetime,
    mode: str = Mode.ONLINE,
    where: str = "",
    fold: booking.Fold = None,
    title: str = "",
    description: str = "",
    material: str = "",
    places_for: int | None = None,
    commissions: bool = False,
    by: Person,
    at: dt.datetime,
) -> CoachingSession:
    """Plan a coach meeting, a topic session, a drop-in or a celebration of a cohort. For those who run it.

    With `commissions`, what its coach (for meetings of all: each of them) lacks in minutes of this kind is commissioned
    along with it. A celebration costs nothing unless coaches are commissioned for it. Coaches get a mail; to a
    celebration everybody in the cohort is invited. Raises what `add_session` raises.
    """
    if kind not in MEETINGS or not programme_rules.may_run_cohort(by, cohort, at):
        raise problems.NotAllowed
    numbering.line_up(cohort.pk, kind)
    length = minutes or rules.usual_minutes(cohort, kind)
    if commissions:
        _commission(cohort, kind, engagement, length, on=wall_starts.date(), by=by, at=at)
    made = booking.add_session(
        cohort=cohort,
        kind=kind,
        engagement=engagement,
        minutes=length,
        wall_starts=wall_starts,
        mode=mode,
        where=where,
        fold=fold,
        detail={
            "title": title.strip(),
            "description": description.strip(),
            "material": material.strip(),
            "places": places_for if kind in FOR_THE_COHORT else None,
        },
        by=by,
        at=at,
    )
    if kind == Kind.CELEBRATION:
        invited = Enrolment.objects.filter(rules.taking_part_on(booking.wall_day(made)), cohort=cohort)
        place_notices.invite(made, [each.person for each in invited.select_related("person").order_by("pk")], at=at)
    return made


def try_meeting(**wanted: Any) -> None:
    """Raise what `add_meeting` would raise for the same; nothing is made, commissioned or mailed."""
    with transaction.atomic():
        add_meeting(**wanted)
        transaction.set_rollback(True)


def _commission(
    cohort: Cohort,
    kind: str,
    engagement: CoachEngagement | None,
    minutes: int,
    *,
    on: dt.date,
    by: Person,
    at: dt.datetime,
) -> None:
    """Commission what is lacking, so that a session of this kind and length can be booked."""
    coaches = [engagement] if engagement is not None else list(rules.coaches_of(cohort.pk, on))
    occupancy.lock([coach.person_id for coach in coaches if coach is not None])
    accounts = ledger_queries.coach_time_for(coach for coach in coaches if coach is not None)
    for coach in coaches:
        account = accounts.get(coach.pk, {}).get(kind)
        promised, left = (account.promised, account.left) if account else (0, 0)
        if left < minutes:
            wanted = {kind: promised + minutes - left}
            ledger_actions.commission(engagement=coach, minutes=wanted, by=by, at=at)


@transaction.atomic
def write_detail(
    *, session: CoachingSession, values: dict[str, Any], expected_version: int, by: Person, at: dt.datetime
) -> SessionDetail:
    """Write what a meeting says of itself, or its notes: `values` by name of the field of `SessionDetail`.

    Agenda and notes of a coach meeting: any coach of the cohort, and whoever runs it. The others: their coach, and
    whoever runs the cohort. `expected_version` 0 stands for nothing written yet. Raises NotAllowed, MoreSeated, and
    WrittenMeanwhile, so that nothing is lost when two write at once.
    """
    current = hold_meeting(session, by, at)
    if not values.keys() <= FIELDS[Kind(current.kind)]:
        raise problems.NotAllowed
    if current.kind != Kind.COACH_MEETING and not rules.may_run_session(by, current, at):
        raise problems.NotAllowed
    found = SessionDetail.objects.select_related("changed_by").filter(session=current).first()
    detail = found or SessionDetail(session=current, version=0)
    new = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if all(getattr(detail, name) == value for name, value in new.items()):
        return detail  # the same sent twice, too
    if found is not None and found.version != expected_version:
        raise WrittenMeanwhile(found, current.zone)
    _refuse_fewer_places(current, new)
    for name, value in new.items():
        setattr(detail, name, value)
    detail.version, detail.changed_by, detail.changed_at = detail.version + 1, by, at
    detail.save(update_fields=[*new, "version", "changed_by", "changed_at"] if detail.pk else None)
    _seat_more(current, new, at=at)
    places.record("write_meeting", current, {"fields": sorted(new), "version": detail.version}, by=by, at=at)
    return detail


@transaction.atomic
def add_point(*, session: CoachingSession, kind: str, text: str, by: Person, at: dt.datetime) -> MeetingPoint:
    """Bring a common challenge, a comment or feedback to a coach meeting, before it or afterwards."""
    current = hold_meeting(session, by, at)
    if current.kind != Kind.COACH_MEETING or not text.strip():
        raise problems.NotAllowed
    point = MeetingPoint.objects.create(session=current, by=by, kind=PointKind(kind).value, text=text.strip(), at=at)
    places.record("add_point", current, {"point": point.pk}, by=by, at=at)
    return point


@transaction.atomic
def change_point(*, point_id: int, kind: str, text: str, by: Person, at: dt.datetime) -> MeetingPoint:
    """Word one's own point anew. Raises NotFound for somebody else's."""
    point = _own_point(point_id, by, at)
    point.kind, point.text = PointKind(kind).value, text.strip()
    point.save(update_fields=["kind", "text"])
    places.record("change_point", point.session, {"point": point.pk}, by=by, at=at)
    return point


@transaction.atomic
def delete_point(*, point_id: int, by: Person, at: dt.datetime) -> TakenAway:
    """Take one's own point away. Returns all that `put_point_back` needs. Raises NotFound."""
    point = _own_point(point_id, by, at)
    gone = TakenAway(point.pk, point.session_id, point.kind, point.text, point.at.isoformat())
    places.record("delete_point", point.session, {"point": point.pk}, by=by, at=at)
    point.delete()
    return gone


@transaction.atomic
def put_point_back(*, gone: TakenAway, by: Person, at: dt.datetime) -> MeetingPoint:
    """Undo `delete_point`: the same words in the same place of the order. Raises NotFound, NotPossibleNow."""
    current = hold_meeting(CoachingSession(pk=gone.session_id), by, at)
    if MeetingPoint.objects.filter(pk=gone.id).exists():
        raise problems.NotPossibleNow(_("It stands there already."))
    point = MeetingPoint.objects.create(
        pk=gone.id, session=current, by=by, kind=gone.kind, text=gone.text, at=dt.datetime.fromisoformat(gone.at)
    )
    places.record("put_point_back", current, {"point": point.pk}, by=by, at=at)
    return point


def hold_meeting(session: CoachingSession, by: Person, at: dt.datetime) -> CoachingSession:
    """A meeting as it stands, locked, for those who may read what belongs to it. Raises NotFound."""
    sessions = CoachingSession.objects.select_for_update(of=("self",)).select_related(*places.LOADED)
    current = sessions.filter(pk=session.pk, kind__in=MEETINGS).first()
    if current is None or not _may_write(by, current, at):
        raise NotFound
    return current


def _may_write(person: Person, session: CoachingSession, at: dt.datetime) -> bool:
    if session.kind in OF_ALL_COACHES:
        return rules.may_meet(person, session, at)
    return rules.may_run_session(person, session, at)


def _own_point(point_id: int, by: Person, at: dt.datetime) -> MeetingPoint:
    found = MeetingPoint.objects.select_for_update(of=("self",)).select_related("session__cohort__programme")
    point = found.filter(pk=point_id, by=by).first()
    if point is None or not rules.may_meet(by, point.session, at):
        raise NotFound
    return point


def _refuse_fewer_places(session: CoachingSession, values: dict[str, Any]) -> None:
    wanted = values.get("places")
    if wanted is not None and wanted < (seated := places.seated(session)):
        raise MoreSeated(seated)


def _seat_more(session: CoachingSession, values: dict[str, Any], *, at: dt.datetime) -> None:
    """With more places than before, whoever waits is seated."""
    if "places" in values and session.state == "booked" and session.starts_at is not None and session.starts_at > at:
        places.lock_waiting(session)
        places.move_up(session, at=at)
