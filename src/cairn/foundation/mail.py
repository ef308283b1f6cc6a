"""Mail: decided in a transaction, sent by the queue after it committed, shown to a person when it finally failed."""

import contextlib
import datetime as dt
import functools
import operator
import smtplib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from cairn.foundation import letters, queue
from cairn.foundation.models import MailMessage

ATTEMPTS = 8
SEND = "cairn.jobs.tasks.send_mail"
AFTER_OTHERS = -10  # every other job goes first, so that a mail server that hangs keeps no other work waiting for long
DNS_NAME = "cairn.invalid"  # the part before it is unique by itself; the machine's own name is nobody's business


class NotSent(Exception):
    """The mail server did not take it this time; the queue tries again."""


@dataclass(frozen=True)
class Draft:
    """One of several mails: the event's name, the person, the template and what goes into it."""

    key: str
    to: Any
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    calendar: str = ""
    unsubscribe: str = ""
    expires_at: dt.datetime | None = None

    def words(self) -> tuple[str, str]:
        """Subject and body. The template's first line is the subject."""
        text = render_to_string(self.template, {"person": self.to, **self.context}).strip()
        subject, _, body = text.partition("\n")
        return " ".join(subject.split()), body.strip() + "\n"


def post(
    *,
    key: str,
    to: Any,
    template: str,
    context: dict[str, Any],
    calendar: str = "",
    unsubscribe: str = "",
    expires_at: dt.datetime | None = None,
    organisation_id: int | None = None,
    at: dt.datetime,
) -> bool:
    """Queue one mail to a person; `key` names the event, and one event sends one mail.

    The template's first line is the subject. `calendar` is an iTIP message to go with it, `unsubscribe` the address at
    which one click ends mails of this kind; after `expires_at` it is not sent any more, and forgotten. Returns False
    when this event was mailed before.
    """
    subject, body = Draft(key, to, template, context).words()
    return post_text(
        key=key,
        address=to.email,
        to_id=to.pk,
        subject=subject,
        body=body,
        calendar=calendar,
        unsubscribe=unsubscribe,
        expires_at=expires_at,
        organisation_id=organisation_id,
        at=at,
    )


def post_text(
    *,
    key: str,
    address: str,
    to_id: int | None = None,
    subject: str,
    body: str,
    calendar: str = "",
    unsubscribe: str = "",
    expires_at: dt.datetime | None = None,
    organisation_id: int | None = None,
    at: dt.datetime,
) -> bool:
    """Queue a mail that is already worded; otherwise like `post`."""
    message, is_new = MailMessage.objects.get_or_create(
        key=key,
        defaults={
            "to_id": to_id,
            "address": address,
            "organisation_id": organisation_id,
            "subject": " ".join(subject.split()),
            "body": body.strip() + "\n",
            "calendar": calendar,
            "unsubscribe": unsubscribe,
            "expires_at": expires_at,
            "queued_at": at,
        },
    )
    if is_new:
        queue.defer(SEND, priority=AFTER_OTHERS, message_id=message.pk)
    return is_new


@transaction.atomic
def post_all(*, drafts: Iterable[Draft], organisation_id: int | None = None, at: dt.datetime) -> int:
    """Queue many mails with a handful of statements. Events that were mailed before are passed over.

    Returns how many were queued.
    """
    wanted = {draft.key: draft for draft in drafts}
    mailed = set(MailMessage.objects.filter(key__in=wanted).values_list("key", flat=True))
    messages = []
    for key, draft in wanted.items():
        if key not in mailed:
            subject, body = draft.words()
            messages.append(
                MailMessage(
                    key=key,
                    to_id=draft.to.pk,
                    address=draft.to.email,
                    organisation_id=organisation_id,
                    subject=subject,
                    body=body,
                    calendar=draft.calendar,
                    unsubscribe=draft.unsubscribe,
                    expires_at=draft.expires_at,
                    queued_at=at,
                )
            )
    MailMessage.objects.bulk_create(messages, batch_size=2000)
    queue.defer_all(SEND, [{"message_id": message.pk} for message in messages], priority=AFTER_OTHERS)
    return len(messages)


def posted(keys: Iterable[str]) -> frozenset[str]:
    """Which of these events were mailed before."""
    return frozenset(MailMessage.objects.filter(key__in=set(keys)).values_list("key", flat=True))


def send(*, message_id: int, at: dt.datetime) -> None:
    """Hand one queued mail to the server. Raises NotSent while it is worth trying again.

    One worker at a time speaks to the server about a mail, so that a job run twice sends once. No row is locked
    meanwhile: a page that withdraws the mail never waits for a server that hangs.

    The handover is at least once. What the server said yes to is never sent again, whatever goes wrong afterwards
    between the two; but where the line breaks after the whole text and before the yes, or this process is killed
    before the yes is written down, nobody can know, and the mail goes out again. It has the same Message-ID, by which
    receivers know the double. To send less often would be to lose mails.
    """
    with _alone(message_id):
        message = MailMessage.objects.filter(pk=message_id, state=MailMessage.State.QUEUED).first()
        if message is None:
            return
        if message.expires_at is not None and message.expires_at <= at:
            _queued(message_id).delete()
            return
        problem = _hand_over(message)
        if not problem:
            _queued(message_id).update(
                state=MailMessage.State.SENT,
                sent_at=at,
                attempts=F("attempts") + 1,
                body="",
                calendar="",
                unsubscribe="",
            )
            return
        failed = message.attempts + 1 >= ATTEMPTS
        state = MailMessage.State.FAILED if failed else MailMessage.State.QUEUED
        _queued(message_id).update(attempts=F("attempts") + 1, problem=problem, state=state)
    if not failed:
        raise NotSent(problem)


def _hand_over(message: MailMessage) -> str:
    """Speak to the server; empty when it took the mail, else the kind of what went wrong."""
    letter = letters.compose(
        to=message.address,
        subject=message.subject,
        body=message.body,
        message_id=message_id_of(message.key),
        calendar=message.calendar,
        unsubscribe=message.unsubscribe,
    )
    try:
        letter.send()
    except (smtplib.SMTPException, OSError) as error:
        return type(error).__name__
    return ""


def _queued(message_id: int) -> QuerySet[MailMessage]:
    return MailMessage.objects.filter(pk=message_id, state=MailMessage.State.QUEUED)


@contextlib.contextmanager
def _alone(message_id: int) -> Iterator[None]:
    """Nobody else sends this mail until the end. Who dies meanwhile lets go with their connection."""
    lock = "hashtextextended('cairn.mail', %s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({lock})", [message_id])
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({lock})", [message_id])


def message_id_of(key: str) -> str:
    """The Message-ID of an event's mail: always the same in one Cairn, another in every other; tells nothing."""
    name = salted_hmac("cairn.foundation.mail", key, algorithm="sha256").hexdigest()[:40]
    return f"<{name}@{DNS_NAME}>"


def undelivered(organisation_ids: Collection[int]) -> QuerySet[MailMessage]:
    """The mails of these organisations that nobody will try to send again: they, or their job, failed for good."""
    jobs = queue.failed().filter(task_name=SEND).annotate(mail=queue.number_in_arguments("message_id"))
    given_up = Q(state=MailMessage.State.FAILED) | Q(
        state=MailMessage.State.QUEUED, pk__in=jobs.filter(mail__isnull=False).values("mail")
    )
    return MailMessage.objects.filter(given_up, organisation_id__in=organisation_ids)


@transaction.atomic
def retry(*, message_id: int, at: dt.datetime) -> bool:
    """Put a mail that failed for good on the queue again, with all its attempts. False when it has not failed (now)."""
    message = MailMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None or not undelivered([message.organisation_id or 0]).filter(pk=message_id).exists():
        return False
    MailMessage.objects.filter(pk=message_id).update(
        state=MailMessage.State.QUEUED, attempts=0, problem="", queued_at=at
    )
    queue.forget_failed(SEND, message_id=message_id)
    queue.defer(SEND, priority=AFTER_OTHERS, message_id=message_id)
    return True


@transaction.atomic
def forget_address(address: str) -> None:
    """Somebody's account is closed: mails that wait for their address are not sent, and sent ones forget it."""
    _forget(MailMessage.objects.filter(address__iexact=address))


@transaction.atomic
def forget_events(keys: Iterable[str]) -> None:
    """What these mails were about is taken back or erased: those that wait are not sent, and sent ones forget whom."""
    _forget(MailMessage.objects.filter(key__in=set(keys)))


def _forget(mails: QuerySet[MailMessage]) -> None:
    mails.filter(state=MailMessage.State.QUEUED).delete()
    mails.update(address="", subject="", body="", calendar="", unsubscribe="", to_id=None)


@transaction.atomic
def withdraw(*beginnings: str, to_id: int | None = None) -> int:
    """What mails whose keys begin so were about no longer holds: those that still wait are not sent, and unheard of.

    `to_id` limits it to the mails of one person. A mail that is being handed over at this moment goes out. A job finds
    nothing to send and ends. Returns how many.
    """
    if not beginnings:
        return 0
    begin_so = functools.reduce(operator.or_, (Q(key__startswith=each) for each in beginnings), Q(pk__in=[]))
    waiting = MailMessage.objects.filter(begin_so, state=MailMessage.State.QUEUED)
    return (waiting.filter(to_id=to_id) if to_id is not None else waiting).delete()[0]


@transaction.atomic
def settle_past(*, before: dt.datetime) -> int:
    """Take mails queued before a moment as delivered at theirs: for an invented past, which nobody is to be mailed.

    Their jobs leave the queue. Returns how many mails there were.
    """
    past = MailMessage.objects.filter(state=MailMessage.State.QUEUED, queued_at__lt=before)
    queue.withdraw(SEND, "message_id", list(past.values_list("pk", flat=True)))
    return past.update(
        state=MailMessage.State.SENT, sent_at=F("queued_at"), attempts=1, body="", calendar="", unsubscribe=""
    )
