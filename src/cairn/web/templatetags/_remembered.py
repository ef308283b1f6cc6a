"""Finished pieces of a page, remembered: most rows hold the same few icons, tags and meters as the rows before.

A row of the table of people took 190 µs of processor time to draw, nearly all of it escaping and translating the same
words again.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import get_language

Drawn = TypeVar("Drawn", bound=Callable[..., Any])
MOST = 4096  # pieces of each kind that a process keeps; the longest is about 1 KB


def remembered(draw: Drawn) -> Drawn:
    """Draw a piece once for each language and each set of values; these decide alone what it looks like.

    The values' types count too: words that are escaped already must not stand in for equal words that are not.
    """

    @functools.lru_cache(maxsize=MOST, typed=True)
    def kept(_language: str | None, *values: Any, **named: Any) -> Any:
        return draw(*values, **named)

    @functools.wraps(draw)
    def looked_up(*values: Any, **named: Any) -> Any:
        return kept(get_language(), *values, **named)

    return looked_up  # type: ignore[return-value]
