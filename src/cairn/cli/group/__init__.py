"""``cairn group``: groups from a spreadsheet, without a database, a set-up or Django."""

from cairn.cli.group.command import group

__all__ = ["group"]
