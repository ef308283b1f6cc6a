"""Addresses of pages, worked out once: a cohort's page has twenty, at 30 µs of processor time each."""

import functools

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse


def to(name: str, *values: object) -> str:
    """The address of a page by its name, as `reverse` gives it."""
    return _found((get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()), name, *values)


@functools.lru_cache(maxsize=4096)
def _found(_where: tuple[str, str], name: str, *values: object) -> str:
    return reverse(name, args=values)
