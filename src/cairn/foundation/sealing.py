"""Sealing: AES-256-GCM with a key per person, the row's identity as associated data, keys wrapped by a master key.

Whoever holds the master key and the database could read. The promise is that texts are sealed at rest and in backups,
that every reading by somebody else is logged, and that destroying a person's key makes their texts unreadable.

A sealed text is 12 bytes of nonce followed by ciphertext and tag. The nonce is random: with one key per person the
2^32 messages that NIST SP 800-38D allows for random nonces are out of reach.
"""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class CannotOpen(Exception):
    """The text does not belong to this key or this row, or was changed."""


def new_key(master: str, person_id: int) -> bytes:
    """A fresh key for one person, wrapped by the master key and bound to the person."""
    return _seal(_master_key(master), AESGCM.generate_key(bit_length=256), f"person-key:{person_id}")


def fingerprint(master: str) -> str:
    """What tells one master key from another: sixteen hexadecimal digits, from which nobody gets back to the key."""
    return hashlib.sha256(b"cairn master key fingerprint\x00" + _master_key(master)).hexdigest()[:16]


def opens(wrapped: bytes, *, master: str, person_id: int) -> bool:
    """Whether this master key wrapped this person's key."""
    try:
        _unwrap(master, wrapped, person_id)
    except CannotOpen:
        return False
    return True


def rewrap(wrapped: bytes, *, old: str, new: str, person_id: int) -> bytes:
    """A person's key, wrapped by another master key. The texts stay as they are. Raises CannotOpen."""
    return _seal(_master_key(new), _unwrap(old, wrapped, person_id), f"person-key:{person_id}")


def seal(text: str, *, master: str, wrapped: bytes, person_id: int, identity: str) -> bytes:
    """Seal a person's text; `identity` names what it is, so that it cannot be moved to another row."""
    return _seal(_unwrap(master, wrapped, person_id), text.encode(), identity)


def open_sealed(sealed: bytes, *, master: str, wrapped: bytes, person_id: int, identity: str) -> str:
    """The text again. Raises CannotOpen when key, row or content do not belong together."""
    return _open(_unwrap(master, wrapped, person_id), sealed, identity).decode()


def seal_secret(text: str, *, master: str, name: str) -> bytes:
    """Seal something the product itself must read again, as the secret of this name."""
    return _seal(_master_key(master), text.encode(), f"secret:{name}")


def open_secret(sealed: bytes, *, master: str, name: str) -> str:
    """The secret again. Raises CannotOpen when key or name do not belong to it."""
    return _open(_master_key(master), sealed, f"secret:{name}").decode()


def _master_key(master: str) -> bytes:
    return hashlib.sha256(b"cairn master key\x00" + master.encode()).digest()


def _unwrap(master: str, wrapped: bytes, person_id: int) -> bytes:
    return _open(_master_key(master), wrapped, f"person-key:{person_id}")


def _seal(key: bytes, plain: bytes, identity: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, identity.encode())


def _open(key: bytes, sealed: bytes, identity: str) -> bytes:
    sealed = bytes(sealed)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


class Box:
    """A person's key, unwrapped once, to seal and open many texts with. Never kept beyond one request."""

    def __init__(self, *, master: str, wrapped: bytes, person_id: int) -> None:
        """Unwrap. Raises CannotOpen when the master key is another one."""
        self._key = _unwrap(master, wrapped, person_id)

    def seal(self, text: str, identity: str) -> bytes:
        """Seal a text as the row that `identity` names."""
        return _seal(self._key, text.encode(), identity)

    def open(self, sealed: bytes, identity: str) -> str:
        """The text again. Raises CannotOpen when it belongs to another key or row, or was changed."""
        return _open(self._key, sealed, identity).decode()
