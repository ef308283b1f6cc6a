"""How sign-in meets Cairn: nobody signs up by themselves here yet; people come by invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up."""

    def is_open_for_signup(self, request: Any) -> bool:
        """People are invited."""
        return False
