"""Reasons and what-ifs for an assignment that stands: its score, every other place for a person, and why not.

Every function takes `attributes`: with it, all figures are those of the problem mixed by these attributes alone (see
`desk.only`), while every hard rule stays. A page whose reader may not know of an attribute leaves it out here.
"""

from collections.abc import Iterable, Mapping, Sequence

from cairn.engines.grouping.answers.desk import Desk, only, read, standing
from cairn.engines.grouping.figures import holds, measure, reports
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Conflict, Explanation, MoveOption, Problem, Result


def rescore(
    problem: Problem,
    assignment: Mapping[str, str],
    *,
    coaches: Mapping[str, str] | None = None,
    slots: Mapping[str, str] | None = None,
    attributes: Iterable[str] | None = None,
) -> Result:
    """Score, bound, certificate and broken rules of an assignment made or edited by hand, without any search.

    People missing from the assignment are reported as unplaced and do not count. `coaches` and `slots` by group are
    those of the Result that is edited. The proof is "closed_form" if the assignment happens to meet the bound and
    breaks nothing, otherwise "none". Raises BadProblem for unknown ids.
    """
    seen = problem if attributes is None else only(problem, attributes)
    ix, places = read(standing(seen, coaches, slots), assignment)
    opt_outs = _opt_out_coaches(ix, places)
    violations = (*_grouped_opt_outs(ix, assignment), *holds.broken(ix, places, opt_outs))
    return reports.report(ix, places, one_to_one=holds.one_to_one(ix, places, opt_outs), violations=violations)


def options(
    problem: Problem,
    assignment: Mapping[str, str],
    person: str,
    *,
    coaches: Mapping[str, str] | None = None,
    slots: Mapping[str, str] | None = None,
    attributes: Iterable[str] | None = None,
) -> tuple[MoveOption, ...]:
    """For every other group: what a plain move gives or which rules forbid it, and the best permitted swap.

    Raises BadProblem. For several questions build a Desk once.
    """
    return Desk(problem, assignment, coaches=coaches, slots=slots, attributes=attributes).options(person)


def explain(
    problem: Problem,
    assignment: Mapping[str, str],
    person: str,
    *,
    coaches: Mapping[str, str] | None = None,
    slots: Mapping[str, str] | None = None,
    attributes: Iterable[str] | None = None,
) -> Explanation:
    """Why this person is here: the cells they count in, and every other group with its price or its rule.

    Raises BadProblem. For several questions build a Desk once.
    """
    return Desk(problem, assignment, coaches=coaches, slots=slots, attributes=attributes).explain(person)


def _grouped_opt_outs(ix: Indexed, assignment: Mapping[str, str]) -> tuple[Conflict, ...]:
    return tuple(
        Conflict("opt_out", "opt_out_grouped", people=(person.id,), groups=(assignment[person.id],))
        for person in ix.opt_outs
        if person.id in assignment
    )


def _opt_out_coaches(ix: Indexed, places: Sequence[int]) -> list[int]:
    sizes = measure.tally(ix, places).sizes
    return holds.match_opt_outs(ix, holds.spare_minutes(ix, sizes))
