import base64
import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from ninja import Router

from cairn.api import limits, v1
from cairn.ledger.models import Invoice
from cairn.people.models import ApiToken, Person, RoleGrant
from cairn.programmes.models import CoachEngagement, Enrolment
from tests import cast
from tests.api.asking import ask, get, session, token

LISTS = (
    *("people", "programmes", "cohorts", "groups", "enrolments", "engagements", "sessions", "attendance"),
    *("minutes/entitlements", "minutes/coach-time", "invoices", "webhooks", "webhook-deliveries"),
)


def names(response):
    return sorted(each["name"] for each in response.json()["items"])


def test_nobody_passes_without_a_token_that_holds(world, client):
    client.force_login(world.halina, backend="allauth.account.auth_backends.AuthenticationBackend")
    secret = token(world.halina)
    ApiToken.objects.update(expires_at=cast.AT)
    ran_out = client.get("/api/v1/people", headers={"Authorization": f"Bearer {secret}"})
    by_cookie, odd = (
        client.get("/api/v1/people"),
        client.get("/api/v1/people", headers={"Authorization": "Bearer \xff"}),
    )
    assert [each.status_code for each in (ran_out, by_cookie, odd)] == [401, 401, 401]
    assert by_cookie["WWW-Authenticate"] == 'Bearer realm="Cairn"'
    assert by_cookie["Content-Type"] == "application/problem+json"


def test_a_token_ends_with_its_owners_account_and_with_its_revocation(world, client):
    secret = token(world.ioana)
    ApiToken.objects.update(revoked_at=cast.AT)
    revoked = client.get("/api/v1/people", headers={"Authorization": f"Bearer {secret}"})
    ApiToken.objects.update(revoked_at=None)
    Person.objects.filter(pk=world.ioana.pk).update(is_active=False)
    closed = client.get("/api/v1/people", headers={"Authorization": f"Bearer {secret}"})
    assert (revoked.status_code, closed.status_code) == (401, 401)


def test_a_scope_that_is_missing_is_named(world, client):
    answer = get(client, world.halina, "invoices", scopes=["people:read"])
    assert (answer.status_code, answer.json()["scope"]) == (403, "invoices:read")


def test_what_an_address_does_not_answer_is_said(world, client):
    answer = ask(client, world.halina, "PUT", "people", {})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_a_token_asks_so_often_in_a_minute(world, client, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 2)
    found = [get(client, world.sabine, "people") for _ in range(3)]
    assert [each.status_code for each in found] == [200, 200, 429]
    assert found[2]["Retry-After"] == "60"


def test_use_is_noted_once_a_minute(world, client):
    get(client, world.halina, "people")
    ApiToken.objects.update(last_used_at=cast.AT - dt.timedelta(seconds=61))
    get(client, world.halina, "people")
    assert ApiToken.objects.get().last_used_at == cast.AT
    ApiToken.objects.update(last_used_at=cast.AT - dt.timedelta(seconds=59))
    with CaptureQueriesContext(connection) as captured:
        get(client, world.halina, "people")
    assert not [each for each in captured if each["sql"].startswith("UPDATE")]


def test_a_coordinator_reads_the_people_of_the_organisation(world, client):
    found = names(get(client, world.halina, "people"))
    assert len(found) == 12
    assert "Nia" not in found and "Rosa Vidal" in found


def test_a_coach_reads_their_own_coachees_and_themselves(world, client):
    assert names(get(client, world.ioana, "people")) == ["Ioana Pop", "Pärt Tamm", "Thandiwe Ndlovu"]


def test_everybody_else_reads_themselves(world, client):
    for who in ("thandiwe", "ada", "sabine", "otto", "rosa"):
        assert names(get(client, world.people[who], "people")) == [world.people[who].name]


def test_a_coachee_reads_the_group_without_who_is_in_it(world, client):
    [own] = get(client, world.thandiwe, "groups").json()["items"]
    led = get(client, world.ioana, "groups").json()["items"]
    members = sorted(world.enrolments[key].pk for key in ("thandiwe", "part"))
    assert (own["number"], own["members"]) == (1, None)
    assert [each["members"] for each in led] == [members]


def test_a_coachee_reads_their_own_enrolment_minutes_and_coach(world, client):
    enrolments = get(client, world.thandiwe, "enrolments").json()["items"]
    minutes = get(client, world.thandiwe, "minutes/entitlements").json()["items"]
    coaches = get(client, world.thandiwe, "engagements").json()["items"]
    own = world.enrolments["thandiwe"].pk
    assert [each["id"] for each in enrolments] == [own]
    assert {(each["enrolment_id"], each["kind"], each["left"]) for each in minutes} == {
        (own, "one_to_one", 210),
        (own, "group", 900),
    }
    assert [each["coach"] for each in coaches] == ["Ioana Pop"]
    assert get(client, world.thandiwe, "minutes/coach-time").json()["items"] == []
    assert get(client, world.thandiwe, "invoices").json()["items"] == []


def test_whoever_has_left_reads_nothing_of_the_cohort(world, client):
    own = world.enrolments["thandiwe"]
    Enrolment.objects.filter(pk=own.pk).update(state="left", left_on=cast.AT.date())
    CoachEngagement.objects.filter(pk=world.engagements["malik"].pk).update(state="ended", ended_on=cast.AT.date())
    for who in ("thandiwe", "malik"):
        lists = {path: get(client, world.people[who], path).json()["items"] for path in LISTS}
        assert {path for path, items in lists.items() if items} == {"people"}, who


def test_whoever_lost_their_role_reads_nothing_of_the_cohort(world, client):
    RoleGrant.objects.filter(person__in=[world.thandiwe, world.malik]).update(until=cast.AT)
    session(world, starts=cast.AT + dt.timedelta(days=3))
    for who in ("thandiwe", "malik"):
        lists = {path: get(client, world.people[who], path).json()["items"] for path in LISTS}
        assert {path for path, items in lists.items() if items} == {"people"}, who


def test_another_organisation_reads_only_its_own(world, client):
    for path in LISTS:
        items = get(client, world.gwen, path).json()["items"]
        assert not [name for name in ("Halina", "Thandiwe", "Ioana") if name in str(items)]
        assert {each["cohort_id"] for each in items if "cohort_id" in each} <= {world.harbour_cohort.pk}


def test_a_session_says_when_on_the_wall_and_in_utc_and_never_how_to_join(world, client):
    made = session(world, starts=cast.AT + dt.timedelta(days=40), where="https://meet.example/secret")
    for who in ("thandiwe", "ioana", "halina"):
        found = get(client, world.people[who], f"sessions/{made.pk}").json()
        assert found["wall_starts"] == "2027-04-12T10:00"
        assert (found["starts_at"], found["time_zone"]) == ("2027-04-12T09:00:00Z", "Europe/London")
        assert "secret" not in str(found)
    assert get(client, world.part, f"sessions/{made.pk}").status_code == 404


def test_sessions_are_chosen_by_cohort_time_and_state(world, client):
    early = session(world, starts=cast.AT + dt.timedelta(days=3))
    late = session(world, starts=cast.AT + dt.timedelta(days=9), position=2)

    def ids(query):
        return [each["id"] for each in get(client, world.halina, f"sessions?{query}").json()["items"]]

    assert ids("state=booked") == [early.pk, late.pk]
    assert ids("from=2027-03-08T00:00:00Z") == [late.pk]
    assert ids("to=2027-03-08T00:00:00Z&state=booked") == [early.pk]
    assert ids(f"cohort={world.other_cohort.pk}") == []


def test_pages_follow_one_another_without_a_gap_or_a_row_twice(world, client):
    seen, cursor = [], ""
    for _page in range(20):
        answer = get(client, world.halina, f"people?limit=3&cursor={cursor}").json()
        seen += [each["id"] for each in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == sorted(set(seen)) and len(seen) == 12


def _cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


ODD = [
    "cursor=nonsense",
    "cursor=%00",
    "cursor=é",
    f"cursor={_cursor('1:cohorts:1')}",
    f"cursor={_cursor('2:people:1')}",
    f"cursor={_cursor('1:people:99999999999999999999')}",
    f"cursor={_cursor('1:people:-1')}",
    "limit=0",
    "limit=101",
    "limit=1_0",
    "limit=ten",
]


def test_an_odd_cursor_or_limit_is_refused(world, client):
    assert {query: get(client, world.halina, f"people?{query}").status_code for query in ODD} == dict.fromkeys(ODD, 422)


def test_a_parameter_that_an_address_does_not_have_is_refused(world, client):
    refused = get(client, world.halina, "cohorts?program=1&limit=3&\0=1")
    assert refused.status_code == 422
    assert [each["where"] for each in refused.json()["errors"]] == ["query.\0", "query.program"]
    written = ask(client, world.halina, "POST", "webhooks?dry=1", {})
    assert (written.status_code, written.json()["type"]) == (422, "/api/docs#problem-invalid")
    assert get(client, world.halina, "sessions?from=2027-03-08T00:00:00Z&cursor=&state=held").status_code == 200


def test_an_address_that_is_not_there_is_a_problem_too(world, client):
    for path in ("nothing", "people/", "sessions/1/nothing", ""):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == "/api/docs#problem-not-found"
    assert client.get("/nothing")["Content-Type"].startswith("text/html")


def test_whoever_develops_reads_a_problem_too_and_no_page_of_the_framework(db, client, settings):
    settings.DEBUG = True
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = client.generic(method, "/api/v1/nothing/x%0Ay")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_page_of_the_api_shows_code_as_code(world, client):
    text = client.get("/api/docs").content.decode()
    assert "`" not in text and "<code>next</code> of the page before" in text


def test_an_odd_id_is_refused(world, client):
    odd = ["0", "-1", "x", "9223372036854775808", "1" * 400, "1.0", "%00", "१"]
    assert [get(client, world.halina, f"sessions/{number}").status_code for number in odd] == [422] * len(odd)


def test_an_invoice_has_its_lines_and_none_of_its_words(world, client):
    made = Invoice.objects.create(
        engagement=world.engagements["ioana"],
        coach=world.ioana,
        quarter=1,
        quarter_starts_on=dt.date(2026, 9, 7),
        quarter_ends_on=dt.date(2026, 12, 6),
        number="2026-1",
        currency="GBP",
        state="queried",
        query="Which session?",
        drafted_at=cast.AT,
        issued_at=cast.AT,
    )
    found = get(client, world.halina, f"invoices/{made.pk}")
    assert (found.json()["number"], found.json()["lines"]) == ("2026-1", [])
    assert "Which session" not in found.content.decode()
    others = [
        get(client, world.people[who], f"invoices/{made.pk}").status_code for who in ("malik", "gwen", "thandiwe")
    ]
    assert others == [404, 404, 404]


def test_a_list_costs_the_same_at_every_length(world, client):
    session(world, starts=cast.AT + dt.timedelta(days=3))
    get(client, world.halina, "people")
    few = {path: _queries(client, world.halina, path) for path in LISTS}
    for number in range(2, 12):
        session(world, starts=cast.AT + dt.timedelta(days=number * 2), position=number)
    assert {path: _queries(client, world.halina, path) for path in LISTS} == few
    assert max(few.values()) <= 8


def _queries(client, who, path):
    with CaptureQueriesContext(connection) as captured:
        get(client, who, path)
    return len(captured) - 1  # finding the token of the test


def test_an_operation_without_a_scope_has_no_door():
    made, router = v1.Api(urls_namespace="planted"), Router()
    router.get("/planted")(lambda request: {})
    made.add_router("", router)
    [address] = made.addresses()
    assert not hasattr(address.callback, "door")  # and what has none stops the start
    assert all(hasattr(each.callback, "door") for each in v1.urlpatterns)
