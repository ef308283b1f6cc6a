"""The answer in plain words, or as one JSON object."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from cairn.cli.group.asking import in_order
from cairn.engines import grouping

MOST_GROUPS_SHOWN = 40
MOST_GROUPS_JUDGED = 5_000
MOST_RULES_SHOWN = 20


def peak_mb() -> float:
    """The most memory this process has held, in megabytes (millions of bytes); 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def as_json(result: grouping.Result, sizes: Mapping[str, int], *, seconds: float) -> str:
    """One object. `bound` is the closed-form one the score is counted from, `proven_bound` the best one known."""
    return json.dumps(
        {
            "objective": float(result.D),
            "bound": float(result.bound),
            "proven_bound": float(result.proven_bound),
            "baseline": float(result.baseline),
            "score": result.score,
            "gap": result.gap,
            "proof": result.proof,
            "violations": [_violation(conflict) for conflict in result.violations],
            "alone": [{"attribute": a.attribute, "value": a.value, "group": a.group} for a in result.alone],
            "goals": [
                {"goal": goal.goal, "value": float(goal.value), "bound": float(goal.bound), "proof": goal.proof}
                for goal in result.goals
            ],
            "groups": list(_groups(result, sizes)),
            "stopped": result.stopped,
            "seconds": round(seconds, 3),
            "peak_mb": round(peak_mb(), 1),
        },
        ensure_ascii=False,
    )


def failure_as_json(sentence: str, conflicts: tuple[grouping.Conflict, ...] = ()) -> str:
    """One object that says why there are no groups."""
    return json.dumps({"error": sentence, "violations": [_violation(c) for c in conflicts]}, ensure_ascii=False)


def _violation(conflict: grouping.Conflict) -> dict[str, object]:
    return {
        "rule": conflict.rule,
        "people": list(conflict.people),
        "groups": list(conflict.groups),
        "coaches": list(conflict.coaches),
        "sentence": grouping.say(conflict),
    }


def _groups(result: grouping.Result, sizes: Mapping[str, int]) -> Iterator[dict[str, object]]:
    """What there is to say about each group; how alike the cohort it is, only where there are not too many."""
    likeness = {}
    if len(result.per_group) <= MOST_GROUPS_JUDGED:
        likeness = {group.id: round(group.likeness, 2) for group in result.per_group}
    for group in sorted(sizes, key=in_order):
        told: dict[str, object] = {"group": group, "size": sizes[group]}
        for key, found in (("likeness", likeness), ("coach", result.coaches), ("slot", result.slots)):
            if found.get(group):
                told[key] = found[group]
        yield told


def infeasible(problem: grouping.Infeasible) -> str:
    """Which rules cannot hold, each in a sentence, and what would help."""
    lines = ["These rules cannot hold together; without any one of them the others can:"] if problem.jointly else []
    for conflict in problem.conflicts[:MOST_RULES_SHOWN]:
        lines.append(" ".join(filter(None, (grouping.say(conflict), grouping.say_remedy(conflict)))))
    if len(problem.conflicts) > MOST_RULES_SHOWN:
        lines.append(f"… and {len(problem.conflicts) - MOST_RULES_SHOWN:,} more.")
    return "\n".join(lines)


def summary(result: grouping.Result, sizes: Mapping[str, int], *, seconds: float) -> str:
    """What a person wants to know, in plain words."""
    people = sum(sizes.values())
    lines = [
        f"{people:,} {'person' if people == 1 else 'people'} in {len(sizes):,} "
        f"{'group' if len(sizes) == 1 else 'groups'}, {seconds:.1f} s.",
        f"How mixed: {points(result.score)} of 100. 0 is what drawing lots gives on average; 100 cannot be beaten.",
        _proof(result),
        "",
        *_table(result, sizes),
        *_not_met(result),
    ]
    return "\n".join(lines)


def points(score: float) -> str:
    """A score cut, not rounded: 99.999 is not yet 100."""
    return f"{math.floor(score * 100 + 1e-9) / 100:.2f}".removesuffix("0").removesuffix(".0")


def _proof(result: grouping.Result) -> str:
    if result.violations:
        return "Not every rule holds, so nothing is proven."
    if result.proof == "closed_form":
        return "Nobody can do better: arithmetic allows no groups of these sizes to be more even."
    if result.proof != "none":
        return "Nobody can do better: it is proven that no groups of these sizes which keep the rules are more even."
    doubt = math.ceil(result.gap * 100) / 100
    return f"Not proven: better groups, if there are any, would score at most {doubt:.2f} points more."


def _table(result: grouping.Result, sizes: Mapping[str, int]) -> Iterator[str]:
    """Groups and sizes; of very many groups only how many have each size."""
    if len(sizes) > MOST_GROUPS_SHOWN:
        for size, groups in sorted(Counter(sizes.values()).items()):
            yield f"{groups:,} {'group' if groups == 1 else 'groups'} of {size}"
        return
    told = [[group, str(sizes[group]), result.coaches.get(group, ""), result.slots.get(group, "")] for group in sizes]
    rows = [["group", "people", "coach", "slot"], *sorted(told, key=lambda row: in_order(row[0]))]
    shown = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in shown]
    for row in zip(*shown, strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _not_met(result: grouping.Result) -> Iterator[str]:
    """Rules that are broken and people who are the only ones of their kind."""
    told = [grouping.say(conflict) for conflict in result.violations]
    told += [f"Group {a.group} has only one person with “{a.value}” in “{a.attribute}”." for a in result.alone]
    if told:
        yield ""
        yield "What could not be met:"
        yield from (f"- {sentence}" for sentence in told[:MOST_RULES_SHOWN])
        if len(told) > MOST_RULES_SHOWN:
            yield f"- … and {len(told) - MOST_RULES_SHOWN:,} more."
