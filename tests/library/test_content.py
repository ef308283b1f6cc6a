"""The content that ships: it is whole, its names lead somewhere, it asks; and an organisation's own lies over it."""

import shutil
from pathlib import Path

import pytest
import yaml

import cairn.library
from cairn.library import queries as library
from cairn.library.queries import BadContent

PRODUCT = Path(cairn.library.__file__).parent / "content"
STAGES = ("self", "seen", "keep", "out_there", "choose", "start")
TOPICS = {"options", "redirect", "change", "promotion", "motivation", "boss", "after_loss", "offers", "own_business"}
TOPICS |= {"inside_paths", "politics"}
SITUATIONS = {"between_jobs", "dissatisfied", "new_challenge", "dreading", "talents", "retired", "unclear", "founding"}
SITUATIONS |= {"returning", "rekindle"}


@pytest.fixture
def own(tmp_path: Path, settings):
    """An organisation's own folder, empty; what is put into it is read."""
    (tmp_path / "en" / "paths").mkdir(parents=True)
    (tmp_path / "en" / "exercises").mkdir()
    settings.CAIRN_CONTENT = str(tmp_path)
    library.forget()
    yield tmp_path
    library.forget()


def shipped_path() -> dict:
    """The product's path as it stands in the file."""
    return yaml.safe_load((PRODUCT / "en/paths/cairn.yaml").read_text(encoding="utf-8"))


def write(place: Path, data: dict) -> None:
    """A content file in somebody's own folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def test_what_ships_hangs_together_and_asks():
    assert [each for language in library.languages() for each in library.check(language)] == []


def test_the_path_has_six_stages_and_begins_with_the_whole_life():
    path = library.path()
    assert tuple(stage.key for stage in path.stages) == STAGES
    assert [question.key for question in path.questions[:3]] == ["life_now", "life_matters", "room_for"]
    assert [stage.key for stage in path.stages if stage.homework] == ["out_there"]


def test_every_question_of_the_script_is_covered():
    covered = {source for question in library.path().questions for source in question.source}
    script = {f"Q{number:02d}" for number in range(6, 34)}
    closing = {"W20", "W14", "W13", "W17"}
    fears = {"K24", "K25"}
    assert (script | closing | fears | {"C11", "P01", "P02", "P03"}) - covered == set()


def test_every_topic_of_the_documents_is_there_with_something_to_do():
    topics = library.path().topics
    assert {topic.key for topic in topics if topic.kind == "topic"} == TOPICS
    assert {topic.key for topic in topics if topic.kind == "situation"} == SITUATIONS
    asked = {key for question in library.path().questions for key in question.topics}
    assert [topic.key for topic in topics if not topic.exercises or topic.key not in asked] == []


def test_every_question_has_a_why_a_way_in_and_notes_for_coaches():
    questions = library.path().questions
    assert [question.key for question in questions if not (question.why and question.way_in)] == []
    assert [question.key for question in questions if len(question.facilitator) < 80] == []
    assert [question.key for question in questions if len(question.text) > 90] == []
    assert len([question for question in questions if question.look_back]) >= 2


def test_whoever_brings_nothing_in_particular_is_asked_every_part_of_the_script():
    everybody = [question for question in library.path().questions if not (question.only_if or question.wrote)]
    covered = {source for question in everybody for source in question.source}
    assert {f"Q{number:02d}" for number in range(6, 34)} - covered == set()
    assert 45 <= len(everybody) <= 60


def test_a_british_reader_reads_english_and_so_does_one_without_a_translation():
    assert library.path("cairn", "en-gb").title == library.path().title
    assert library.path("cairn", "cy") == library.path()
    assert library.exercises("cy") == library.exercises()
    assert library.path("cairn", "../../etc") == library.path()
    with pytest.raises(KeyError):
        library.path("nowhere")


def test_an_organisations_own_path_takes_the_place_of_the_products(own: Path):
    write(own / "en/paths/cairn.yaml", {**shipped_path(), "title": "Our path", "version": 7})
    assert (library.path().title, library.path().version) == ("Our path", 7)
    assert library.check() == ()


def test_an_exercise_of_ones_own_is_added_to_the_others(own: Path):
    before = set(library.exercises())
    shutil.copy(PRODUCT / "en/exercises/fear.yaml", own / "en/exercises/courage.yaml")
    text = (own / "en/exercises/courage.yaml").read_text(encoding="utf-8").replace("key: fear\n", "key: courage\n", 1)
    (own / "en/exercises/courage.yaml").write_text(text, encoding="utf-8")
    library.forget()
    assert set(library.exercises()) - before == {"courage"}
    assert library.check() == ()


def test_a_language_may_translate_one_file_and_leave_the_rest(own: Path):
    write(own / "cy/paths/cairn.yaml", {**shipped_path(), "title": "Llwybr"})
    assert (library.path("cairn", "cy").title, library.path("cairn", "cy").language) == ("Llwybr", "cy")
    assert library.path().language == "en"
    assert library.exercises("cy") == library.exercises()
    assert library.languages() == ["en", "cy"]


def spoilt(**question) -> dict:
    """The product's path with its first question changed."""
    data = shipped_path()
    data["stages"][0]["questions"][0] |= question
    return data


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"builds_on": ["nobody"]}, "life_now.builds_on: “nobody” is nowhere to be found."),
        ({"after": ["nobody"]}, "life_now.after: “nobody” is nowhere to be found."),
        ({"topics": ["weather"]}, "life_now.topics: “weather” is nowhere to be found."),
        ({"exercises": ["yoga"]}, "life_now.exercises: “yoga” is nowhere to be found."),
        ({"key": "life_matters"}, "questions: “life_matters” stands there 2 times."),
        ({"key": "next"}, "next: this name is taken; choose another."),
        (
            {"only_if": True, "topics": []},
            "life_now.only_if: names no condition (topics or wrote), so it would be asked of everybody.",
        ),
        (
            {"text": "You should rest."},
            "life_now.text: “You should” says what to do. Cairn asks and leaves the answer to the person.",
        ),
        (
            {"look_back": "Surely it went well?"},
            "life_now.look_back: “Surely” carries the answer that is hoped for.",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_file_and_field(own: Path, question, sentence):
    write(own / "en/paths/cairn.yaml", spoilt(**question))
    assert f"en/paths/cairn.yaml: {sentence}" in library.check()


def test_questions_that_wait_for_one_another_are_told(own: Path):
    data = spoilt(after=["life_matters"])
    data["stages"][0]["questions"][1]["after"] = ["life_now"]
    write(own / "en/paths/cairn.yaml", data)
    assert library.check() == (
        "en/paths/cairn.yaml: life_now.after: these questions wait for one another.",
        "en/paths/cairn.yaml: life_matters.after: these questions wait for one another.",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("key: [", "en/paths/cairn.yaml: is not YAML"),
        ("just words", "en/paths/cairn.yaml: must begin with fields"),
        ("key: cairn\ncolour: red", "en/paths/cairn.yaml: colour: there is no such field."),
        ("key: cairn\nversion: many", "en/paths/cairn.yaml: version: Input should be a valid integer"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused_with_a_sentence(own: Path, text, sentence):
    (own / "en/paths/cairn.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadContent, match=sentence):
        library.path()


def test_a_slip_inside_a_question_names_the_place(own: Path):
    write(own / "en/paths/cairn.yaml", spoilt(wayin="Think."))
    with pytest.raises(BadContent, match=r"stages\.0\.questions\.0\.wayin: there is no such field"):
        library.path()


def test_an_exercise_is_called_as_its_file(own: Path):
    shutil.copy(PRODUCT / "en/exercises/fear.yaml", own / "en/exercises/courage.yaml")
    with pytest.raises(BadContent, match=r"courage\.yaml: key: is “fear”"):
        library.exercises()


def test_what_an_exercise_says_of_the_portrait_is_checked(own: Path):
    data = yaml.safe_load((PRODUCT / "en/exercises/line.yaml").read_text(encoding="utf-8"))
    data["feeds"] = [
        {"section": "gossip", "part": "moments", "column": "gave"},
        {"section": "keeps", "part": "nowhere"},
        {"section": "keeps", "part": "moments", "column": "nowhere"},
    ]
    write(own / "en/exercises/line.yaml", data)
    assert library.check() == (
        "en/exercises/line.yaml: feeds.0.section: “gossip” is nowhere to be found.",
        "en/exercises/line.yaml: feeds.1.part: “nowhere” is nowhere to be found.",
        "en/exercises/line.yaml: feeds.2.column: “nowhere” is nowhere to be found.",
    )
