"""Deciding about a contributed question: the programmes' scope says whether advice may pass."""

import datetime as dt

from django.db import transaction

from cairn.library import actions as library_actions
from cairn.library import queries as library
from cairn.people.models import Person
from cairn.programmes import queries


@transaction.atomic
def review_question(*, contribution_id: int, accept: bool, answer: str = "", by: Person, at: dt.datetime) -> None:
    """Take a coach's question into use, or decline it. Advice passes only where a programme includes mentoring.

    Coordinators may. Raises what library.actions.review_question raises.
    """
    found = library.contribution(by, contribution_id, at)
    library_actions.review_question(
        contribution_id=contribution_id,
        accept=accept,
        answer=answer,
        allow_advising=queries.includes_mentoring(found.organisation_id),
        by=by,
        at=at,
    )
