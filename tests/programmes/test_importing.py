import datetime as dt
import shutil

import pytest
from django.db import connection

from cairn.delivery import actions as delivery
from cairn.foundation.models import MailMessage
from cairn.foundation.sheets import UnreadableSheet
from cairn.ledger.models import Entitlement
from cairn.people.actions import NotAllowed
from cairn.people.models import Person, RoleGrant
from cairn.programmes import actions, queries, rules
from cairn.programmes.models import ColumnMemory, Enrolment, ParticipantImport, PartnerInstitution
from tests import files

ADDRESS = "https://cairn.example"
CANARY = "LEAK-canary-7f3a"
PEOPLE = [
    files.HEADER,
    (
        "Dr Amara Ọlá",
        "amara@example.org",
        "Eastmere University",
        "Biology",
        "Ecology",
        "Ioana Pop",
        dt.date(2027, 9, 30),
        CANARY,
    ),
    ("Nguyễn Thị Mai Anh", "mai@example.org", "Northgate University", "History", "Law", "", "30/09/2027", CANARY),
    ("محمد", "m@example.org", "Eastmere University", "", "Economics", "", None, CANARY),
]


def upload(world, at, data, name="people.xlsx", cohort=None):
    return actions.upload_participants(cohort=cohort or world.cohort, data=data, filename=name, by=world.halina, at=at)


def plan_of(world, at, made):
    fresh = queries.participant_import(world.halina, made.cohort_id, made.pk, at)
    return queries.import_plan(fresh)


def apply(world, at, made, **wanted):
    plan = plan_of(world, at, made)
    return delivery.apply_import(
        participant_import=made,
        expected_digest_of_changes=plan.digest,
        address_of=ADDRESS,
        by=world.halina,
        at=at,
        **wanted,
    )


def codes(plan, severity="stops"):
    return [
        (remark.row, remark.column, remark.wording.key.partition(".")[2])
        for remark in plan.remarks
        if remark.severity == severity
    ]


def test_a_file_enrols_people_with_role_minutes_and_details(world, at):
    made = upload(world, at, files.xlsx(PEOPLE))

    outcome = apply(world, at, made)

    assert outcome == delivery.ImportOutcome(enrolled=3)
    enrolment = Enrolment.objects.select_related("person", "institution").get(person__email="amara@example.org")
    assert (enrolment.person.name, enrolment.person.title) == ("Amara Ọlá", "Dr")
    assert enrolment.institution == world.host
    assert (enrolment.department, enrolment.discipline, enrolment.line_manager) == ("Biology", "Ecology", "Ioana Pop")
    assert enrolment.contract_ends_on == dt.date(2027, 9, 30)
    promised = (
        Entitlement.objects.filter(enrolment=enrolment).order_by("kind").values_list("kind", "promised", "booked")
    )
    assert list(promised) == [("group", 900, 0), ("one_to_one", 210, 0)]
    assert RoleGrant.objects.filter(person=enrolment.person, role="coachee", until=None).count() == 1
    assert MailMessage.objects.count() == 0


def test_the_same_file_again_changes_nothing(world, at):
    data = files.xlsx(PEOPLE)
    apply(world, at, upload(world, at, data))
    before = list(Enrolment.objects.order_by("pk").values())

    again = upload(world, at, data)
    plan = plan_of(world, at, again)
    outcome = apply(world, at, again)

    assert plan.changes_nothing
    assert len(plan.same) == 3
    assert outcome == delivery.ImportOutcome()
    assert list(Enrolment.objects.order_by("pk").values()) == before


def test_the_same_file_before_it_is_applied_leads_to_the_same_preview(world, at):
    data = files.xlsx(PEOPLE)
    assert upload(world, at, data) == upload(world, at, data, name="another name.xlsx")
    assert ParticipantImport.objects.count() == 1


def test_changes_are_shown_old_and_new_and_nobody_missing_is_touched(world, at):
    rows = [("Name", "E-mail", "Discipline"), ("Thandiwe Ndlovu", "THANDIWE@example.org", "Virology")]
    made = upload(world, at, files.xlsx(rows))
    plan = plan_of(world, at, made)

    assert [(change.name, change.field, change.old, change.new) for change in plan.change] == [
        ("Thandiwe Ndlovu", "discipline", "Immunology", "Virology")
    ]
    assert sorted(there.name for there in plan.absent) == ["Pärt Tamm", "Siobhán Ní Bhriain", "王秀英"]
    apply(world, at, made)
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).discipline == "Virology"
    assert Enrolment.objects.filter(cohort=world.cohort, state="active").count() == 4


def test_one_problem_stops_everything(world, at):
    rows = [
        *PEOPLE,
        ("Nobody", "not an address", "", "", "", "", None, ""),
        ("", "x@example.org", "", "", "", "", None, ""),
    ]
    made = upload(world, at, files.xlsx(rows))
    plan = plan_of(world, at, made)

    assert codes(plan) == [(5, "B", "email_invalid"), (6, "A", "name_missing")]
    with pytest.raises(delivery.ImportStops):
        apply(world, at, made)
    assert Enrolment.objects.filter(cohort=world.cohort).count() == 4
    assert Person.objects.filter(email="amara@example.org").count() == 0


def test_a_fault_in_the_middle_leaves_nothing_behind(world, at, monkeypatch):
    made = upload(world, at, files.xlsx(PEOPLE))

    def broken(**_):
        raise RuntimeError

    monkeypatch.setattr(delivery.enrolling.ledger_actions, "open_entitlements", broken)
    with pytest.raises(RuntimeError):
        apply(world, at, made)
    assert Person.objects.filter(email="amara@example.org").count() == 0
    assert ParticipantImport.objects.get(pk=made.pk).state == "previewed"


def test_a_preview_that_somebody_overtook_is_refused(world, at):
    made = upload(world, at, files.xlsx(PEOPLE))
    seen = plan_of(world, at, made).digest
    entry = queries.NewEnrolment(row=0, email="mai@example.org", name="Mai Anh")
    delivery.enrol_person(cohort=world.cohort, entry=entry, address_of=ADDRESS, by=world.halina, at=at)

    with pytest.raises(delivery.PreviewIsStale):
        delivery.apply_import(
            participant_import=made, expected_digest_of_changes=seen, address_of=ADDRESS, by=world.halina, at=at
        )
    assert Person.objects.filter(email="amara@example.org").count() == 0


def every_text() -> list[tuple[str, str]]:
    """Every text of every table, as (table.column, text)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb', 'json')"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            found += [(f"{table}.{column}", text) for (text,) in cursor.fetchall()]
    return found


def test_protected_columns_are_stored_nowhere_at_no_time(world, at):
    sheet = [("Gender equality and health programme 2027",), *PEOPLE]
    notes = [("Name", "E-mail", "Ethnicity", "Notes"), ("A B", "ab@example.org", CANARY, CANARY)]
    figures = [("Women", "Men"), (CANARY, 3)]
    made = upload(world, at, files.xlsx(sheet, Second=notes, Figures=figures))
    leaks = [[where for where, text in every_text() if CANARY in text]]

    actions.choose_columns(participant_import=made, sheet="Second", header_row=0, columns={}, by=world.halina, at=at)
    leaks.append([where for where, text in every_text() if CANARY in text])
    actions.choose_columns(
        participant_import=made, sheet="People", header_row=1, columns={7: "department"}, by=world.halina, at=at
    )
    plan = plan_of(world, at, made)
    apply(world, at, made)
    leaks.append([where for where, text in every_text() if CANARY in text])

    assert leaks == [[], [], []]
    assert (2, "H", "not_taken") in codes(plan, "notice")
    assert [column.title for column in plan.columns if column.locked] == ["Gender"]


def test_a_column_that_somebody_marks_as_personal_is_emptied(world, at):
    rows = [("Name", "E-mail", "Group A/B"), ("Amara", "amara@example.org", CANARY)]
    made = upload(world, at, files.xlsx(rows))
    columns = {0: "name", 1: "email", 2: "not_taken"}

    actions.choose_columns(
        participant_import=made, sheet="People", header_row=0, columns=columns, by=world.halina, at=at
    )

    assert [where for where, text in every_text() if CANARY in text] == []


def test_a_title_above_the_table_takes_nothing_away(world, at):
    rows = [("Faculty of Health", "Gender balance"), (), *PEOPLE]
    plan = plan_of(world, at, upload(world, at, files.xlsx(rows)))
    assert [entry.name for entry in plan.create] == ["Amara Ọlá", "Nguyễn Thị Mai Anh", "محمد"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (files.csv([row[:5] for row in PEOPLE], delimiter=";"), "people.csv"),
        (files.csv([row[:5] for row in PEOPLE], encoding="utf-16"), "people.csv"),
        (files.csv([row[:5] for row in PEOPLE], delimiter="\t", encoding="utf-8-sig"), "people.txt"),
    ],
    ids=["semicolons", "utf-16", "tabs and mark"],
)
def test_text_tables_as_programs_save_them(world, at, data, name):
    plan = plan_of(world, at, upload(world, at, data, name))
    assert [entry.name for entry in plan.create] == ["Amara Ọlá", "Nguyễn Thị Mai Anh", "محمد"]
    assert not plan.stops


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_a_file_written_by_libreoffice(world, at, tmp_path, kind):
    rows = [("Participants 2027",), (), *PEOPLE, (), ("Total", 3)]
    data = files.by_libreoffice(files.xlsx(rows), kind, tmp_path)

    made = upload(world, at, data, f"people.{kind}")
    plan = plan_of(world, at, made)
    apply(world, at, made)

    assert [entry.row for entry in plan.create] == [4, 5, 6]
    assert Enrolment.objects.get(person__email="mai@example.org").contract_ends_on == dt.date(2027, 9, 30)
    assert Enrolment.objects.get(person__email="amara@example.org").contract_ends_on == dt.date(2027, 9, 30)


def test_duplicates_are_told_apart(world, at):
    rows = [
        ("Name", "E-mail"),
        ("Ana", "ana@example.org"),
        ("Ana", "ANA@example.org"),
        ("Bob", "one@example.org"),
        ("Eve", "one@example.org"),
    ]
    plan = plan_of(world, at, upload(world, at, files.xlsx(rows)))
    assert codes(plan) == [(5, "B", "email_shared")]
    assert codes(plan, "notice")[1:] == [(3, "B", "same_person")]


def test_an_unknown_institution_stops_until_it_is_ticked(world, at):
    rows = [("Name", "E-mail", "University"), ("Ana", "ana@example.org", "Saltworth University")]
    made = upload(world, at, files.xlsx(rows))
    before = plan_of(world, at, made)

    columns = dict(before.reading.columns)
    actions.choose_columns(
        participant_import=made,
        sheet="People",
        header_row=0,
        columns=columns,
        institutions=["Saltworth University"],
        by=world.halina,
        at=at,
    )
    outcome = apply(world, at, made)

    assert before.stops
    assert before.unknown_institutions == ("Saltworth University",)
    assert outcome.enrolled == 1
    added = PartnerInstitution.objects.get(name="Saltworth University")
    assert Enrolment.objects.get(person__email="ana@example.org").institution == added
    assert added.organisation == world.eastmere


def test_a_person_known_here_keeps_their_own_name_and_one_known_elsewhere_is_not_told(world, at):
    rows = [("Name", "E-mail"), ("T. Zielinski-Kowal", "tomasz@example.org"), ("Nia Morgan", "nia@example.org")]
    made = upload(world, at, files.xlsx(rows))
    plan = plan_of(world, at, made)
    apply(world, at, made)

    assert codes(plan, "notice") == [(None, "", "host_by_default"), (2, "", "own_name")]
    assert Person.objects.get(pk=world.tomasz.pk).name == "Tomasz Zieliński"
    assert Person.objects.get(pk=world.nia.pk).name == "Nia"


def test_confirmed_columns_are_remembered_for_the_organisation(world, at):
    rows = [("Wer", "Wohin", "Quark"), ("Ana", "ana@example.org", "Physics")]
    made = upload(world, at, files.xlsx(rows))
    columns = {0: "name", 1: "email", 2: "discipline"}
    for header_row in (0, 0):
        actions.choose_columns(
            participant_import=made, sheet="People", header_row=header_row, columns=columns, by=world.halina, at=at
        )
    apply(world, at, made)

    other = files.xlsx([("Quark", "Wer", "Wohin"), ("Maths", "Bo", "bo@example.org")])
    plan = plan_of(world, at, upload(world, at, other, cohort=world.other_cohort))

    assert [(column.title, column.field) for column in plan.columns] == [
        ("Quark", "discipline"),
        ("Wer", "name"),
        ("Wohin", "email"),
    ]
    assert ColumnMemory.objects.filter(organisation=world.harbour).count() == 0


def test_a_mended_file_is_read_as_its_columns_were_confirmed_before(world, at):
    rows = [("Who", "Mail", "Where from"), ("Ana", "ana at example.org", "Northgate University")]
    made = upload(world, at, files.xlsx(rows))
    actions.choose_columns(
        participant_import=made, sheet="People", header_row=0, columns={2: "institution"}, by=world.halina, at=at
    )

    mended = [rows[0], ("Ana", "ana@example.org", "Northgate University")]
    plan = plan_of(world, at, upload(world, at, files.xlsx(mended)))

    assert [(person.name, person.institution) for person in plan.create] == [("Ana", "Northgate University")]


def test_a_line_manager_with_name_and_address_is_kept_away_as_a_coach(world, at):
    rows = [
        ("Name", "E-mail", "Line manager", "Line manager email"),
        ("Ana", "ana@example.org", "I. Pop", "Ioana@Example.org"),
    ]
    apply(world, at, upload(world, at, files.xlsx(rows)))
    enrolment = Enrolment.objects.get(person__email="ana@example.org")

    assert enrolment.line_manager == "I. Pop <Ioana@example.org>"
    assert rules.may_coach_person(world.engagements["ioana"], enrolment) is False
    assert rules.may_coach_person(world.engagements["malik"], enrolment) is True


def test_details_too_long_to_keep_stop_with_their_cell(world, at):
    rows = [("Name", "E-mail", "Discipline"), ("Ana", "ana@example.org", "x" * 121)]
    assert codes(plan_of(world, at, upload(world, at, files.xlsx(rows)))) == [(2, "C", "text_too_long")]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\x00\x01\x02", b"PK\x03\x04nonsense"])
def test_what_cannot_be_read_is_refused_in_words(world, at, data):
    with pytest.raises(UnreadableSheet):
        upload(world, at, data)
    assert ParticipantImport.objects.count() == 0


def test_invitations_are_sent_only_when_asked_for(world, at):
    outcome = apply(world, at, upload(world, at, files.xlsx(PEOPLE)), invite=True)

    mails = MailMessage.objects.order_by("address")
    assert outcome.invited == 3
    assert [mail.address for mail in mails] == ["amara@example.org", "m@example.org", "mai@example.org"]
    assert all(f"{ADDRESS}/invitation/" in mail.body for mail in mails)


def test_an_import_is_taken_back_and_can_be_made_again(world, at):
    rows = [*PEOPLE, ("Thandiwe Ndlovu", "thandiwe@example.org", "", "", "Virology", "", None, "")]
    data = files.xlsx(rows)
    made = upload(world, at, data)
    apply(world, at, made, invite=True)

    taken_out = delivery.take_back_import(participant_import=made, by=world.halina, at=at)

    amara = Enrolment.objects.get(person__email="amara@example.org")
    assert taken_out == 3
    assert amara.state == "left"
    assert set(Entitlement.objects.filter(enrolment=amara).values_list("promised", flat=True)) == {0}
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).discipline == "Immunology"
    assert not RoleGrant.objects.filter(person=amara.person, until=None).exists()
    apply(world, at + dt.timedelta(hours=1), upload(world, at, data))
    amara.refresh_from_db()
    assert (amara.state, amara.left_on) == ("active", None)
    assert sorted(Entitlement.objects.filter(enrolment=amara).values_list("promised", flat=True)) == [210, 900]


def test_an_import_stays_once_somebody_has_joined(world, at):
    made = upload(world, at, files.xlsx(PEOPLE))
    apply(world, at, made, invite=True)
    enrolment = Enrolment.objects.select_related("person", "cohort__programme").get(person__email="mai@example.org")
    actions.accept_agreement(enrolment=enrolment, version=1, by=enrolment.person, at=at)

    with pytest.raises(actions.TheyHaveBegun, match="1 of these people"):
        delivery.take_back_import(participant_import=made, by=world.halina, at=at)
    assert Enrolment.objects.get(pk=enrolment.pk).state == "active"


def test_whoever_left_is_not_brought_back_by_a_file(world, at):
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(state="left", left_on=at.date())
    rows = [("Name", "E-mail", "Discipline"), ("Pärt Tamm", "part@example.org", "Chemistry")]
    made = upload(world, at, files.xlsx(rows))
    plan = plan_of(world, at, made)
    apply(world, at, made)

    assert plan.changes_nothing
    assert codes(plan, "notice") == [(2, "", "has_left")]
    assert Enrolment.objects.get(pk=world.enrolments["part"].pk).state == "left"


def test_a_coordinator_elsewhere_finds_and_writes_nothing(world, at):
    made = upload(world, at, files.xlsx(PEOPLE))
    with pytest.raises(queries.NotFound):
        queries.participant_import(world.gwen, made.cohort_id, made.pk, at)
    with pytest.raises(NotAllowed):
        delivery.apply_import(
            participant_import=made, expected_digest_of_changes="", address_of=ADDRESS, by=world.gwen, at=at
        )
    with pytest.raises(NotAllowed):
        actions.upload_participants(
            cohort=world.cohort, data=b"Name,E-mail\nA,a@b.org", filename="x.csv", by=world.gwen, at=at
        )


def test_somebody_added_by_hand_is_enrolled_like_the_others(world, at):
    entry = queries.NewEnrolment(row=0, email="Ana@example.org", name="Ana", institution="Northgate University")
    enrolment = delivery.enrol_person(
        cohort=world.cohort, entry=entry, invite=True, address_of=ADDRESS, by=world.halina, at=at
    )
    assert enrolment.institution == world.northgate
    assert Entitlement.objects.filter(enrolment=enrolment).count() == 2
    assert MailMessage.objects.get().to_id == enrolment.person_id
    with pytest.raises(actions.AlreadyEnrolled, match="Ana is in this cohort already"):
        delivery.enrol_person(cohort=world.cohort, entry=entry, address_of=ADDRESS, by=world.halina, at=at)


@pytest.mark.slow
def test_over_a_thousand_rows_are_applied_by_the_queue_with_few_statements(world, at, django_assert_max_num_queries):
    rows = [("Name", "E-mail", "Discipline")]
    rows += [(f"Person {number}", f"p{number}@example.org", "Physics") for number in range(1_200)]
    made = upload(world, at, files.csv(rows), "people.csv")
    plan = plan_of(world, at, made)

    queued = delivery.queue_import(
        participant_import=made, expected_digest_of_changes=plan.digest, address_of=ADDRESS, by=world.halina, at=at
    )
    with django_assert_max_num_queries(60):
        delivery.apply_queued_import(import_id=made.pk, at=at)
    delivery.apply_queued_import(import_id=made.pk, at=at)

    assert queued == delivery.ImportOutcome(is_queued=True)
    assert Enrolment.objects.filter(cohort=world.cohort).count() == 1_204
    assert ParticipantImport.objects.get(pk=made.pk).state == "applied"


def test_a_queued_import_that_was_overtaken_says_so(world, at, monkeypatch):
    monkeypatch.setattr(delivery.enrolling, "AT_ONCE", 1)
    made = upload(world, at, files.xlsx(PEOPLE))
    digest = plan_of(world, at, made).digest
    delivery.queue_import(
        participant_import=made, expected_digest_of_changes=digest, address_of=ADDRESS, by=world.halina, at=at
    )
    entry = queries.NewEnrolment(row=0, email="mai@example.org", name="Mai Anh")
    delivery.enrol_person(cohort=world.cohort, entry=entry, address_of=ADDRESS, by=world.halina, at=at)

    delivery.apply_queued_import(import_id=made.pk, at=at)

    assert ParticipantImport.objects.get(pk=made.pk).outcome == {"refused": "PreviewIsStale"}
    assert Person.objects.filter(email="amara@example.org").count() == 0
