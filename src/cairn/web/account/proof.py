"""The proof of how well a cohort's groups are mixed, for everybody in it, to read or to print."""

import math
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.programmes import queries
from cairn.programmes.queries.proof import FLOOR, AttributeProof, GroupsProof, Spread


@door(who=signed_in, methods=("GET",))
def cohort_proof(request: Request, cohort_id: int) -> HttpResponse:
    """Score, bound and the table of counts behind them, as the groups stand today. No person and no answer is in it."""
    proof = queries.groups_proof(request.user, cohort_id, clock.now())
    context = {
        "proof": proof,
        "cohort": proof.cohort,
        "floor": FLOOR,
        "score": _points(proof.score),
        "sums": {"total": _sum(proof.total), "least": _sum(proof.least), "lots": _sum(proof.lots)},
        "open_points": str(number_format(math.ceil((100 - proof.score) * 10) / 10, 1, use_l10n=True)),
        "sizes": _sizes(proof),
        "attributes": [_attribute(each) for each in proof.attributes],
    }
    return render(request, "account/proof.html", context)


def _points(score: float) -> str:
    """Rounded down, so that 100 is only ever the real thing."""
    return str(number_format(math.floor(score * 10) / 10, 1, use_l10n=True)) if score != 100 else "100"


def _sum(value: Any) -> str:
    return str(number_format(round(float(value), 2), 2, use_l10n=True))


def _sizes(proof: GroupsProof) -> list[str]:
    return [
        ngettext("%(groups)s group of %(size)s", "%(groups)s groups of %(size)s", groups)
        % {"groups": groups, "size": size}
        for size, groups in proof.sizes
    ]


def _attribute(part: AttributeProof) -> dict[str, Any]:
    return {
        "label": part.label,
        "weight": part.weight,
        "folded": part.folded,
        "total": _sum(part.total),
        "least": _sum(part.least),
        "lots": _sum(part.lots),
        "score": _points(part.score),
        "values": [
            {
                "value": each.value,
                "people": each.people,
                "total": _sum(each.total),
                "spreads": [_spread(spread) for spread in each.spreads],
            }
            for each in part.values
        ],
    }


def _spread(spread: Spread) -> dict[str, Any]:
    held = [
        ngettext("%(groups)s group holds %(people)s", "%(groups)s groups hold %(people)s", groups)
        % {"groups": groups, "people": people}
        for groups, people in spread.held
    ]
    return {"size": spread.size, "share": _sum(spread.share), "held": _(", ").join(held)}
