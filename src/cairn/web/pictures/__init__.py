"""Plates of exercises, from what somebody filled in: a picture, and a table behind it for those who cannot see it.

A wheel, line, network, overlap or week is read from the first part with rows that has the columns of its kind
(`reading.COLUMNS`), whatever the exercise is called. Nothing of it is remembered between pages.
"""

from cairn.web.pictures.drawing import picture
from cairn.web.pictures.tables import table

__all__ = ["picture", "table"]
