"""What calendar programs answer to invitations, read from an organisation's mailbox.

An answer counts only with the signed word in the address that was sent to exactly one person for exactly one event,
and only for the invitation as it stands. It is shown to those concerned; it moves no session and draws no minutes.
"""

import datetime as dt
import email
import email.policy
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import icalendar
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy

from cairn.delivery.actions import problems
from cairn.delivery.models import InvitationReply, ReplyMailbox, SentInvitation
from cairn.delivery.queries import reply_tokens
from cairn.delivery.terms import ReplyAnswer
from cairn.foundation import audit, fetching, here, mailbox, secrets
from cairn.people import rules as people_rules
from cairn.people.models import Organisation, Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import actions as programme_actions

logger = logging.getLogger(__name__)

MOST_BYTES = 100_000
MOST_EVENTS = 100
TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
BROKEN = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
"""A mail from outside may be broken in more ways than can be named."""
ANSWERS = {"ACCEPTED": ReplyAnswer.ACCEPTED, "TENTATIVE": ReplyAnswer.TENTATIVE, "DECLINED": ReplyAnswer.DECLINED}


class MailboxRefused(programme_actions.Refused):
    """The mailbox cannot be as it was written; `field` is what has to be mended."""


class AddressWithPlus(MailboxRefused):
    """Behind a plus sign stands the word by which Cairn knows an answer."""

    field = "address"
    sentence = gettext_lazy(
        "Give the address without the plus sign and what follows it. Cairn puts a word of its own there."
    )


class ServerInside(MailboxRefused):
    """Cairn speaks to servers in the open net only."""

    field = "host"
    sentence = gettext_lazy("This names no server in the open net, and Cairn goes nowhere else.")


class PortClosed(MailboxRefused):
    """Mailboxes are read at one port."""

    field = "port"
    sentence = gettext_lazy("Mailboxes are read at port 993 only, over TLS.")


class PasswordWanted(MailboxRefused):
    """A password is kept for one server, and is not shown to another."""

    field = "password"
    sentence = gettext_lazy("Write the password once more: it is kept for the mailbox that was there before.")


@dataclass(frozen=True)
class Answer:
    """One answer of one person: to a session or a series by its id, perhaps to one planned occurrence."""

    kind: str
    number: int
    person_id: int
    sequence: int
    answer: str
    planned: dt.datetime | None


@transaction.atomic
def keep_mailbox(
    *,
    organisation: Organisation,
    address: str,
    host: str,
    port: int,
    user: str,
    password: str,
    by: Person,
    at: dt.datetime,
) -> ReplyMailbox:
    """Give the mailbox to which calendar programs answer. An empty password keeps the one of the same server and user.

    Raises NotAllowed, AddressWithPlus, ServerInside, PortClosed, PasswordWanted.
    """
    _must_run(organisation, by, at)
    host = host.strip().lower()
    _refuse_what_is_never_read(address, host, port)
    found = ReplyMailbox.objects.select_for_update().filter(organisation=organisation).first()
    known = _kept(found) if found is not None else {}
    same = found is not None and (found.host, found.port, known.get("user")) == (host, port, user)
    if not password and not same:
        raise PasswordWanted
    box, _made = ReplyMailbox.objects.update_or_create(
        organisation=organisation,
        defaults={"address": address, "host": host, "port": port, "problem": ""}
        | ({} if same else {"last_uid": 0, "uid_validity": 0, "read_at": None}),
    )
    if password:
        secrets.keep(_name(box), json.dumps({"user": user, "password": password}))
    _record("keep_reply_mailbox", box, by=by, at=at)
    return box


def _refuse_what_is_never_read(address: str, host: str, port: int) -> None:
    """As far as its look tells; what a name stands for is seen when the mailbox is opened."""
    if "+" in address.partition("@")[0]:
        raise AddressWithPlus
    if settings.CAIRN_FETCH_LOCAL:
        return
    if fetching.is_closed_host(host) or "." not in host.strip("."):
        raise ServerInside
    if port not in mailbox.PORTS:
        raise PortClosed


@transaction.atomic
def remove_mailbox(*, organisation: Organisation, by: Person, at: dt.datetime) -> None:
    """Read no answers any more; the password is forgotten. Raises NotAllowed, NotFound."""
    _must_run(organisation, by, at)
    box = ReplyMailbox.objects.select_for_update().filter(organisation=organisation).first()
    if box is None:
        raise NotFound
    secrets.forget([_name(box)])
    _record("remove_reply_mailbox", box, by=by, at=at)
    box.delete()


def try_mailbox(*, organisation: Organisation, by: Person, at: dt.datetime) -> str:
    """Open the mailbox now. Returns the key of what is wrong (`foundation.mailbox.Unreadable`), or nothing.

    Speaks to another machine for up to ten seconds: not to be called in a transaction. Raises NotAllowed, NotFound.
    """
    _must_run(organisation, by, at)
    box = ReplyMailbox.objects.filter(organisation=organisation).first()
    if box is None:
        raise NotFound
    problem = ""
    try:
        mailbox.check(_account(box))
    except mailbox.Unreadable as unreadable:
        problem = unreadable.problem
    ReplyMailbox.objects.filter(pk=box.pk).update(problem=problem)
    return problem


def mailboxes() -> list[int]:
    """The ids of all mailboxes there are to read."""
    return list(ReplyMailbox.objects.order_by("pk").values_list("pk", flat=True))


def read_replies(*, mailbox_id: int, at: dt.datetime) -> int:
    """Read what has come to a mailbox and take the answers in it. Returns how many counted.

    The mailbox is read first and outside of any transaction; what it says and how far it was read are written together.
    """
    box = ReplyMailbox.objects.filter(pk=mailbox_id).first()
    if box is None:
        return 0
    try:
        came = mailbox.read(_account(box), last_uid=box.last_uid, uid_validity=box.uid_validity)
    except mailbox.Unreadable as unreadable:
        ReplyMailbox.objects.filter(pk=mailbox_id).update(problem=unreadable.problem)
        return 0
    with transaction.atomic():
        same = {"pk": mailbox_id, "last_uid": box.last_uid, "uid_validity": box.uid_validity, "host": box.host}
        if not ReplyMailbox.objects.select_for_update().filter(**same).exists():
            return 0  # somebody else has read it meanwhile, or it is another mailbox now
        counted = sum(_take_mail(message, box.organisation_id, at) for message in came.messages)
        ReplyMailbox.objects.filter(pk=mailbox_id).update(
            last_uid=came.last_uid, uid_validity=came.uid_validity, read_at=at, problem=""
        )
    return counted


def _take_mail(message: bytes, organisation_id: int, at: dt.datetime) -> int:
    """Take the answers in one mail; one that breaks something stops none behind it. Returns how many counted."""
    try:
        with transaction.atomic():
            return sum(_take(answer, organisation_id, at) for answer in answers_in(message))
    except (*BROKEN, DataError, IntegrityError) as error:
        logger.warning("an answer to an invitation was passed over: %s", type(error).__name__)
        return 0


# ------------------------------------------------------------------ reading one mail


def answers_in(message: bytes) -> list[Answer]:
    """The answers in a mail that can be believed; nothing of anything else, whatever it is."""
    try:
        mail = email.message_from_bytes(message, policy=email.policy.default)
        sent_to = " ".join(str(line) for name in TO for line in mail.get_all(name, []))
        return [answer for text in _calendars(mail) for answer in _read(text, sent_to)]
    except BROKEN:
        return []


def _calendars(mail: EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar" and not part.is_multipart():
            text = part.get_payload(decode=True)
            if isinstance(text, bytes) and len(text) <= MOST_BYTES:
                yield text


def _read(text: bytes, sent_to: str) -> Iterable[Answer]:
    file = icalendar.Calendar.from_ical(text)
    if str(file.get("method", "")).upper() != "REPLY":
        return
    for event in file.walk("VEVENT")[:MOST_EVENTS]:
        known = reply_tokens.read(f"{event.get('organizer', '')} {sent_to}")
        attendees = event.get("attendee", [])
        attendee = attendees[0] if isinstance(attendees, list) and len(attendees) == 1 else attendees
        answer = ANSWERS.get(str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper())
        if known is None or answer is None:
            continue
        kind, number, person_id = known
        if str(event.get("uid", "")) != f"{kind}-{number}@{here.host()}":
            continue
        planned = event.get("recurrence-id")
        moment = planned.dt if planned is not None else None
        if moment is not None and not isinstance(moment, dt.datetime):
            continue
        yield Answer(kind, number, person_id, int(event.get("sequence", 0)), answer.value, moment)


def _take(answer: Answer, organisation_id: int, at: dt.datetime) -> int:
    """Write the answer beside every invitation to which it is. Returns 1 when it counted."""
    of_event = "session" if answer.kind == "session" else "session__series"
    asked = SentInvitation.objects.select_related("session").filter(
        person=answer.person_id,
        is_withdrawn=False,
        sequence__lte=answer.sequence,
        session__cohort__programme__organisation=organisation_id,
        ends_at__gt=at,
        **{of_event: answer.number},
    )
    counted = 0
    for row in asked.order_by("pk"):
        if answer.planned is not None and not _is_planned_at(row, answer.planned):
            continue
        InvitationReply.objects.update_or_create(
            session_id=row.session_id,
            person_id=row.person_id,
            defaults={"answer": answer.answer, "sequence": row.sequence, "at": at},
        )
        counted = 1
    return counted


def _is_planned_at(row: SentInvitation, moment: dt.datetime) -> bool:
    """Programs give the occurrence on the wall of the session's zone, or have it counted into another."""
    planned = row.session.planned_wall
    if planned is None:
        return False
    try:
        wall = moment if moment.tzinfo is None else moment.astimezone(row.session.zone).replace(tzinfo=None)
    except OverflowError:
        return False  # the first and the last day there is have no beginning or end elsewhere
    return wall == planned.replace(tzinfo=None)


# ------------------------------------------------------------------ the mailbox


def _must_run(organisation: Organisation, by: Person, at: dt.datetime) -> None:
    runs = people_rules.organisations_as(by, Role.COORDINATOR, Role.ADMINISTRATOR, at=at)
    if organisation.pk not in runs:
        raise problems.NotAllowed


def _name(box: ReplyMailbox) -> str:
    return f"reply_mailbox:{box.pk}"


def _kept(box: ReplyMailbox) -> dict[str, Any]:
    return dict(json.loads(secrets.read(_name(box)) or "{}"))


def _account(box: ReplyMailbox) -> mailbox.Account:
    kept = _kept(box)
    return mailbox.Account(box.host, box.port, kept.get("user", ""), kept.get("password", ""))


def _record(action: str, box: ReplyMailbox, *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="reply_mailbox",
        subject_id=box.pk,
        organisation_id=box.organisation_id,
        by=by,
        at=at,
    )
