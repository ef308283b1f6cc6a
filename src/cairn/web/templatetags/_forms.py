"""Forms: a field with its label, help and error; the errors of a form summed up on top."""

import copy
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString

SHORT = (forms.DateField, forms.TimeField, forms.IntegerField, forms.DecimalField, forms.DurationField)


def native_widget(bound: BoundField) -> forms.Widget:
    """The field's widget, with the browser's own date and time controls in place of plain text."""
    widget: forms.Widget = bound.field.widget
    kinds = (
        (forms.DateTimeField, forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
        (forms.DateField, forms.DateInput, "date", "%Y-%m-%d"),
        (forms.TimeField, forms.TimeInput, "time", "%H:%M"),
    )
    for field, plain, input_type, written in kinds:
        if isinstance(bound.field, field) and isinstance(widget, plain) and widget.input_type == "text":
            native = copy.copy(widget)
            native.input_type = input_type
            native.format = written
            return native
    return widget


def shape(bound: BoundField) -> str:
    """Which form the field takes: "hidden", "choices" (a fieldset), "tick" (one box) or "line"."""
    widget = bound.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "tick" if isinstance(widget, forms.CheckboxInput) else "line"


def control(bound: BoundField, kind: str) -> SafeString:
    """The input itself; fieldsets render their options one by one instead."""
    if kind == "choices":
        return SafeString("")
    widget = native_widget(bound)
    attrs: dict[str, str | bool] = {}
    if isinstance(bound.field, forms.DecimalField) and isinstance(widget, forms.NumberInput):
        attrs["inputmode"] = "decimal"
    return bound.as_widget(widget=widget, attrs=attrs)


def field_context(
    bound: BoundField, *, size: str, prefix: str, suffix: str, hide_label: bool, row: bool, mark_optional: bool
) -> dict[str, Any]:
    """All that components/field.html needs, worked out."""
    kind = shape(bound)
    short = size == "short" or (
        not size and isinstance(bound.field, SHORT) and not isinstance(bound.field, forms.DateTimeField)
    )
    return {
        "field": bound,
        "kind": kind,
        "control": control(bound, kind),
        "options": list(bound) if kind == "choices" else [],
        "short": short,
        "prefix": prefix,
        "suffix": suffix,
        "hide_label": hide_label,
        "row": row,
        "optional": mark_optional and not bound.field.required and kind != "tick",
        "help_id": f"{bound.auto_id}_helptext",
        "error_id": f"{bound.auto_id}_error",
    }


def first_control_id(bound: BoundField) -> str:
    """Where a link to the field leads: its control, or the first of its options."""
    if shape(bound) == "choices":
        options = list(bound)
        return str(options[0].id_for_label) if options else str(bound.auto_id)
    return str(bound.id_for_label or bound.auto_id)


def errors_of(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Every error of a form as (id of the control or "", sentence), those of the form as a whole first."""
    found = [("", str(sentence)) for sentence in form.non_field_errors()]
    for bound in form:
        found += [(first_control_id(bound), f"{bound.label}: {sentence}") for sentence in bound.errors]
    return found


def errors_in(thing: Any) -> list[tuple[str, str]]:
    """Errors of a form, or of a formset with its forms."""
    if isinstance(thing, forms.BaseFormSet):
        found = [("", str(sentence)) for sentence in thing.non_form_errors()]
        for form in thing.forms:
            found += errors_of(form)
        return found
    return errors_of(thing)
