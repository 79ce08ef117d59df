"""The base of every form: clean text, limits, sentences in the reader's language, one key per rendering."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms import EmailField as PlainEmailField
from wtforms import PasswordField as PlainPasswordField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, StopValidation
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, ListWidget, RadioInput, TextArea

from config import DISTRICT_ZONE
from ticketing.core.text import clean_line, clean_text

Choice = tuple[str, object]
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


def fresh_key() -> str:
    """Return a new idempotency key for one rendering of a form."""
    return secrets.token_urlsafe(16)


class BaseForm(FlaskForm):
    """A form with the CSRF token and, in ``once``, the idempotency key of this rendering."""

    once = HiddenField(default=fresh_key)

    @property
    def has_errors(self) -> bool:
        """Whether the page must answer 422 and show the summary."""
        return bool(self.errors)

    def take_errors(self, fields: dict[str, list[str]]) -> list[str]:
        """Put a refusal's messages beside their fields; return those that belong to no field here."""
        loose: list[str] = []
        for name, messages in fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, *(_of_field(self[name], one) for one in messages)]
            else:
                loose += messages
        return loose


class Filled:
    """Refuses an empty answer; spaces and invisible characters alone are empty."""

    field_flags = {"required": True}  # noqa: RUF012 - read by WTForms

    def __call__(self, _form: Form, field: Field) -> None:
        """Stop at an empty value; one that could not be read has been told so already."""
        if field.process_errors:
            raise StopValidation
        if not field.data:
            field.errors = []
            raise StopValidation(_of_field(field, _("请填写此项")))


def _of_field(field: Field, message: str) -> str:
    """Return the message in the field's own words: an answer that is missing is filled in, or chosen."""
    is_missing = isinstance(field, SelectField) and message == _("请填写此项")
    return _("请选一项") if is_missing else message


def _checks(
    *, required: bool, max_chars: int, min_chars: int = 0, more: Sequence[Callable[..., None]] = ()
) -> list[Any]:
    start: Any = Filled() if required else Optional()
    checks: list[Any] = [start, Length(max=max_chars, message=_("最多 %(max)d 个字"))]
    if min_chars:
        checks.append(Length(min=min_chars, message=_("至少 %(min)d 个字")))
    return [*checks, *more]


def _if_text(clean: Callable[[str], str]) -> Callable[[object], object]:
    return lambda value: clean(value) if isinstance(value, str) else value


class LineField(StringField):
    """One line of clean text."""

    def __init__(
        self,
        label: object,
        *,
        max_chars: int,
        min_chars: int = 0,
        required: bool = True,
        validators: Sequence[Callable[..., None]] = (),
        **options: Any,
    ) -> None:
        checks = _checks(required=required, max_chars=max_chars, min_chars=min_chars, more=validators)
        options.setdefault("filters", [_if_text(clean_line)])
        super().__init__(label, validators=checks, **options)


class ParagraphField(LineField):
    """Running text; line breaks stay."""

    widget = TextArea()

    def __init__(self, label: object, *, max_chars: int, required: bool = True, **options: Any) -> None:
        super().__init__(
            label, max_chars=max_chars, required=required, filters=[_if_text(clean_text)], **options
        )


class EmailField(PlainEmailField):
    """An e-mail address; whether it is one is decided by the rules, not here."""

    def __init__(self, label: object, *, required: bool = True, **options: Any) -> None:
        checks = _checks(required=required, max_chars=254)
        super().__init__(label, validators=checks, filters=[_if_text(clean_line)], **options)


class PasswordField(PlainPasswordField):
    """A password, taken exactly as typed and never shown again."""

    def __init__(self, label: object, **options: Any) -> None:
        super().__init__(label, validators=[Filled()], **options)


class ChoiceField(SelectField):
    """One of a list. ``choices`` may be set per request; an empty first choice makes it optional."""

    def __init__(self, label: object, *, required: bool = True, **options: Any) -> None:
        checks = [Filled() if required else Optional()]
        super().__init__(label, validators=checks, choices=choices(options.pop("choices", ())), **options)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list with our own sentence."""
        if self.data and self.data not in {value for value, *_rest in self.iter_choices()}:
            raise StopValidation(_("请从列表中选择"))


class RadioField(ChoiceField):
    """One of a short list, all of it in sight."""

    widget = ListWidget(prefix_label=False)
    option_widget = RadioInput()


class MultiChoiceField(SelectMultipleField):
    """Any number of a list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: object, **options: Any) -> None:
        super().__init__(label, choices=choices(options.pop("choices", ())), **options)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list with our own sentence."""
        known = {value for value, *_rest in self.iter_choices()}
        if not set(self.data or ()) <= known:
            raise StopValidation(_("请从列表中选择"))


class DayField(DateField):
    """One date; what was typed stays when it is none."""

    def __init__(self, label: object, *, required: bool = True, **options: Any) -> None:
        super().__init__(label, validators=[Filled() if required else Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; say in our own words when it is none."""
        typed = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        try:
            self.data = date.fromisoformat(typed) if typed else None
        except ValueError:
            raise ValueError(_("请写成 2026-11-22 这样的日期")) from None


class MomentField(Field):
    """A moment typed in the district's time (``datetime-local``); ``data`` is aware UTC or None."""

    widget = DateTimeLocalInput()

    def __init__(self, label: object, *, required: bool = True, **options: Any) -> None:
        super().__init__(label, validators=[Filled() if required else Optional()], **options)
        self.typed = ""

    def _value(self) -> str:
        if self.typed or not self.data:
            return self.typed
        return str(self.data.astimezone(DISTRICT_ZONE).strftime(MOMENT_FORMAT))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; keeps the text when it is no moment."""
        self.typed = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not self.typed:
            return
        try:
            local = datetime.strptime(self.typed[:16], MOMENT_FORMAT)  # noqa: DTZ007 - zone follows
            self.data = local.replace(tzinfo=DISTRICT_ZONE).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(_("请写成 2026-11-22T09:30 这样的日期和时间")) from None


def choices(pairs: Iterable[Choice], *, empty: object = None) -> list[SelectChoice]:
    """Return a select's choices from (value, label) pairs; ``empty`` labels a first, empty one."""
    first = [] if empty is None else [SelectChoice("", empty)]
    return first + [SelectChoice(value, label) for value, label in pairs]
