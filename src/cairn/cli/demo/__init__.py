"""The demonstration: an invented university with a cohort under way, built through the product's own actions."""

from cairn.cli.demo.sign_ins import sign_ins
from cairn.cli.demo.world import build_if_missing

__all__ = ["build_if_missing", "sign_ins"]
