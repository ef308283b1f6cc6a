"""The coach's own workbook: written, edited anywhere, compared cell by cell, taken over altogether or not at all."""

import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import Attendance, AttendanceChange, CoachingSession, WorkbookUpload
from cairn.delivery.queries import workbook_rows
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import Person
from cairn.people.queries import NotFound
from tests.files import by_libreoffice
from tests.kept import kept

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")


def wall(day: int, hour: int = 10, month: int = 3, minute: int = 0) -> dt.datetime:
    return dt.datetime(2027, month, day, hour, minute)


@pytest.fixture
def desk(world, at):
    return kept(_desk, world, at)


def _desk(world, at):
    """Ioana's work: a group session held and one to come; one-to-ones undated, one booked, one whose day has come."""
    earlier = at - dt.timedelta(days=20)
    for when in (wall(1), wall(15)):
        actions.add_session(
            cohort=world.cohort,
            kind="group",
            group=world.groups[1],
            wall_starts=when,
            where="https://meet.example/LEAK-link",
            by=world.ioana,
            at=earlier,
        )
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=earlier)
    book(world, "thandiwe", 1, wall(2), at=earlier)
    book(world, "part", 1, wall(9), at=earlier, mode="in_person", where="Room 4")
    MailMessage.objects.all().delete()
    return world


def own(world, who, position):
    return CoachingSession.objects.get(enrolment=world.enrolments[who], position=position)


def group(world, position):
    return CoachingSession.objects.get(group=world.groups[1], position=position)


def book(world, who, position, when, *, at, mode="online", where=""):
    session = own(world, who, position)
    return actions.date_session(
        session=session,
        wall_starts=when,
        mode=mode,
        where=where,
        expected_version=session.version,
        by=world.ioana,
        at=at,
    )


class Edited:
    """A downloaded workbook under the hands of somebody who edits it."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def column(self, sheet: str, title: str) -> int:
        return [cell.value for cell in self.book[sheet][1]].index(title) + 1

    def row(self, sheet: str, **where: str) -> int:
        titles = [cell.value for cell in self.book[sheet][1]]
        for number, row in enumerate(self.book[sheet].iter_rows(min_row=2, values_only=True), 2):
            shown = dict(zip(titles, row, strict=True))
            if all(str(shown[title.replace("_", " ")]) == value for title, value in where.items()):
                return number
        raise LookupError(where)

    def put(self, sheet: str, row: int, title: str, value: object) -> str:
        cell = self.book[sheet].cell(row, self.column(sheet, title))
        cell.value = value
        return f"{sheet}!{cell.coordinate}"

    def date(self, who: str, position: str, date: object, start: object) -> tuple[str, str]:
        row = self.row("Sessions", Coachee_or_group=who, Position=position)
        return self.put("Sessions", row, "Date", date), self.put("Sessions", row, "Start time", start)

    def mark(self, who: str, session: str, mark: object) -> str:
        return self.put("Attendance", self.row("Attendance", Name=who, Session=session), "Attendance", mark)

    def data(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def download(world, at) -> Edited:
    return Edited(queries.coach_workbook(world.engagements["ioana"], at))


def upload(world, data, at, *, name="mine.xlsx", by=None):
    return actions.upload_workbook(
        engagement=world.engagements["ioana"], data=data, filename=name, by=by or world.ioana, at=at
    )


def plan(upload):
    return queries.plan_of_workbook(WorkbookUpload.objects.get(pk=upload.pk))


def apply(world, upload, at, choices=None):
    return actions.apply_workbook(upload=upload, choices=choices or {}, by=world.ioana, at=at)


def refusals(upload) -> dict[str, str]:
    found = plan(upload)
    return {each.cell: each.why for each in [*found.refused, *found.problems]}


def balances():
    found = [*Entitlement.objects.order_by("pk"), *CoachTime.objects.order_by("pk")]
    return [(each.promised, each.booked, each.used, each.released) for each in found]


# --- what is written -------------------------------------------------------------------------------------------------


def test_the_sheets_hold_people_sessions_and_attendance(desk, at):
    book = download(desk, at).book
    assert book.sheetnames == ["Coachees", "Sessions", "Attendance", "Notes", "_lists"]
    sums = [210, 0, 60, 0, 150, 900, 0, 180, 0, 720]
    people = [[cell.value for cell in row][2:] for row in book["Coachees"].iter_rows(min_row=2)]
    assert people == [
        ["Pärt Tamm", "part@example.org", "Physics", "Northgate University", "1", *sums],
        ["Thandiwe Ndlovu", "thandiwe@example.org", "Immunology", "Eastmere University", "1", *sums],
    ]
    sessions = [[cell.value for cell in row][3:] for row in book["Sessions"].iter_rows(min_row=2, max_row=4)]
    march, booked = dt.datetime(2027, 3, 1), ("London time", "booked")
    assert sessions == [
        ["Group 1", "group", "1 of 2", march, "10:00", 90, "online", None, *booked],
        ["Group 1", "group", "2 of 2", march.replace(day=15), "10:00", 90, "online", None, *booked],
        ["Pärt Tamm", "one-to-one", "1 of 4", march.replace(day=9), "10:00", 60, "in person", "Room 4", *booked],
    ]
    marks = [[cell.value for cell in row][2:] for row in book["Attendance"].iter_rows(min_row=2)]
    assert marks == [
        ["Pärt Tamm", "Group 1, session 1", march, None],
        ["Thandiwe Ndlovu", "Group 1, session 1", march, None],
        ["Thandiwe Ndlovu", "One-to-one session 1", march.replace(day=2), None],
    ]
    assert "London time" in book["Notes"]["A1"].value


def test_only_what_may_change_is_unlocked_and_no_macro_or_link_is_in_it(desk, at):
    data = queries.coach_workbook(desk.engagements["ioana"], at)
    book = openpyxl.load_workbook(io.BytesIO(data))
    free = {
        sheet.title: sorted(
            letter for letter, column in sheet.column_dimensions.items() if not column.protection.locked
        )
        for sheet in book.worksheets[:3]
    }
    assert free == {"Coachees": [], "Sessions": ["G", "H", "J", "K"], "Attendance": ["F"]}
    assert all(sheet.protection.sheet and not sheet.protection.password for sheet in book.worksheets[:3])
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book.worksheets[:3])
    assert [str(v.sqref) for v in book["Attendance"].data_validations.dataValidation] == ["F2:F4"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"LEAK-link" not in everything
    assert b"vbaProject" not in everything


def test_no_name_can_act_as_a_formula(desk, at):
    Person.objects.filter(pk=desk.part.pk).update(name='=HYPERLINK("http://evil.example","x")')
    CoachingSession.objects.filter(where="Room 4").update(where="@SUM(1+1)|cmd")
    book = download(desk, at).book
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not plan(upload(desk, download(desk, at).data(), at)).refused


def test_a_cohort_year_is_written_quickly_and_with_as_many_queries_as_a_small_one(desk, at, django_assert_num_queries):
    with django_assert_num_queries(5):
        queries.coach_workbook(desk.engagements["ioana"], at)


# --- what comes back -------------------------------------------------------------------------------------------------


def test_the_file_as_it_was_changes_nothing(desk, at):
    made = upload(desk, download(desk, at).data(), at)
    assert plan(made).is_nothing
    assert apply(desk, made, at) == actions.Taken()


def test_dates_and_marks_are_previewed_and_then_taken_over(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "14:30")
    file.date("Pärt Tamm", "1 of 4", dt.datetime(2027, 3, 10), "11:00")
    file.mark("Thandiwe Ndlovu", "Group 1, session 1", "attended")
    file.mark("Pärt Tamm", "Group 1, session 1", "excused")
    before = balances()
    made = upload(desk, file.data(), at)
    shown = plan(made)

    assert sorted((each.did, each.who, each.was, each.becomes) for each in shown.changes) == [
        ("date", "Thandiwe Ndlovu", "no date, online", "Wed 17 Mar 2027, 14:30 (London time), online"),
        ("mark", "Pärt Tamm", "not marked", "excused"),
        ("mark", "Thandiwe Ndlovu", "not marked", "attended"),
        (
            "move",
            "Pärt Tamm",
            "Tue 9 Mar 2027, 10:00 (London time), in person, Room 4",
            "Wed 10 Mar 2027, 11:00 (London time), in person, Room 4",
        ),
    ]
    assert [(each.who, each.kind, each.booked, each.used, each.left) for each in shown.minutes] == [
        ("Thandiwe Ndlovu", "group", -90, 90, 0),
        ("Thandiwe Ndlovu", "one-to-one", 60, 0, -60),
        ("Pärt Tamm", "group", -90, 0, 90),
        ("Ioana Pop", "group", -90, 90, 0),
        ("Ioana Pop", "one-to-one", 60, 0, -60),
    ]
    assert (balances(), MailMessage.objects.count(), Attendance.objects.count()) == (before, 0, 0)

    assert apply(desk, made, at) == actions.Taken(dated=1, moved=1, marked=2)
    assert own(desk, "thandiwe", 2).wall_time == wall(17, 14, minute=30)
    assert own(desk, "part", 1).wall_time == wall(10, 11)
    assert own(desk, "part", 1).where == "Room 4"
    assert group(desk, 1).where == "https://meet.example/LEAK-link"
    assert sorted(Attendance.objects.values_list("mark", flat=True)) == ["attended", "excused"]
    assert WorkbookUpload.objects.get().rows == {}
    assert sorted(MailMessage.objects.values_list("address", flat=True)) == ["part@example.org", "thandiwe@example.org"]


def test_the_same_file_again_changes_nothing_and_says_so(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "14:30")
    file.mark("Pärt Tamm", "Group 1, session 1", "attended")
    row = file.row("Sessions", Coachee_or_group="Group 1", Position="2 of 2")
    file.put("Sessions", row, "Where", "https://meet.example/new")
    data = file.data()
    apply(desk, upload(desk, data, at), at)
    after = (balances(), AttendanceChange.objects.count(), MailMessage.objects.count())
    assert group(desk, 2).where == "https://meet.example/new"

    again = upload(desk, data, at)
    assert plan(again).is_nothing
    assert plan(again).same == 3
    apply(desk, again, at)
    assert (balances(), AttendanceChange.objects.count(), MailMessage.objects.count()) == after


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_a_copy_that_libreoffice_saved_is_read_alike(desk, at, tmp_path: Path, kind):
    Person.objects.filter(pk=desk.part.pk).update(name="=1+1")
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "14:30")
    file.mark("Thandiwe Ndlovu", "Group 1, session 1", "late cancelled")
    made = upload(desk, by_libreoffice(file.data(), kind, tmp_path), at, name=f"mine.{kind}")
    assert refusals(made) == {}
    assert sorted(each.becomes for each in plan(made).changes) == [
        "Wed 17 Mar 2027, 14:30 (London time), online",
        "late cancelled",
    ]
    assert apply(desk, made, at) == actions.Taken(dated=1, marked=1)


def test_rows_sorted_and_deleted_and_columns_moved_are_still_known(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "14:30")
    sheet = file.book["Sessions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    kept = [rows[0], *reversed([row for row in rows[1:] if row[3] != "Pärt Tamm"])]
    moved = openpyxl.Workbook()
    page = moved.active
    page.title = "My own name for it"
    page.append(["Remarks above the table"])
    for row in kept:
        page.append(["my notes", *reversed(row)])
    target = io.BytesIO()
    moved.save(target)
    made = upload(desk, target.getvalue(), at)
    assert refusals(made) == {}
    assert [each.who for each in plan(made).changes] == ["Thandiwe Ndlovu"]


@pytest.mark.parametrize(
    ("date", "start", "expected"),
    [
        ("17/03/2027", "14:30", wall(17, 14, minute=30)),
        ("17 March 2027", "2.30 pm", wall(17, 14, minute=30)),
        ("2027-03-17", dt.time(14, 30), wall(17, 14, minute=30)),
        (dt.datetime(2027, 3, 17), 14.5 / 24, wall(17, 14, minute=30)),
        (dt.datetime(2027, 3, 17), "9", wall(17, 9)),
        (46463, "09:05", wall(17, 9, minute=5)),
    ],
)
def test_dates_and_times_are_read_as_people_write_them(desk, at, date, start, expected):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", date, start)
    apply(desk, upload(desk, file.data(), at), at)
    assert own(desk, "thandiwe", 2).wall_time == expected


def test_sessions_may_change_places(desk, at):
    book(desk, "thandiwe", 2, wall(11), at=at)
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 9), "10:00")
    file.date("Pärt Tamm", "1 of 4", dt.datetime(2027, 3, 11), "10:00")
    assert apply(desk, upload(desk, file.data(), at), at) == actions.Taken(moved=2)
    assert own(desk, "part", 1).wall_time == wall(11)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_anything_else_is_refused_by_cell(desk, at):
    file = download(desk, at)
    name = file.put("Coachees", 2, "Name", "Somebody Else")
    promised = file.put("Coachees", 3, "Group: minutes promised", 9000)
    minutes = file.put("Sessions", 2, "Minutes", 300)
    state = file.put("Sessions", 3, "State", "held")
    day = file.put("Attendance", 2, "Date", dt.datetime(2027, 1, 1))
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "14:30")
    made = upload(desk, file.data(), at)
    assert refusals(made) == dict.fromkeys([name, promised, minutes, state, day], "This cannot be changed here.")
    assert name == "Coachees!C2"
    with pytest.raises(actions.CellsRefused, match="5 cells cannot be taken over"):
        apply(desk, made, at)
    assert own(desk, "thandiwe", 2).state == "undated"


def test_what_cannot_be_read_is_refused_with_what_was_found(desk, at):
    file = download(desk, at)
    date, start = file.date("Thandiwe Ndlovu", "2 of 4", "some time in May", "half past")
    mark = file.mark("Pärt Tamm", "Group 1, session 1", "was there")
    mode = file.put("Sessions", 3, "How", "by pigeon")
    cleared = file.date("Pärt Tamm", "1 of 4", None, None)[0]
    lonely = file.date("Thandiwe Ndlovu", "3 of 4", dt.datetime(2027, 4, 1), None)[1]
    made = upload(desk, file.data(), at)
    assert refusals(made) == {
        date: "This is not a date. Write it like 31 March 2027.",
        start: "This is not a time. Write it like 14:30.",
        mark: "Choose one of: attended, excused, late cancelled, missed.",
        mode: "Choose one of: online, in person, by phone.",
        cleared: "The date was taken out. A session is cancelled in Cairn, not here.",
        lonely: "There is a date and no start time.",
    }
    found = {each.cell: each.found for each in plan(made).refused}
    assert (found[date], found[start], found[mark]) == ("some time in May", "half past", "was there")


def test_rows_of_ones_own_and_rows_twice_are_refused(desk, at):
    file = download(desk, at)
    sheet = file.book["Sessions"]
    sheet.append([None, None, None, "Thandiwe Ndlovu", "one-to-one", "5 of 5", dt.datetime(2027, 5, 1), "10:00"])
    own_row = f"Sessions!D{sheet.max_row}"
    sheet.append([cell.value for cell in sheet[2]])
    twice = f"Sessions!A{sheet.max_row}"
    made = upload(desk, file.data(), at)
    assert refusals(made) == {
        own_row: "This row is not one that Cairn wrote. Sessions are added in Cairn.",
        twice: "This row stands twice; the other is Sessions!A2.",
    }


def test_what_would_clash_is_named_by_cell_before_anything_is_done(desk, at):
    file = download(desk, at)
    busy = file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 15), "10:30")[1]
    gap = file.date("Thandiwe Ndlovu", "3 of 4", dt.datetime(2027, 3, 28), "01:30")[1]
    outside = file.date("Pärt Tamm", "3 of 4", dt.datetime(2028, 2, 1), "10:00")[0]
    file.date("Pärt Tamm", "4 of 4", dt.datetime(2027, 4, 7), "10:00")
    before = balances()
    made = upload(desk, file.data(), at)
    found = refusals(made)
    assert set(found) == {busy, gap, outside}
    assert found[busy].startswith("The coach is no longer free on Monday 15 March 2027, 10:30 (London time).")
    assert found[gap].startswith("There is no 01:30 on 28 March 2027 in Europe/London")
    assert found[outside].startswith("The cohort runs from 7 September 2026 to 6 September 2027.")
    with pytest.raises(actions.CellsRefused):
        apply(desk, made, at)
    assert balances() == before
    assert own(desk, "part", 4).state == "undated"


def test_two_rows_of_one_file_that_clash_are_found(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "10:00")
    second = file.date("Pärt Tamm", "2 of 4", dt.datetime(2027, 3, 17), "10:30")[1]
    assert list(refusals(upload(desk, file.data(), at))) == [second]


def test_too_few_minutes_are_named_by_cell(desk, at):
    from cairn.ledger import actions as ledger_actions

    file = download(desk, at)
    ledger_actions.release(
        enrolment=desk.enrolments["thandiwe"],
        kind="one_to_one",
        minutes=None,
        source_kind="test",
        source_id=1,
        on=at.date(),
        by=desk.halina,
        at=at,
    )
    date = file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 17), "10:00")[0]
    found = refusals(upload(desk, file.data(), at))
    assert found == {date: "Thandiwe Ndlovu has 0 minutes of one-to-one coaching left; this needs 60."}


def test_a_clash_that_has_gone_can_be_tried_again(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "2 of 4", dt.datetime(2027, 3, 9), "10:30")
    made = upload(desk, file.data(), at)
    assert len(plan(made).problems) == 1
    session = own(desk, "part", 1)
    actions.cancel_session(session=session, expected_version=session.version, by=desk.ioana, at=at)
    assert apply(desk, made, at) == actions.Taken(dated=1)


# --- later edits online ----------------------------------------------------------------------------------------------


@pytest.fixture
def conflict(desk, at):
    """Moved in the file, and meanwhile online; marked in the file, and meanwhile otherwise online."""
    file = download(desk, at)
    file.date("Pärt Tamm", "1 of 4", dt.datetime(2027, 3, 10), "11:00")
    file.mark("Thandiwe Ndlovu", "Group 1, session 1", "missed")
    book(desk, "part", 1, wall(12, 9), at=at, mode="in_person", where="Room 4")
    actions.record_attendance(
        session=group(desk, 1), marks={desk.enrolments["thandiwe"].pk: "attended"}, by=desk.ioana, at=at
    )
    return upload(desk, file.data(), at)


def test_conflicts_stand_side_by_side(conflict):
    shown = plan(conflict)
    assert shown.changes == []
    assert [(each.written, each.was, each.becomes) for each in shown.conflicts] == [
        (
            "Tue 9 Mar 2027, 10:00 (London time), in person, Room 4",
            "Fri 12 Mar 2027, 09:00 (London time), in person, Room 4",
            "Wed 10 Mar 2027, 11:00 (London time), in person, Room 4",
        ),
        ("not marked", "attended", "missed"),
    ]


@pytest.mark.parametrize("choice", ["online", "workbook"])
def test_each_conflict_goes_as_it_was_chosen(desk, at, conflict, choice):
    choices = {each.key: (choice, each.seen) for each in plan(conflict).conflicts}
    taken = apply(desk, conflict, at, choices)
    mark = Attendance.objects.get(enrolment=desk.enrolments["thandiwe"]).mark
    if choice == "online":
        assert taken == actions.Taken(kept=2)
        assert (own(desk, "part", 1).wall_time, mark) == (wall(12, 9), "attended")
    else:
        assert taken == actions.Taken(moved=1, marked=1)
        assert (own(desk, "part", 1).wall_time, mark) == (wall(10, 11), "missed")


def test_a_day_changed_in_the_file_keeps_the_hour_of_the_file(desk, at):
    file = download(desk, at)
    row = file.row("Sessions", Coachee_or_group="Pärt Tamm", Position="1 of 4")
    file.put("Sessions", row, "Date", dt.datetime(2027, 3, 10))
    book(desk, "part", 1, wall(12, 9), at=at, mode="in_person", where="Room 4")
    (only,) = plan(upload(desk, file.data(), at)).conflicts
    assert only.becomes == "Wed 10 Mar 2027, 10:00 (London time), in person, Room 4"


def test_a_conflict_that_nobody_has_seen_stops_everything(desk, at, conflict):
    seen = {each.key: ("workbook", each.seen) for each in plan(conflict).conflicts}
    book(desk, "part", 1, wall(13, 9), at=at, mode="in_person", where="Room 4")
    with pytest.raises(actions.ChangedOnline):
        apply(desk, conflict, at, seen)
    assert Attendance.objects.get(enrolment=desk.enrolments["thandiwe"]).mark == "attended"


def test_what_was_held_meanwhile_stays_where_it_was(desk, at):
    file = download(desk, at)
    file.date("Thandiwe Ndlovu", "1 of 4", dt.datetime(2027, 3, 20), "10:00")
    actions.record_attendance(
        session=own(desk, "thandiwe", 1), marks={desk.enrolments["thandiwe"].pk: "attended"}, by=desk.ioana, at=at
    )
    made = upload(desk, file.data(), at)
    (only,) = plan(made).conflicts
    assert not only.takeable
    assert apply(desk, made, at, {only.key: ("workbook", only.seen)}) == actions.Taken(kept=1)


def test_what_others_changed_online_and_the_file_did_not_is_no_conflict(desk, at):
    file = download(desk, at)
    book(desk, "part", 1, wall(12, 9), at=at)
    Person.objects.filter(pk=desk.part.pk).update(name="Pärt Uno Tamm")
    assert plan(upload(desk, file.data(), at)).is_nothing


# --- whose it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["malik", "rosa", "lena", "halina", "thandiwe", "gwen"])
def test_nobody_else_uploads_opens_or_applies_it(desk, at, who):
    data = download(desk, at).data()
    made = upload(desk, data, at)
    somebody = desk.people[who]
    with pytest.raises(NotFound):
        upload(desk, data, at, by=somebody)
    with pytest.raises(NotFound):
        queries.upload_for(somebody, made.pk, at)
    with pytest.raises(NotFound):
        actions.apply_workbook(upload=made, choices={}, by=somebody, at=at)


def test_keys_of_others_reveal_and_change_nothing(desk, at):
    """A forged key within the own workbook: a session of another coach, a person of another group."""
    other = actions.add_session(
        cohort=desk.cohort,
        kind="group",
        group=desk.groups[2],
        wall_starts=wall(1),
        by=desk.halina,
        at=at.replace(day=1, hour=1),
    )
    file = download(desk, at)
    ioana = desk.engagements["ioana"].pk
    stranger = desk.enrolments["siobhan"].pk
    file.put("Sessions", 3, "Key of session", f"S-{ioana}-{other.pk}")
    file.put("Sessions", 3, "Start time", "12:00")
    file.put("Attendance", 2, "Key of attendance", f"A-{ioana}-{group(desk, 1).pk}-{stranger}")
    file.put("Attendance", 2, "Attendance", "attended")
    made = upload(desk, file.data(), at)
    assert sorted(refusals(made).values()) == [
        "This person is not in this session any more.",
        "This session is not in this workbook any more.",
    ]
    assert "Siobhán" not in str(plan(made))


def test_another_workbook_and_other_files_are_told_apart(desk, at):
    malik = queries.coach_workbook(desk.engagements["malik"], at)
    with pytest.raises(actions.OtherWorkbook):
        upload(desk, malik, at)
    empty = openpyxl.Workbook()
    empty.active.append(["Name", "Date"])
    target = io.BytesIO()
    empty.save(target)
    with pytest.raises(actions.NotAWorkbook):
        upload(desk, target.getvalue(), at)


def test_a_new_upload_takes_the_place_of_the_last(desk, at):
    data = download(desk, at).data()
    first, second = upload(desk, data, at), upload(desk, data, at)
    with pytest.raises(actions.PreviewClosed):
        apply(desk, first, at)
    actions.discard_workbook(upload=second, by=desk.ioana, at=at)
    assert list(WorkbookUpload.objects.values_list("rows", flat=True)) == [{}, {}]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14:30", dt.time(14, 30)),
        ("2.30 pm", dt.time(14, 30)),
        ("12 am", dt.time(0)),
        ("12:15 p.m.", dt.time(12, 15)),
        ("9", dt.time(9)),
        ("14:30:00", dt.time(14, 30)),
        (dt.timedelta(hours=14, minutes=30), dt.time(14, 30)),
        (dt.datetime(1899, 12, 31, 14, 30), dt.time(14, 30)),
        (0.5, dt.time(12)),
        ("24:00", None),
        ("13 pm", None),
        ("noon", None),
        (True, None),
        (dt.date(2027, 3, 1), None),
        (1430, None),
    ],
)
def test_a_time_of_day(cell, expected):
    assert workbook_rows.clock_time(cell) == expected
