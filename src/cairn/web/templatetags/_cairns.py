"""The path as a cairn: laid on its side above a question, and as a plate whose stones are the stages."""

import textwrap
from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cairn.web.templatetags._marks import get
from cairn.web.templatetags._meters import STONES

WIDE = 22
"""The width of a stone that lies in a row, in its own units."""
LOWEST, APART, LINE = 276, 37, 15
"""Where the words stand beside the stones: the first line of the lowest, from one to the next, from line to line."""
LETTERS = 19
"""So many letters stand in one line of a title."""

# From the ground up: the outline, where its leader begins, the leader's height.
CAIRN = (
    (
        "M203.5 277.8C204.5 282.2 202.1 287.9 197.8 291.5C193.6 295.1 186.8 297.2 177.9 299.4"
        "C169 301.6 160.1 303.9 144.2 304.8C128.3 305.7 98.5 305.2 82.6 304.6C66.8 304.1 58.4 303 49 301.4"
        "C39.7 299.9 30.7 298.4 26.4 295.1C22.1 291.8 23.3 286.1 23.4 281.6C23.5 277.1 23.5 271.8 27.1 268.1"
        "C30.7 264.5 35.7 261.7 44.7 259.7C53.8 257.6 64.8 256.8 81.2 255.8"
        "C97.5 254.8 126.9 253.4 142.7 253.7C158.6 254 168.2 255.6 176.4 257.6"
        "C184.6 259.5 187.2 262 191.7 265.4C196.3 268.8 202.5 273.5 203.5 277.8Z",
        209,
        280,
    ),
    (
        "M177.1 238.4C176.8 242.1 175.9 246.5 172.8 249.4C169.8 252.3 166 254.3 158.7 255.7"
        "C151.5 257.1 142.6 257.9 129.5 257.8C116.4 257.6 92.8 256.1 80.1 254.9"
        "C67.5 253.6 61.2 252.2 53.7 250.5C46.1 248.7 39.4 247.3 34.9 244.3C30.3 241.3 26.6 236.4 26.6 232.6"
        "C26.6 228.8 30.1 224 34.8 221.4C39.5 218.8 46.9 217.9 54.7 216.8C62.6 215.7 69.4 215.1 82.1 214.9"
        "C94.7 214.7 117.7 214.9 130.8 215.7C143.9 216.5 153.4 217.6 160.7 219.5"
        "C168.1 221.4 172.3 223.8 175.1 227C177.8 230.1 177.5 234.7 177.1 238.4Z",
        185,
        236,
    ),
    (
        "M186.4 189.8C186.4 194.1 183.3 199.6 179.3 202.9C175.3 206.2 169.2 207.8 162.6 209.6"
        "C155.9 211.5 150 212.7 139.2 213.9C128.5 215.1 109.1 216.8 98.2 217C87.3 217.1 80.2 216.3 73.9 214.9"
        "C67.6 213.5 63.9 211.6 60.5 208.6C57 205.6 54.2 200.9 53.4 196.8C52.5 192.6 52.6 187.1 55.4 183.7"
        "C58.2 180.2 63.4 177.8 70.2 175.9C77 174 85.3 173.1 96.3 172.4C107.3 171.6 125.6 171.6 136.2 171.7"
        "C146.8 171.7 152.9 171.9 160.1 172.8C167.2 173.8 174.9 174.3 179.3 177.2"
        "C183.6 180 186.4 185.5 186.4 189.8Z",
        187,
        193,
    ),
    (
        "M157.1 157.6C156.6 160.5 154.9 164 152.3 166.2C149.6 168.3 145.6 169 141.1 170.2"
        "C136.6 171.4 133.4 173.2 125 173.5C116.6 173.8 99.3 173 90.8 172C82.4 170.9 78.8 168.9 74.4 167.1"
        "C70.1 165.4 66.7 164 64.6 161.6C62.5 159.2 61.9 155.6 61.8 152.6C61.8 149.6 62.6 146 64.5 143.6"
        "C66.5 141.2 68.7 139.3 73.6 138.3C78.5 137.3 85.3 137.5 94 137.7C102.6 137.9 117 138.8 125.6 139.5"
        "C134.3 140.3 140.8 140.7 145.7 142.2C150.6 143.6 153.2 145.7 155.1 148.2"
        "C156.9 150.8 157.6 154.6 157.1 157.6Z",
        163,
        155,
    ),
    (
        "M151.1 120.9C151.6 123.7 152.5 127.3 151.3 129.7C150 132 147.1 133.6 143.5 135.1"
        "C139.9 136.6 136.3 137.9 129.8 138.8C123.3 139.8 110.7 140.9 104.4 140.7"
        "C98.1 140.6 95.3 139 91.9 137.9C88.6 136.7 86.4 135.7 84.4 133.7C82.4 131.7 80.5 128.6 80 125.9"
        "C79.5 123.1 80.4 119.7 81.6 117.2C82.9 114.8 84.1 112.8 87.5 111.2C90.9 109.6 95.5 108.5 102.1 107.8"
        "C108.7 107.1 120.4 107 126.9 107C133.4 107.1 137.4 107.4 141 108.3"
        "C144.5 109.3 146.6 110.7 148.3 112.8C150 114.9 150.6 118.1 151.1 120.9Z",
        158,
        123,
    ),
    (
        "M134.9 98.6C134.5 100.8 132.1 103.2 130.5 104.6C128.9 106.1 127.3 106.7 125 107.4"
        "C122.8 108.1 120.8 108.8 117.1 108.7C113.5 108.7 106.9 107.7 103.1 107.1"
        "C99.4 106.5 96.8 106.1 94.6 105.2C92.3 104.2 90.6 103.1 89.6 101.3C88.7 99.5 88.9 96.8 89 94.6"
        "C89.1 92.3 88.8 89.4 90 87.8C91.2 86.2 93.7 85.5 96.3 85.1C98.8 84.6 101.5 85 105.3 85.1"
        "C109.1 85.2 115.3 85.3 118.9 85.8C122.5 86.3 124.7 87.1 127 88.1C129.3 89.1 131.3 89.9 132.6 91.7"
        "C134 93.4 135.2 96.4 134.9 98.6Z",
        138,
        97,
    ),
)


def stage_rail(stages: Sequence[tuple[str, str]], label: object) -> SafeString:
    """The stages in a row of small stones, with words beside them. `stages`: pairs of title and walked, now or next."""
    stones = format_html_join(
        "",
        '<path class="stone{}" transform="translate({} 0)" d="{}"/>',
        (
            ("" if state == "walked" else f" stone--{state}", place * WIDE, STONES[place % len(STONES)])
            for place, (_title, state) in enumerate(stages)
        ),
    )
    width = WIDE * max(len(stages), 1)
    return format_html(
        '<p class="rail"><svg viewBox="0 0 {} 18" aria-hidden="true">{}</svg><span>{}</span></p>', width, stones, label
    )


def path_cairn(stages: Sequence[Any]) -> SafeString:
    """The stages as a cairn, each a link. A stage has `number`, `title`, `state` and `url`. Empty for more than six."""
    if not 0 < len(stages) <= len(CAIRN):
        return SafeString("")
    stones = format_html_join("", "{}", ((_stone(stage, place),) for place, stage in enumerate(stages)))
    top = LOWEST - len(stages) * APART
    return format_html(
        '<svg class="cairn" viewBox="0 {} 380 {}" role="group" aria-label="{}"><path class="leader" d="M0 304H210"/>'
        '<path class="leader" d="M14 310H86"/><path class="leader" d="M30 316H150"/>{}</svg>',
        top,
        320 - top,
        _("The path as a cairn"),
        stones,
    )


def stage_word(state: str) -> str:
    """Where somebody is with a stage."""
    words = {
        "walked": pgettext("stage", "walked"),
        "now": pgettext("stage", "you are here"),
        "begun": pgettext("stage", "begun"),
        "skipped": pgettext("stage", "left out"),
        "next": pgettext("stage", "to come"),
    }
    return words[state]


def _stone(stage: Any, place: int) -> SafeString:
    outline, begins, height = CAIRN[place]
    state = str(get(stage, "state"))
    lies = {"walked": "", "begun": "", "now": " stone--now"}.get(state, " stone--next")
    shade = SafeString("")
    if state == "walked":
        shade = format_html(
            '<clipPath id="stone-{0}"><path d="{1}"/></clipPath><g clip-path="url(#stone-{0})">'
            '<path class="stone__light" transform="translate(-3 -8)" d="{1}"/></g><path class="stone__edge" d="{1}"/>',
            place,
            outline,
        )
    word = stage_word(state)
    said = {"n": get(stage, "number"), "title": get(stage, "title"), "state": word}
    beside = LOWEST - place * APART
    return format_html(
        '<a href="{}" aria-label="{}"><path class="stone{}{}" d="{}"/>{}<path class="leader" d="M{} {}L218 {}"/>{}</a>',
        get(stage, "url"),
        _("Stage %(n)s, %(title)s: %(state)s") % said,
        lies,
        " stone--laid" if state == "walked" else "",
        outline,
        shade,
        begins,
        height,
        beside - 4,
        _words(str(get(stage, "title")), word, beside),
    )


def _words(title: str, word: str, height: int) -> SafeString:
    """A title in two lines at most, and after it how far somebody is."""
    first, *rest = textwrap.wrap(title, LETTERS, max_lines=2, placeholder=" …") or [""]
    if rest:
        second = format_html('<tspan>{}</tspan><tspan class="t-faint" dx="6">{}</tspan>', rest[0], word)
    else:
        second = format_html('<tspan class="t-faint">{}</tspan>', word)
    return format_html(
        '<text class="t-serif" x="224" y="{}">{}</text><text class="t-serif" x="224" y="{}">{}</text>',
        height,
        first,
        height + LINE,
        second,
    )
