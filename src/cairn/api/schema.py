"""The description of the API (OpenAPI 3.1), and the same as plain sections for the page that people read."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.html import format_html, format_html_join

from cairn.api import limits, v1
from cairn.api.door import LONGEST_KEY
from cairn.api.problems import JSON, TITLES

WRITES = frozenset({"post", "put", "patch", "delete"})
ALWAYS = (401, 403, 404, 422, 429)
OF_WRITES = (400, 409, 413)
OF_VERSIONS = (412, 428)
PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). `type` names the kind; some kinds have further members.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a sentence for a person"},
        "scope": {"type": "string", "description": "the scope that the token lacks"},
        "next_free": {"type": "array", "items": {"type": "string", "format": "date-time"}},
        "candidates": {"type": "array", "items": {"type": "string", "format": "date-time"}},
        "later": {"type": "string", "description": "the wall time that takes the place of one that the clocks skip"},
        "version": {"type": "integer", "description": "the version of the thing as it stands now"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "message"],
                "properties": {"where": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "one for each thing you want done; sent again, it is not done again but answered, without a secret",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "the ETag of the session as you have seen it; or send expected_version in the body",
    "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'},
}
ETAG = {"ETag": {"description": "the version of the session", "schema": {"type": "string"}}}
ABOUT = (
    "What the owner of a token may see and do, for other systems. Every list comes in pages: follow `next` as `cursor` "
    "until it is null. Instants are in UTC; a session also has the time on the wall and the zone it was agreed in. "
    "Every write takes an Idempotency-Key. At most {rate} requests a minute."
)


@cache
def description() -> dict[str, Any]:
    """The whole description, as JSON can hold it."""
    found: dict[str, Any] = json.loads(json.dumps(v1.api.described()))
    found["info"]["description"] = ABOUT.format(rate=limits.PER_MINUTE)
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    found["servers"] = [{"url": "/"}]
    found["components"]["schemas"]["Problem"] = PROBLEM
    found["components"]["securitySchemes"] = {
        "Token": {"type": "http", "scheme": "bearer", "description": "a token of yours, from your own page"}
    }
    scopes = _scopes()
    for methods in found["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation, scopes[operation["operationId"]])
    return found


def _scopes() -> dict[str, str]:
    bound = [views for router in v1.api._get_bound_routers() for views in router.path_operations.values()]
    every = [each for views in bound for each in views.operations]
    return {str(each.operation_id): str(each.auth_callbacks[0].scope.value) for each in every}  # type: ignore[attr-defined]


def _complete(method: str, operation: dict[str, Any], scope: str) -> None:
    """What the gate adds to an operation: its scope, its headers, and every way in which it can fail."""
    operation["security"] = [{"Token": [scope]}]
    versioned = "expected_version" in json.dumps(operation) or operation["operationId"] in _VERSIONED
    failing = [*ALWAYS]
    if method in WRITES:
        operation["parameters"].append(KEY)
        failing += OF_WRITES
    if versioned:
        operation["parameters"].append(MATCH)
        failing += OF_VERSIONS
    if operation["operationId"].startswith("session") and operation["operationId"] not in {"sessions", "session_times"}:
        operation["responses"]["200"]["headers"] = ETAG
    for status in sorted(failing):
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(status)] = {"description": TITLES[status], "content": content}


_VERSIONED = frozenset({"session_date", "session_book", "session_cancel", "session_restore"})


@dataclass(frozen=True)
class Member:
    """One parameter or member: its name, what it is, and whether it must be there."""

    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True)
class Section:
    """One operation, as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    asked: tuple[Member, ...]
    sent: tuple[Member, ...]
    answered: str


@dataclass(frozen=True)
class Shape:
    """One kind of thing that is answered."""

    name: str
    about: str
    members: tuple[Member, ...]


@cache
def sections() -> tuple[Section, ...]:
    """Every operation in the order of the routers."""
    found = description()
    return tuple(
        _section(path, method, operation)
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    )


@cache
def shapes() -> tuple[Shape, ...]:
    """Every kind of thing that is answered, by name; pages of a list are said once in words."""
    schemas = description()["components"]["schemas"]
    shown = {name: each for name, each in schemas.items() if name.endswith("Out") or name == "Problem"}
    return tuple(Shape(name.removesuffix("Out"), _words(each), _members(each)) for name, each in sorted(shown.items()))


def _section(path: str, method: str, operation: dict[str, Any]) -> Section:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    [(_status, first), *_rest] = operation["responses"].items()
    answer = first.get("content", {}).get("application/json", {}).get("schema", {})
    asked = [
        Member(each["name"], _kind(each["schema"]), _code(each.get("description", "")), each["required"])
        for each in operation["parameters"]
    ]
    return Section(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=_code(operation.get("description", "")),
        scope=operation["security"][0]["Token"][0],
        asked=tuple(asked),
        sent=_members(_resolved(body)),
        answered=_kind(answer) if answer else "",
    )


def _members(schema: dict[str, Any]) -> tuple[Member, ...]:
    needed = schema.get("required", [])
    return tuple(
        Member(name, _kind(each), _code(each.get("description", "")), name in needed)
        for name, each in schema.get("properties", {}).items()
    )


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return description()["components"]["schemas"][name] if name else schema


def _words(schema: dict[str, Any]) -> str:
    return _code(" ".join(schema.get("description", "").split()))


def _code(text: str) -> str:
    """What stands between backticks as code; everything else as plain text."""
    parts = text.split("`")
    shown = (format_html("<code>{}</code>", part) if number % 2 else part for number, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in shown))


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: “integer or null”, “one of a, b”, “list of Person”."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"page of {name[5:-4]}" if name.startswith("Page_") else name.removesuffix("Out").removesuffix("In")
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "anything"))
