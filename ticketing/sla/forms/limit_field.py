"""A limit as two controls: a number, and what it is counted in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.widgets import html_params

from ticketing.core.text import clean_line
from ticketing.sla.forms.limit_words import UNITS, limit_words
from ticketing.sla.rules.limits import BadLimit, Limit, LimitTooLong, LimitUnit
from ticketing.web.texts import gettext

_MOST_CHARS = 20


class NumberAndUnit:
    """Both controls bear the field's name: the number comes first, the unit second."""

    def __call__(self, field: LimitField, **options: Any) -> Markup:
        """Return the two controls; the label is the number's, the unit has one for the ear."""
        number = {"type": "text", "inputmode": "numeric", "maxlength": _MOST_CHARS, "value": field.amount}
        unit = {"id": f"{field.id}-unit", "class": "input", "aria-label": gettext("计量单位")}
        choices = [
            _tag("option", gettext(name), value=one.value, selected=one.value == field.unit)
            for one, name in UNITS.items()
        ]
        both = _tag("input", None, id=field.id, name=field.name, **number, **options)
        both += _tag("select", Markup("").join(choices), name=field.name, **unit)
        return _tag("span", both, class_="amount")


def _tag(element: str, inside: str | None, /, **attributes: Any) -> Markup:
    """Return an element; without ``inside`` it is one that has no end."""
    start = Markup("<%s %s>") % (Markup(element), Markup(html_params(**attributes)))  # noqa: S704 - escapes them
    return start if inside is None else start + inside + Markup("</%s>") % element


class LimitField(Field):
    """A limit; ``data`` is one or None. What was typed stays when it is none."""

    widget = NumberAndUnit()
    data: Limit | None

    def __init__(self, label: object, **options: Any) -> None:
        self.amount, self.unit = "", LimitUnit.WORKING_DAYS.value
        super().__init__(label, **options)

    def process_data(self, value: Limit | None) -> None:
        """Show a limit that holds."""
        self.data = value
        if value is not None:
            self.amount, self.unit = str(value.amount), value.unit.value

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the two controls; say in people's words what is wrong with them."""
        self.data = None
        self.amount, self.unit = (clean_line(value)[:_MOST_CHARS] for value in [*valuelist, "", ""][:2])
        if not self.amount:
            return
        if self.unit not in set(LimitUnit):
            raise ValueError(_("请从列表中选择"))
        if not self.amount.isdecimal():
            raise ValueError(_("请只写数字，例如 5，单位在旁边选择"))
        unit = LimitUnit(self.unit)
        try:
            self.data = Limit(int(self.amount), unit)
        except LimitTooLong:
            most = limit_words(Limit.longest(unit))
            raise ValueError(gettext("太长，最长为 %(most)s", most=most)) from None
        except BadLimit:
            raise ValueError(_("请填写 1 或更大的数")) from None
