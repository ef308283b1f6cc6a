"""From the raw rows of a spreadsheet to participants, with every problem named by row and column.

Three steps, each pure: `find_header` guesses which row and which columns are meant (a person confirms the guess),
`read_people` reads the rows with the confirmed mapping, `compare` says what an import would create, change and leave.
"""

from cairn.engines.roster.changes import Alike, Change, Changes, ExistingPerson, compare
from cairn.engines.roster.fields import FIELDS, NOT_TAKEN, Field, TemplateColumn, normalise_header, template_columns
from cairn.engines.roster.header import HeaderGuess, find_header
from cairn.engines.roster.people import Roster, RosterPerson, read_people
from cairn.engines.roster.problems import Problem
from cairn.engines.roster.values import address_key, clean_text, column_letter, name_key

__all__ = [
    "FIELDS",
    "NOT_TAKEN",
    "Alike",
    "Change",
    "Changes",
    "ExistingPerson",
    "Field",
    "HeaderGuess",
    "Problem",
    "Roster",
    "RosterPerson",
    "TemplateColumn",
    "address_key",
    "clean_text",
    "column_letter",
    "compare",
    "find_header",
    "name_key",
    "normalise_header",
    "read_people",
    "template_columns",
]
