"""Searching and mirroring 5,000 sealed entries of about 3 KB: everything is opened and read each time."""

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable, Iterator

from cairn.journey import queries
from cairn.journey.actions.journal import Words, new_entry
from cairn.journey.actions.keeping import box_for
from cairn.journey.models import JournalEntry
from cairn.people.models import Person

ENTRIES = 5_000
ROUNDS = 9
AT = dt.datetime(2027, 3, 3, 9, 0, tzinfo=dt.UTC)
STARTS = ["I want", "I never", "Today", "We", "My boss", "The meeting", "I love", "I don’t want", "On Tuesday", "Für"]
ENDS = (". ", ". ", "? ", ".\n\n")
SMALL = ["the", "of", "and", "to", "a", "in", "that", "it", "was", "for", "on", "with", "as", "at", "by", "this", "had"]


def vocabulary(rng: random.Random) -> list[str]:
    """Made-up words of five to twelve letters, with an accent here and there."""
    sounds = ["ka", "lo", "mi", "ter", "ven", "sa", "ron", "del", "pi", "ur", "ash", "ing", "est", "qua", "né", "bel"]
    return ["".join(rng.choices(sounds, k=rng.randint(2, 4))) for _each in range(6_000)]


def text(rng: random.Random, words: list[str], weights: list[float]) -> str:
    """About 3 KB in sentences and paragraphs, half of the words small ones as in any language."""
    said: list[str] = []
    while sum(map(len, said)) < 2_950:
        drawn = rng.choices(words, cum_weights=weights, k=6)
        small = rng.choices(SMALL, k=6)
        sentence = " ".join(word for pair in zip(small, drawn, strict=True) for word in pair)
        said.append(f"{rng.choice(STARTS)} {sentence}{rng.choice(ENDS)}")
    return "".join(said)


def fill(person: Person) -> None:
    """Five thousand entries over thirteen years, every second one with a title, every third with tags."""
    rng = random.Random(1)
    words = vocabulary(rng)
    weights, total = [], 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / rank**0.9
        weights.append(total)
    box = box_for(person, AT)
    made = []
    for number in range(ENTRIES):
        said = Words(
            text(rng, words, weights),
            f"Day {number}" if number % 2 else "",
            ("work", "quiet") if number % 3 == 0 else (),
        )
        made.append(new_entry(box, person, said, AT - dt.timedelta(days=number)))
    rare = made[ENTRIES // 2]
    rare.sealed = box.seal(f"Only here: a kingfisher. {text(rng, words, weights)}", f"journal:{rare.name}")
    JournalEntry.objects.bulk_create(made, batch_size=500)


def figures() -> Iterator[tuple[str, float, float, str]]:
    """Milliseconds, the median of nine: wall, and what the processor of this side spent."""
    person = Person.objects.create_user("writer@example.org", name="Writer", time_zone="Europe/London")
    fill(person)
    size = f"{ENTRIES:,} entries"
    for what, asked in (
        ("a word in one of them", "kingfisher"),
        ("a word in most", "ka"),
        ("a phrase and two words", '"my boss" meeting want'),
        ("a tag", "tag:quiet"),
        ("nothing found", "zzzz"),
    ):
        wall, cpu = _medians(lambda asked=asked: queries.search(person, asked))
        yield f"search of {size}: {what}, wall", wall, 300.0, "ms"
        yield f"search of {size}: {what}, CPU", cpu, 300.0, "ms"
    wall, cpu = _medians(lambda: queries.reflection(person))
    yield f"mirror of {size}, wall", wall, 1_000.0, "ms"
    yield f"mirror of {size}, CPU", cpu, 1_000.0, "ms"


def _medians(act: Callable[[], object]) -> tuple[float, float]:
    act()
    walls, spent = [], []
    for _round in range(ROUNDS):
        began, before = time.perf_counter(), time.process_time()
        act()
        walls.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - before) * 1000)
    return statistics.median(walls), statistics.median(spent)
