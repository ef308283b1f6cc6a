"""What the documents about grouping say is what happens: their examples run, and no public name is left out."""

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from cairn.engines import grouping
from tests.cli.grouping_files import run

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "grouping.md").read_text()
HOW_TO = (DOCS / "how-to" / "group-from-a-spreadsheet.md").read_text()


def blocks(text, language):
    """The fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_example_of_the_reference_runs(capsys):
    for code in blocks(REFERENCE, "python"):
        exec(compile(code, "docs/reference/grouping.md", "exec"), {})
    assert capsys.readouterr().out.startswith(("red", "blue"))


def test_reference_names_everything_public_with_its_fields():
    missing = []
    for name in grouping.__all__:
        thing = getattr(grouping, name)
        fields = [field.name for field in dataclasses.fields(thing)] if dataclasses.is_dataclass(thing) else []
        inner = [] if name in {"People", "Swap"} else fields
        missing += [word for word in (name, *inner) if not re.search(rf"\b{re.escape(word)}\b", REFERENCE)]
    assert missing == []


@pytest.mark.parametrize("line", [line for block in blocks(HOW_TO, "sh") for line in block.strip().splitlines()])
def test_commands_of_the_how_to_do_what_it_says(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people, pairs = blocks(HOW_TO, "csv")
    (tmp_path / "people.csv").write_text(people)
    (tmp_path / "pairs.csv").write_text(pairs)
    command, subcommand, *words = shlex.split(line)
    assert (command, subcommand, run(*words)) == ("cairn", "group", 0)
    made = {words[words.index(option) + 1] for option in ("--out", "--certificate") if option in words}
    assert {path.name for path in tmp_path.iterdir()} == {"people.csv", "pairs.csv", *made}


def test_how_to_names_every_key_of_the_json_and_every_option_it_tells_of_exists(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        from cairn.cli import main

        main.main(["group", "--help"])
    offered = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    told = set(re.findall(r"--[a-z][a-z-]+", HOW_TO))
    assert told - offered == set()
