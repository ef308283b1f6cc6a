import datetime as dt
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines import diary
from cairn.engines.diary import Written

GIVEN = dt.datetime(2027, 3, 3, 9, 0, tzinfo=dt.UTC)
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=60)
ENTRIES = st.builds(
    Written,
    text=WORDS,
    written_at=st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC)),
    title=WORDS,
    tags=st.lists(WORDS, max_size=3).map(tuple),
    prompt=WORDS,
)


@settings(max_examples=60)
@given(st.lists(ENTRIES, max_size=4))
def test_a_journal_comes_back_from_its_json_exactly(entries):
    assert diary.from_data(json.loads(json.dumps(diary.to_data(entries)))) == entries


@pytest.mark.parametrize(
    "entry",
    [
        Written("One.\n\nTwo.", GIVEN - dt.timedelta(days=9), "A: title", ("work", "two words"), "What for?"),
        Written("# Not the title\n\nText.", GIVEN, "Title"),
        Written("--- no head", GIVEN, '“Quotes” and \\ "more"', ("静か",)),
        Written("今日は", GIVEN - dt.timedelta(days=3000, seconds=1)),
    ],
)
def test_an_entry_comes_back_from_its_markdown(entry):
    assert diary.from_markdown(diary.file_name(entry), diary.to_markdown(entry), GIVEN) == entry


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"format": "cairn-journal", "version": 2, "entries": []},
        {"format": "cairn-journal", "version": 1},
        {"format": "cairn-journal", "version": 1, "entries": [{}]},
        {"format": "cairn-journal", "version": 1, "entries": [1]},
        {
            "format": "cairn-journal",
            "version": 1,
            "entries": [{"text": 1, "title": "", "tags": [], "prompt": "", "written_at": "2027-01-01T00:00Z"}],
        },
        {
            "format": "cairn-journal",
            "version": 1,
            "entries": [{"text": "", "title": "", "tags": [], "prompt": "", "written_at": "2027-01-01"}],
        },
    ],
)
def test_what_is_not_an_exported_journal_is_refused(data):
    with pytest.raises(diary.NotOurs):
        diary.from_data(data)


@pytest.mark.parametrize(
    ("name", "content", "title", "day"),
    [
        ("2024-05-17.md", "Text.", "", (2024, 5, 17)),
        ("diary/20240517 evening.txt", "Text.", "", (2024, 5, 17)),
        ("notes.md", "# 17 May 2024\n\nText.", "17 May 2024", (2024, 5, 17)),
        ("notes.md", "# Sunday, May 3rd, 2020\nText.", "Sunday, May 3rd, 2020", (2020, 5, 3)),
        ("notes.md", "## On 3.5.2020 we met\nText.", "On 3.5.2020 we met", (2020, 5, 3)),
        ("2020-01-01.md", "---\ndate: 2019-02-03\ntitle: Mine\n---\nText.", "Mine", (2019, 2, 3)),
        ("2020-01-01.md", "---\ndate: 2019-02-03T23:30:00+01:00\n---\nText.", "", (2019, 2, 3)),
        ("2020-13-45.md", "Text.", "", (2027, 3, 3)),
        ("2999-01-01.md", "Text.", "", (2027, 3, 3)),
        ("0001-01-01.md", "Text.", "", (2027, 3, 3)),
        ("notes 17 of May 2024.md", "Text.", "", (2024, 5, 17)),
        ("notes.md", "Text about 17 May 2024.", "", (2027, 3, 3)),
    ],
)
def test_day_and_title_are_found_where_people_write_them(name, content, title, day):
    entry = diary.from_markdown(name, content, GIVEN)
    assert (entry.text, entry.title) == (content.rpartition("\n")[2], title)
    assert (entry.written_at.year, entry.written_at.month, entry.written_at.day) == day


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        ("tags: [work, 'quiet']", ("work", "quiet")),
        ('tags: ["a", "b"]', ("a", "b")),
        ("tags: one, two", ("one", "two")),
        ("tags:\n- one\n- two", ("one", "two")),
        ("tags: [[[[", ()),
        ("Tags: work", ("work",)),
    ],
)
def test_tags_are_read_in_the_usual_forms(head, tags):
    assert diary.from_markdown("x.md", f"---\n{head}\n---\nText.", GIVEN).tags == tags


@settings(max_examples=100)
@given(st.text(max_size=80), st.text(max_size=200))
def test_any_text_under_any_name_becomes_an_entry_that_holds_its_words(name, content):
    entry = diary.from_markdown(name, content, GIVEN)
    assert entry.written_at <= GIVEN
    assert len(entry.title) <= diary.LONGEST_TITLE


@pytest.mark.parametrize("line", [" " * 2_000 + "x" * 400, "a" + "#" * 50_000 + "x", "\t" * 50_000])
def test_a_line_of_blanks_keeps_no_worker_busy(line):
    began = time.process_time()
    entry = diary.from_markdown("notes.md", f"# {line}\nText.", GIVEN)
    assert time.process_time() - began < 0.5
    assert (entry.title, entry.text) == ("", f"# {line}\nText.")
