"""The check that refuses to start with a URL nobody declared."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

# Pages of the sign-in library. Its own guards apply; the matrix of URLs walks them like every other.
DECLARED_ELSEWHERE = ("allauth.", "django.views.generic.base.RedirectView")


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL of the product as (route, pattern), depth first."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def origin(view: Any) -> str:
    """Where a view was written, as a dotted name."""
    view = getattr(view, "view_class", view)
    return f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"


@register
def every_url_is_declared(app_configs: Any, **kwargs: Any) -> list[Error]:
    """One error for each URL whose view carries no declaration of who may pass."""
    return [
        Error(
            f"The URL “{route}” does not say who may pass.",
            hint="Put @door(who=…) on its view.",
            obj=pattern.callback,
            id="cairn.E001",
        )
        for route, pattern in patterns()
        if not hasattr(pattern.callback, "door") and not origin(pattern.callback).startswith(DECLARED_ELSEWHERE)
    ]
