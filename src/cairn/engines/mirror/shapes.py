"""What goes into the mirror and what it shows. Every quotation is a stretch of a text that was given."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """One text of somebody's own. `place` is the caller's number for where it stands."""

    place: int
    at: dt.datetime
    text: str


@dataclass(frozen=True)
class Quote:
    """A sentence, or part of a long one, as it was written. The flags say whether the sentence goes on around it."""

    place: int
    at: dt.datetime
    text: str
    is_cut_before: bool = False
    is_cut_after: bool = False


@dataclass(frozen=True)
class Theme:
    """A word that recurs. Counts are of places: in all, in the earlier half of the texts, and in the later."""

    word: str
    places: int
    earlier: int
    later: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Tension:
    """Two sentences about one word that pull in opposite directions, the earlier first."""

    word: str
    then: Quote
    now: Quote


@dataclass(frozen=True)
class Mirrored:
    """Somebody's own words, shown back: nothing is judged, and nothing concluded."""

    recurring: tuple[Theme, ...] = ()
    risen: tuple[Theme, ...] = ()
    faded: tuple[Theme, ...] = ()
    tensions: tuple[Tension, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.recurring or self.risen or self.faded or self.tensions)
