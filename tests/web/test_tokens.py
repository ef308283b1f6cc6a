import re
from pathlib import Path

import pytest

from cairn import api
from cairn.api import problems
from cairn.foundation.models import AuditEntry, Webhook
from cairn.people import actions
from cairn.people.models import ApiToken
from tests import cast

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FORM = {"name": "Timetable", "scopes": ["sessions:read"], "days": "30"}
HOOK = {"address": "https://hooks.example.org/c", "events": ["session.booked", "invoice.issued"]}


def signed_in(client, person):
    client.force_login(person, backend=BACKEND)
    return client


def test_a_token_is_shown_once_and_only_its_hash_is_kept(world, client):
    page = signed_in(client, world.ioana).post("/me/tokens/", FORM).content.decode()
    made = ApiToken.objects.get()
    secret = page.partition('value="cairn_')[2].partition('"')[0]
    assert len(secret) == 43 and secret.endswith(made.hint)
    assert secret not in str(ApiToken.objects.values().get()) + str(list(AuditEntry.objects.values()))
    assert secret not in client.get("/me/tokens/").content.decode()
    read = client.get("/api/v1/sessions", headers={"Authorization": f"Bearer cairn_{secret}"})
    client.post(f"/me/tokens/{made.pk}/revoke/")
    revoked = client.get("/api/v1/sessions", headers={"Authorization": f"Bearer cairn_{secret}"})
    assert (read.status_code, revoked.status_code) == (200, 401)


def test_only_scopes_that_suit_the_roles_are_offered(world, client):
    page = signed_in(client, world.thandiwe).get("/me/tokens/").content.decode()
    assert 'value="sessions:read"' in page and 'value="invoices:read"' not in page
    forged = client.post("/me/tokens/", {**FORM, "scopes": ["invoices:read"]})
    assert (forged.status_code, ApiToken.objects.count()) == (422, 0)
    assert "once you take part in a programme" in signed_in(client, world.ada).get("/me/tokens/").content.decode()


@pytest.mark.parametrize(
    "odd", [{"name": " "}, {"scopes": []}, {"scopes": ["invoices:read"]}, {"scopes": ["x"]}, {"days": 31}]
)
def test_an_odd_token_is_refused(world, odd):
    given = {"name": "Timetable", "scopes": ["sessions:read"], "days": 30}
    with pytest.raises(actions.TokenRefused):
        actions.make_token(**{**given, **odd}, by=world.thandiwe, at=cast.AT)


def test_twenty_tokens_are_enough(world):
    given = {"name": "Timetable", "scopes": ["sessions:read"], "days": 7, "by": world.thandiwe, "at": cast.AT}
    made = [actions.make_token(**given)[0] for _ in range(20)]
    with pytest.raises(actions.TokenRefused):
        actions.make_token(**given)
    actions.revoke_token(token=made[0], by=world.thandiwe, at=cast.AT)
    assert actions.make_token(**given)


def test_nobody_revokes_the_token_of_somebody_else(world, client):
    made, _secret = actions.make_token(name="T", scopes=["sessions:read"], days=7, by=world.ioana, at=cast.AT)
    assert signed_in(client, world.halina).post(f"/me/tokens/{made.pk}/revoke/").status_code == 404


def test_a_webhook_is_made_tried_and_ended_on_its_page(world, client):
    form = {**HOOK, "organisation_id": world.eastmere.pk}
    page = signed_in(client, world.halina).post("/organisation/webhooks/", form).content.decode()
    hook = Webhook.objects.get()
    assert 'value="whsec_' in page and hook.events == HOOK["events"]
    client.post(f"/organisation/webhooks/{hook.pk}/try/")
    shown = client.get("/organisation/webhooks/").content.decode()
    assert '<th scope="col">State</th>' in shown
    assert "whsec_" not in shown and "<code>trial</code>" in shown
    hook.deliveries.update(state="failed", problem="private", attempts=1)
    assert "inside a private network" in client.get("/organisation/webhooks/").content.decode()
    client.post(f"/organisation/webhooks/{hook.pk}/end/")
    assert "Ended on" in client.get("/organisation/webhooks/").content.decode()
    odd = client.post("/organisation/webhooks/", {**form, "address": "file:///etc/passwd"})
    assert (odd.status_code, Webhook.objects.count()) == (422, 1)


def test_the_page_of_the_api_needs_no_script(client, db):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/v1/sessions/{session_id}/date" in page.content.decode()
    described = client.get("/api/openapi.json").json()
    assert described["openapi"] == "3.1.0" and "/api/v1/people" in described["paths"]


def test_every_kind_of_problem_is_explained(client, db):
    code = "".join(each.read_text() for each in Path(api.__file__).parent.glob("*.py"))
    raised = set(re.findall(r'Problem\(\s*(?:\d{3}|status),\s*"([\w-]+)"', code))
    assert raised == set(problems.KINDS)
    page = client.get("/api/docs").content.decode()
    assert all(f'id="problem-{kind}"' in page for kind in problems.KINDS)
    assert len(page) < 60_000
