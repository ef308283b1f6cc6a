"""One sign-in link for each member of the cast."""

from cairn.cli.demo.cast import SIGN_INS
from cairn.foundation import demo_links


def sign_ins() -> list[tuple[str, str, str]]:
    """(name, what they are, path) of everybody to sign in as. The links work in the demonstration only."""
    return [(name, role, demo_links.path_for(email)) for email, name, role in SIGN_INS]
