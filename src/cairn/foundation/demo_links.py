"""Sign-in links of the demonstration: the command prints them, the page takes them."""

from django.core import signing

SALT = "cairn.demo.sign-in"


class NotOurs(Exception):
    """A token that this installation did not sign."""


def path_for(email: str) -> str:
    """The path that signs in the person with this address, while CAIRN_DEMO is on."""
    return f"/demo/sign-in/{signing.dumps(email, salt=SALT)}/"


def address_in(token: str) -> str:
    """The address that a path's token stands for. Raises NotOurs."""
    try:
        return str(signing.loads(token, salt=SALT))
    except signing.BadSignature as error:
        raise NotOurs from error
