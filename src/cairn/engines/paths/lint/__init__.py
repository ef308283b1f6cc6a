"""Does a prompt ask, or does it advise, judge or lead? Rules on words and word order; no model, no network.

`lint(prompt)` names what stands in the way of an open question. An empty answer means that nothing was found, which is
not the same as a good question. How often it is right: docs/measurements.md.
"""

from cairn.engines.paths.lint.finding import KINDS, Finding
from cairn.engines.paths.lint.rules import lint

__all__ = ["KINDS", "Finding", "lint"]
