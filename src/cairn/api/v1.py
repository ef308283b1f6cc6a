"""Version 1 of the API. Loaded when the first address under /api/v1/ is looked up, not when Cairn starts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from cairn.api import hooks, problems, reading, sessions
from cairn.api.door import Token, guarded

PREFIX = "api/v1"


class Api(NinjaAPI):
    """Routers in, guarded addresses out. Its own pages and its own ways of failing are not used."""

    def addresses(self) -> list[URLPattern]:
        """Every address behind the gate, with the scope of each of its methods. An undeclared one has no door."""
        found = []
        for bound in self._get_bound_routers():
            for route, view in bound.path_operations.items():
                scopes: dict[str, Any] = {}
                for each in view.operations:
                    [declared] = each.auth_callbacks
                    scopes.update(dict.fromkeys(each.methods, declared.scope if isinstance(declared, Token) else None))
                [name] = {each.url_name for each in view.operations[:1]}
                inner = view.get_view()
                where = route.lstrip("/").replace("{", "<").replace("}", ">")
                found.append(path(where, guarded(inner, scopes) if all(scopes.values()) else inner, name=name))
        return found

    def described(self) -> OpenAPISchema:
        """The description as ninja makes it."""
        return self.get_openapi_schema(path_prefix=f"{PREFIX}/")

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Everything expected is a problem; what is not breaks."""
        problem = problems.of(request, exc)
        if problem is None:
            raise exc
        return problems.response(problem)


api = Api(title="Cairn", version="1", docs_url=None, openapi_url=None, urls_namespace="api-1")
for router, tag in ((reading.router, "Reading"), (sessions.router, "Sessions"), (hooks.router, "Webhooks")):
    api.add_router("", router, tags=[tag])


urlpatterns = api.addresses()
