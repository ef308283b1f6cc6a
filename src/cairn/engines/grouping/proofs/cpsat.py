"""A thin door to OR-Tools' CP-SAT.

The model is written straight into the solver's protocol message. The usual Python layer of OR-Tools imports pandas,
which alone takes over a second of a cold start; the message format is the stable part of that library's interface.
One worker and a fixed seed: the same model gives the same answer.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any, Literal

from ortools.sat.python import cp_model_helper as engine

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
Term = tuple[int, int]
Pulse = Callable[[], bool]
OFTEN = 0.25


@dataclass(frozen=True)
class Answer:
    """What the solver says: `values` per variable (empty without a solution) and `core`, the failed assumptions.

    `bound` is on the objective, 0 if unknown: costs here are never negative.
    """

    status: Status
    values: tuple[int, ...]
    bound: int
    core: tuple[int, ...]

    @property
    def found(self) -> bool:
        return self.status in ("optimal", "feasible")


class Model:
    """Variables are plain numbers; a literal is a 0/1 variable, and `-literal - 1` its negation."""

    def __init__(self) -> None:
        self.proto = engine.CpModelProto()
        self.size = 0
        self._hints: dict[int, int] = {}

    def integer(self, low: int, high: int) -> int:
        """A new whole-number variable."""
        self.proto.variables.add().domain.extend([low, high])
        self.size += 1
        return self.size - 1

    def among(self, values: Sequence[int]) -> int:
        """A new variable that is one of these numbers (sorted)."""
        self.proto.variables.add().domain.extend(_spans(values))
        self.size += 1
        return self.size - 1

    def boolean(self) -> int:
        """A new 0/1 variable."""
        return self.integer(0, 1)

    def between(self, terms: Iterable[Term], low: int, high: int, when: Sequence[int] = ()) -> None:
        """low <= sum(coefficient * variable) <= high, only if all literals in `when` hold."""
        constraint = self.proto.constraints.add()
        constraint.enforcement_literal.extend(list(when))
        terms = list(terms)
        constraint.linear.vars.extend([variable for variable, _ in terms])
        constraint.linear.coeffs.extend([coefficient for _, coefficient in terms])
        constraint.linear.domain.extend([low, high])

    def within(self, terms: Iterable[Term], values: Sequence[int], when: Sequence[int] = ()) -> None:
        """The sum is one of these numbers (sorted; none of them: it cannot be), if all literals in `when` hold."""
        if not values:
            self.between([], 1, 1, when)
            return
        self.between(terms, values[0], values[-1], when)
        domain = self.proto.constraints[len(self.proto.constraints) - 1].linear.domain
        domain.clear()
        domain.extend(_spans(values))

    def exactly_one(self, literals: Sequence[int]) -> None:
        """One and only one of the literals holds."""
        self.proto.constraints.add().exactly_one.literals.extend(list(literals))

    def at_most_one(self, literals: Sequence[int]) -> None:
        """No two of the literals hold."""
        self.proto.constraints.add().at_most_one.literals.extend(list(literals))

    def minimise(self, terms: Iterable[Term]) -> None:
        """Set the objective."""
        terms = list(terms)
        self.proto.objective.vars.extend([variable for variable, _ in terms])
        self.proto.objective.coeffs.extend([coefficient for _, coefficient in terms])

    def hint(self, variable: int, value: int) -> None:
        """Suggest a value to start from."""
        self._hints[variable] = value

    def assume(self, literals: Sequence[int]) -> None:
        """Literals taken as true for this solve; replaces earlier ones."""
        self.proto.assumptions.clear()
        self.proto.assumptions.extend(list(literals))

    def copy(self) -> "Model":
        """The same model, to which more can be added without changing this one."""
        other = Model()
        other.proto.copy_from(self.proto)
        other.size, other._hints = self.size, dict(self._hints)
        return other

    def solve(
        self,
        *,
        effort: float,
        seconds: float,
        seed: int,
        by_cores: bool = False,
        pulse: Pulse | None = None,
    ) -> Answer:
        """Solve within so many deterministic seconds, guarded by so many real ones.

        `pulse` is called a few times a second meanwhile and returns whether to stop with what was found until then.
        `by_cores` raises the bound by sets of terms that cannot all be least (Fu and Malik 2006), which proves more
        where a good answer is in hand, and finds less where none is.
        """
        if self._hints:
            self.proto.clear_solution_hint()
            self.proto.solution_hint.vars.extend(list(self._hints))
            self.proto.solution_hint.values.extend(list(self._hints.values()))
        parameters = engine.SatParameters()
        parameters.num_workers = 1
        parameters.catch_sigint_signal = False  # it would leave Ctrl-C to end the whole process
        parameters.linearization_level = 2  # proofs take several times as long without
        parameters.optimize_with_core = by_cores
        parameters.random_seed = seed % 2**31
        parameters.max_deterministic_time = max(effort, 0.001)
        parameters.max_time_in_seconds = max(seconds, 0.01)
        solver = engine.SolveWrapper()
        solver.set_parameters(parameters)
        response = _watched(solver, self.proto, pulse)
        name = str(response.status.name).lower()
        if name == "model_invalid":
            raise ValueError("The model breaks the solver's format.")
        status: Status = name if name in ("optimal", "feasible", "infeasible") else "unknown"  # type: ignore[assignment]
        bound = response.best_objective_bound
        return Answer(
            status=status,
            values=tuple(response.solution) if status in ("optimal", "feasible") else (),
            bound=ceil(bound - 1e-6) if isfinite(bound) else 0,
            core=tuple(response.sufficient_assumptions_for_infeasibility),
        )


def _watched(solver: Any, proto: Any, pulse: Pulse | None) -> Any:
    """Solve on a thread of its own, which leaves this one free to look on and to hear Ctrl-C."""
    if pulse is None:
        return solver.solve(proto)
    with ThreadPoolExecutor(1) as pool:
        solving = pool.submit(solver.solve, proto)
        try:
            while not wait([solving], timeout=OFTEN).done:
                if pulse():
                    solver.stop_search()
        except BaseException:
            solver.stop_search()
            raise
        return solving.result()


def _spans(values: Sequence[int]) -> list[int]:
    """Sorted numbers as ends of spans that neither touch nor overlap, which is the format of a domain."""
    ends: list[int] = []
    for value in values:
        if ends and value <= ends[-1] + 1:
            ends[-1] = value
        else:
            ends += [value, value]
    return ends
