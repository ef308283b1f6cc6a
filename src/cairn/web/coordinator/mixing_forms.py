"""What a cohort's groups are mixed by: attributes, their weights, what two of them make together."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cairn.programmes import actions

WEIGHTS = [
    (1, pgettext_lazy("weight", "counts once")),
    (2, pgettext_lazy("weight", "counts twice")),
    (3, pgettext_lazy("weight", "counts three times")),
    (5, pgettext_lazy("weight", "counts five times")),
    (10, pgettext_lazy("weight", "counts ten times")),
]
ATTRIBUTES = (
    ("discipline", gettext_lazy("Discipline"), False),
    ("department", gettext_lazy("Department"), False),
    ("institution", gettext_lazy("Institution"), False),
    ("gender", gettext_lazy("Gender"), True),
    ("ethnicity", gettext_lazy("Ethnicity"), True),
)
PAIRS = (1, 2, 3)
BETWEEN = "-and-"


class MixingFields(forms.Form):
    """Fields for each attribute, and for a few pairs of attributes that are mixed by together."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """The fields follow from the lists above."""
        super().__init__(*args, **options)
        for key, label, is_protected in ATTRIBUTES:
            self.fields |= dict(_fields_of(key, label, is_protected))
        for row in PAIRS:
            self.fields |= dict(_fields_of_pair(row))

    @classmethod
    def initial_of_mixing(cls, attributes: Iterable[Any]) -> dict[str, Any]:
        """How what groups are mixed by stands in the fields."""
        initial: dict[str, Any] = {f"weight_{key}": 1 for key, _label, _protected in ATTRIBUTES}
        initial["answers_gender"] = "\n".join(_offered_genders())
        initial["answers_ethnicity"] = "\n".join(_offered_ethnicities())
        rows = iter(PAIRS)
        for mix in attributes:
            if len(mix.of) == 2:
                row = next(rows, None)
                initial |= {f"pair_{row}_a": mix.of[0], f"pair_{row}_b": mix.of[1], f"pair_{row}_weight": mix.weight}
                continue
            initial |= {
                f"by_{mix.key}": True,
                f"weight_{mix.key}": mix.weight,
                f"alone_{mix.key}": mix.avoids_isolation,
                f"alike_{mix.key}": mix.seats_alike,
            }
            if mix.choices:
                initial[f"answers_{mix.key}"] = "\n".join(mix.choices)
        return initial

    def clean(self) -> dict[str, Any]:
        """A protected attribute needs answers to choose from, a pair two different attributes that are mixed by."""
        cleaned = super().clean() or self.cleaned_data
        for key, _label, is_protected in ATTRIBUTES:
            if is_protected and cleaned.get(f"by_{key}") and len(self._answers(key)) < 2:
                self.add_error(f"answers_{key}", _("Offer at least two answers, one on each line."))
        made: set[frozenset[str]] = set()
        for row in PAIRS:
            pair = [cleaned.get(f"pair_{row}_{end}") or "" for end in ("a", "b")]
            wrong = self._wrong_with(pair, made)
            if wrong:
                self.add_error(f"pair_{row}_b", wrong)
            made.add(frozenset(pair))
        return cleaned

    def mixing(self) -> list[actions.MixBy]:
        """What was chosen to mix by."""
        given = self.cleaned_data
        singles = [
            actions.MixBy(
                key,
                str(label),
                given.get(f"weight_{key}") or 1,
                is_protected,
                tuple(self._answers(key)) if is_protected else (),
                avoids_isolation=bool(given.get(f"alone_{key}")),
                seats_alike=bool(given.get(f"alike_{key}")),
            )
            for key, label, is_protected in ATTRIBUTES
            if given.get(f"by_{key}")
        ]
        return [*singles, *self._pairs()]

    def mixing_rows(self) -> list[dict[str, Any]]:
        """For the page: each attribute with its fields."""
        return [
            {
                "label": label,
                "chosen": self[f"by_{key}"],
                "weight": self[f"weight_{key}"],
                "alone": self[f"alone_{key}"],
                "alike": None if is_protected else self[f"alike_{key}"],
                "answers": self[f"answers_{key}"] if is_protected else None,
                "is_protected": is_protected,
            }
            for key, label, is_protected in ATTRIBUTES
        ]

    def pair_rows(self) -> list[dict[str, Any]]:
        """For the page: each pair with its fields."""
        return [{end: self[f"pair_{row}_{end}"] for end in ("a", "b", "weight")} for row in PAIRS]

    def has_pairs(self) -> bool:
        """Some pair is filled in."""
        return any(self[f"pair_{row}_{end}"].value() for row in PAIRS for end in ("a", "b"))

    def _pairs(self) -> Iterator[actions.MixBy]:
        labels = {key: label for key, label, _protected in ATTRIBUTES}
        protected = {key for key, _label, is_protected in ATTRIBUTES if is_protected}
        for row in PAIRS:
            of = tuple(self.cleaned_data[f"pair_{row}_{end}"] for end in ("a", "b"))
            if all(of):
                label = _("%(first)s with %(second)s") % {
                    "first": labels[of[0]],
                    "second": str(labels[of[1]]).lower(),
                }
                weight = self.cleaned_data.get(f"pair_{row}_weight") or 1
                yield actions.MixBy(BETWEEN.join(of), label, weight, bool(protected & set(of)), of=of)

    def _wrong_with(self, pair: list[str], made: set[frozenset[str]]) -> str:
        if not any(pair):
            return ""
        if not all(pair) or pair[0] == pair[1]:
            return _("Choose two different attributes, or none.")
        if frozenset(pair) in made:
            return _("These two are together above.")
        if not all(self.cleaned_data.get(f"by_{key}") for key in pair):
            return _("Mix by each of the two as well.")
        return ""

    def _answers(self, key: str) -> list[str]:
        lines = str(self.cleaned_data.get(f"answers_{key}") or "").splitlines()
        return list(dict.fromkeys(" ".join(line.split())[:80] for line in lines if line.strip()))


def _fields_of(key: str, label: Any, is_protected: bool) -> Iterator[tuple[str, forms.Field]]:
    yield f"by_{key}", forms.BooleanField(label=label, required=False)
    yield f"weight_{key}", _weight(format_lazy(gettext_lazy("Weight of {attribute}"), attribute=label))
    yield (
        f"alone_{key}",
        forms.BooleanField(
            label=gettext_lazy("Nobody should be the only one of a kind in a group"),
            required=False,
            help_text=gettext_lazy("It is never said where that could not be met, and never what it costs.")
            if is_protected
            else gettext_lazy(
                "This goes before the mix and may cost some of it. Beside the groups you can ask how much."
            ),
        ),
    )
    if is_protected:
        yield (
            f"answers_{key}",
            forms.CharField(
                label=format_lazy(gettext_lazy("Answers offered: {attribute}"), attribute=label),
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=gettext_lazy("One on each line. “Prefer not to say” is always there."),
            ),
        )
    else:
        yield (
            f"alike_{key}",
            forms.BooleanField(
                label=gettext_lazy("Where groups are of like people, seat those alike in this together"), required=False
            ),
        )


def _fields_of_pair(row: int) -> Iterator[tuple[str, forms.Field]]:
    choices = [("", "–"), *((key, label) for key, label, _protected in ATTRIBUTES)]
    yield f"pair_{row}_a", forms.ChoiceField(label=gettext_lazy("Mix by"), choices=choices, required=False)
    yield f"pair_{row}_b", forms.ChoiceField(label=gettext_lazy("together with"), choices=choices, required=False)
    yield f"pair_{row}_weight", _weight(gettext_lazy("The two together"))


def _weight(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, choices=WEIGHTS, required=False)


def _offered_genders() -> list[str]:
    return [_("woman"), _("man"), _("non-binary"), _("another word of my own")]


def _offered_ethnicities() -> list[str]:
    return [_("African or Caribbean"), _("Asian"), _("Mixed or multiple"), _("White"), _("another group")]
