import datetime as dt
import re

import pytest

from cairn.programmes import actions
from cairn.programmes.models import (
    ClosedDay,
    Cohort,
    MixingAttribute,
    PartnerInstitution,
    Programme,
)
from cairn.web.coordinator.setup_forms import CohortForm

FIRST_COHORT = {
    "name": "Cohort 3",
    "starts_on": "2027-04-05",
    "ends_on": "2028-04-04",
    "time_zone": "Europe/London",
    "expected_people": "53",
    "expected_coaches": "5",
    "expected_new_coaches": "5",
    "one_to_one_minutes": "3 h 30",
    "one_to_one_session_minutes": "60 min",
    "group_minutes": "15 h",
    "group_session_minutes": "1:30",
    "meeting_minutes": "90",
    "familiarisation_minutes": "4 h",
    "expected_rate_minor": "60",
    "currency": "GBP",
}
PLAN = {
    "expected_people": "53",
    "expected_coaches": "5",
    "expected_new_coaches": "5",
    "expected_groups": "5",
    "one_to_one_minutes": "3 h 30 min",
    "group_minutes": "15 h",
    "expected_rate_minor": "60.00",
    "currency": "GBP",
}


def hours(html: str) -> list[str]:
    """The amounts of the plan's table, kind by kind, and the total."""
    return re.findall(r'<td class="num">([\d.]+ h)</td>', html)


@pytest.fixture
def page(client, world):
    """The client of the coordinator."""
    client.force_login(world.halina)
    return client


def seen(html: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', html)[1]


def test_the_first_fixture_comes_out_of_the_plan_page(page, world):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 9, 6))
    html = page.post(f"/cohorts/{world.cohort.pk}/plan/", {**PLAN, "go": "show"}).content.decode()
    assert hours(html) == ["185.5 h", "75 h", "30 h", "20 h", "310.5 h"]
    assert "53 people × 3 h 30 min" in html
    assert "5 coaches × 4 × 90 min" in html
    assert "£18,630.00" in html
    assert Cohort.objects.get(pk=world.cohort.pk).expected_people == 50


def test_the_second_fixture_comes_out_of_the_plan_page(page, world):
    figures = {
        "expected_people": "75",
        "expected_new_coaches": "0",
        "expected_groups": "7",
        "one_to_one_minutes": "1 h",
        "expected_rate_minor": "",
    }
    html = page.post(f"/cohorts/{world.cohort.pk}/plan/", {**PLAN, **figures, "go": "show"}).content.decode()
    assert hours(html) == ["75 h", "105 h", "30 h", "0 h", "210 h"]
    assert "7 groups: 5 of 11, 2 of 10 people" in html


def test_the_plan_is_recomputed_in_place_and_kept_only_when_asked(page, world):
    url = f"/cohorts/{world.cohort.pk}/plan/"
    part = page.post(url, {**PLAN, "go": "save"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert hours(part)[-1] == "310.5 h"
    assert Cohort.objects.get(pk=world.cohort.pk).expected_people == 50
    page.post(url, {**PLAN, "go": "save"})
    assert Cohort.objects.get(pk=world.cohort.pk).expected_people == 53


def test_nonsense_in_the_plan_gets_a_sentence_and_keeps_what_was_typed(page, world):
    figures = {**PLAN, "expected_new_coaches": "7", "group_minutes": "a lot"}
    html = page.post(f"/cohorts/{world.cohort.pk}/plan/", {**figures, "go": "save"}).content.decode()
    assert "Write a length of time like 3 h 30 min, 3:30 or 210 min." in html
    assert "7 coaches cannot be new when there are 5." in html
    assert 'value="a lot"' in html


def test_the_guided_set_up_from_nothing_to_a_live_programme(client, world):
    client.force_login(world.gwen)
    answer = client.post(
        "/programmes/new/", {"name": "Second Wind", "mode": "3", "scope": "coaching", "wellbeing_contacts": ""}
    )
    programme = Programme.objects.get(name="Second Wind")
    assert answer["Location"] == f"/programmes/{programme.pk}/cohorts/new/"

    html = client.get(answer["Location"]).content.decode()
    assert 'value="3 h 30 min"' in html
    answer = client.post(answer["Location"], FIRST_COHORT)
    cohort = Cohort.objects.get(programme=programme)
    assert (cohort.one_to_one_minutes, cohort.group_session_minutes, cohort.expected_rate_minor) == (210, 90, 6000)
    assert answer["Location"] == f"/cohorts/{cohort.pk}/settings/groups/"

    groups = {
        "group_cap": "11",
        "group_minimum": "6",
        "expected_groups": "5",
        "early_sessions": "4",
        "early_weeks": "2",
        "later_weeks": "4",
        "one_to_one_for_group_percent": "50",
        "mixes_groups": "on",
        "by_discipline": "on",
        "by_gender": "on",
        "weight_discipline": "3",
        "weight_institution": "1",
        "weight_gender": "2",
        "weight_ethnicity": "1",
        "answers_gender": "woman\nman\nwoman\n\nnon-binary",
        "answers_ethnicity": "",
    }
    answer = client.post(answer["Location"], {**groups, "go": "on"})
    assert Cohort.objects.get(pk=cohort.pk).one_to_one_for_group_percent == 50
    mixes = MixingAttribute.objects.filter(cohort=cohort).values_list("key", "weight", "is_protected", "choices")
    assert list(mixes) == [("discipline", 3, False, []), ("gender", 2, True, ["woman", "man", "non-binary"])]

    html = client.get(answer["Location"]).content.decode()
    assert "This is an agreement between you and Harbour Centre" in html
    agreement = {"apologies_hours": "24", "missed_uses_minutes": "on", "agreement_text": "Come, or say so."}
    answer = client.post(answer["Location"], {**agreement, "go": "on"})
    cohort.refresh_from_db()
    assert (cohort.agreement_text, cohort.coaching_is_compulsory) == ("Come, or say so.", False)
    assert hours(client.get(answer["Location"]).content.decode())[-1] == "310.5 h"

    html = client.get(f"/programmes/{programme.pk}/").content.decode()
    assert "Whom can people turn to?" in html
    client.post(f"/programmes/{programme.pk}/live/")
    assert Programme.objects.get(pk=programme.pk).live_at is None
    contacts = {"name": "Second Wind", "mode": "3", "scope": "coaching", "wellbeing_contacts": "Ring 01632 960 001"}
    client.post(f"/programmes/{programme.pk}/edit/", contacts)
    client.post(f"/programmes/{programme.pk}/live/")
    assert Programme.objects.get(pk=programme.pk).live_at is not None


def test_a_taken_name_is_said_beside_the_field_and_everything_is_kept(page, world):
    html = page.post(
        f"/programmes/{world.programme.pk}/cohorts/new/", {**FIRST_COHORT, "name": "Cohort 1"}
    ).content.decode()
    assert "“Cohort 1” exists already. Give it another name." in html
    assert 'value="3 h 30"' in html
    assert Cohort.objects.filter(programme=world.programme).count() == 2


def test_showing_what_it_means_saves_nothing(page, world):
    url = f"/programmes/{world.programme.pk}/cohorts/new/"
    html = page.post(url, {**FIRST_COHORT, "expected_people": "20", "go": "show"}).content.decode()
    assert hours(html)[0] == "70 h"
    assert Cohort.objects.filter(programme=world.programme).count() == 2


def test_whoever_saves_second_is_told_and_can_then_save(page, world):
    url = f"/cohorts/{world.cohort.pk}/settings/"
    stamp = seen(page.get(url).content.decode())
    values = {**FIRST_COHORT, "starts_on": "2026-09-07", "ends_on": "2027-09-06", "name": "Cohort 1", "seen": stamp}
    Cohort.objects.filter(pk=world.cohort.pk).update(name="Autumn", group_minutes=600)
    html = page.post(url, {**values, "go": "on"}).content.decode()
    assert "Group, each person: 10 h; Name of the cohort: Autumn." in html
    assert Cohort.objects.get(pk=world.cohort.pk).name == "Autumn"
    page.post(url, {**values, "seen": seen(html), "go": "on"})
    assert Cohort.objects.get(pk=world.cohort.pk).name == "Cohort 1"


def test_new_minutes_are_said_not_to_touch_those_promised(page, world):
    answer = page.post(
        f"/cohorts/{world.cohort.pk}/plan/", {**PLAN, "one_to_one_minutes": "1 h", "go": "save"}, follow=True
    )
    assert "4 people keep the minutes they were promised." in answer.content.decode()


def test_institutions_and_closed_days(page, world):
    url = f"/organisation/{world.eastmere.pk}/institutions/"
    page.post(url, {"do": "add", "name": "Saltworth College", "short_name": "Saltworth"})
    assert PartnerInstitution.objects.filter(organisation=world.eastmere).count() == 3
    html = page.post(url, {"do": "add", "name": "northgate university"}).content.decode()
    assert "“northgate university” exists already." in html
    page.post(url, {"do": "days", "days": "2027-12-24 to 2027-12-26 Winter\n2027-05-03"})
    assert ClosedDay.objects.count() == 4
    html = page.get(url).content.decode()
    assert "2027-05-03\n2027-12-24 to 2027-12-26 Winter" in html
    html = page.post(url, {"do": "days", "days": "Christmas"}).content.decode()
    assert "Line 1, “Christmas”." in html
    assert ClosedDay.objects.count() == 4


def test_an_institution_with_people_stays(page, world):
    answer = page.post(f"/institutions/{world.northgate.pk}/", {"do": "remove"}, follow=True)
    assert "People of Northgate University take part, so it stays in the list." in answer.content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "/programmes/{programme}/",
        "/programmes/{programme}/edit/",
        "/programmes/{programme}/cohorts/new/",
        "/cohorts/{cohort}/settings/",
        "/cohorts/{cohort}/settings/groups/",
        "/cohorts/{cohort}/settings/agreement/",
        "/cohorts/{cohort}/plan/",
        "/organisation/{organisation}/institutions/",
        "/institutions/{institution}/",
    ],
)
def test_another_organisations_set_up_is_not_found(client, world, url):
    path = url.format(
        programme=world.programme.pk,
        cohort=world.cohort.pk,
        organisation=world.eastmere.pk,
        institution=world.northgate.pk,
    )
    for stranger in (world.gwen, world.ioana, world.thandiwe, world.sabine):
        client.force_login(stranger)
        assert client.get(path).status_code == 404
        assert client.post(path, {}).status_code in (404, 405)


def test_the_list_is_empty_first_and_says_what_to_do(client, world):
    from cairn.people.models import Organisation, RoleGrant

    fresh = Organisation.objects.create(name="Fresh")
    RoleGrant.objects.filter(person=world.gwen).update(organisation=fresh)
    client.force_login(world.gwen)
    html = client.get("/programmes/").content.decode()
    assert "No programme yet" in html
    assert 'href="/programmes/new/"' in html


def test_the_list_costs_the_same_with_one_and_three_programmes(page, world, django_assert_num_queries):
    with django_assert_num_queries(6):
        page.get("/programmes/")
    for number in range(2):
        made = Programme.objects.create(organisation=world.eastmere, name=f"P{number}")
        Cohort.objects.create(programme=made, name="C", starts_on=dt.date(2027, 1, 1), ends_on=dt.date(2027, 12, 1))
    with django_assert_num_queries(6):
        html = page.get("/programmes/").content.decode()
    assert html.count('<section class="entry') == 3


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ends_on", "9999-12-31", "Ensure this value is less than or equal to"),
        ("ends_on", "2099-12-31", "A cohort lasts five years at most."),
        ("ends_on", "2027-04-05", "The last day has to come after the first."),
        ("ends_on", "soon", "Enter a valid date."),
        ("expected_new_coaches", "9", "9 coaches cannot be new when there are 5."),
        ("time_zone", "../etc/passwd", "is no place whose clocks Cairn knows."),
        ("time_zone", "Europe/Atlantis", "“Europe/Atlantis” is no place whose clocks Cairn knows."),
        ("one_to_one_minutes", "99999999999 h", "Write a length of time like"),
        ("group_session_minutes", "1 min", "This is between 5 min and 10 h."),
        ("currency", "£", "is not a currency code in use."),
        ("name", "x" * 201, "Ensure this value has at most 200 characters"),
    ],
)
def test_a_cohort_that_cannot_be_gets_a_sentence(page, world, field, value, sentence):
    url = f"/programmes/{world.programme.pk}/cohorts/new/"
    for extra in ({}, {"go": "show"}):
        answer = page.post(url, {**FIRST_COHORT, field: value, **extra})
        assert answer.status_code == 200
    answer = page.post(url, {**FIRST_COHORT, field: value})
    assert sentence in answer.content.decode()
    assert Cohort.objects.filter(programme=world.programme).count() == 2


MIXED = {
    **{"group_cap": "11", "group_minimum": "4", "early_sessions": "4", "early_weeks": "2", "later_weeks": "4"},
    **{"one_to_one_for_group_percent": "100", "mixes_groups": "on", "by_discipline": "on", "weight_discipline": "2"},
    **{"by_gender": "on", "answers_gender": "woman\nman", "go": "on"},
}


def settings_of(cohort):
    return f"/cohorts/{cohort.pk}/settings/groups/"


def test_what_is_mixed_by_two_attributes_together_is_kept_and_shown_again(page, world):
    sent = {
        **MIXED,
        **{"by_department": "on", "alone_discipline": "on", "alone_gender": "on", "alike_department": "on"},
        **{"pair_1_a": "discipline", "pair_1_b": "gender", "pair_1_weight": "1"},
        **{"pair_3_a": "discipline", "pair_3_b": "department", "pair_3_weight": "5"},
    }
    assert page.post(settings_of(world.cohort), sent).status_code == 302
    kept = MixingAttribute.objects.filter(cohort=world.cohort).order_by("key")
    fields = ("key", "weight", "is_protected", "avoids_isolation", "seats_alike", "of")
    assert list(kept.values_list(*fields)) == [
        ("department", 1, False, False, True, []),
        ("discipline", 2, False, True, False, []),
        ("discipline-and-department", 5, False, False, False, ["discipline", "department"]),
        ("discipline-and-gender", 1, True, False, False, ["discipline", "gender"]),
        ("gender", 1, True, True, False, []),
    ]
    html = page.get(settings_of(world.cohort)).content.decode()
    ticked = re.findall(r'name="(al\w+_\w+)"[^>]* checked', html)
    assert sorted(ticked) == ["alike_department", "alone_discipline", "alone_gender"]
    assert page.post(settings_of(world.cohort), MIXED).status_code == 302
    assert sorted(kept.all().values_list("key", flat=True)) == ["discipline", "gender"]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ({"pair_1_a": "discipline"}, "Choose two different attributes, or none."),
        ({"pair_1_a": "discipline", "pair_1_b": "discipline"}, "Choose two different attributes, or none."),
        ({"pair_1_a": "discipline", "pair_1_b": "institution"}, "Mix by each of the two as well."),
        (
            {"pair_1_a": "discipline", "pair_1_b": "gender", "pair_2_a": "gender", "pair_2_b": "discipline"},
            "These two are together above.",
        ),
    ],
)
def test_a_pair_that_cannot_be_is_refused_in_place(page, world, pairs, said):
    reply = page.post(settings_of(world.cohort), {**MIXED, **pairs})
    assert said in reply.content.decode()
    assert not MixingAttribute.objects.filter(cohort=world.cohort).exists()


def test_seating_by_a_protected_attribute_is_not_offered_and_not_kept(page, world, at):
    html = page.get(settings_of(world.cohort)).content.decode()
    assert ("alike_discipline" in html, "alike_gender" in html) == (True, False)
    gender = actions.MixBy("gender", "Gender", is_protected=True, choices=("a", "b"), seats_alike=True)
    actions.set_mixing(cohort=world.cohort, mixes=True, attributes=[gender], by=world.halina, at=at)
    assert MixingAttribute.objects.get(cohort=world.cohort).seats_alike is False


@pytest.mark.parametrize(
    ("typed", "kept", "example"),
    [
        ("Europe/london", "Europe/London", ""),
        ("sao paulo", "America/Sao_Paulo", ""),
        ("EST", "", "Write one such as Europe/London."),
        ("Etc/GMT+5", "", "Write one such as Europe/London."),
        ("Europe/Lodnon", "", "Write one such as Europe/London."),
        ("America/Sao Paolo", "", "Write one such as America/Sao_Paulo."),
    ],
)
def test_a_zone_is_that_of_a_place_however_it_is_spelt(typed, kept, example):
    form = CohortForm({**FIRST_COHORT, "time_zone": typed})
    form.is_valid()
    assert (form.cleaned_data.get("time_zone", ""), example in str(form.errors.get("time_zone", ""))) == (kept, True)
