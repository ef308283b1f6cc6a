"""The order in which questions come, and the reason that is given for each."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.paths.shapes import Question, QuestionPath, Stage, Topic
from cairn.engines.paths.walking import (
    Held,
    Progress,
    StageState,
    State,
    Why,
    folded,
    map_of,
    next_question,
    offered,
    reason_for,
)

TODAY = dt.date(2027, 3, 3)
YESTERDAY = TODAY - dt.timedelta(days=1)


def question(key, **fields):
    return Question(key=key, text=f"What of {key}?", why="", way_in="", facilitator="", **fields)


PATH = QuestionPath(
    key="small",
    version=1,
    language="en",
    title="Small",
    about="",
    stages=(
        Stage("self", "Self", "", tuple(map(question, ("life", "values", "work", "joy")))),
        Stage(
            "seen",
            "Seen",
            "",
            (
                question("boss", wrote=("boss", "manager"), exercises=("difficult_conversation",)),
                question("seen_by", topics=("politics",)),
                question("only_founders", topics=("founding",), only_if=True),
            ),
        ),
        Stage("out", "Out there", "", (question("found"), question("offers", topics=("offers",))), homework=("Ask",)),
        Stage("start", "Start", "", (question("first"), question("then", after=("first",), look_back="How was it?"))),
    ),
    topics=(
        Topic("politics", "topic", "Politics", exercises=("network", "difficult_conversation")),
        Topic("founding", "situation", "Founding"),
        Topic("offers", "topic", "Offers", exercises=("values",)),
    ),
    wrote_offers={"afraid": ("fear",), "boss, manager": ("difficult_conversation",)},
)


def progress(held=(), **fields):
    """Answered, unless said otherwise."""
    states = {key: Held(State.ANSWERED) for key in held} if not isinstance(held, dict) else held
    return Progress(today=fields.pop("today", TODAY), held=states, **fields)


def came(path, start, answer=State.ANSWERED):
    """The keys in the order in which they come when each is answered in turn."""
    order, held = [], dict(start.held)
    while step := next_question(path, Progress(**{**vars(start), "held": held})):
        if step.question.key in order:
            break
        order.append(step.question.key)
        held[step.question.key] = Held(answer)
    return order


def test_the_bigger_picture_comes_before_what_brought_the_person():
    order = came(PATH, progress(topics=frozenset({"politics"})))
    assert order == ["life", "values", "work", "seen_by", "joy", "first", "then"]


def test_each_question_says_why_it_comes():
    start = progress(("life", "values", "work"), topics=frozenset({"politics"}))
    step = next_question(PATH, start)
    assert (step.question.key, step.reason.why, step.reason.topics) == ("seen_by", Why.TOPIC, ("politics",))
    assert next_question(PATH, progress()).reason.why == Why.BIGGER_PICTURE


def test_what_somebody_wrote_brings_a_question_and_says_where():
    held = {key: Held(State.ANSWERED) for key in ("life", "values")}
    held["work"] = Held(State.ANSWERED, folded("My MANAGER and I do not speak."))
    step = next_question(PATH, progress(held))
    assert (step.question.key, step.reason.why) == ("boss", Why.WROTE)
    assert (step.reason.word, step.reason.question) == ("manager", "work")


def test_a_word_is_found_from_its_start_only():
    held = {"life": Held(State.ANSWERED, "the emboss press")}
    assert reason_for(PATH, progress(held), PATH.question("boss")).why == Why.OWN_CHOICE


@pytest.mark.parametrize(
    ("text", "plain"), [("Pärt Über", "part uber"), ("CAFÉ", "cafe"), ("Straße", "strasse"), ("plain", "plain")]
)
def test_folding_leaves_small_letters_without_marks(text, plain):
    assert folded(text) == plain


def test_a_condition_that_does_not_hold_keeps_its_question_away():
    assert "boss" not in came(PATH, progress())
    assert "only_founders" not in came(PATH, progress())
    assert "only_founders" in came(PATH, progress(topics=frozenset({"founding"})))


def test_a_stage_with_homework_is_passed_over_until_something_was_noted():
    assert "found" not in came(PATH, progress())
    noted = progress(("life", "values", "work", "joy", "seen_by"), homework=frozenset({"out"}))
    assert (next_question(PATH, noted).question.key, next_question(PATH, noted).reason.why) == ("found", Why.HOMEWORK)
    topical = progress(("life", "values", "work"), topics=frozenset({"offers"}))
    assert next_question(PATH, topical).question.key == "joy"


def test_the_whole_map_is_open_whatever_comes_by_itself():
    stages = map_of(PATH, progress())
    assert [stone.question.key for stage in stages for stone in stage.stones] == [each.key for each in PATH.questions]
    assert [stage.waits for stage in stages] == [False, False, True, False]
    assert reason_for(PATH, progress(), PATH.question("found")).why == Why.OWN_CHOICE


def test_a_due_look_back_comes_first_and_one_to_come_does_not():
    start = progress(picks=("joy",), look_backs={"then": TODAY, "first": TODAY + dt.timedelta(days=1)})
    step = next_question(PATH, start)
    assert (step.question.key, step.reason.why, step.reason.on) == ("then", Why.LOOK_BACK, TODAY)


def test_a_coachs_pick_comes_before_the_bigger_picture_even_when_it_was_skipped():
    start = progress({"joy": Held(State.SKIPPED)}, picks=("joy", "first", "not_in_this_path"))
    step = next_question(PATH, start)
    assert (step.question.key, step.reason.why) == ("joy", Why.PICKED)


def test_parked_questions_come_back_after_the_others_of_their_stage():
    parked = Held(State.PARKED, parked_on=YESTERDAY)
    assert came(PATH, progress({"life": parked}))[:5] == ["values", "work", "joy", "life", "seen_by"]
    again = progress({"life": parked, **{key: Held(State.ANSWERED) for key in ("values", "work", "joy")}})
    assert next_question(PATH, again).reason.why == Why.PARKED


def test_what_was_parked_today_comes_last_of_all():
    parked = Held(State.PARKED, parked_on=TODAY)
    assert came(PATH, progress({"life": parked})) == ["values", "work", "joy", "seen_by", "first", "then", "life"]


def test_what_was_begun_is_said_to_be_begun():
    assert next_question(PATH, progress({"life": Held(State.DRAFT)})).reason.why == Why.BEGUN


def test_a_question_waits_for_those_it_comes_after():
    start = progress(("life", "values", "work", "joy", "seen_by"))
    assert came(PATH, start) == ["first", "then"]
    assert came(PATH, start, State.SKIPPED) == ["first"]


def test_exercises_are_offered_by_topic_and_by_word_each_once():
    start = progress({"life": Held(State.ANSWERED, "i am afraid of my boss")}, topics=frozenset({"politics"}))
    assert [(each.exercise, each.reason.why) for each in offered(PATH, start)] == [
        ("network", Why.TOPIC),
        ("difficult_conversation", Why.TOPIC),
        ("fear", Why.WROTE),
    ]
    assert offered(PATH, progress()) == ()


def test_the_words_on_what_brought_somebody_count_as_written():
    start = progress(("life", "values", "work"), words=folded("I cannot bear my Boss"))
    step = next_question(PATH, start)
    assert (step.question.key, step.reason.word, step.reason.question) == ("boss", "boss", "")
    assert [each.exercise for each in offered(PATH, start)] == ["difficult_conversation"]


def test_stages_are_walked_here_begun_left_out_or_to_come():
    held = {key: Held(State.ANSWERED) for key in ("life", "values", "work", "joy")}
    held |= {"seen_by": Held(State.SKIPPED), "found": Held(State.DRAFT)}
    assert [stage.state for stage in map_of(PATH, progress(held))] == [
        StageState.WALKED,
        StageState.SKIPPED,
        StageState.BEGUN,
        StageState.NOW,
    ]
    assert [stage.state for stage in map_of(PATH, progress())] == [
        StageState.NOW,
        StageState.NEXT,
        StageState.NEXT,
        StageState.NEXT,
    ]


def test_a_path_without_questions_has_no_next_one():
    assert next_question(QuestionPath("none", 1, "en", "", "", ()), progress()) is None


# ------------------------------------------------------------------ whatever the path and however far somebody is
KEYS = [f"q{number}" for number in range(8)]
WORDS = ("boss", "fear")


@st.composite
def paths(draw):
    stages = []
    for number in range(4):
        questions = []
        for key in KEYS[number * 2 : number * 2 + 2]:
            questions.append(
                question(
                    key,
                    topics=draw(st.sampled_from(((), ("a",), ("a", "b")))),
                    after=draw(st.sampled_from(((), *((each,) for each in KEYS[: KEYS.index(key)])))),
                    wrote=draw(st.sampled_from(((), WORDS[:1]))),
                    only_if=draw(st.booleans()),
                )
            )
        homework = draw(st.sampled_from(((), ("Ask",))))
        stages.append(Stage(f"s{number}", "", "", tuple(questions), homework))
    return QuestionPath("any", 1, "en", "", "", tuple(stages), wrote_offers={"fear": ("fear",)})


@st.composite
def walks(draw):
    states = st.sampled_from([None, *State])
    held = {}
    for key in KEYS:
        state = draw(states)
        if state not in (None, State.OPEN):
            parked_on = draw(st.sampled_from((TODAY, YESTERDAY))) if state == State.PARKED else None
            held[key] = Held(state, draw(st.sampled_from(("", "my boss", "embossed"))), parked_on)
    return Progress(
        today=TODAY,
        topics=draw(st.frozensets(st.sampled_from("abc"))),
        held=held,
        homework=draw(st.frozensets(st.sampled_from(["s0", "s1", "s2", "s3"]))),
        picks=tuple(draw(st.lists(st.sampled_from([*KEYS, "gone"]), max_size=2, unique=True))),
        look_backs=draw(
            st.dictionaries(st.sampled_from(KEYS), st.sampled_from((YESTERDAY, TODAY + dt.timedelta(9))), max_size=2)
        ),
    )


@settings(max_examples=150, deadline=None)
@given(paths(), walks())
def test_the_rules_hold_on_any_path(path, walk):
    step = next_question(path, walk)
    due = {key for key, on in walk.look_backs.items() if on <= TODAY}
    picks = [key for key in walk.picks if path.question(key)]
    if due:
        assert step.question.key in due
        return
    if picks:
        assert step.question.key == picks[0]
        return
    if step is None:
        open_ = [key for key in KEYS if walk.state(key) in (State.OPEN, State.DRAFT, State.PARKED)]
        # nothing comes only because each of them waits for homework, for another answer, or for its condition
        assert all(_waits(path, walk, path.question(key)) for key in open_)
        return
    assert walk.state(step.question.key) not in (State.SKIPPED, State.ANSWERED)
    assert not _waits(path, walk, step.question)
    assert next_question(path, walk) == step


def _waits(path, walk, asked):
    stage = path.stage_of(asked.key)
    texts = [held.text for key, held in walk.held.items() if key != asked.key]
    holds = bool(set(asked.topics) & walk.topics) or any("my boss" in text for text in texts if asked.wrote)
    return (
        bool(stage.homework and stage.key not in walk.homework)
        or any(walk.state(key) != State.ANSWERED for key in asked.after)
        or (bool(asked.wrote or (asked.only_if and asked.topics)) and not holds)
    )


@settings(max_examples=80, deadline=None)
@given(paths(), walks())
def test_answering_what_comes_ends_and_asks_nothing_twice(path, walk):
    calm = Progress(**{**vars(walk), "picks": (), "look_backs": {}})
    order = came(path, calm)
    assert len(order) == len(set(order))
    answered = {**calm.held, **{key: Held(State.ANSWERED) for key in order}}
    assert next_question(path, Progress(**{**vars(calm), "held": answered})) is None


@settings(max_examples=80, deadline=None)
@given(paths(), walks())
def test_every_question_is_on_the_map_with_a_reason(path, walk):
    stages = map_of(path, walk)
    assert [(stone.question, stone.state) for stage in stages for stone in stage.stones] == [
        (each, walk.state(each.key)) for each in path.questions
    ]
    assert sum(stage.state == StageState.NOW for stage in stages) == (next_question(path, walk) is not None)
    assert all(reason_for(path, walk, each).why in Why for each in path.questions)
