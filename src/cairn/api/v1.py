"""Version 1 of the API. Loaded when the first address under /api/v1/ is looked up, not when Cairn starts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation, PathView

from cairn.api import hooks, problems, reading, sessions
from cairn.api.door import Rule, Token, guarded
from cairn.people.terms import Scope

PREFIX = "api/v1"


class Api(NinjaAPI):
    """Routers in, guarded addresses out. Its own pages and its own ways of failing are not used."""

    def addresses(self) -> list[URLPattern]:
        """Every address behind the gate. One with an operation that declares no scope gets no door, which is refused
        when Cairn starts."""
        return [
            path(route.lstrip("/").replace("{", "<").replace("}", ">"), _behind_the_gate(view), name=_name(view))
            for bound in self._get_bound_routers()
            for route, view in bound.path_operations.items()
        ]

    def described(self) -> OpenAPISchema:
        """The description as ninja makes it."""
        return self.get_openapi_schema(path_prefix=f"{PREFIX}/")

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Everything expected is a problem; what is not breaks."""
        problem = problems.of(request, exc)
        if problem is None:
            raise exc
        return problems.response(problem)


def _behind_the_gate(view: PathView) -> Callable[..., HttpResponseBase]:
    scopes = {method: (_scope(each), each) for each in view.operations for method in each.methods}
    declared = {method: Rule(scope, _parameters(each)) for method, (scope, each) in scopes.items() if scope is not None}
    inner: Callable[..., HttpResponseBase] = view.get_view()
    return guarded(inner, declared) if len(declared) == len(scopes) else inner


def _scope(operation: Operation) -> Scope | None:
    return next((each.scope for each in operation.auth_callbacks if isinstance(each, Token)), None)


def _parameters(operation: Operation) -> frozenset[str]:
    """The parameters behind the question mark that an operation knows, as they are spelt there."""
    models = (each for each in operation.models if each.__ninja_param_source__ == "query")
    return frozenset(name for each in models for name in each.__ninja_flatten_map__)


def _name(view: PathView) -> str | None:
    return getattr(view.operations[0], "url_name", None)


api = Api(title="Cairn", version="1", docs_url=None, openapi_url=None, urls_namespace="api-1")
for router, tag in ((reading.router, "Reading"), (sessions.router, "Sessions"), (hooks.router, "Webhooks")):
    api.add_router("", router, tags=[tag])


urlpatterns = api.addresses()
