"""Cairn: the open system in which career coaching happens."""
