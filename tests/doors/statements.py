"""What a request says to the database: written down, and taken back where it wrote."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database meanwhile."""
    said: list[str] = []

    def note(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        said.append(str(statement))
        return execute(statement, *rest)

    with connection.execute_wrapper(note):
        yield said


@contextmanager
def taken_back() -> Iterator[None]:
    """Within a transaction: what is written meanwhile is taken back. Who only selects leaves nothing to take back."""
    before: list[str] = []

    def mark(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        if not before and not str(statement).lstrip().startswith("SELECT"):
            before.append("")  # so that the savepoint itself passes
            before[0] = transaction.savepoint()
        return execute(statement, *rest)

    with connection.execute_wrapper(mark):
        yield
    if before:
        connection.set_rollback(False)
        transaction.savepoint_rollback(before[0])
