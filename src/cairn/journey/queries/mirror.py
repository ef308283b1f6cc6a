"""The mirror: opened on the spot, counted, shown, and let go of. Nothing of it is stored."""

from dataclasses import dataclass

from django.utils.translation import get_language

from cairn.engines import mirror as engine
from cairn.engines.mirror import Mirrored, Told
from cairn.journey.queries.corpus import Said, everything
from cairn.library import queries as library
from cairn.people.models import Person


@dataclass(frozen=True)
class Reflection:
    """What is shown, and for each place that it quotes, what stands there."""

    mirrored: Mirrored
    said: tuple[Said, ...]


def reflection(reader: Person) -> Reflection:
    """The reader's own words, mirrored. One query; a place in a quotation is an index into `said`."""
    said = tuple(everything(reader))
    told = [Told(place, each.at, _text(each)) for place, each in enumerate(said)]
    language = (get_language() or library.LANGUAGE).partition("-")[0]
    return Reflection(engine.mirror(told, language=language), said)


def _text(said: Said) -> str:
    return f"{said.title}\n{said.text}" if said.title else said.text
