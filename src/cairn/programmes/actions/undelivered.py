"""What could not be delivered, tried again because a coordinator asks for it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, mail, queue
from cairn.people.models import Person
from cairn.programmes import queries
from cairn.programmes.actions.refusals import Refused


class TriedAlready(Refused):
    """Somebody else asked for it meanwhile."""

    sentence = _("This is being tried again already.")


@transaction.atomic
def retry_mail(*, mail_id: int, by: Person, at: dt.datetime) -> None:
    """Send a mail of the coordinator's organisation again that had failed for good. Raises TriedAlready."""
    found = queries.failed_mail(by, mail_id, at)
    if not mail.retry(message_id=found, at=at):
        raise TriedAlready
    audit.record(action="retry_mail", subject_kind="mail", subject_id=found, by=by, at=at)


@transaction.atomic
def retry_job(*, job_id: int, by: Person, at: dt.datetime) -> None:
    """Let a job of the coordinator's cohorts run again that had failed for good. Raises TriedAlready."""
    found = queries.failed_job(by, job_id, at)
    if not queue.retry(found, at):
        raise TriedAlready
    audit.record(action="retry_job", subject_kind="job", subject_id=found, by=by, at=at)
