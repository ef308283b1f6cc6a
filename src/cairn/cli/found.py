"""``cairn found``: the first organisation, with its administrator, on a fresh installation."""

from __future__ import annotations

import argparse
import zoneinfo

from cairn.cli import database, prepare, terminal


def found(words: list[str]) -> int:
    """Make an organisation and the person who administers and coordinates it; print their invitation link, once."""
    asked = _parser().parse_args(words)
    if asked.time_zone not in zoneinfo.available_timezones():
        raise terminal.Refusal(f"“{asked.time_zone}” is not a time zone. Write it like Europe/London.")
    with database.at_hand():
        prepare.load_django()
        if prepare.waiting_migrations():
            raise terminal.Refusal("The database is not prepared yet. Run “cairn migrate” first, or “cairn up” once.")
        secret = _open_house(asked)
        from django.conf import settings

        terminal.say(f"{asked.organisation} is founded. This link lets {asked.name} in, once, within thirty days:")
        terminal.say(f"{settings.CAIRN_PUBLIC_URL}/invitation/{secret}/")
    return 0


def _open_house(asked: argparse.Namespace) -> str:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from cairn.engines.invoicing import CURRENCIES
    from cairn.foundation import clock
    from cairn.people import actions

    try:
        validate_email(asked.email)
    except ValidationError as refused:
        raise terminal.Refusal(f"“{asked.email}” is not an e-mail address.") from refused
    if asked.currency.upper() not in CURRENCIES:
        raise terminal.Refusal(f"“{asked.currency}” is not a currency code. Write it like GBP.")
    return actions.open_house(
        organisation=asked.organisation,
        kind=asked.kind,
        time_zone=asked.time_zone,
        currency=asked.currency.upper(),
        name=asked.name,
        email=asked.email,
        at=clock.now(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cairn found", description=found.__doc__)
    parser.add_argument("--organisation", required=True, help="its name")
    parser.add_argument("--name", required=True, help="of its administrator")
    parser.add_argument("--email", required=True, help="of its administrator")
    parser.add_argument("--kind", default="university", choices=["university", "company", "centre", "practice"])
    parser.add_argument("--time-zone", default="Europe/London")
    parser.add_argument("--currency", default="GBP")
    return parser
