"""An independent check of a result: its own reading of the rules, its own formulas, nothing from the solver.

D comes from counting pairs: among c people with one value there are c(c-1)/2 pairs, so c^2 = c + 2 * pairs. The bound
comes from filling places one at a time: the k-th person with a value in a group of size s adds 2k - 1 - 2sN/n to the
error, and since these prices rise within each group, the N cheapest of all give the least sum. The baseline comes
from the chance that two people drawn at random share a group.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from cairn.engines.grouping.shapes import Attribute, Person, Problem, Result, Verification


def verify(problem: Problem, result: Result) -> Verification:
    """Recompute everything from the problem and the assignment, and compare with what the result claims.

    `violations` are plain English sentences for logs and tests. A proof by exhaustive search cannot be repeated here;
    a claim of proof in closed form is checked.
    """
    d, bound, baseline = _figures(problem, result.assignment)
    score = 100.0 if baseline == bound else float(100 * (1 - (d - bound) / (baseline - bound)))
    faults = [*_rules(problem, result), *_claims(problem, result, (d, bound, baseline), score)]
    return Verification(not faults, tuple(faults), d, bound, baseline, score, 100.0 - score)


def _figures(problem: Problem, assignment: Mapping[str, str]) -> tuple[Fraction, Fraction, Fraction]:
    placed = [person for person in problem.people if person.id in assignment and not person.opted_out]
    homes = Counter(assignment[person.id] for person in placed)
    sizes = [homes[group.id] for group in problem.groups]
    d, bound, baseline = Fraction(0), Fraction(0), Fraction(0)
    for attribute in problem.attributes:
        holders: dict[str, list[Person]] = {}
        for person in placed:
            value = person.values.get(attribute.key)
            if value is not None:
                holders.setdefault(value, []).append(person)
        for group_of_people in holders.values():
            counts = Counter(assignment[person.id] for person in group_of_people)
            total = len(group_of_people)
            share = Fraction(total, len(placed))
            d += attribute.weight * _error_from_pairs(counts, homes, share)
            bound += attribute.weight * _cheapest_fill(sizes, total, share)
            baseline += attribute.weight * _drawing_lots(sizes, total)
    return d, bound, baseline


def _error_from_pairs(counts: Counter[str], homes: Counter[str], share: Fraction) -> Fraction:
    alike = sum(count * (count - 1) // 2 for count in counts.values())
    crossed = sum(homes[group] * count for group, count in counts.items())
    return counts.total() + 2 * alike - 2 * share * crossed + share**2 * sum(size**2 for size in homes.values())


def _cheapest_fill(sizes: list[int], total: int, share: Fraction) -> Fraction:
    prices = sorted(2 * k - 1 - 2 * size * share for size in sizes for k in range(1, min(size, total) + 1))
    return sum((size**2 * share**2 for size in sizes), Fraction(0)) + sum(prices[:total], Fraction(0))


def _drawing_lots(sizes: list[int], total: int) -> Fraction:
    """E[sum c^2] - sum (sN/n)^2, where E[sum c^2] = N + N(N-1) * P(two people share a group)."""
    n = sum(sizes)
    if n <= 1:
        return Fraction(0)
    meet = Fraction(sum(size * (size - 1) for size in sizes), n * (n - 1))
    return total + total * (total - 1) * meet - Fraction(total**2 * sum(size**2 for size in sizes), n**2)


def _rules(problem: Problem, result: Result) -> list[str]:
    return [*_people(problem, result), *_pairs(problem, result), *_sizes(problem, result), *_minutes(problem, result)]


def _people(problem: Problem, result: Result) -> list[str]:
    faults, coach_of = [], {group.id: group.coach for group in problem.groups}
    ids = {person.id for person in problem.people}
    faults += [f"{person} is not in the problem" for person in result.assignment if person not in ids]
    for person in problem.people:
        home, coach = result.assignment.get(person.id), result.one_to_one_coach.get(person.id)
        if person.opted_out and home is not None:
            faults.append(f"{person.id} opted out but sits in {home}")
        if not person.opted_out and home not in coach_of:
            faults.append(f"{person.id} is in no group of the problem")
        elif home is not None and coach != coach_of[home]:
            faults.append(f"{person.id} has {coach} one to one but {coach_of[home]} in the group")
        if coach is None or coach in person.blocked_coaches:
            faults.append(f"{person.id} has no coach they may have")
        if person.pinned_group not in (None, home):
            faults.append(f"{person.id} is pinned to {person.pinned_group}")
    return faults


def _pairs(problem: Problem, result: Result) -> list[str]:
    home, faults = result.assignment, []
    for pair in problem.apart:
        if pair.a in home and home[pair.a] == home.get(pair.b):
            faults.append(f"{pair.a} and {pair.b} share {home[pair.a]}")
    for pair in problem.together:
        if home.get(pair.a) != home.get(pair.b):
            faults.append(f"{pair.a} and {pair.b} are not together")
    return faults


def _sizes(problem: Problem, result: Result) -> list[str]:
    faults, sizes = [], Counter(result.assignment.values())
    for group in problem.groups:
        cap = problem.cap if group.cap is None else group.cap
        minimum = problem.minimum if group.minimum is None else group.minimum
        if cap is not None and sizes[group.id] > cap:
            faults.append(f"{group.id} holds {sizes[group.id]}, over the cap of {cap}")
        if minimum is not None and sizes[group.id] < minimum:
            faults.append(f"{group.id} holds {sizes[group.id]}, under the minimum of {minimum}")
    return faults


def _minutes(problem: Problem, result: Result) -> list[str]:
    out = {person.id for person in problem.people if person.opted_out}
    spent: Counter[str] = Counter()
    for group in problem.groups:
        spent[group.coach] += problem.minutes_per_group
    for person, coach in result.one_to_one_coach.items():
        spent[coach] += problem.minutes_per_opt_out if person in out else problem.minutes_per_person
    limits = {coach.id: coach.minutes for coach in problem.coaches if coach.minutes is not None}
    return [
        f"{coach} spends {spent[coach]} of {limits[coach]} minutes" for coach in limits if spent[coach] > limits[coach]
    ]


def _claims(problem: Problem, result: Result, figures: tuple[Fraction, Fraction, Fraction], score: float) -> list[str]:
    d, bound, baseline = figures
    faults = []
    for name, claimed, found in (
        ("D", result.D, d),
        ("bound", result.bound, bound),
        ("baseline", result.baseline, baseline),
        ("score", result.score, score),
        ("certificate D", result.certificate.D, _table_sum(result, problem.attributes)),
        ("certificate bound", result.certificate.bound, bound),
        ("certificate baseline", result.certificate.baseline, baseline),
    ):
        if claimed != found:
            faults.append(f"{name} is {found}, not {claimed}")
    if result.proof == "closed_form" and d != bound:
        faults.append("the proof is claimed in closed form, but D is not the bound")
    if d < bound or not bound <= result.proven_bound <= d:
        faults.append("the bounds are out of order")
    return faults + _table_faults(problem, result)


def _table_sum(result: Result, attributes: tuple[Attribute, ...]) -> Fraction:
    weights = {attribute.key: attribute.weight for attribute in attributes}
    return sum((weights[row.attribute] * (row.count - row.target) ** 2 for row in result.certificate.rows), Fraction(0))


def _table_faults(problem: Problem, result: Result) -> list[str]:
    people = {person.id: person for person in problem.people}
    counts: Counter[tuple[str, str, str]] = Counter()
    for person, group in result.assignment.items():
        for attribute in problem.attributes:
            value = people[person].values.get(attribute.key) if person in people else None
            if attribute.weight and value is not None:
                counts[attribute.key, value, group] += 1
    table = {(row.attribute, row.value, row.group): row.count for row in result.certificate.rows if row.count}
    return [] if table == counts else ["the counts of the table are not those of the assignment"]
