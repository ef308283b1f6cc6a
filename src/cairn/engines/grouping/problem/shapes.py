"""What goes into the grouping engine and what comes out: frozen values, no behaviour beyond small properties."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

Rule = Literal[
    "cap",
    "minimum",
    "coach_conflict",
    "apart",
    "together",
    "pin",
    "coach_minutes",
    "coach_groups",
    "slot",
    "opt_out",
    "unplaced",
    "moves",
]
Proof = Literal["closed_form", "cp_sat", "enumerated", "none"]
Mode = Literal["mixed", "alike", "self_chosen"]
Goal = Literal["changes", "isolation", "likeness", "wishes", "mix", "meetings", "style"]


@dataclass(frozen=True)
class Attribute:
    """Something to mix by. A weight of 0 leaves it out; weights are whole numbers up to 1000.

    `of` names two or more other attributes: this one is then their intersection, and its values are not given but
    made from theirs (not said where one of them is not said). `not_alone` are values of which a group should hold
    none or at least two people; `"*"` among them stands for every value.
    """

    key: str
    weight: int = 1
    of: tuple[str, ...] = ()
    not_alone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """One person under an opaque id.

    `values` maps attribute keys to a value; `None` or no entry means unknown or not said, which is never balanced.
    `blocked_coaches` are coaches this person must not have, in the group or one to one. `slots` are those they can
    come to (None: all). `styles` are the coaching styles they would like (none: no matter). `wishes` are group ids in
    order, most wished first, for the mode "self_chosen".
    """

    id: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    opted_out: bool = False
    blocked_coaches: frozenset[str] = frozenset()
    pinned_group: str | None = None
    slots: frozenset[str] | None = None
    styles: frozenset[str] = frozenset()
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coach:
    """A coach: the minutes they may give in all, slots at which they can hold a group, styles, most groups.

    None means no limit. A coach never holds two groups at one slot.
    """

    id: str
    minutes: int | None = None
    slots: frozenset[str] | None = None
    styles: frozenset[str] = frozenset()
    most_groups: int | None = None


@dataclass(frozen=True)
class Group:
    """A group to fill. `cap` and `minimum` override those of the problem for this group.

    With an empty `coach` the engine chooses one of the problem's coaches. `slots` are the times the group may meet:
    with one it meets then, with several the engine chooses, with none it meets at no particular time.
    """

    id: str
    coach: str = ""
    cap: int | None = None
    minimum: int | None = None
    slots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two people by id; the order says nothing."""

    a: str
    b: str


@dataclass(frozen=True)
class Problem:
    """Everything the engine needs to know.

    `met` are pairs who have shared a group before and would rather meet somebody new. The mode "alike" seats people
    with the same values of the attributes in `alike_by` together, "self_chosen" follows people's wishes; both keep
    every hard rule and mix next. `goals` come in this order, each only as far as the ones before it allow; leaving
    one out ignores it.

    `coaches` holds what limits each coach; a coach who is not listed has no limit, and one listed without a group can
    still see people who opted out. A coach spends `minutes_per_group` for each group, `minutes_per_person` (one to
    one) for each person in them, and `minutes_per_opt_out` for each person who opted out.
    """

    people: Sequence[Person]
    groups: tuple[Group, ...]
    attributes: tuple[Attribute, ...] = ()
    cap: int | None = None
    minimum: int | None = None
    apart: tuple[Pair, ...] = ()
    together: tuple[Pair, ...] = ()
    coaches: tuple[Coach, ...] = ()
    minutes_per_person: int = 0
    minutes_per_opt_out: int = 0
    minutes_per_group: int = 0
    met: tuple[Pair, ...] = ()
    mode: Mode = "mixed"
    alike_by: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ("changes", "isolation", "likeness", "wishes", "mix", "meetings", "style")

    @property
    def counted(self) -> tuple[Attribute, ...]:
        """The attributes as they count in D: those that groups are to share, in the mode "alike", count nothing."""
        shared = set(self.alike_by) if self.mode == "alike" else set()
        return tuple(replace(one, weight=0) if one.key in shared else one for one in self.attributes)


@dataclass(frozen=True)
class Progress:
    """How far a solve is: what it does, the best score so far and the score of the best bound (100 until raised)."""

    doing: Literal["search", "prove", "place"]
    score: float
    bound_score: float
    evaluations: int
    violations: int


Watch = Callable[[Progress], bool]
"""Called now and then during a solve; to return False is to ask for the best so far."""


@dataclass(frozen=True)
class GoalReport:
    """What became of one goal: how much is left of what it counts, and the least that was proven possible."""

    goal: Goal
    value: Fraction
    bound: Fraction
    proof: Proof


@dataclass(frozen=True)
class Alone:
    """Somebody is the only one of a `not_alone` value in a group."""

    attribute: str
    value: str
    group: str


@dataclass(frozen=True)
class Request:
    """A wish to be repaired: this person leaves for another group, for one of `groups`, or away from a coach."""

    person: str
    groups: tuple[str, ...] = ()
    away_from_coach: str | None = None


@dataclass(frozen=True)
class Repair:
    """One point of the curve: so many people move, and this is the score then. `moves` maps person to new group.

    `placed` are those among them who had no seat before; they take one and do not count as moved. `change` is in
    points, from the score as it stood; `alone` is how many people are then the only one of a `not_alone` value in
    their group. With the proof "enumerated" every possibility was looked at; otherwise proofs are as in Result.
    """

    moves: Mapping[str, str]
    D: Fraction
    score: float
    change: float
    proof: Proof
    placed: tuple[str, ...] = ()
    alone: int = 0

    @property
    def moved(self) -> int:
        """How many people leave the seat they have."""
        return len(self.moves) - len(self.placed)


@dataclass(frozen=True)
class Budget:
    """How much work to spend.

    `evaluations` are swaps looked at by the search (None: what the number of people deserves), `effort` is the exact
    solver's deterministic seconds, close to real ones: both are counted work, so they give the same answer on every
    machine. `seconds` is the guard above them by the clock: only when it strikes, which a Result says, can a slower
    machine answer differently.
    """

    seconds: float = 60.0
    evaluations: int | None = None
    effort: float = 4.0


@dataclass(frozen=True)
class Conflict:
    """A rule that cannot hold or does not hold, whom it concerns, and what would help.

    `key` and `remedy` name sentences in `sentences.py`, whose placeholders are filled from the ids and `numbers`.
    """

    rule: Rule
    key: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    coaches: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True)
class Price:
    """What a rule costs: the score with it, the best score without it, and whether both are proven."""

    rule: Conflict | str
    score: float
    score_without: float
    points: float
    proof: Proof


@dataclass(frozen=True)
class Row:
    """One cell of the proof: how many with this value sit in this group, against the group's fair share.

    `squared_error` is unweighted: (count - target) squared. Multiply by `weight` before adding up.
    """

    attribute: str
    weight: int
    value: str
    group: str
    count: int
    target: Fraction
    squared_error: Fraction


@dataclass(frozen=True)
class Certificate:
    """The table from which anybody can recompute the score. `D` is the weighted sum of the rows' squared errors."""

    rows: Sequence[Row]
    D: Fraction
    bound: Fraction
    baseline: Fraction
    score: float


@dataclass(frozen=True)
class AttributeReport:
    """One attribute's part of the whole; `D`, `bound` and `baseline` include the weight and add up to the total."""

    key: str
    weight: int
    D: Fraction
    bound: Fraction
    baseline: Fraction
    score: float


@dataclass(frozen=True)
class GroupReport:
    """One group's part. `unmet` counts cells that are not the fair share rounded down or up.

    `likeness` is 100 for an exact small copy of the cohort and 0 for what drawing lots gives on average.
    """

    id: str
    coach: str
    size: int
    D: Fraction
    baseline: Fraction
    unmet: int
    likeness: float


@dataclass(frozen=True)
class Result:
    """An answer, its score and its proof.

    `bound` is the closed-form bound for these group sizes; `proven_bound` the best known one (never below `bound`).
    `gap` is in points of the score, from `proven_bound`. `proof` is "closed_form" when D equals the closed-form
    bound, "cp_sat" when exhaustive search showed that the rules allow nothing better, otherwise "none".
    `one_to_one_coach` names a coach for everybody, people who opted out included (if one could be found). `goals`
    come in the order asked for. `slots` and `coaches` say when each group meets and with whom. `stopped` is True when
    the wall-clock guard or the caller ended the work early.
    """

    assignment: Mapping[str, str]
    one_to_one_coach: Mapping[str, str]
    D: Fraction
    bound: Fraction
    proven_bound: Fraction
    baseline: Fraction
    score: float
    gap: float
    proof: Proof
    per_attribute: tuple[AttributeReport, ...]
    per_group: Sequence[GroupReport]
    violations: tuple[Conflict, ...]
    certificate: Certificate
    goals: tuple[GoalReport, ...] = ()
    alone: tuple[Alone, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    coaches: Mapping[str, str] = field(default_factory=dict)
    evaluations: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class Verification:
    """What the independent check found. `gap` is counted from the closed-form bound, so it is 100 - score."""

    ok: bool
    violations: tuple[str, ...]
    D: Fraction
    bound: Fraction
    baseline: Fraction
    score: float
    gap: float


@dataclass(frozen=True)
class MoveOption:
    """What putting one person into another group would do.

    `blocked` says which rules forbid the plain move; `D` and `score` are what it gives all the same, and `change`
    is the difference in points. The best permitted swap is given beside it; `swap_with` is None when there is none.
    `alone` and `swap_alone` say by how many more (below 0: fewer) people would be the only one of a `not_alone` value.
    """

    group: str
    blocked: tuple[Conflict, ...]
    D: Fraction
    score: float
    change: float
    swap_with: str | None
    swap_D: Fraction | None  # noqa: N815  D is the objective everywhere
    swap_score: float | None
    swap_change: float | None
    alone: int = 0
    swap_alone: int = 0


@dataclass(frozen=True)
class Explanation:
    """Why somebody is where they are: the cells they count in, and every other place with its price or its rule."""

    person: str
    group: str
    pinned: bool
    cells: tuple[Row, ...]
    alternatives: tuple[MoveOption, ...]


class BadProblem(ValueError):
    """The input contradicts itself or names what does not exist. `key` names the sentence, `params` fills it."""

    def __init__(self, key: str, /, **params: str | int) -> None:
        from cairn.engines.grouping.problem import sentences

        self.key = key
        self.params = params
        super().__init__(sentences.BAD_INPUT[key].format(**params))


class Infeasible(ValueError):
    """No grouping can satisfy the rules.

    With `jointly` False each conflict alone makes it impossible. With `jointly` True the conflicts form a smallest
    set: drop any one of them and the others can hold together.
    """

    def __init__(self, conflicts: tuple[Conflict, ...], *, jointly: bool = False) -> None:
        from cairn.engines.grouping.problem import sentences

        self.conflicts = conflicts
        self.jointly = jointly
        super().__init__(" ".join(sentences.say(conflict) for conflict in conflicts))
