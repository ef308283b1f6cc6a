"""Where this Cairn is found, and in whose name it writes: what stands in files that leave it."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings


def address(path: str = "") -> str:
    """A page's full address, as people type it; `path` begins with a slash."""
    return f"{settings.CAIRN_PUBLIC_URL}{path}"


def host() -> str:
    """The name of the machine in that address: by it, what is numbered here is unique in the world."""
    return urlsplit(settings.CAIRN_PUBLIC_URL).hostname or "cairn.invalid"


def sender() -> tuple[str, str]:
    """Name and address of the sender of every mail."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)
