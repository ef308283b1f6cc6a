"""The address to which one person's calendar answers: only who was sent it can know it.

It is the organisation's own address with a word behind a plus sign. The word names event and person and is signed, so
nobody can answer for another, and what somebody makes up counts for nothing. It is all small letters, because programs
on the way may change their case.
"""

import hmac
import re

from django.utils.crypto import salted_hmac

SALT = "cairn.delivery.replies"
SIGNED = 24  # hexadecimal digits: 96 bits
WORD = re.compile(r"\+([a-z])(\d{1,18})-(\d{1,18})-([0-9a-f]{24})@", re.IGNORECASE)
KINDS = {"s": "session", "r": "series"}


def address(mailbox: str, uid: str, person_id: int) -> str:
    """The mailbox's address for answers of this person about this event."""
    kind, number = uid.partition("@")[0].split("-")
    letter = next(key for key, word in KINDS.items() if word == kind)
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{letter}{number}-{person_id}-{_signature(letter, int(number), person_id)}@{domain}"


def read(text: str) -> tuple[str, int, int] | None:
    """(“session” or “series”, its id, a person's id) from an address with a good signature; otherwise None."""
    for letter, number, person, signature in WORD.findall(text):
        kind = KINDS.get(letter.lower())
        good = _signature(letter.lower(), int(number), int(person))
        if kind and hmac.compare_digest(good, signature.lower()):
            return kind, int(number), int(person)
    return None


def _signature(letter: str, number: int, person_id: int) -> str:
    return salted_hmac(SALT, f"{letter}:{number}:{person_id}", algorithm="sha256").hexdigest()[:SIGNED]
