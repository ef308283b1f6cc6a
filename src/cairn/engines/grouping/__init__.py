"""Who goes into which coaching group, and how we know that nobody could have mixed the groups better.

The objective. For every attribute to mix by (its weight w), every value of it and every group of size s, compare
the number c of people with that value in the group with the group's fair share s*N/n, where N of the n people have
the value. D is the weighted sum of the squared differences; smaller is more mixed. Somebody whose value is unknown or
not said counts as a person but not for any value: nothing is inferred and nothing about them is balanced.

The bound. Each value by itself can at best have every count equal to its fair share rounded down or up, with the
largest remainders rounded up. Adding this up over all values gives a number that no assignment to groups of these
sizes can undercut, whatever the rules. Everybody can recompute it from the table in `Result.certificate`.

The score. 100 * (1 - (D - bound) / (baseline - bound)), where the baseline is the average D of drawing lots. So 0 is
what lots give on average, 100 is what nobody can beat, and worse than lots is negative. If lots cannot differ from
the bound, there is nothing to mix, D equals the bound, and the score is 100. `Result.gap` is how many points are
still in doubt after `proven_bound`, which an exhaustive search may have raised above the closed-form bound.

Sizes come first: they are as even as cap, minimum, pins and coaches' minutes allow; D is then minimised for these
sizes. Bound and baseline are always taken for the sizes at hand, also when groups were edited by hand.

The same objective has several names: maximally diverse grouping (see Gallego, Laguna, Martí and Duarte 2013, and Yang
and others on three-phase search, 2022) maximises the differences within groups, which is D turned round when sizes are
fixed; anticlustering (Späth 1986, Papenberg and Klau 2021) maximises the variance within groups. That one attribute
alone can always be rounded without loss is the controlled rounding of Cox (1987). The exact part uses CP-SAT of
OR-Tools. Swapping by counts, the proof table and reporting the gap on the scale of the score are our own arrangement.

Any number of people. A cohort is searched without a compiler, a crowd by machine code that numba makes once and keeps
(in NUMBA_CACHE_DIR if that is set, else in this user's cache folder; see `compiled.py`). A million people are given
as columns, `People.from_columns`, and the assignment, the groups' reports and the table of the proof are then read
item by item. The answer is the same on any number of threads.

What is better than the bound. Where groups differ in size, or people stay together, no assignment may reach the
bound value by value; `proven_bound` is then that of `transport.py` or `shares.py`, and the proof is called "cp_sat".

Nothing here knows names, dates, the database or the web. Ids are opaque; the same problem in any order, the same seed
and the same budget give the same answer.
"""

from cairn.engines.grouping.answers.desk import Desk, Swap, only
from cairn.engines.grouping.answers.explain import explain, options, rescore
from cairn.engines.grouping.answers.price import price, prices, rules_of, without
from cairn.engines.grouping.answers.reasons import Reason, option_reasons, reasons, say_reason
from cairn.engines.grouping.answers.repair import repair
from cairn.engines.grouping.checking.verify import verify
from cairn.engines.grouping.problem.people import People
from cairn.engines.grouping.problem.sentences import say, say_remedy
from cairn.engines.grouping.problem.shapes import (
    Alone,
    Attribute,
    AttributeReport,
    BadProblem,
    Budget,
    Certificate,
    Coach,
    Conflict,
    Explanation,
    Goal,
    GoalReport,
    Group,
    GroupReport,
    Infeasible,
    Mode,
    MoveOption,
    Pair,
    Person,
    Price,
    Problem,
    Progress,
    Proof,
    Repair,
    Request,
    Result,
    Row,
    Rule,
    Verification,
    Watch,
)
from cairn.engines.grouping.solver import solve

__all__ = [
    "Alone",
    "Attribute",
    "AttributeReport",
    "BadProblem",
    "Budget",
    "Certificate",
    "Coach",
    "Conflict",
    "Desk",
    "Explanation",
    "Goal",
    "GoalReport",
    "Group",
    "GroupReport",
    "Infeasible",
    "Mode",
    "MoveOption",
    "Pair",
    "People",
    "Person",
    "Price",
    "Problem",
    "Progress",
    "Proof",
    "Reason",
    "Repair",
    "Request",
    "Result",
    "Row",
    "Rule",
    "Swap",
    "Verification",
    "Watch",
    "explain",
    "only",
    "option_reasons",
    "options",
    "price",
    "prices",
    "reasons",
    "repair",
    "rescore",
    "rules_of",
    "say",
    "say_reason",
    "say_remedy",
    "solve",
    "verify",
    "without",
]
