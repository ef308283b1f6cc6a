import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cairn.foundation.models import MailMessage
from cairn.programmes import actions, queries
from cairn.programmes.models import Enrolment, ParticipantImport
from tests import files

HEADER = ("Name", "E-mail", "Discipline", "Gender")
GOOD = files.xlsx([HEADER, ("Ana Ito", "ana@example.org", "Law", "f"), ("李", "li@example.org", "Physics", "m")])
BAD = files.xlsx([HEADER, ("Ana Ito", "ana@example", "Law", "f"), ("", "li@example.org", "Physics", "m")])


@pytest.fixture
def halina(client, world):
    client.force_login(world.halina)
    return client


def send(client, world, data, name="people.xlsx"):
    return client.post(reverse("cohort_import", args=[world.cohort.pk]), {"file": SimpleUploadedFile(name, data)})


def preview(client, world, data=GOOD):
    address = send(client, world, data).url
    return address, client.get(address)


def test_a_file_leads_to_its_preview_and_the_button_says_what_it_does(halina, world):
    address, page = preview(halina, world)

    assert page.context["does"] == "Enrol 2 people"
    assert [row.name for row in page.context["rows"]] == ["Ana Ito", "李"]
    assert page.context["shown"] == "new"
    assert Enrolment.objects.filter(cohort=world.cohort).count() == 4
    assert address == reverse("import_preview", args=[world.cohort.pk, ParticipantImport.objects.get().pk])


def test_applying_enrols_and_says_so(halina, world):
    address, page = preview(halina, world)
    done = halina.post(f"{address}apply/", {"digest": page.context["plan"].digest, "invite": "on"}, follow=True)

    assert done.context["enrolled"] == 2
    assert MailMessage.objects.count() == 2
    back = halina.post(f"{address}undo/", follow=True)
    assert back.context["taken_back"]
    assert Enrolment.objects.filter(cohort=world.cohort, state="active").count() == 4


def test_problems_come_first_with_their_cell_and_there_is_no_button(halina, world):
    address, page = preview(halina, world, BAD)

    assert page.context["shown"] == "problems"
    assert [(row["where"], row["stops"]) for row in page.context["rows"]][:2] == [("B2", True), ("A3", True)]
    assert "/apply/" not in page.content.decode()
    refused = halina.post(f"{address}apply/", {"digest": page.context["plan"].digest}, follow=True)
    assert "stops this import" in refused.content.decode()
    assert Enrolment.objects.filter(cohort=world.cohort).count() == 4


def test_a_stale_preview_does_nothing_and_shows_the_new_one(halina, world):
    address, page = preview(halina, world)
    halina.post(
        reverse("cohort_person_new", args=[world.cohort.pk]),
        {"name": "Ana", "email": "ana@example.org", "institution": "Eastmere University"},
    )

    again = halina.post(f"{address}apply/", {"digest": page.context["plan"].digest}, follow=True)

    assert "The cohort was changed since you opened this preview" in again.content.decode()
    assert again.context["does"] == "Enrol 1 person, change 1"
    assert not Enrolment.objects.filter(person__email="li@example.org").exists()


def test_columns_are_chosen_by_hand(halina, world):
    data = files.xlsx([("Wer", "Wohin", "Quark"), ("Ana", "ana@example.org", "Physics")])
    address, page = preview(halina, world, data)
    assert page.context["shown"] == "reading"

    wrong = halina.post(f"{address}?show=reading", {"header_row": 1, "column_0": "name", "column_1": "name"})
    assert "Columns A and B are both given for “Name”" in wrong.content.decode()
    halina.post(f"{address}?show=reading", {"header_row": 1, "column_0": "name", "column_1": "email"})
    again = halina.get(address)
    if again.context["shown"] == "reading":  # the row of titles was another: the columns follow now
        halina.post(f"{address}?show=reading", {"header_row": 1, "column_0": "name", "column_1": "email"})
        again = halina.get(address)
    assert again.context["does"] == "Enrol 1 person"


def test_unknown_institutions_are_added_by_a_tick_only(halina, world):
    data = files.xlsx([("Name", "E-mail", "University"), ("Ana", "ana@example.org", "Saltworth University")])
    address, page = preview(halina, world, data)
    assert page.context["stops"] == 1

    choices = {"header_row": 1, "column_0": "name", "column_1": "email", "column_2": "institution"}
    halina.post(f"{address}?show=reading", {**choices, "institutions": ["Saltworth University"]})

    assert halina.get(address).context["does"] == "Enrol 1 person"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 not a sheet", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_read_gets_a_sentence_in_place(halina, world, data):
    page = send(halina, world, data)
    assert page.status_code == 200
    assert len(page.context["form"].errors["file"]) == 1
    assert ParticipantImport.objects.count() == 0


def test_no_file_at_all(halina, world):
    page = halina.post(reverse("cohort_import", args=[world.cohort.pk]))
    assert page.context["form"].errors["file"] == ["Choose a file first."]


def test_the_template_comes_back_in_unchanged(halina, world, at):
    page = halina.get(reverse("import_template", args=[world.cohort.pk]))
    book = openpyxl.load_workbook(io.BytesIO(page.content))
    sheet = book.worksheets[0]
    for column, value in enumerate(("Ana Ito", "", "ana@example.org", "Northgate University", "Law"), 1):
        sheet.cell(row=2, column=column, value=value)
    target = io.BytesIO()
    book.save(target)

    _address, page = preview(halina, world, target.getvalue())

    assert [(entry.name, entry.institution) for entry in page.context["plan"].create] == [
        ("Ana Ito", "Northgate University")
    ]
    assert not page.context["plan"].stops


def test_a_discarded_preview_keeps_nothing(halina, world):
    address, _page = preview(halina, world)
    halina.post(f"{address}discard/")
    assert ParticipantImport.objects.values_list("state", "sheets").get() == ("discarded", [])


def test_an_import_elsewhere_is_not_found(client, world):
    made = actions.upload_participants(
        cohort=world.cohort, data=GOOD, filename="p.xlsx", by=world.halina, at=world.cohort.created_at
    )
    client.force_login(world.gwen)
    for name in ("import_preview", "import_apply", "import_discard", "import_take_back"):
        address = reverse(name, args=[world.cohort.pk, made.pk])
        assert client.post(address).status_code == 404
        assert client.post(reverse(name, args=[world.harbour_cohort.pk, made.pk])).status_code == 404
    for name in ("cohort_import", "import_template", "cohort_person_new"):
        assert client.get(reverse(name, args=[world.cohort.pk])).status_code == 404
    assert ParticipantImport.objects.get().state == "previewed"


@pytest.mark.parametrize("people", [1, 300])
@pytest.mark.parametrize("show", ["problems", "new", "changed", "same", "absent", "reading"])
def test_a_preview_costs_the_same_at_any_length(halina, world, django_assert_num_queries, people, show):
    rows = [
        (f"Person with quite a long name {n}", f"person-{n}@department.example.org", "Physics", "f")
        for n in range(people)
    ]
    address = send(
        halina, world, files.xlsx([HEADER, *rows, ("Thandiwe Ndlovu", "thandiwe@example.org", "Law", "")])
    ).url
    with django_assert_num_queries(8):
        page = halina.get(address, {"show": show})
    assert len(page.content) < 60_000


def test_a_large_import_shows_that_it_is_being_done(halina, world, monkeypatch):
    from cairn.delivery.actions import enrolling

    monkeypatch.setattr(enrolling, "AT_ONCE", 1)
    address, page = preview(halina, world)
    waiting = halina.post(f"{address}apply/", {"digest": page.context["plan"].digest}, follow=True)
    assert '<meta http-equiv="refresh" content="3">' in waiting.content.decode()

    enrolling.apply_queued_import(import_id=ParticipantImport.objects.get().pk, at=world.cohort.created_at)
    assert halina.get(address).context["enrolled"] == 2


def test_somebody_is_added_by_hand_and_not_twice(halina, world):
    address = reverse("cohort_person_new", args=[world.cohort.pk])
    typed = {
        "name": "Ana",
        "email": "ana@example.org",
        "institution": "Eastmere University",
        "contract_ends_on": "2027-09-30",
    }
    halina.post(address, typed)
    again = halina.post(address, typed)

    assert Enrolment.objects.get(person__email="ana@example.org").contract_ends_on.isoformat() == "2027-09-30"
    assert again.context["form"].errors["email"] == ["Ana is in this cohort already."]


def test_earlier_files_are_listed(halina, world, at):
    preview(halina, world)
    page = halina.get(reverse("cohort_import", args=[world.cohort.pk]))
    assert [item.filename for item in page.context["earlier"]] == ["people.xlsx"]
    assert queries.imports_of(world.gwen, world.cohort.pk, at).count() == 0
