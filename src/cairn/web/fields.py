"""Fields for what people type here: minutes in their own words, money in its currency, and forms that notice others."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery.terms import Mode
from cairn.engines import cadence, invoicing
from cairn.engines.wording import Refusal, Wording
from cairn.foundation import stamps
from cairn.web.moments import link
from cairn.web.templatetags import _amounts

MOST_MINUTES = 100_000
CLOCK = re.compile(r"(\d{1,4}):(\d{2})")
HOURS = re.compile(
    r"(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:h|hrs?|hours?)\.?(?:\s*(\d{1,2})\s*(?:m|mins?|minutes?)?\.?)?", re.I
)
MINUTES = re.compile(r"(\d{1,6})\s*(?:m|mins?|minutes?)?\.?", re.I)


def read_minutes(text: str) -> int | None:
    """Whole minutes from "3 h 30", "3:30", "3.5 h", "210 min" or "210"; None when it is none of these."""
    text = " ".join(text.split())
    if found := CLOCK.fullmatch(text):
        return int(found[1]) * 60 + int(found[2]) if int(found[2]) < 60 else None
    if found := HOURS.fullmatch(text):
        exact = Decimal(found[1].replace(",", ".")) * 60 + int(found[2] or 0)
        return int(exact) if exact == int(exact) else None
    if found := MINUTES.fullmatch(text):
        return int(found[1])
    return None


class MinutesField(forms.Field):
    """A length of time, shown as hours and minutes. The value is whole minutes."""

    widget = forms.TextInput

    def __init__(self, *, least: int = 0, most: int = MOST_MINUTES, **options: Any) -> None:
        """`least` and `most` are minutes."""
        self.least, self.most = least, most
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """As people say it; what was typed stays as it was typed."""
        return _amounts.minutes(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Read what was typed."""
        text = str(value or "").strip()
        if not text:
            return super().clean("") or None
        found = read_minutes(text)
        if found is None:
            raise forms.ValidationError(_("Write a length of time like 3 h 30 min, 3:30 or 210 min."))
        if not self.least <= found <= self.most:
            raise forms.ValidationError(
                _("This is between %(least)s and %(most)s.")
                % {"least": _amounts.minutes(self.least), "most": _amounts.minutes(self.most)}
            )
        return found


def currency_field() -> forms.CharField:
    """An ISO 4217 code."""
    return forms.CharField(
        label=gettext_lazy("Currency, such as GBP"),
        max_length=3,
        widget=forms.TextInput(attrs={"size": 4, "autocapitalize": "characters", "autocomplete": "off"}),
    )


def read_money(form: forms.Form, field: str, currency_name: str = "currency") -> int | None:
    """Minor units from a text field, in the currency beside it. Adds the errors to the form; None without an amount."""
    currency = str(form.cleaned_data.get(currency_name) or "").strip().upper()
    form.cleaned_data[currency_name] = currency
    text = str(form.cleaned_data.get(field) or "").strip()
    try:
        invoicing.minor_digits(currency)
    except Refusal as refused:
        if currency and currency_name not in form.errors:
            form.add_error(currency_name, words(refused.wording))
        return None
    if not text:
        return None
    try:
        amount = invoicing.parse_money(text, currency)
    except Refusal as refused:
        form.add_error(field, words(refused.wording))
        return None
    if amount < 0:
        form.add_error(field, _("A rate is not negative."))
    return amount


def plain_money(minor: int | None, currency: str) -> str:
    """An amount as one would type it: 8550 → "85.50"."""
    if minor is None:
        return ""
    digits = invoicing.minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def words(wording: Wording) -> str:
    """An engine's sentence in the reader's language, its dates and times written out, a zone by its city."""
    params = {name: _written(value) for name, value in wording.params.items()}
    if "zone" in params and wording.key != cadence.UnknownZone.key:
        params["zone"] = _amounts.zone_place(str(params["zone"]))
    return _(wording.template).format(**params)


def _written(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{_amounts.day(value, 'medium')}, {_amounts.clock(value)}"
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return _amounts.day(value, "medium") if isinstance(value, dt.date) else value


class SeenForm(forms.Form):
    """A form that carries what it was filled in from, so that two people do not overwrite each other unawares."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def show_stamp(self, values: Mapping[str, Any]) -> None:
        """Carry the stamp of these values, also in a form that was sent: saving again then replaces them knowingly."""
        self.initial["seen"] = stamps.stamp(values)
        if self.is_bound:
            sent = QueryDict(mutable=True)
            sent.update(self.data)
            sent[self.add_prefix("seen")] = self.initial["seen"]
            self.data = sent

    def tell_changed(self, sentence: str, names: tuple[str, ...], current: Mapping[str, Any]) -> None:
        """Say what somebody else changed, keep what was typed, and let the next save go through."""
        changes = "; ".join(f"{self._label(name)}: {self._shown(name, current[name])}" for name in names)
        self.add_error(
            None,
            _("%(sentence)s Now: %(changes)s. Save again to put yours in their place.")
            % {"sentence": sentence, "changes": changes},
        )
        self.show_stamp(current)

    def _label(self, name: str) -> str:
        field = self.fields.get(name)
        return str(field.label) if field else name

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(self.fields.get(name), MinutesField):
            return _amounts.minutes(value)
        if hasattr(value, "year"):
            return _amounts.day(value, "medium")
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        text = str(value if value not in (None, "") else _("nothing"))
        return text if len(text) <= 80 else f"{text[:80]}…"


def linked_when_online(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    """What was typed, once a session online is joined by a web address; otherwise `where` says what is missing."""
    where = (cleaned.get("where") or "").strip()
    if cleaned.get("mode") == Mode.ONLINE and where and not link(where):
        form.add_error("where", _("Write the link as it stands in the invitation, beginning with https://."))
    return cleaned
