"""Mail: decided in a transaction, sent by the queue after it committed, shown to a person when it finally failed."""

import datetime as dt
import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from cairn.foundation import queue
from cairn.foundation.models import MailMessage

ATTEMPTS = 8


class NotSent(Exception):
    """The mail server did not take it this time; the queue tries again."""


def post(
    *,
    key: str,
    to: Any,
    template: str,
    context: dict[str, Any],
    organisation_id: int | None = None,
    at: dt.datetime,
) -> bool:
    """Queue one mail to a person; `key` names the event, and one event sends one mail.

    The template's first line is the subject. Returns False when this event was mailed before.
    """
    text = render_to_string(template, {"person": to, **context}).strip()
    subject, _, body = text.partition("\n")
    message, is_new = MailMessage.objects.get_or_create(
        key=key,
        defaults={
            "to_id": to.pk,
            "address": to.email,
            "organisation_id": organisation_id,
            "subject": " ".join(subject.split()),
            "body": body.strip() + "\n",
            "queued_at": at,
        },
    )
    if is_new:
        queue.defer("cairn.jobs.tasks.send_mail", message_id=message.pk)
    return is_new


def send(*, message_id: int, at: dt.datetime) -> None:
    """Hand one queued mail to the server. Raises NotSent while it is worth trying again.

    The row is locked while the server is spoken to, so that a job run twice sends once.
    """
    with transaction.atomic():
        message = MailMessage.objects.select_for_update().filter(pk=message_id, state=MailMessage.State.QUEUED).first()
        if message is None:
            return
        try:
            EmailMessage(message.subject, message.body, to=[message.address]).send()
        except (smtplib.SMTPException, OSError) as error:
            problem = type(error).__name__
        else:
            MailMessage.objects.filter(pk=message_id).update(
                state=MailMessage.State.SENT, sent_at=at, attempts=F("attempts") + 1
            )
            return
        failed = message.attempts + 1 >= ATTEMPTS
        MailMessage.objects.filter(pk=message_id).update(
            attempts=F("attempts") + 1,
            problem=problem,
            state=MailMessage.State.FAILED if failed else MailMessage.State.QUEUED,
        )
    if not failed:
        raise NotSent(problem)
