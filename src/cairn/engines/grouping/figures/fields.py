"""Where things stand in the rows that the search works on; see `boards.py` for what they mean."""

from typing import Any

Row = Any
"""A list of whole numbers when interpreted, an array when compiled."""

# The five totals, in `meta` from PRICE, TOTALS and BEST on, and as entries of RANKING.
MIX, BROKEN, ALONE, MEETINGS, STYLE = 0, 1, 2, 3, 4

# meta
PEOPLE, ATTRIBUTES, VALUES, WIDEST, ANY_SHY, ANY_RULES, ANY_PAIRS, UNEVEN, ANY_HEADS = 0, 1, 2, 3, 4, 5, 6, 7, 8
PRICE, RANKING, TOTALS, BEST, META = 9, 14, 19, 24, 29

# person, per person
FIXED, P_SLOTS, P_BARS, P_STYLES, PERSON = 0, 1, 2, 3, 4

# group, per group
G_SIZE, G_KIND, G_CAP, G_LEAST, G_COACH, G_SLOT, G_BLOCK, G_SORE, GROUP = 0, 1, 2, 3, 4, 5, 6, 7, 8

# law: two counts, then where each table begins
SLOTS, COACHES, SLOT_OPEN, BAR_START, BAR_COACH, MISSING, NEAR_START, NEAR = 0, 1, 2, 3, 4, 5, 6, 7
HEAD_START, HEAD, LAW = 8, 9, 10

# kinds of pairs
APART, TOGETHER, MET = 0, 1, 2
