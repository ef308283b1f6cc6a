"""Settings are read anew, as an installation reads them; what a process makes of them, in one of its own."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

import cairn.config

SETTINGS = Path(cairn.config.__file__).with_name("settings.py")
PRODUCTION = {"CAIRN_PUBLIC_URL": "https://cairn.example.org"}


def manage(tmp_path, *words, **environment):
    """Run one of Django's commands with these settings on the tests' database server."""
    return subprocess.run(
        [sys.executable, "-m", "django", *words],
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "CAIRN_STATE": str(tmp_path / "state"),
            "DJANGO_SETTINGS_MODULE": "cairn.config.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_is_clean_in_production(tmp_path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CAIRN_PUBLIC_URL", "cairn.example.org", "CAIRN_PUBLIC_URL must look like"),
        ("CAIRN_DEMO", "perhaps", "CAIRN_DEMO is “perhaps”"),
        ("CAIRN_EMAIL_URL", "mail.example.org", "CAIRN_EMAIL_URL must look like"),
        ("CAIRN_OIDC", "{", "CAIRN_OIDC must be a JSON list"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not the address"),
        ("CAIRN_CONTENT", "/nowhere/at/all", "CAIRN_CONTENT must be a folder"),
    ],
)
def test_odd_values_refuse_to_start(tmp_path, monkeypatch, name, value, sentence):
    monkeypatch.setenv("CAIRN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{sentence}"):
        runpy.run_path(str(SETTINGS))


def test_content_of_ones_own_that_does_not_fit_refuses_to_start(tmp_path):
    (tmp_path / "content" / "en" / "exercises").mkdir(parents=True)
    (tmp_path / "content" / "en" / "exercises" / "joy.yaml").write_text("key: joy\ncolour: red\n", encoding="utf-8")
    done = manage(tmp_path, "check", CAIRN_CONTENT=str(tmp_path / "content"))
    assert done.returncode != 0
    assert "CAIRN_CONTENT does not fit: en/exercises/joy.yaml: colour: there is no such field." in done.stderr


def test_pages_forbid_what_is_inline_and_what_comes_from_elsewhere(db, client):
    policy = client.get("/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert (rules["default-src"], rules["script-src"], rules["style-src"]) == ("'none'", "'self'", "'self'")
    assert "unsafe" not in policy


def test_behind_tls_cookies_are_secure_and_the_browser_is_told_to_stay(db, client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.CSRF_COOKIE_SECURE = True
    response = client.get("/accounts/login/", headers={"X-Forwarded-Proto": "https"})
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert response.cookies["csrftoken"]["secure"]
    assert response.cookies["csrftoken"]["httponly"]
