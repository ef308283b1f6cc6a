import pytest
from django.db.migrations.executor import MigrationExecutor

from cairn.foundation import health, metrics, queue


def test_a_process_that_answers_is_live(client):
    assert client.get("/health/live/").json() == {"live": True}


def test_a_migrated_database_is_ready(db, client):
    assert client.get("/health/ready/").json() == {"ready": True, "reason": ""}


def test_waiting_migrations_are_not_ready(db, client, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["waiting"])
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()) == (503, {"ready": False, "reason": "migrations"})


def test_figures_count_requests_by_route_and_name_nobody(world, client):
    client.force_login(world.thandiwe, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/me/")
    figures = client.get("/metrics").content.decode()
    assert 'cairn_requests_total{method="GET",route="me/",status="200"}' in figures
    assert 'cairn_mails{state="queued"}' in figures
    assert "Thandiwe" not in figures


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"X-Forwarded-For": "203.0.113.5"}, 404),
        ("secret", {}, 404),
        ("secret", {"Authorization": "Bearer wrong"}, 404),
        ("secret", {"Authorization": "Bearer secret", "X-Forwarded-For": "203.0.113.5"}, 200),
    ],
)
def test_figures_are_for_this_machine_or_for_whoever_has_the_token(db, client, settings, token, headers, status):
    settings.CAIRN_METRICS_TOKEN = token
    assert client.get("/metrics", headers=headers).status_code == status


def test_figures_follow_the_queue(db):
    queue.defer("cairn.jobs.tasks.send_mail", message_id=1)
    health.measure()
    assert metrics.JOBS.labels("todo")._value.get() == 1
