# ruff: noqa: PLR0917  rows come one by one, for the reason given in kernel.py
"""The walk itself: random swaps within a block of groups, compiled or interpreted like `kernel.py`."""

from cairn.engines.grouping.figures.fields import (
    ALONE,
    ANY_HEADS,
    ANY_PAIRS,
    ANY_RULES,
    ANY_SHY,
    BROKEN,
    FIXED,
    G_BLOCK,
    G_SIZE,
    G_SORE,
    GROUP,
    MEETINGS,
    MIX,
    NEAR,
    NEAR_START,
    PERSON,
    PRICE,
    STYLE,
    TOGETHER,
    TOTALS,
    UNEVEN,
    WIDEST,
    Row,
)
from cairn.engines.grouping.search.kernel import (
    barred,
    complaints,
    excess,
    excused,
    lonelier,
    may_tip,
    mixing,
    note,
    pairing,
    recount,
    roll,
    shift,
    tell,
    tipping,
    trade,
    unstyled,
)


def settle(
    meta: Row,
    counts: Row,
    value: Row,
    limit: Row,
    law: Row,
    person: Row,
    group: Row,
    place: Row,
    seat: Row,
    sore: Row,
    blocks: Row,
    g: int,
) -> None:
    """See anew what is amiss in group g."""
    amiss = excess(meta, counts, value, limit, group, g)
    if amiss > 0 and meta[ANY_HEADS]:
        amiss -= excused(meta, counts, limit, group, seat, law, g)
    if amiss == 0 and meta[ANY_RULES]:
        amiss = complaints(meta, law, person, group, place, seat, g)
    note(group, sore, blocks, g, amiss)


def owed(
    meta: Row, law: Row, person: Row, group: Row, place: Row, seat: Row, order: Row, blocks: Row, block: int
) -> int:
    """Broken rules and wishes within a block: as long as there are any, no swap may be refused for its D alone."""
    debt = 0
    for at in range(blocks[4 * block], blocks[4 * block + 4]):
        g = order[at]
        for k in range(group[g * GROUP + G_SIZE]):
            i = seat[g * meta[WIDEST] + k]
            debt += barred(law, person, group, i, g) + unstyled(law, person, group, i, g)
            start = law[NEAR_START] + i
            for m in range(law[start], law[start + 1]):
                mate = law[law[NEAR] + 2 * m]
                here = place[mate] == g
                elsewhere = group[place[mate] * GROUP + G_BLOCK] != block
                if here != (law[law[NEAR] + 2 * m + 1] == TOGETHER) and (i < mate or elsewhere):
                    debt += 1
    return debt


def ruling(law: Row, person: Row, group: Row, place: Row, i: int, g: int, h: int, other: int) -> tuple[int, int, int]:
    """Change of broken rules, pairs met again and missing styles when i goes from g to h."""
    broken, met = pairing(law, place, i, g, h, other)
    broken += barred(law, person, group, i, h) - barred(law, person, group, i, g)
    return broken, met, unstyled(law, person, group, i, h) - unstyled(law, person, group, i, g)


def walk(  # noqa: PLR0912, PLR0915  the one hot loop; split up, the compiler makes it slower
    meta: Row,
    dice: Row,
    cells: Row,
    counts: Row,
    value: Row,
    limit: Row,
    place: Row,
    spot: Row,
    seat: Row,
    person: Row,
    group: Row,
    left: Row,
    law: Row,
    order: Row,
    sore: Row,
    blocks: Row,
    best_place: Row,
    block: int,
    evaluations: int,
    heat: int,
    keep: bool,
) -> None:
    """Try so many swaps within a block of groups; stop when nothing is amiss.

    `heat` is how much worse, in the priced sum, a step may be by e-fold chance; with 0 no step is worse. `keep` looks
    after totals and the best places, which only makes sense when one block holds all groups.
    """
    first = blocks[4 * block]
    wide = blocks[4 * block + 4] - first
    state = blocks[4 * block + 2]
    rules, shy, uneven = meta[ANY_RULES], meta[ANY_SHY], meta[UNEVEN]
    debt = owed(meta, law, person, group, place, seat, order, blocks, block) if rules else 0
    tried = 0
    while tried < evaluations and blocks[4 * block + 1] > 0:
        tried += 1
        state = roll(state)
        g = sore[first + ((state * blocks[4 * block + 1]) >> 32)]
        state = roll(state)
        if state & 3 == 0:
            # Now and then elsewhere, or the few sore groups run out of partners.
            g = order[first + (((state >> 2) * wide) >> 30)]
            state = roll(state)
        h = order[first + ((state * wide) >> 32)]
        here, there = group[g * GROUP + G_SIZE], group[h * GROUP + G_SIZE]
        if g == h or here == 0 or there == 0:
            continue
        state = roll(state)
        i = seat[g * meta[WIDEST] + ((state * here) >> 32)]
        state = roll(state)
        j = seat[h * meta[WIDEST] + ((state * there) >> 32)]
        state = roll(state)
        worst = (heat * dice[state & 1023]) >> 10
        if uneven and here != there and (state >> 20) & 7 == 0 and may_tip(group, left, g, h):
            j = -1
            mix = tipping(meta, cells, counts, value, i, g, h)
        else:
            mix = mixing(meta, cells, counts, value, i, g, j, h, there - here)
        cost = meta[PRICE + MIX] * mix
        alone = 0
        if shy:
            alone = lonelier(meta, cells, counts, value, i, g, j, h)
            cost += meta[PRICE + ALONE] * alone
        if (debt == 0 and cost > worst) or person[i * PERSON + FIXED] or (j >= 0 and person[j * PERSON + FIXED]):
            continue
        broken, met, style = 0, 0, 0
        if rules:
            broken, met, style = ruling(law, person, group, place, i, g, h, j)
            if j >= 0:
                broken_too, met_too, style_too = ruling(law, person, group, place, j, h, g, i)
                broken += broken_too
                met += met_too
                style += style_too
            cost += meta[PRICE + BROKEN] * broken + meta[PRICE + MEETINGS] * met + meta[PRICE + STYLE] * style
        if cost > worst:
            continue
        recount(meta, cells, counts, i, g, h)
        if j >= 0:
            recount(meta, cells, counts, j, h, g)
            trade(meta, place, spot, seat, i, g, j, h)
        else:
            shift(meta, place, spot, seat, group, left, i, g, h)
        settle(meta, counts, value, limit, law, person, group, place, seat, sore, blocks, g)
        settle(meta, counts, value, limit, law, person, group, place, seat, sore, blocks, h)
        if meta[ANY_PAIRS]:
            for k in range(2):
                moved = i if k == 0 else j
                if moved >= 0:
                    for m in range(law[law[NEAR_START] + moved], law[law[NEAR_START] + moved + 1]):
                        mates = place[law[law[NEAR] + 2 * m]]
                        if group[mates * GROUP + G_BLOCK] == block:
                            settle(meta, counts, value, limit, law, person, group, place, seat, sore, blocks, mates)
        debt += broken + met + style
        if keep:
            meta[TOTALS + MIX] += mix
            meta[TOTALS + BROKEN] += broken
            meta[TOTALS + ALONE] += alone
            meta[TOTALS + MEETINGS] += met
            meta[TOTALS + STYLE] += style
            tell(meta, place, best_place)
    blocks[4 * block + 2] = state
    blocks[4 * block + 3] += tried


def open_blocks(
    meta: Row,
    counts: Row,
    value: Row,
    limit: Row,
    place: Row,
    seat: Row,
    person: Row,
    group: Row,
    law: Row,
    order: Row,
    sore: Row,
    blocks: Row,
    first: int,
    last: int,
) -> None:
    """List in each of these blocks the groups in which something is amiss."""
    for block in range(first, last):
        blocks[4 * block + 1] = 0
        for at in range(blocks[4 * block], blocks[4 * block + 4]):
            group[order[at] * GROUP + G_SORE] = -1
        for at in range(blocks[4 * block], blocks[4 * block + 4]):
            settle(meta, counts, value, limit, law, person, group, place, seat, sore, blocks, order[at])


def walk_blocks(
    meta: Row,
    dice: Row,
    cells: Row,
    counts: Row,
    value: Row,
    limit: Row,
    place: Row,
    spot: Row,
    seat: Row,
    person: Row,
    group: Row,
    left: Row,
    law: Row,
    order: Row,
    sore: Row,
    blocks: Row,
    best_place: Row,
    first: int,
    last: int,
    evaluations: int,
    heat: int,
) -> None:
    """Open and walk blocks one after the other; each has its own random numbers and touches only its own groups."""
    open_blocks(meta, counts, value, limit, place, seat, person, group, law, order, sore, blocks, first, last)
    for block in range(first, last):
        walk(
            meta,
            dice,
            cells,
            counts,
            value,
            limit,
            place,
            spot,
            seat,
            person,
            group,
            left,
            law,
            order,
            sore,
            blocks,
            best_place,
            block,
            evaluations,
            heat,
            False,
        )
