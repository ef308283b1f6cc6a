"""Pages, mails' pages, style sheets and scripts load nothing from anybody else's server."""

import re
from pathlib import Path

import cairn

PACKAGE = Path(cairn.__file__).parent
KINDS = {".html", ".css", ".js", ".svg", ".webmanifest", ".json"}
# What a browser fetches by itself: sources, style sheets, imports, and addresses that scripts call.
FETCHED = re.compile(
    r"""(?ix)
    (?:\b(?:src|srcset|poster|data-src|action|manifest|xlink:href)\s*=\s*["']?\s*
      | <link\b[^>]*\bhref\s*=\s*["']?\s*
      | url\(\s*["']?\s*
      | @import\s+["']?\s*
      | \b(?:fetch|import|importScripts|open)\s*\(\s*["'`]\s*
      | \bfrom\s+["'])
    (?:[a-z][a-z0-9+.-]*:)?//[^\s"')>]+"""
)


def files():
    return [
        path
        for folder in PACKAGE.rglob("*")
        if folder.is_dir() and folder.name in {"static", "templates"}
        for path in folder.rglob("*")
        if path.suffix in KINDS
    ]


def elsewhere(text):
    return FETCHED.findall(text)


def test_nothing_is_fetched_from_another_origin():
    assert len(files()) > 20
    found = {str(path.relative_to(PACKAGE)): elsewhere(path.read_text("utf-8")) for path in files()}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_the_check_sees_what_a_browser_would_fetch():
    planted = (
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        "@import 'https://cdn.example/x.css';",
        "background: url(https://cdn.example/x.png)",
        'fetch("https://api.example/")',
        'import x from "https://cdn.example/x.js"',
        '<form action="https://elsewhere.example/">',
    )
    assert [len(elsewhere(text)) for text in planted] == [1] * len(planted)


def test_the_check_lets_links_and_names_pass():
    allowed = (
        '<a href="https://example.org/">a link that a person follows</a>',
        '<svg xmlns="http://www.w3.org/2000/svg">',
        "/* see https://example.org */",
        "src=\"{% static 'cairn/board.js' %}\"",
    )
    assert [elsewhere(text) for text in allowed] == [[]] * len(allowed)
