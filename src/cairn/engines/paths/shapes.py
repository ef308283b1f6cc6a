"""What a question path is made of. Read from content files, never changed while running."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """One open question.

    `key` is stable over versions and languages. `why` says in a sentence what the question is for, `way_in` helps
    somebody who is stuck, `facilitator` is read by coaches only. `builds_on` names questions whose answers are shown
    beside this one. `topics` are what brings people for whom it comes early; `after` must be answered before it is
    asked; `wrote` are words (folded, matched from the start of a word) of which one must stand in an earlier answer.
    A question with only `topics` is asked of everybody in the end; one that is `only_if` is asked only where a
    condition holds. `look_back` is the question asked again on the day that the person names. `exercises` are offered
    beside it. `source` names the requirement it delivers.
    """

    key: str
    text: str
    why: str
    way_in: str
    facilitator: str
    source: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    only_if: bool = False
    look_back: str = ""
    exercises: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stone of the cairn. `homework` names what has to be found out elsewhere before its questions make sense."""

    key: str
    title: str
    about: str
    questions: tuple[Question, ...]
    homework: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """What may bring somebody here: a `topic` (what they want to work on) or a `situation` (where they stand)."""

    key: str
    kind: str
    label: str
    exercises: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class QuestionPath:
    """An authored path, in one language. `version` changes whenever its words do."""

    key: str
    version: int
    language: str
    title: str
    about: str
    stages: tuple[Stage, ...]
    topics: tuple[Topic, ...] = ()
    wrote_offers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Words in somebody's own answers -> exercises that are offered then."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order of the path."""
        return tuple(question for stage in self.stages for question in stage.questions)

    def question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((question for question in self.questions if question.key == key), None)

    def stage_of(self, key: str) -> Stage | None:
        """The stage in which a question stands."""
        return next((stage for stage in self.stages if any(each.key == key for each in stage.questions)), None)
