"""A few words that somebody took away, so that they can be put back as they stood."""

from typing import NamedTuple


class TakenAway(NamedTuple):
    """Words with everything that gave them their place. Plain values, so that a web session can keep them; times are
    in ISO format. `kind` is a point's kind or a question's stage; `taken_up_at` "" where that was not ticked."""

    id: int
    session_id: int
    kind: str
    text: str
    at: str
    taken_up_at: str = ""
