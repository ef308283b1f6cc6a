"""What forms say of fields that are empty or cannot be read, in the words of these pages and not in a machine's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LETTERS = {
    "max_length": _("This is too long: %(limit_value)s characters at most."),
    "null_characters_not_allowed": _("A character in this cannot be kept. Type it anew."),
}
CHOICE = {"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")}
WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.IntegerField: {
        "required": _("Write a number here."),
        "invalid": _("Write a whole number, such as 15."),
        "min_value": _("Write %(limit_value)s or more."),
        "max_value": _("Write %(limit_value)s or less."),
    },
    forms.DateField: {"required": _("Choose a day."), "invalid": _("This is not a day. Write it like 2027-03-08.")},
    forms.TimeField: {
        "required": _("Write a time of day, such as 20:30."),
        "invalid": _("This is not a time of day. Write it like 20:30."),
    },
    forms.MultipleChoiceField: CHOICE,
    forms.ChoiceField: CHOICE,
    forms.CharField: {"required": _("This cannot stay empty.")} | LETTERS,
}


def plainly(form: forms.Form) -> None:
    """Give the fields these words; words that a field has of its own stay."""
    for field in form.fields.values():
        words = next((each for kind, each in WORDS.items() if isinstance(field, kind)), {})
        stock = _stock(type(field))
        for key, sentence in words.items():
            if field.error_messages.get(key) == stock.get(key):
                field.error_messages[key] = sentence


def _stock(kind: type[forms.Field]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in reversed(kind.__mro__):
        found |= getattr(each, "default_error_messages", {})
    return found
