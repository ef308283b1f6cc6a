"""Addresses for systems."""

from django.urls import URLPattern, URLResolver, path, re_path
from django.urls.resolvers import RoutePattern

from cairn.api import docs, health, unknown

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("metrics", health.metrics, name="metrics"),
    path("api/docs", docs.page, name="api_docs"),
    path("api/openapi.json", docs.description, name="api_description"),
    URLResolver(RoutePattern("api/v1/"), "cairn.api.v1"),  # by name: loaded when it is first needed
    re_path(r"^api/v1(?:/[\s\S]*)?\Z", unknown.unknown, name="api_unknown"),
]
