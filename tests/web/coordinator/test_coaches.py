import pytest

from cairn.foundation.models import MailMessage
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, ConflictOfInterest, Enrolment

TERMS = {
    "is_internal": "False",
    "needs_familiarisation": "on",
    "one_to_one": "38 h 30 min",
    "group": "15 h",
    "coach_meeting": "6 h",
    "familiarisation": "4 h",
    "rate": "85.50",
    "currency": "gbp",
    "tax_percent": "20",
}


@pytest.fixture
def page(client, world):
    """The client of the coordinator."""
    client.force_login(world.halina)
    return client


def engage(page, world, **fields):
    """Ask Wren to coach the second cohort."""
    url = f"/cohorts/{world.other_cohort.pk}/coaches/engage/"
    return page.post(url, {"name": "Wren", "email": "wren@example.org", **TERMS, **fields})


def test_a_coach_is_engaged_by_name_and_address(page, world):
    assert engage(page, world).status_code == 302
    engagement = CoachEngagement.objects.get(person__email="wren@example.org")
    rate = ledger_queries.rates_for([engagement])[engagement.pk][0]
    assert (rate.minor_per_hour, rate.currency, rate.tax_basis_points) == (8550, "GBP", 2000)
    html = page.get(f"/cohorts/{world.other_cohort.pk}/coaches/").content.decode()
    assert "63.5 h" in html
    assert "£85.50" in html
    assert MailMessage.objects.filter(to_id=engagement.person_id).count() == 1


def test_the_minutes_come_from_the_plan(page, world):
    type(world.other_cohort).objects.filter(pk=world.other_cohort.pk).update(expected_people=53, expected_groups=5)
    html = page.get(f"/cohorts/{world.other_cohort.pk}/coaches/engage/").content.decode()
    for value in ("38 h 30 min", "15 h", "6 h", "4 h"):
        assert f'value="{value}"' in html


def test_somebody_known_is_not_renamed(page, world):
    engage(page, world, email="IOANA@example.org", name="Somebody Else")
    assert Person.objects.get(email="ioana@example.org").name == "Ioana Pop"
    assert CoachEngagement.objects.filter(person=world.ioana).count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "wren@"}, "Enter a valid email address."),
        ({"rate": ""}, "An external coach needs a rate, so that invoices can be drafted."),
        ({"currency": "XYZ"}, "“XYZ” is not a currency code in use."),
        ({"rate": "8.555"}, "has more decimals than GBP allows"),
        ({"one_to_one": "soon"}, "Write a length of time like 3 h 30 min"),
    ],
)
def test_bad_terms_get_a_sentence_and_nothing_is_done(page, world, fields, sentence):
    html = engage(page, world, **fields).content.decode()
    assert sentence in html
    assert 'value="Wren"' in html
    assert not CoachEngagement.objects.filter(cohort=world.other_cohort).exists()


def test_nobody_is_engaged_twice(page, world):
    engage(page, world)
    assert "Wren is a coach of this cohort already." in engage(page, world).content.decode()


def test_a_coach_accepts_online_and_sees_the_terms(page, client, world):
    engage(page, world)
    engagement = CoachEngagement.objects.get(person__email="wren@example.org")
    client.force_login(engagement.person)
    url = f"/engagements/{engagement.pk}/"
    html = client.get(url).content.decode()
    assert "£85.50 an hour, plus 20 % tax" in html
    assert "Wellbeing, 01632 960 000" in html
    assert "it never advises" in html
    assert "Tomasz" not in html
    client.post(url, {"do": "accept"})
    engagement.refresh_from_db()
    assert engagement.state == "accepted"
    assert "Tomasz" in client.get(url).content.decode()


def test_a_decline_is_taken_back(page, client, world):
    engage(page, world)
    engagement = CoachEngagement.objects.get(person__email="wren@example.org")
    client.force_login(engagement.person)
    states = []
    for doing in ("decline", "undo", "accept"):
        client.post(f"/engagements/{engagement.pk}/", {"do": doing})
        engagement.refresh_from_db()
        states.append(engagement.state)
    assert states == ["declined", "offered", "accepted"]


def test_an_offer_is_withdrawn_and_made_again(page, client, world):
    engage(page, world)
    engagement = CoachEngagement.objects.get(person__email="wren@example.org")
    url = f"/cohorts/{world.other_cohort.pk}/coaches/{engagement.pk}/"
    page.post(url, {"do": "end"})
    client.force_login(engagement.person)
    assert client.get(f"/engagements/{engagement.pk}/").status_code == 404
    client.force_login(world.halina)
    page.post(url, {"do": "ask"})
    engagement.refresh_from_db()
    assert engagement.state == "offered"


def test_an_engagement_with_people_does_not_end(page, world):
    url = f"/cohorts/{world.cohort.pk}/coaches/{world.engagements['ioana'].pk}/"
    html = page.post(url, {"do": "end"}, follow=True).content.decode()
    assert "Ioana Pop still coaches in this cohort (people: 2, groups: 1)." in html


def test_terms_are_changed_but_not_below_what_is_promised_away(page, world):
    url = f"/cohorts/{world.cohort.pk}/coaches/{world.engagements['ioana'].pk}/"
    page.post(url, {**TERMS, "tax_percent": "", "do": "terms"})
    held = ledger_queries.coach_time_for([world.engagements["ioana"]])[world.engagements["ioana"].pk]
    assert held["one_to_one"].promised == 2310
    html = page.post(url, {**TERMS, "currency": "EUR", "rate_from_on": "2027-06-01", "do": "terms"}).content.decode()
    assert "This engagement is paid in GBP. Keep to it." in html


def test_conflicts_are_declared_by_coordinator_and_coach(page, client, world):
    ioana = world.engagements["ioana"]
    url = f"/cohorts/{world.cohort.pk}/coaches/{ioana.pk}/"
    page.post(url, {"do": "conflict", "enrolment": str(world.enrolments["part"].pk), "department": ""})
    client.force_login(world.ioana)
    client.post(f"/engagements/{ioana.pk}/", {"do": "conflict", "enrolment": "", "department": "Law"})
    found = ConflictOfInterest.objects.order_by("pk").values_list("enrolment", "department", "declared_by")
    assert list(found) == [(world.enrolments["part"].pk, "", world.halina.pk), (None, "Law", world.ioana.pk)]
    client.force_login(world.halina)
    html = page.get(f"/cohorts/{world.cohort.pk}/coaches/").content.decode()
    assert "Kept apart, but together" in html


def test_a_coach_takes_back_nothing_that_others_declared(client, world, at):
    from cairn.programmes import actions

    ioana = world.engagements["ioana"]
    theirs = actions.declare_conflict(engagement=ioana, department="Law", by=world.halina, at=at)
    client.force_login(world.ioana)
    client.post(f"/engagements/{ioana.pk}/", {"do": f"withdraw-{theirs.pk}"})
    assert ConflictOfInterest.objects.filter(pk=theirs.pk).exists()
    other = actions.declare_conflict(engagement=world.engagements["malik"], department="X", by=world.halina, at=at)
    assert client.post(f"/engagements/{ioana.pk}/", {"do": f"withdraw-{other.pk}"}).status_code == 404


def test_nobody_else_finds_an_engagement(client, world):
    own = f"/engagements/{world.engagements['ioana'].pk}/"
    for stranger in (world.malik, world.rosa, world.lena, world.thandiwe, world.halina):
        client.force_login(stranger)
        assert client.get(own).status_code == 404
    foreign = f"/cohorts/{world.cohort.pk}/coaches/{world.engagements['lena'].pk}/"
    client.force_login(world.halina)
    assert client.get(foreign).status_code == 404
    for path in (foreign, f"/cohorts/{world.cohort.pk}/coaches/", f"/cohorts/{world.cohort.pk}/coaches/engage/"):
        for stranger in (world.gwen, world.ioana, world.sabine):
            client.force_login(stranger)
            assert client.get(path).status_code == 404


def test_the_list_costs_the_same_with_one_and_three_coaches(page, world, django_assert_num_queries):
    Enrolment.objects.filter(cohort=world.other_cohort).update(department="Law")
    engage(page, world)
    with django_assert_num_queries(7):
        page.get(f"/cohorts/{world.other_cohort.pk}/coaches/")
    for number in range(2):
        engage(page, world, email=f"w{number}@example.org")
    with django_assert_num_queries(7):
        page.get(f"/cohorts/{world.other_cohort.pk}/coaches/")


def test_whoever_saves_terms_second_is_told(page, world):
    url = f"/cohorts/{world.cohort.pk}/coaches/{world.engagements['ioana'].pk}/"
    stamp = page.get(url).content.decode().split('name="seen" value="')[1].split('"')[0]
    first = {**TERMS, "tax_percent": "", "do": "terms", "seen": stamp}
    assert page.post(url, first).status_code == 302
    html = page.post(url, {**first, "group": "20 h"}).content.decode()
    assert "Somebody else changed this while you were typing." in html
    assert "Group: 15 h" in html
    assert 'value="20 h"' in html
