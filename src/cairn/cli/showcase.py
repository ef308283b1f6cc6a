"""``cairn demo``: an invented university to look around in, with a sign-in link for each of its people."""

from __future__ import annotations

import importlib.util
import os
from types import ModuleType

from cairn.cli import terminal, up
from cairn.foundation import state

PACKAGE = "cairn.cli.demo"


def demo(words: list[str]) -> int:
    """Build the demonstration world if it is missing, serve it, and print how to sign in as whom."""
    asked = up.address_from(words, "cairn demo")
    _require_world()
    os.environ["CAIRN_DEMO"] = "1"
    if not os.environ.get("CAIRN_STATE", "").strip():
        own = state.make_state_dir(state.state_dir())
        os.environ["CAIRN_STATE"] = str(own / "demo")
    up.serve(asked, before=_build, ready=lambda: _invite(up.public_url(asked)))
    return 0


def _build() -> None:
    _world().build_if_missing(terminal.say)


def _invite(address: str) -> None:
    """Print one sign-in link per member of the cast."""
    cast = _world().sign_ins()
    terminal.say("\nSign in as (each link works in this demonstration only):\n")
    wide = max((len(who) for who, _, _ in cast), default=0)
    roles = max((len(role) for _, role, _ in cast), default=0)
    for who, role, path in cast:
        terminal.say(f"  {who:<{wide}}  {role:<{roles}}  {address}{path}")
    terminal.say(f"\nEvery mail that Cairn would send lies at {address}/outbox/")


def _world() -> ModuleType:
    return importlib.import_module(PACKAGE)


def _require_world() -> None:
    """Refuse before anything is started when the invented world is not installed."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise terminal.Refusal("This installation has no demonstration world in it: use “cairn up”.")
