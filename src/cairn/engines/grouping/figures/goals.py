"""What an assignment is worth for each goal, counted from scratch on arrays; no code in common with the search."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import aims, fields, holds, measure
from cairn.engines.grouping.problem.indexed import Indexed

Places = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Aim:
    """What is known to be out of reach: a bound on D (times n^2), and people who must be alone of their value."""

    scaled: int
    alone: int


def aim(ix: Indexed, sizes: Sequence[int]) -> Aim:
    """The bounds for groups of these sizes."""
    return Aim(aims.scaled_bound(ix, sizes, nobody_alone=aims.comes_first(ix)), least_alone(ix, sizes))


def least_alone(ix: Indexed, sizes: Sequence[int]) -> int:
    """People who are alone of a watched value in any grouping: the only one of it, or all in groups of one."""
    asked, single = "isolation" in ix.problem.goals, max(sizes, default=0) <= 1
    return sum(
        total if single else total == 1
        for codes, totals in zip(ix.alone, ix.totals, strict=True)
        for code, total in enumerate(totals)
        if asked and code in codes
    )


def totals(ix: Indexed, places: Places, known: Aim) -> tuple[int, int, int, int, int]:
    """n*D above the bound, broken rules, people alone who need not be, pairs met again, missing styles."""
    counted = measure.count(ix, places)
    n = max(1, counted.placed)
    mix = (measure.scaled_objective_of(ix, counted) - known.scaled) // n
    found = [0, 0, 0, 0, 0]
    found[fields.MIX] = mix
    found[fields.BROKEN] = broken(ix, places)
    found[fields.ALONE] = alone(ix, counted) - known.alone
    found[fields.MEETINGS] = meetings(ix, places)
    found[fields.STYLE] = unstyled(ix, places)
    return tuple(found)  # type: ignore[return-value]


def broken(ix: Indexed, places: Places) -> int:
    """People at a time or with a coach that is out of the question, or without a place, and pairs against a rule."""
    found = int((places < 0).sum()) + int(holds.barred(ix, places).sum())
    apart, together = (np.array(pairs, dtype=np.int64).reshape(-1, 2) for pairs in (ix.apart, ix.together))
    found += int(((places[apart[:, 0]] == places[apart[:, 1]]) & (places[apart[:, 0]] >= 0)).sum())
    return found + int((places[together[:, 0]] != places[together[:, 1]]).sum())


def alone(ix: Indexed, counted: measure.Counted) -> int:
    """How often a group holds one person alone of a watched value."""
    if "isolation" not in ix.problem.goals:
        return 0
    return sum(int((counted.of(a, code) == 1).sum()) for a, codes in enumerate(ix.alone) for code in codes)


def meetings(ix: Indexed, places: Places) -> int:
    """Pairs who share a group again."""
    if "meetings" not in ix.problem.goals or not ix.met:
        return 0
    met = np.array(ix.met, dtype=np.int64)
    return int(((places[met[:, 0]] == places[met[:, 1]]) & (places[met[:, 0]] >= 0)).sum())


def unstyled(ix: Indexed, places: Places) -> int:
    """People whose group's coach has none of the styles they would like."""
    liked = ix.members.styles
    if "style" not in ix.problem.goals or not liked.labels:
        return 0
    asked = np.flatnonzero((liked.codes >= 0) & (places >= 0))
    coaches = np.array(ix.coach_of, dtype=np.int64)[places[asked]]
    pairs = Counter(zip(liked.codes[asked].tolist(), coaches.tolist(), strict=True))
    return sum(
        times for (row, c), times in pairs.items() if c < 0 or liked.labels[row].isdisjoint(ix.coach_limits[c].styles)
    )


def least_unstyled(ix: Indexed) -> int:
    """People for whom no coach who has a group offers a style they would like."""
    liked, coaches = ix.members.styles, {c for c in ix.coach_of if c >= 0}
    offered = frozenset(style for c in coaches for style in ix.coach_limits[c].styles)
    lost = [row for row, styles in enumerate(liked.labels) if offered.isdisjoint(styles)]
    return int(np.isin(liked.codes, lost).sum()) if "style" in ix.problem.goals else 0
