"""Expected failures of this room: each has a sentence for the person who sees it, and the field it is about, if any."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise


class Refused(Exception):
    """Something that cannot be done as asked. Nothing was changed."""

    sentence: ClassVar[str | Promise]
    field: ClassVar[str] = ""

    def __init__(self, **params: object) -> None:
        self.params: Mapping[str, object] = params
        super().__init__()

    def __str__(self) -> str:
        return str(self.sentence) % self.params
