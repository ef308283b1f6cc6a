"""A coach's edited workbook comes back: read, tried out, shown, and then taken over altogether or not at all."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery.actions import attendance, booking, occupancy, problems
from cairn.delivery.models import CoachingSession, PersonTime, WorkbookUpload
from cairn.delivery.queries import workbook_plan, workbook_rows
from cairn.delivery.queries.workbook_plan import Change, Plan
from cairn.delivery.queries.workbook_rows import Refused
from cairn.delivery.terms import SessionState
from cairn.engines.cadence import AmbiguousWallTime, MissingWallTime
from cairn.engines.wording import Refusal, english
from cairn.foundation import audit, sheets
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, GroupPlace
from cairn.programmes.terms import Kind

State = WorkbookUpload.State
ONLINE, WORKBOOK = "online", "workbook"
Choices = Mapping[str, tuple[str, str]]
"""Key of a conflict → (ONLINE or WORKBOOK, what the person saw of Cairn's side)."""


class NotAWorkbook(problems.Refused):
    """A spreadsheet without the hidden keys."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not a workbook that Cairn wrote: the hidden key columns are missing. Download yours again.")
        )


class OtherWorkbook(problems.Refused):
    """The workbook of another cohort or coach."""

    def __init__(self) -> None:
        super().__init__(_("This workbook belongs to another cohort. Choose the one that you downloaded here."))


class CellsRefused(problems.Refused):
    """Cells that cannot be taken over; `cells` names each. Nothing was changed. `tried`: it came out in the doing."""

    def __init__(self, cells: Sequence[Refused], *, tried: bool = False) -> None:
        self.cells, self.tried = tuple(cells), tried
        count = len(self.cells)
        super().__init__(
            ngettext(
                "%(count)d cell cannot be taken over, so nothing was changed. Mend it and upload the file again.",
                "%(count)d cells cannot be taken over, so nothing was changed. Mend them and upload the file again.",
                count,
            )
            % {"count": count}
        )


class ChangedOnline(problems.Refused):
    """Somebody changed rows in Cairn after the preview was shown."""

    def __init__(self) -> None:
        super().__init__(
            _("Something was changed in Cairn since you opened this preview. Nothing was done: look once more.")
        )


class PreviewClosed(problems.Refused):
    """Applied or discarded meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This preview is no longer open. Upload the workbook again."))


@dataclass(frozen=True)
class Taken:
    """What was done, in rows: `kept` are conflicts in which Cairn's side stayed."""

    dated: int = 0
    moved: int = 0
    details: int = 0
    marked: int = 0
    kept: int = 0


@transaction.atomic
def upload_workbook(
    *, engagement: CoachEngagement, data: bytes, filename: str, by: Person, at: dt.datetime
) -> WorkbookUpload:
    """Read an edited workbook and try it out; nothing changes yet. An earlier open preview falls away.

    Raises sheets.UnreadableSheet, NotAWorkbook, OtherWorkbook.
    """
    if not programme_rules.may_coach_in(by, engagement, at):
        raise NotFound
    found = workbook_rows.read(sheets.read(data, filename))
    if not found.rows and not found.refused:
        raise NotAWorkbook
    if found.engagements - {engagement.pk}:
        raise OtherWorkbook
    mine = WorkbookUpload.objects.filter(engagement=engagement, uploaded_by=by, state=State.PREVIEWED)
    mine.update(state=State.DISCARDED, rows={})
    upload = WorkbookUpload.objects.create(
        engagement=engagement,
        filename=filename.replace("\\", "/").rpartition("/")[2][-200:],
        rows={
            "sessions": found.sessions,
            "marks": found.marks,
            "refused": workbook_rows.as_json(found.refused),
        },
        uploaded_by=by,
        uploaded_at=at,
    )
    _try_out(upload, by=by, at=at)
    return upload


@transaction.atomic
def discard_workbook(*, upload: WorkbookUpload, by: Person, at: dt.datetime) -> None:
    """Let a preview go, with its rows. Raises PreviewClosed."""
    current = _open(upload, by=by, at=at)
    WorkbookUpload.objects.filter(pk=current.pk).update(state=State.DISCARDED, rows={})


def apply_workbook(*, upload: WorkbookUpload, choices: Choices, by: Person, at: dt.datetime) -> Taken:
    """Take an upload over: all of it in one transaction, or nothing.

    A conflict without a choice, or one in which Cairn's side is no longer what was seen, raises ChangedOnline. Also
    raises PreviewClosed and CellsRefused; what stood in the way is kept with the upload, to be shown beside its cells.
    """
    try:
        return _apply(upload, choices, by=by, at=at)
    except CellsRefused as refused:
        if refused.tried:
            _keep(upload, problems=workbook_rows.as_json(refused.cells))
        raise


@transaction.atomic
def _apply(upload: WorkbookUpload, choices: Choices, *, by: Person, at: dt.datetime) -> Taken:
    current = _open(upload, by=by, at=at)
    before = workbook_plan.workbook_plan(current)
    _lock(current.engagement, [*before.changes, *before.conflicts])
    plan = workbook_plan.workbook_plan(current)
    if plan.refused:
        raise CellsRefused(plan.refused)
    chosen = [*plan.changes, *(each for each in plan.conflicts if _takes(each, choices))]
    done = _carry_out(chosen, by=by, at=at)
    WorkbookUpload.objects.filter(pk=current.pk).update(state=State.APPLIED, applied_at=at, rows={})
    taken = Taken(**done, kept=len(plan.conflicts) + len(plan.changes) - len(chosen))
    audit.record(
        action="apply_workbook",
        subject_kind="engagement",
        subject_id=current.engagement_id,
        organisation_id=current.engagement.cohort.programme.organisation_id,
        facts={"upload": current.pk, **done, "kept": taken.kept},
        by=by,
        at=at,
    )
    return taken


def _open(upload: WorkbookUpload, *, by: Person, at: dt.datetime) -> WorkbookUpload:
    """The upload as it stands, locked."""
    locked = WorkbookUpload.objects.select_for_update(of=("self",))
    current = locked.select_related("engagement__cohort__programme", "engagement__person").get(pk=upload.pk)
    if current.uploaded_by_id != by.pk or not programme_rules.may_coach_in(by, current.engagement, at):
        raise NotFound
    if current.state != State.PREVIEWED:
        raise PreviewClosed
    return current


def _takes(conflict: Change, choices: Choices) -> bool:
    choice, seen = choices.get(conflict.key, ("", ""))
    if choice not in (ONLINE, WORKBOOK) or seen != conflict.seen:
        raise ChangedOnline
    return choice == WORKBOOK and conflict.takeable


class _TakenBack(Exception):
    """A trial is over."""


def _try_out(upload: WorkbookUpload, *, by: Person, at: dt.datetime) -> None:
    """Do it, look at what comes of it, and take it all back: clashes and minutes are then known to be so."""
    plan = workbook_plan.workbook_plan(upload)
    if plan.refused or not plan.changes:
        return
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            _lock(upload.engagement, plan.changes)
            before = _balances(upload.engagement, plan)
            _carry_out(plan.changes, by=by, at=at)
            found["minutes"] = _moved(before, _balances(upload.engagement, plan))
            raise _TakenBack
    except CellsRefused as refused:
        found = {"problems": workbook_rows.as_json(refused.cells)}
    except _TakenBack:
        pass
    _keep(upload, **found)


def _keep(upload: WorkbookUpload, **found: Any) -> None:
    upload.rows = {**upload.rows, **found}
    WorkbookUpload.objects.filter(pk=upload.pk, state=State.PREVIEWED).update(rows=upload.rows)


def _carry_out(changes: Sequence[Change], *, by: Person, at: dt.datetime) -> dict[str, int]:
    """Everything, each row in its turn. Raises CellsRefused with every cell that stood in the way."""
    refused: list[Refused] = []
    timed = [change for change in changes if change.did != "mark"]
    # Rows may change places with each other: all of them let go before the first takes its new time.
    moving = [change.session.pk for change in timed if change.did == "move"]
    PersonTime.objects.filter(session__in=moving).delete()
    for change in sorted(timed, key=lambda each: (each.to["date"], each.to["start"], each.session.pk)):
        refused += _date(change, by=by, at=at)
    by_session: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.did == "mark":
            by_session[change.session.pk].append(change)
    for marks in by_session.values():
        refused += _mark(marks, by=by, at=at)
    if refused:
        raise CellsRefused(refused, tried=True)
    names = {"date": "dated", "move": "moved", "details": "details", "mark": "marked"}
    return {name: sum(1 for change in changes if change.did == did) for did, name in names.items()}


def _date(change: Change, *, by: Person, at: dt.datetime) -> list[Refused]:
    now = change.session
    wall = dt.datetime.combine(dt.date.fromisoformat(change.to["date"]), dt.time.fromisoformat(change.to["start"]))
    try:
        with transaction.atomic():
            booking.date_session(
                session=now,
                wall_starts=wall,
                mode=change.to["mode"],
                where=_where(change),
                expected_version=now.version,
                by=by,
                at=at,
            )
    except (problems.Refused, Refusal, ledger_actions.NotEnoughMinutes) as error:
        return [Refused(_cell_of(change, error), change.becomes, sentence(error))]
    return []


def _where(change: Change) -> str | None:
    """None keeps a link or a place; another way to meet without a new place has none yet."""
    shown = change.session.where if change.session.mode == "in_person" else ""
    if change.to["where"] != " ".join(shown.split()):
        return change.to["where"]
    return None if change.to["mode"] == change.session.mode else ""


def _cell_of(change: Change, error: Exception) -> str:
    """The cell that a person would look at first."""
    about_time = isinstance(error, MissingWallTime | AmbiguousWallTime | problems.JustTaken)
    return change.cells[-1] if about_time and len(change.cells) > 1 and change.did != "details" else change.cell


def _mark(marks: Sequence[Change], *, by: Person, at: dt.datetime) -> list[Refused]:
    wanted = {change.enrolment_id or 0: change.to["mark"] for change in marks}
    try:
        with transaction.atomic():
            attendance.record_attendance(session=marks[0].session, marks=wanted, by=by, at=at)
    except (problems.Refused, ledger_actions.NotEnoughMinutes) as error:
        return [Refused(", ".join(change.cell for change in marks), marks[0].becomes, str(error))]
    return []


def sentence(error: Exception) -> str:
    """What an expected failure says, in the reader's language."""
    if isinstance(error, Refusal):
        params = {name: english(value) for name, value in error.wording.params.items()}
        return _(error.wording.template).format(**params)
    return str(error)


def _lock(engagement: CoachEngagement, changes: Iterable[Change]) -> None:
    """Every session, person and account that the changes move, in the order that all actions keep."""
    ids = {change.session.pk for change in changes}
    people = {change.session.enrolment_id for change in changes if change.session.enrolment_id}
    groups = {change.session.group_id for change in changes if change.session.group_id}
    places = GroupPlace.objects.filter(group__in=groups).values_list("enrolment", "enrolment__person")
    seated = list(places)
    waiting = Q(enrolment__in=people, kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED)
    list(CoachingSession.objects.select_for_update().filter(Q(pk__in=ids) | waiting).order_by("pk").values_list("pk"))
    own = {change.session.enrolment.person_id for change in changes if change.session.enrolment is not None}
    occupancy.lock({engagement.person_id} | own | {person for _enrolment, person in seated})
    enrolments = people | {enrolment for enrolment, _person in seated}
    list(Entitlement.objects.select_for_update().filter(enrolment__in=enrolments).order_by("pk").values_list("pk"))
    list(CoachTime.objects.select_for_update().filter(engagement=engagement).order_by("pk").values_list("pk"))


Balances = dict[tuple[bool, int, str], tuple[int, int]]


def _balances(engagement: CoachEngagement, plan: Plan) -> Balances:
    """(coach?, owner, kind) → minutes booked and used, of everybody whom the changes could touch."""
    sessions = [change.session for change in plan.changes]
    people = Q(enrolment__in={each.enrolment_id for each in sessions if each.enrolment_id})
    people |= Q(enrolment__places__group__in={each.group_id for each in sessions if each.group_id})
    found: Balances = {}
    for account in Entitlement.objects.filter(people).distinct():
        found[False, account.enrolment_id, account.kind] = (account.booked, account.used)
    for time in CoachTime.objects.filter(engagement=engagement):
        found[True, engagement.pk, time.kind] = (time.booked, time.used)
    return found


def _moved(before: Balances, after: Balances) -> list[dict[str, Any]]:
    moved = []
    for (coach, owner, kind), (booked, used) in sorted(after.items()):
        was_booked, was_used = before.get((coach, owner, kind), (0, 0))
        if (booked, used) != (was_booked, was_used):
            moved.append(
                {
                    "coach": coach,
                    "enrolment": owner,
                    "kind": kind,
                    "booked": booked - was_booked,
                    "used": used - was_used,
                }
            )
    return moved
