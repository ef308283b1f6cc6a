"""Links that end mails of a kind without signing in. They are sealed: who reads one learns neither whose nor what."""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
LONGEST = 400


class NotOurs(Exception):
    """A token that this installation did not make."""


def token(words: str) -> str:
    """Seal some words, such as `reminders:17`, as part of an address. No two tokens are alike."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(_key()).encrypt(nonce, words.encode(), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def words_in(token: str) -> str:
    """What `token` sealed. Raises NotOurs."""
    if len(token) > LONGEST:
        raise NotOurs
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return AESGCM(_key()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise NotOurs from error


def _key() -> bytes:
    return hashlib.sha256(b"cairn stop links\x00" + settings.SECRET_KEY.encode()).digest()
