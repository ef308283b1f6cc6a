"""The public address of this Cairn, for links in mails: from the settings, never from the request's own headers."""

from django.conf import settings


def public_address() -> str:
    """Scheme and host without a trailing slash."""
    return str(settings.CAIRN_PUBLIC_URL)
