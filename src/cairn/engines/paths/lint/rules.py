"""The rules: which patterns hold for which sentences, and which fault swallows another."""

import re
from collections.abc import Iterator

from cairn.engines.paths.lint import words
from cairn.engines.paths.lint.finding import KINDS, Finding
from cairn.engines.paths.lint.reading import FILLER, Sentence, folded, sentences

Found = tuple[str, str]


def lint(prompt: str, *, allow_advising: bool = False) -> tuple[Finding, ...]:
    """What keeps this prompt from being one open, unprejudiced question; at most one finding of each kind.

    Linear in the length of the prompt, and meant for prompts of at most a few hundred characters. With
    `allow_advising` (programmes whose scope includes mentoring) advice passes; nothing else does.
    """
    matched = folded(prompt)
    read = sentences(matched)
    found: dict[str, str] = {}
    for sentence in read:
        for kind, text in _in_sentence(sentence):
            found.setdefault(kind, _as_written(prompt, matched, text))
    asked = [each for each in read if each.is_question]
    if len(asked) > 1:
        found.setdefault("double", _as_written(prompt, matched, asked[1].text))
    if allow_advising:
        found.pop("advising", None)
    return tuple(Finding(kind, found[kind]) for kind in KINDS if kind in found)


def _in_sentence(sentence: Sentence) -> Iterator[Found]:
    verdicts = [*_judging(sentence)]
    wrapped = [*_advising(sentence), *_leading(sentence)]
    yield from verdicts
    yield from wrapped
    yield from _double(sentence)
    # "Have you considered" and "don't you think" are closed in form only; the worse fault says it all.
    if not wrapped:
        yield from _closed(sentence)


def _judging(sentence: Sentence) -> Iterator[Found]:
    for kind, pattern in (("judging", words.JUDGING), ("prejudiced", words.PREJUDICED)):
        if match := pattern.search(sentence.text.rstrip(" .?!…")):
            yield kind, match.group()


def _advising(sentence: Sentence) -> Iterator[Found]:
    bare = sentence.bare
    patterns = [words.ADVISING]
    if sentence.is_question and sentence.opening != "open":
        patterns.append(words.ADVISING_OPENING)
    if sentence.opening != "open" and not words.REPORTED.match(bare):
        patterns.append(words.ADVISING_TELLING)
    if not sentence.is_question:
        patterns.append(words.COMMAND)
    yield from _first("advising", patterns, bare)


def _leading(sentence: Sentence) -> Iterator[Found]:
    bare = sentence.bare
    if sentence.is_question and (match := words.TAG.search(sentence.text)):
        yield "leading", match.group().strip(" ,?")
        return
    patterns = [words.LEADING]
    if sentence.is_question:
        patterns.append(words.NEGATIVE_OPENING)
    yield from _first("leading", patterns, bare)


def _double(sentence: Sentence) -> Iterator[Found]:
    if not sentence.is_question or not sentence.opening:
        return
    text = sentence.bare
    first = words.DOUBLE.search(text)
    while first and _introduced(text, first.start()):
        first = words.DOUBLE.search(text, first.end())
    if first:
        yield "double", text[first.start() :].strip(" ,")


def _introduced(text: str, place: int) -> bool:
    """Whether everything before this place only introduces the question: `when you think of it, what …`."""
    before = FILLER.sub("", text[:place].rstrip(" ,"))
    return not Sentence(text=before, start=0, is_question=True).opening


def _closed(sentence: Sentence) -> Iterator[Found]:
    if not sentence.is_question or words.A_REQUEST.match(sentence.bare):
        return
    if sentence.opening != "open":
        yield "closed", " ".join(_closing_clause(sentence).split()[:4])
    elif match := words.A_CHOICE.match(sentence.bare) or words.A_FACT.match(sentence.bare):
        yield "closed", match.group()


def _closing_clause(sentence: Sentence) -> str:
    for clause in sentence.clauses:
        if Sentence(text=clause, start=0, is_question=True).opening == "closed":
            return clause
    return sentence.bare


def _first(kind: str, patterns: list[re.Pattern[str]], text: str) -> Iterator[Found]:
    for pattern in patterns:
        if match := pattern.search(text):
            yield kind, match.group().strip(" ,")
            return


def _as_written(prompt: str, matched: str, text: str) -> str:
    place = matched.find(text)
    return prompt[place : place + len(text)].strip() if place >= 0 else text
