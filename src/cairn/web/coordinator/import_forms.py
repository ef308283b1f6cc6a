"""Forms of the import: the file, how it is read, one person by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.engines import roster
from cairn.foundation.sheets import UnreadableSheet
from cairn.programmes.queries import Plan
from cairn.web.fields import words

MAX_MEGABYTES = 20
COLUMNS_SHOWN = 40
NEVER = ("notes", roster.NOT_TAKEN)


class UploadForm(forms.Form):
    """The file of participants."""

    file = forms.FileField(
        label=gettext_lazy("The spreadsheet you have"),
        help_text=gettext_lazy("An .xlsx, .ods or .csv file with a name and an e-mail address for each person."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt"}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def clean_file(self) -> Any:
        """Refuse a huge file before reading it."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_MEGABYTES * 1_000_000:
            raise forms.ValidationError(words(UnreadableSheet("too_big", megabytes=MAX_MEGABYTES).wording))
        return file


class ReadingForm(forms.Form):
    """Which sheet, which row has the titles, and what each column means."""

    header_row = forms.IntegerField(
        label=gettext_lazy("Row with the titles"),
        min_value=0,
        max_value=20_000,
        help_text=gettext_lazy("As numbered in the margin of the sheet; 0 if no row has titles."),
    )

    def __init__(self, plan: Plan, data: Any = None) -> None:
        """Fields follow from the plan, which also says how the file is read now."""
        super().__init__(data)
        self.plan = plan
        now = plan.reading.header_row
        self.initial["header_row"] = 0 if now is None else now + 1
        if len(plan.sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=[(name, name) for name in plan.sheets], initial=plan.sheet
            )
        for column in plan.columns[:COLUMNS_SHOWN]:
            if not column.locked:
                label = _("Column %(letter)s holds") % {"letter": column.letter}
                self.fields[f"column_{column.index}"] = forms.ChoiceField(
                    label=label,
                    widget=forms.Select(attrs={"aria-label": label}),
                    choices=field_choices(),
                    initial=column.field,
                    required=False,
                )
        names = list(dict.fromkeys([*plan.reading.institutions, *plan.unknown_institutions]))
        if names:
            self.fields["institutions"] = forms.MultipleChoiceField(
                label=_("Institutions that Cairn does not know yet"),
                help_text=_("Tick those to be added as partner institutions. Leave a misspelt one, and mend the file."),
                choices=[(name, name) for name in names],
                initial=list(plan.reading.institutions),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def rows(self) -> list[tuple[Any, Any]]:
        """(column, its bound field or None) in the order of the sheet."""
        return [
            (column, None if column.locked else self[f"column_{column.index}"])
            for column in self.plan.columns[:COLUMNS_SHOWN]
        ]

    def reading(self) -> dict[str, Any]:
        """The keyword arguments of `choose_columns`."""
        row = self.cleaned_data["header_row"]
        return {
            "sheet": self.cleaned_data.get("sheet") or self.plan.sheet,
            "header_row": row - 1 if row else None,
            "columns": self._chosen(),
            "institutions": self.cleaned_data.get("institutions", ()),
        }

    def clean(self) -> dict[str, Any]:
        """One column for each field."""
        letters: dict[str, str] = {}
        for index, field in sorted(self._chosen().items()):
            if field and field not in NEVER and field in letters:
                both = {"field": dict(field_choices())[field], "first": letters[field]}
                both["second"] = roster.column_letter(index)
                self.add_error(
                    f"column_{index}",
                    _("Columns %(first)s and %(second)s are both given for “%(field)s”. Choose one of them.") % both,
                )
            if field:
                letters.setdefault(field, roster.column_letter(index))
        return self.cleaned_data

    def _chosen(self) -> dict[int, str | None]:
        return {
            int(name.removeprefix("column_")): value or None
            for name, value in self.cleaned_data.items()
            if name.startswith("column_")
        }


def field_choices() -> list[tuple[str, str]]:
    """What a column can be."""
    shown = [(field.key, _(field.label)) for field in roster.FIELDS if field.key not in (*NEVER, "starts_on")]
    return [("", _("leave out")), *shown, (roster.NOT_TAKEN, _("personal: leave out and empty"))]


class PersonForm(forms.Form):
    """One person by hand."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    known_as = forms.CharField(label=gettext_lazy("Known as"), max_length=80, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    institution = forms.ChoiceField(label=gettext_lazy("Institution"))
    department = forms.CharField(label=gettext_lazy("Department"), max_length=160, required=False)
    discipline = forms.CharField(label=gettext_lazy("Discipline"), max_length=120, required=False)
    line_manager = forms.CharField(
        label=gettext_lazy("Line manager"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("A name or an address, so that they never become this person’s coach."),
    )
    contract_ends_on = forms.DateField(label=gettext_lazy("Contract end"), required=False)
    invite = forms.BooleanField(label=gettext_lazy("Send the invitation now"), required=False)

    def __init__(self, data: Any = None, *, institutions: Sequence[str], is_live: bool) -> None:
        """`institutions` are names, the host's first."""
        super().__init__(data)
        self.fields["institution"].choices = [(name, name) for name in institutions]  # type: ignore[attr-defined]
        if len(institutions) < 2:
            self.fields["institution"].required = False
            self.fields["institution"].widget = forms.HiddenInput()
        if not is_live:
            del self.fields["invite"]
