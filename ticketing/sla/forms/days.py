"""A field for one date, with our own words for what is none."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import DateField
from wtforms.validators import StopValidation

from ticketing.web.forms import BaseForm


class DayField(DateField):
    """A date; empty is refused unless the form says otherwise."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; say in our own words when it is none."""
        try:
            self.data = date.fromisoformat(valuelist[0].strip()) if valuelist and valuelist[0] else None
        except ValueError:
            self.data = None
            raise ValueError(_("请写成 2026-12-01 这样的日期")) from None


def ask_for_a_day(_form: BaseForm, field: DayField) -> None:
    """Refuse an empty date; one that could not be read has been told so already."""
    if field.data is None and not field.process_errors:
        raise StopValidation(_("请填写此项"))
