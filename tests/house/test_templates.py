"""What is easily got wrong in a template, and shows only as a link to nowhere."""

import re
from pathlib import Path

import pytest

import cairn.web

TEMPLATES = Path(cairn.web.__file__).parent / "templates"
BLOCK = re.compile(r"{% block (\w+) %}(.*?){% endblock %}", re.DOTALL)
NAMED = re.compile(r"{% (?:url|translate|blocktranslate)[^%]*? (?:as|asvar) (\w+)\b")
QUOTED = re.compile(r'"[^"{}]*"')
LOOPED = re.compile(r"{% (?:for|with) ([^%]*) %}")
# From a view, and named anew in another block by chance.
FROM_THE_VIEW = {("coach/invoice.html", "title")}


def lost(source: str) -> set[str]:
    """Names that one block sets and another uses: Django forgets them at the end of the block."""
    blocks = {name: QUOTED.sub("", body) for name, body in BLOCK.findall(source)}
    found = set()
    for name, body in blocks.items():
        for other, text in blocks.items():
            own = set(NAMED.findall(text)) | set(re.findall(r"\w+", " ".join(LOOPED.findall(text))))
            foreign = set(NAMED.findall(body)) - own
            if other != name:
                found |= {each for each in foreign if re.search(rf"{{[{{%][^}}]*(?<![.\w]){each}\b[^}}]*}}", text)}
    return found


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('{% block head %}{% url "x" as there %}{% endblock %}{% block main %}{{ there }}{% endblock %}', {"there"}),
        ('{% block main %}{% url "x" as there %}{{ there }}{% endblock %}', set()),
    ],
)
def test_a_name_lost_between_blocks_is_found(source, names):
    assert lost(source) == names


def test_no_block_uses_what_another_one_named():
    pages = {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in TEMPLATES.rglob("*.html")}
    found = {(page, name) for page, source in pages.items() if "{% extends" in source for name in lost(source)}
    assert found - FROM_THE_VIEW == set()
