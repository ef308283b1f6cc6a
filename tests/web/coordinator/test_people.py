import datetime as dt
import io

import openpyxl
import pytest

from cairn.delivery.models import Attendance, CoachingSession
from cairn.foundation.models import MailMessage
from cairn.people.models import Person
from cairn.programmes.models import Enrolment, MixingAnswer, MixingAttribute


@pytest.fixture
def page(client, world):
    """The client of the coordinator."""
    client.force_login(world.halina)
    return client


def test_the_table_shows_everybody_with_minutes_left(page, world):
    html = page.get(f"/cohorts/{world.cohort.pk}/").content.decode()
    assert html.count('<th scope="row">') == 4
    assert html.count('aria-label="0 delivered, 0 booked, 900 left of 900 minutes"') == 4
    assert "4 people take part, in 2 groups" in html
    assert "Tomasz" not in html


def test_it_is_filtered_sorted_and_searched(page, world):
    url = f"/cohorts/{world.cohort.pk}/"
    assert page.get(url, {"group": "2"}).content.decode().count('<th scope="row">') == 1
    assert page.get(url, {"institution": str(world.northgate.pk)}).content.decode().count('<th scope="row">') == 2
    assert page.get(url, {"q": "ioana"}).content.decode().count('<th scope="row">') == 2
    html = page.get(url, {"sort": "-discipline", "page": "99"}).content.decode()
    assert html.index("Materials") > html.index("Physics")
    assert "Nobody fits these filters." in page.get(url, {"q": "zzz"}).content.decode()


def test_whatever_people_wrote_is_escaped_in_the_table(page, world):
    naughty = "<script>{0}%s&\"'"
    Person.objects.filter(pk__in=[world.part.pk, world.ioana.pk]).update(name=naughty)
    type(world.host).objects.update(short_name="")
    type(world.host).objects.filter(pk=world.northgate.pk).update(name=naughty)
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(discipline=naughty)
    html = page.get(f"/cohorts/{world.cohort.pk}/").content.decode()
    row = next(line for line in html.splitlines() if f'people/{world.enrolments["part"].pk}/"' in line)
    assert row.count("&lt;script&gt;{0}%s&amp;&quot;&#x27;") == 5
    assert "<script>" not in row


@pytest.mark.parametrize(
    "query", [{"group": "x"}, {"sort": "person__email"}, {"page": "-1"}, {"state": "?"}, {"q": "\x00"}]
)
def test_a_nonsensical_address_shows_everybody_or_nobody_but_does_not_break(page, world, query):
    assert page.get(f"/cohorts/{world.cohort.pk}/", query).status_code == 200


def test_it_costs_the_same_at_any_number_of_rows(page, world, django_assert_num_queries):
    url = f"/cohorts/{world.cohort.pk}/"
    Enrolment.objects.filter(cohort=world.cohort).exclude(pk=world.enrolments["part"].pk).update(
        cohort=world.other_cohort
    )
    with django_assert_num_queries(5):
        page.get(url)
    Enrolment.objects.filter(cohort=world.other_cohort).exclude(pk=world.enrolments["tomasz"].pk).update(
        cohort=world.cohort
    )
    with django_assert_num_queries(5):
        page.get(url)


def test_a_full_page_stays_small(page, world):
    for number in range(120):
        someone = Person.objects.create_user(f"p{number}@example.org", name=f"Person {number:03}")
        Enrolment.objects.create(
            cohort=world.cohort,
            person=someone,
            institution=world.host,
            enrolled_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC),
        )
    answer = page.get(f"/cohorts/{world.cohort.pk}/")
    assert answer.content.decode().count('<th scope="row">') == 40
    assert len(answer.content) < 60_000


def test_invitations_go_to_those_chosen_only(page, world):
    chosen = [world.enrolments["part"].pk, world.enrolments["nia"].pk]
    answer = page.post(f"/cohorts/{world.cohort.pk}/?q=p", {"do": "invite", "chosen": chosen})
    assert answer["Location"] == f"/cohorts/{world.cohort.pk}/?q=p"
    assert list(MailMessage.objects.values_list("to_id", flat=True)) == [world.part.pk]
    html = page.post(f"/cohorts/{world.cohort.pk}/", {"do": "invite"}, follow=True).content.decode()
    assert "Choose somebody first." in html


def test_the_spreadsheet_holds_everybody_and_no_formula(page, world):
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(discipline="=HYPERLINK()")
    answer = page.get(f"/cohorts/{world.cohort.pk}/people.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in rows] == ["Name", "Pärt Tamm", "Siobhán Ní Bhriain", "Thandiwe Ndlovu", "王秀英"]
    assert rows[1][5:9] == [900, 0, 0, 900]
    assert sheet["B2"].data_type == "s"
    assert (
        page.get(f"/cohorts/{world.cohort.pk}/people.csv")
        .content.decode("utf-8-sig")
        .splitlines()[4]
        .startswith("王秀英,")
    )
    assert page.get(f"/cohorts/{world.cohort.pk}/people.pdf").status_code == 404
    answer = page.post(f"/cohorts/{world.cohort.pk}/", {"do": "export", "chosen": [world.enrolments["part"].pk]})
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].max_row == 2


def test_protected_answers_are_nowhere(page, world, at):
    attribute = MixingAttribute.objects.create(cohort=world.cohort, key="gender", label="Gender", is_protected=True)
    MixingAnswer.objects.create(
        enrolment=world.enrolments["part"], attribute=attribute, value="LEAK-gender", consented=True, answered_at=at
    )
    urls = ("", "people.csv", f"people/{world.enrolments['part'].pk}/", "settings/groups/")
    for url in urls:
        assert b"LEAK" not in page.get(f"/cohorts/{world.cohort.pk}/{url}").content


def test_one_person_with_attendance_and_places(page, world, at):
    session = CoachingSession.objects.create(
        cohort=world.cohort,
        kind="one_to_one",
        engagement=world.engagements["ioana"],
        enrolment=world.enrolments["part"],
        position=1,
        minutes=60,
        state="held",
        wall_starts=at,
        time_zone="Europe/London",
        starts_at=at,
        ends_at=at + dt.timedelta(hours=1),
    )
    Attendance.objects.create(
        session=session, enrolment=world.enrolments["part"], mark="missed", marked_by=world.ioana, marked_at=at
    )
    html = page.get(f"/cohorts/{world.cohort.pk}/people/{world.enrolments['part'].pk}/").content.decode()
    assert "Wed 3 Mar 2027, 09:00</time> <small>London time</small>" in html
    assert "missed" in html
    assert "since 7 Sep 2026" in html


def test_facts_are_put_right_unless_somebody_else_did(page, world):
    url = f"/cohorts/{world.cohort.pk}/people/{world.enrolments['part'].pk}/"
    facts = {
        "do": "facts",
        "name": "Pärt Tamm",
        "discipline": "Optics",
        "department": "Physics",
        "institution_id": str(world.northgate.pk),
        "line_manager": "ioana@example.org",
    }
    stamp = page.get(url).content.decode().split('name="seen" value="')[1].split('"')[0]
    page.post(url, {**facts, "seen": stamp})
    enrolment = Enrolment.objects.get(pk=world.enrolments["part"].pk)
    assert (enrolment.discipline, enrolment.line_manager) == ("Optics", "ioana@example.org")
    html = page.post(url, {**facts, "discipline": "Sound", "seen": stamp}).content.decode()
    assert "Discipline: Optics" in html
    assert 'value="Sound"' in html
    assert "Kept apart from" in page.get(url).content.decode()


def test_strangers_find_nobody(client, world):
    part, nia = world.enrolments["part"], world.enrolments["nia"]
    for stranger in (world.gwen, world.ioana, world.part, world.sabine):
        client.force_login(stranger)
        for url in ("", "people.xlsx", f"people/{part.pk}/"):
            assert client.get(f"/cohorts/{world.cohort.pk}/{url}").status_code == 404
        assert client.post(f"/cohorts/{world.cohort.pk}/", {"do": "export", "chosen": [part.pk]}).status_code == 404
    client.force_login(world.halina)
    for foreign in (nia, world.enrolments["tomasz"]):
        assert client.get(f"/cohorts/{world.cohort.pk}/people/{foreign.pk}/").status_code == 404
