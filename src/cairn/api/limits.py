"""How much one token may ask for. Counted in each process, so that a limit costs no query."""

import datetime as dt
import threading

PER_MINUTE = 600
LARGEST_BODY = 100_000
TOKENS_COUNTED = 10_000
_lock = threading.Lock()
_counted: dict[int, tuple[int, int]] = {}


def wait(token_id: int, at: dt.datetime) -> int:
    """Count one request. Returns 0, or in how many seconds the token may ask again."""
    minute, second = divmod(int(at.timestamp()), 60)
    with _lock:
        since, count = _counted.pop(token_id, (minute, 0))
        count = count + 1 if since == minute else 1
        _counted[token_id] = (minute, count)
        if len(_counted) > TOKENS_COUNTED:
            del _counted[next(iter(_counted))]
    return 60 - second if count > PER_MINUTE else 0
