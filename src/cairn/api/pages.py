"""Pages of a list: by id, so that rows that come and go between two pages neither repeat nor hide another."""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import BeforeValidator, Field

from cairn.api.fields import DIGITS, HIGHEST, _digits
from cairn.api.problems import Problem

MOST = 100
Row = TypeVar("Row")


class Page(Schema, Generic[Row]):
    """Some rows of a list in the order of their ids, and where the next ones begin."""

    items: list[Row]
    next: str | None = Field(description="the cursor of the next page; null on the last")


class Asked(Schema):
    """Which part of a list is wanted."""

    cursor: Annotated[str, Field(max_length=200, description="`next` of the page before; leave out for the first")] = ""
    limit: Annotated[int, BeforeValidator(_digits), Field(ge=1, le=MOST)] = MOST


def page(name: str, found: QuerySet[Any], asked: Asked, shape: Callable[[Any], Any]) -> dict[str, Any]:
    """The page of this list that was asked for. `name` keeps a cursor of one list out of another. One query.

    Raises Problem for a cursor that is not one of this list's.
    """
    rows = list(found.filter(pk__gt=_after(name, asked.cursor)).order_by("pk")[: asked.limit + 1])
    shown = rows[: asked.limit]
    onward = _cursor(name, shown[-1].pk) if len(rows) > asked.limit else None
    return {"items": [shape(row) for row in shown], "next": onward}


def _cursor(name: str, last: int) -> str:
    return base64.urlsafe_b64encode(f"1:{name}:{last}".encode()).decode().rstrip("=")


def _after(name: str, cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    form, _colon, rest = text.partition(":")
    of, _colon, last = rest.rpartition(":")
    if form != "1" or of != name or not DIGITS.fullmatch(last) or int(last) > HIGHEST:
        raise Problem(422, "cursor", _("This cursor does not belong to this list. Begin again without one."))
    return int(last)
