"""What each rule costs: the score as it is, against the best score if the rule were not there.

Taking rules away can only help while the sizes of groups stay the same. So many rules are judged at once: if the
bound says that nothing better exists without any of a whole set of rules, each of them costs nothing, and that is
proven. Only sets that could cost something are halved and asked again, down to single rules. When the score is at the
closed-form bound already, nothing has to be asked at all.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cairn.engines.grouping.problem.shapes import (
    Attribute,
    BadProblem,
    Budget,
    Conflict,
    Infeasible,
    Person,
    Price,
    Problem,
    Proof,
    Result,
)
from cairn.engines.grouping.solver import solve

LEAST_EFFORT = 0.25
MOST_QUESTIONS = 40
SEARCH_PER_PERSON = 600
Priced = Conflict | str


def price(
    problem: Problem,
    rule: Priced,
    *,
    result: Result | None = None,
    seed: int = 0,
    budget: Budget | None = None,
) -> Price:
    """What one rule costs in points of the balance score.

    `rule` is one of `rules_of(problem)`: a Conflict, or "attribute=value" for the wish that nobody with this value be
    alone in a group. `result` is the answer that stands (solved for when missing). Raises BadProblem for a rule the
    problem does not have, and Infeasible when the problem has no answer and no result was given.
    """
    (found,) = prices(problem, result, rules=(rule,), seed=seed, budget=budget)
    return found


def prices(
    problem: Problem,
    result: Result | None = None,
    *,
    rules: Sequence[Priced] | None = None,
    seed: int = 0,
    budget: Budget | None = None,
) -> tuple[Price, ...]:
    """What each rule costs (all of `rules_of(problem)` if none are named), in the order of the rules.

    `points` is never below 0: the answer that stands is possible without the rule as well. With a proof other than
    "none" it is exactly the difference between the two best scores; without, what was found so far. The price of
    somebody's opting out compares with them in a group, hence with one more person. `budget.effort` is for all rules
    together, and at most so many questions are asked that a page can wait. Raises as `price` does.
    """
    budget = budget or Budget()
    stands = result if result is not None else solve(problem, seed=seed, budget=budget)
    asked = rules_of(problem) if rules is None else tuple(rules)
    for rule in asked:
        without(problem, rule)
    if stands.score == 100.0 and not stands.violations:
        return tuple(_price(stands, rule, stands.score, "closed_form") for rule in asked)
    return _Pricing(problem, stands, asked, seed, budget).run()


def _price(stands: Result, rule: Priced, best: float, proof: Proof) -> Price:
    return Price(rule=rule, score=stands.score, score_without=best, points=best - stands.score, proof=proof)


class _Pricing:
    """Sets of rules taken away together, and what that shows about each of them."""

    def __init__(self, problem: Problem, stands: Result, rules: Sequence[Priced], seed: int, budget: Budget) -> None:
        self.problem, self.stands, self.rules, self.seed, self.budget = problem, stands, rules, seed, budget
        self.sizes = sorted(Counter(stands.assignment.values()).values())
        self.found: dict[int, Price] = {}

    def run(self) -> tuple[Price, ...]:
        """A price for each rule; large sets first, so that most are settled when the work runs out."""
        sets = deque([[at for at, rule in enumerate(self.rules) if not self._own_question(rule)]])
        sets += [[at] for at, rule in enumerate(self.rules) if self._own_question(rule)]
        for _ in range(MOST_QUESTIONS):
            if not sets:
                break
            asked = sets.popleft()
            if len(asked) > 1:
                sets += self._joint(asked)
            elif asked:
                self.found[asked[0]] = self._single(asked[0])
        stands = self.stands
        return tuple(
            self.found.get(at, _price(stands, rule, stands.score, "none")) for at, rule in enumerate(self.rules)
        )

    def _own_question(self, rule: Priced) -> bool:
        """Whether taking the rule away could change who is in groups, or how large they are."""
        if isinstance(rule, str):
            return False
        uneven = len(self.sizes) < len(self.problem.groups) or self.sizes[-1] - self.sizes[0] > 1
        return rule.rule == "opt_out" or (uneven and rule.rule in ("cap", "minimum", "coach_minutes", "pin", "slot"))

    def _joint(self, at: list[int]) -> list[list[int]]:
        """Settle these rules if none of them costs anything; otherwise the two halves, to be asked about again."""
        eased = self._solve([self.rules[k] for k in at])
        if eased is not None and self._no_better(eased):
            for k in at:
                self.found[k] = _price(self.stands, self.rules[k], self.stands.score, _kind(eased, self.stands))
            return []
        middle = len(at) // 2
        return [at[:middle], at[middle:]]

    def _single(self, at: int) -> Price:
        rule, stands = self.rules[at], self.stands
        eased = self._solve((rule,))
        if eased is None:
            return _price(stands, rule, stands.score, "none")
        if self._no_better(eased):
            return _price(stands, rule, stands.score, _kind(eased, stands))
        best = max(eased.score, stands.score)
        proven = eased.proof != "none" and stands.proof != "none" and best == eased.score
        return _price(stands, rule, best, _kind(eased, stands) if proven else "none")

    def _solve(self, rules: Sequence[Priced]) -> Result | None:
        """The answer without these rules; None when none was found that holds the others."""
        eased = self.problem
        for rule in rules:
            eased = without(eased, rule)
        try:
            found = solve(eased, seed=self.seed, budget=self._share(len(rules)))
        except Infeasible:
            return None
        return None if found.violations else found

    def _share(self, together: int) -> Budget:
        """More work for a set of rules, whose answer may settle all of them, than for one; a short search for each."""
        effort = self.budget.effort / 4 if together > 1 else self.budget.effort / max(len(self.rules), 1)
        allowed = self.budget.evaluations
        search = SEARCH_PER_PERSON * len(self.problem.people)
        return replace(
            self.budget,
            effort=max(LEAST_EFFORT, effort),
            seconds=self.budget.seconds / 4,
            evaluations=search if allowed is None else min(search, allowed),
        )

    def _no_better(self, eased: Result) -> bool:
        """Whether the eased problem provably has nothing better than what stands, in groups of the same sizes."""
        same = sorted(Counter(eased.assignment.values()).values()) == self.sizes
        return same and eased.proven_bound >= self.stands.D


def _kind(*results: Result) -> Proof:
    return "closed_form" if all(result.proof == "closed_form" for result in results) else "cp_sat"


# ------------------------------------------------------------------ the rules of a problem, and the problem without one


def rules_of(problem: Problem) -> tuple[Priced, ...]:
    """Every rule of a problem that has a price, each as a conflict that `say` can put in words, or as text.

    Times are one rule for everybody; so are cap and minimum. A wish that nobody with a value be alone is the text
    "attribute=value", where the value may be "*" for all.
    """
    return (*_of_people(problem), *_of_pairs(problem), *_of_sizes(problem), *_of_coaches(problem), *_alone(problem))


def _of_people(problem: Problem) -> list[Priced]:
    found: list[Priced] = []
    for person in sorted(problem.people, key=lambda one: one.id):
        who = (person.id,)
        if person.opted_out:
            found.append(Conflict("opt_out", "rule_opt_out", who))
        if person.pinned_group is not None:
            found.append(Conflict("pin", "rule_pin", who, (person.pinned_group,), remedy="unpin"))
        if person.blocked_coaches:
            coaches = tuple(sorted(person.blocked_coaches))
            found.append(Conflict("coach_conflict", "rule_coach_conflict", who, (), coaches, remedy="engage_coach"))
    if any(person.slots is not None for person in problem.people) and any(group.slots for group in problem.groups):
        found.append(Conflict("slot", "rule_slots", remedy="other_slot"))
    return found


def _of_pairs(problem: Problem) -> list[Priced]:
    found: list[Priced] = []
    for pair in problem.apart:
        found.append(Conflict("apart", "rule_apart", tuple(sorted((pair.a, pair.b))), remedy="drop_pair"))
    for pair in problem.together:
        found.append(Conflict("together", "rule_together", tuple(sorted((pair.a, pair.b))), remedy="drop_pair"))
    return found


def _of_sizes(problem: Problem) -> list[Priced]:
    found: list[Priced] = []
    if problem.cap is not None or any(group.cap is not None for group in problem.groups):
        found.append(Conflict("cap", "rule_cap", remedy="more_groups"))
    if problem.minimum or any(group.minimum for group in problem.groups):
        found.append(Conflict("minimum", "rule_minimum", remedy="fewer_groups"))
    return found


def _of_coaches(problem: Problem) -> list[Priced]:
    return [
        Conflict(
            "coach_minutes",
            "rule_coach_minutes",
            coaches=(coach.id,),
            numbers={"available": coach.minutes},
            remedy="more_minutes",
        )
        for coach in sorted(problem.coaches, key=lambda one: one.id)
        if coach.minutes is not None
    ]


def _alone(problem: Problem) -> list[Priced]:
    if "isolation" not in problem.goals:
        return []
    return [f"{attribute.key}={value}" for attribute in problem.attributes for value in sorted(attribute.not_alone)]


def without(problem: Problem, rule: Priced) -> Problem:
    """The problem without this rule. Raises BadProblem when it has no such rule."""
    if isinstance(rule, str):
        eased = _without_alone(problem, rule)
    else:
        eased = _EASING[rule.rule](problem, rule) if rule.rule in _EASING else problem
    if eased == problem:
        raise BadProblem("unknown_rule")
    return eased


def _without_alone(problem: Problem, rule: str) -> Problem:
    def eased(attribute: Attribute) -> Attribute:
        kept = frozenset(value for value in attribute.not_alone if f"{attribute.key}={value}" != rule)
        return replace(attribute, not_alone=kept)

    return replace(problem, attributes=tuple(eased(attribute) for attribute in problem.attributes))


def _people(problem: Problem, who: Sequence[str], change: Callable[[Person], Person]) -> Problem:
    """The problem with some people changed, or with everybody changed if none are named."""
    people = tuple(change(one) if not who or one.id in who else one for one in problem.people)
    return problem if people == tuple(problem.people) else replace(problem, people=people)


def _without_pin(problem: Problem, rule: Conflict) -> Problem:
    return _people(problem, rule.people, lambda one: replace(one, pinned_group=None))


def _without_conflict(problem: Problem, rule: Conflict) -> Problem:
    gone = frozenset(rule.coaches)
    return _people(problem, rule.people, lambda one: replace(one, blocked_coaches=one.blocked_coaches - gone))


def _without_slots(problem: Problem, rule: Conflict) -> Problem:
    return _people(problem, rule.people, lambda one: replace(one, slots=None))


def _without_opt_out(problem: Problem, rule: Conflict) -> Problem:
    return _people(problem, rule.people, lambda one: replace(one, opted_out=False))


def _without_apart(problem: Problem, rule: Conflict) -> Problem:
    return replace(problem, apart=tuple(pair for pair in problem.apart if {pair.a, pair.b} != set(rule.people)))


def _without_together(problem: Problem, rule: Conflict) -> Problem:
    return replace(problem, together=tuple(pair for pair in problem.together if {pair.a, pair.b} != set(rule.people)))


def _without_cap(problem: Problem, _rule: Conflict) -> Problem:
    return replace(problem, cap=None, groups=tuple(replace(group, cap=None) for group in problem.groups))


def _without_minimum(problem: Problem, _rule: Conflict) -> Problem:
    return replace(problem, minimum=None, groups=tuple(replace(group, minimum=None) for group in problem.groups))


def _without_minutes(problem: Problem, rule: Conflict) -> Problem:
    coaches = (replace(coach, minutes=None) if coach.id in rule.coaches else coach for coach in problem.coaches)
    return replace(problem, coaches=tuple(coaches))


_EASING: Mapping[str, Callable[[Problem, Conflict], Problem]] = {
    "pin": _without_pin,
    "coach_conflict": _without_conflict,
    "slot": _without_slots,
    "opt_out": _without_opt_out,
    "apart": _without_apart,
    "together": _without_together,
    "cap": _without_cap,
    "minimum": _without_minimum,
    "coach_minutes": _without_minutes,
}
