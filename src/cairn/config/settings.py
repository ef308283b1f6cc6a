"""Settings: every environment variable is read here, and an odd value refuses to start.

| variable            | meaning                                                        | default            |
|---------------------|----------------------------------------------------------------|--------------------|
| CAIRN_STATE         | folder for cluster, files and secrets                          | user's data folder |
| DATABASE_URL        | any PostgreSQL; set, it replaces the embedded one              | embedded           |
| CAIRN_SECRET_KEY    | signs sessions and links                                       | kept in the state  |
| CAIRN_MASTER_KEY    | wraps the keys that seal coachees' texts                       | kept in the state  |
| CAIRN_MASTER_KEY_FILE | a file with that key, instead of the variable                | none               |
| CAIRN_PUBLIC_URL    | the address people type, used in mails                         | http://127.0.0.1:8000 |
| CAIRN_HOSTS         | further host names, separated by commas                        | none               |
| CAIRN_HTTPS         | 1 when served behind TLS: HSTS, secure cookies, redirect       | from the address   |
| CAIRN_SIGN_UP       | 1 lets anybody begin on their own; 0: by invitation only       | 1                  |
| CAIRN_EMAIL_URL     | smtp://user:password@host:port or smtps://…; a folder otherwise | <state>/outbox     |
| CAIRN_EMAIL_FROM    | the sender of every mail                                       | Cairn at the host  |
| CAIRN_OIDC          | JSON list of OpenID Connect providers                          | none               |
| CAIRN_CONTENT       | folder with an organisation's own paths and exercises          | none               |
| CAIRN_METRICS_TOKEN | bearer token for /metrics; without it only this machine        | none               |
| CAIRN_FETCH_LOCAL   | 1 in tests: calendars and webhooks on this machine are allowed | 0                  |
| CAIRN_DEMO          | 1 in the demonstration: sign-in links work                     | 0                  |
| CAIRN_DEBUG         | 1 while developing                                             | 0                  |
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from cairn.foundation import postgres, state


def _flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "0", "no", "false", "off"}:
        return default if value == "" else False
    if value in {"1", "yes", "true", "on"}:
        return True
    raise ImproperlyConfigured(f"{name} is “{value}”; use 1 or 0.")


def _master_key() -> str:
    named = os.environ.get("CAIRN_MASTER_KEY_FILE", "").strip()
    if not named:
        return os.environ.get("CAIRN_MASTER_KEY") or state.secret("master-key")
    try:
        found = Path(named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(f"CAIRN_MASTER_KEY_FILE names {named}, which cannot be read.") from error
    if not found:
        raise ImproperlyConfigured(f"CAIRN_MASTER_KEY_FILE names {named}, which is empty.")
    return found


DEBUG = _flag("CAIRN_DEBUG")
CAIRN_DEMO = _flag("CAIRN_DEMO")
CAIRN_STATE = state.state_dir()
CAIRN_PUBLIC_URL = os.environ.get("CAIRN_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(CAIRN_PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured("CAIRN_PUBLIC_URL must look like https://cairn.example.org.")
CAIRN_HTTPS = _flag("CAIRN_HTTPS", default=_public.scheme == "https")

CAIRN_CONTENT = os.environ.get("CAIRN_CONTENT", "")
if CAIRN_CONTENT and not Path(CAIRN_CONTENT).is_dir():
    raise ImproperlyConfigured("CAIRN_CONTENT must be a folder that exists.")

SECRET_KEY = os.environ.get("CAIRN_SECRET_KEY") or state.secret("secret-key")
CAIRN_MASTER_KEY = _master_key()
ALLOWED_HOSTS = [
    _public.hostname,
    "127.0.0.1",
    "localhost",
    "[::1]",
    *[host.strip() for host in os.environ.get("CAIRN_HOSTS", "").split(",") if host.strip()],
]
CSRF_TRUSTED_ORIGINS = [CAIRN_PUBLIC_URL]

INSTALLED_APPS = [
    "cairn.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",  # the sign-in library formats dates with it
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "cairn.foundation",
    "cairn.people",
    "cairn.programmes",
    "cairn.library",
    "cairn.journey",
    "cairn.ledger",
    "cairn.delivery",
    "cairn.jobs",
]

MIDDLEWARE = [
    "cairn.web.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cairn.web.middleware.PersonalTimeZone",
]

ROOT_URLCONF = "cairn.config.urls"
WSGI_APPLICATION = "cairn.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cairn.web.shell.shell",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL") or postgres.database_url(CAIRN_STATE)
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured("DATABASE_URL is not the address of a PostgreSQL database.") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "cairn"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cairn_cache"}}

# --- sign-in -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
CAIRN_SIGN_UP = _flag("CAIRN_SIGN_UP", default=True)
ACCOUNT_ADAPTER = "cairn.web.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "cairn.web.adapter.SocialAccountAdapter"
ACCOUNT_FORMS = {
    "signup": "cairn.web.account.signing_up.SignUpForm",
    "request_login_code": "cairn.web.account.signing_up.CodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # mail takes its time
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Cairn"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or CAIRN_DEMO
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True


def _oidc() -> list[dict[str, Any]]:
    try:
        providers = json.loads(os.environ.get("CAIRN_OIDC") or "[]")
        return [
            {
                "provider_id": provider["id"],
                "name": provider["name"],
                "client_id": provider["client_id"],
                "secret": provider["secret"],
                "settings": {"server_url": provider["server_url"]},
            }
            for provider in providers
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(
            "CAIRN_OIDC must be a JSON list of objects with id, name, client_id, secret and server_url."
        ) from error


SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": _oidc(), "OAUTH_PKCE_ENABLED": True}}

# --- mail --------------------------------------------------------------------------------------------------------


def _mail() -> dict[str, Any]:
    url = os.environ.get("CAIRN_EMAIL_URL", "")
    if not url:
        return {"BACKEND": "cairn.foundation.handover.FolderBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise ImproperlyConfigured("CAIRN_EMAIL_URL must look like smtp://user:password@host:587.")
    return {
        "BACKEND": "cairn.foundation.handover.SmtpBackend",
        "HOST": parts.hostname,
        "PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "SSL": parts.scheme == "smtps",
        "TLS": parts.scheme == "smtp+tls",
    }


_email = _mail()
EMAIL_BACKEND = _email["BACKEND"]
EMAIL_FILE_PATH = str(Path(CAIRN_STATE) / "outbox")
EMAIL_HOST = _email.get("HOST", "localhost")
EMAIL_PORT = _email.get("PORT", 25)
EMAIL_HOST_USER = _email.get("USER", "")
EMAIL_HOST_PASSWORD = _email.get("PASSWORD", "")
EMAIL_USE_SSL = _email.get("SSL", False)
EMAIL_USE_TLS = _email.get("TLS", False)
EMAIL_TIMEOUT = 10  # seconds for each step of the conversation
CAIRN_EMAIL_SECONDS = 30  # for all of it, however slowly the server speaks
DEFAULT_FROM_EMAIL = os.environ.get("CAIRN_EMAIL_FROM", f"Cairn <cairn@{_public.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- what people have fetched: calendars, webhooks ---------------------------------------------------------------
CAIRN_FETCH_LOCAL = _flag("CAIRN_FETCH_LOCAL")

# --- pages -------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
STATIC_URL = "/static/"
STATIC_ROOT = str(Path(CAIRN_STATE) / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = str(Path(CAIRN_STATE) / "files")
DATA_UPLOAD_MAX_MEMORY_SIZE = 25_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 25_000_000  # what people send is read in memory, and lies on no disk in clear
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# --- security ----------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = CAIRN_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if CAIRN_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = CAIRN_HTTPS
SECURE_HSTS_PRELOAD = CAIRN_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CAIRN_HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CAIRN_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The health endpoints and the demonstration are served without TLS on this machine; the check for TLS settings is
# meant for the real thing, where CAIRN_PUBLIC_URL starts with https.
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # one person per address whatever its case: a constraint on lower(email) says so
    *([] if CAIRN_HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]

# --- logs: structured, one line an event, no personal data ---------------------------------------------------------
CAIRN_METRICS_TOKEN = os.environ.get("CAIRN_METRICS_TOKEN", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        }
    },
    "filters": {"impersonal": {"()": "cairn.foundation.logs.Impersonal"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["impersonal"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "cairn": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        "procrastinate": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
