"""The language in which the library speaks to the reader."""

from django.utils.translation import get_language

from cairn.library import queries as library


def language() -> str:
    """The reader's language without its region; the library falls back to English by itself."""
    return (get_language() or library.LANGUAGE).partition("-")[0]
