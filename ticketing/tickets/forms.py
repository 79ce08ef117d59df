"""The form of every action, made from its wish: labels, help and limits stand there and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, get_args

from flask_babel import lazy_gettext as _
from pydantic.fields import FieldInfo
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, NumberInput

from ticketing.core.text import N_
from ticketing.tickets import labels
from ticketing.tickets.wishes import WISHES
from ticketing.tickets.words import Action, Card
from ticketing.web.forms import (
    BaseForm,
    Choice,
    ChoiceField,
    LineField,
    MultiChoiceField,
    ParagraphField,
    RadioField,
)
from ticketing.web.texts import gettext

Groups = dict[str, list[Choice]]
CONTROL_FIELDS = frozenset({"version"})
_PARAGRAPH_FROM_CHARS = 1000
_USUAL_LIMITS = {
    "4wh": N_("4 个工作小时"),
    "1wd": N_("1 个工作日"),
    "2wd": N_("2 个工作日"),
    "3wd": N_("3 个工作日"),
    "5wd": N_("5 个工作日"),
    "10wd": N_("10 个工作日"),
}
SATISFACTIONS = {
    "5": N_("非常满意"),
    "4": N_("满意"),
    "3": N_("基本满意"),
    "2": N_("不满意"),
    "1": N_("非常不满意"),
}
_YES_AND_NO = {
    "uphold": (N_("同意退单，改派别的单位"), N_("不同意，退回原单位")),
    "approve": (N_("同意"), N_("不同意")),
    "reached": (N_("联系上了"), N_("没有联系上")),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """What the selects of one ticket's forms offer, and what stands in them at first."""

    units: Groups = field(default_factory=dict)
    people: list[Choice] = field(default_factory=list)
    tickets: list[Choice] = field(default_factory=list)
    categories: list[Choice] = field(default_factory=list)
    present: dict[str, str] = field(default_factory=dict)
    limit_by_rule: str = ""  # what no chosen limit means, where a rule has one


class ActionForm(BaseForm):
    """Base of the made forms. ``version`` is the one the person saw."""

    version = HiddenField()
    draft_from = ""  # when the draft in it was saved, in words

    @property
    def asked(self) -> list[Any]:
        """The fields a person fills in, in the order of the wish."""
        return [one for one in self if not isinstance(one, HiddenField)]


def has_questions(action: Action) -> bool:
    """Return whether the action asks for anything; if not, a button is enough."""
    return bool(WISHES[action].model_fields.keys() - CONTROL_FIELDS)


def can_be_empty(action: Action) -> bool:
    """Return whether nothing need be filled in."""
    return not any(info.is_required() for info in WISHES[action].model_fields.values())


def form_for(action: Action, offered: Offered, typed: MultiDict[str, str] | None = None) -> ActionForm:
    """Return the form of ``action``; ``typed`` is what was posted, to be shown again."""
    wish = WISHES[action]
    fields = {
        name: _made(action, name, info, offered)
        for name, info in wish.model_fields.items()
        if name not in CONTROL_FIELDS
    }
    kind: type[ActionForm] = type("MadeForm", (ActionForm,), fields)
    form = kind(formdata=typed, data=offered.present)
    for name in ("unit", "suggested_unit"):
        if name in form:
            form[name].choices = _grouped(offered.units, is_needed=wish.model_fields[name].is_required())
    return form


def _grouped(units: Groups, *, is_needed: bool) -> list[SelectChoice]:
    first = _("请选择单位") if is_needed else _("不指定")
    found = [
        SelectChoice(value, label, optgroup=group) for group, held in units.items() for value, label in held
    ]
    return [SelectChoice("", first), *found]


def posted(action: Action, typed: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a form said, ready for the wish: answers left empty are left out."""
    found: dict[str, Any] = {}
    for name, info in WISHES[action].model_fields.items():
        if _is_list(info):
            found[name] = [value for value in typed.getlist(name) if value]
        elif typed.get(name, "").strip():
            found[name] = typed[name]
    return found


def _made(action: Action, name: str, info: FieldInfo, offered: Offered) -> Any:
    """Return the WTForms field for one field of a wish."""
    options: dict[str, Any] = {
        "id": f"{action}-{name}",
        "description": gettext(info.description) if info.description else "",
        "required": info.is_required(),
    }
    label = _(info.title or name)
    special = _SPECIAL.get(name)
    return special(label, offered, options) if special else _by_type(label, name, info, options)


def _by_type(label: object, name: str, info: FieldInfo, options: dict[str, Any]) -> Any:
    word = _word_of(info.annotation)
    if word is not None:
        return RadioField(label, choices=_words(word), **options)
    if info.annotation is bool:
        return RadioField(label, choices=_yes_and_no(name), **options)
    if info.annotation is date:
        return LineField(label, max_chars=10, widget=DateInput(), **options)
    if info.annotation is int:
        return LineField(label, max_chars=4, widget=NumberInput(min=0), **options)
    most = _max_chars(info)
    kind = ParagraphField if most >= _PARAGRAPH_FROM_CHARS else LineField
    return kind(label, max_chars=most, **options)


def _unit(label: object, _offered: Offered, options: dict[str, Any]) -> Any:
    return ChoiceField(label, **options)


def _units(label: object, offered: Offered, options: dict[str, Any]) -> Any:
    plain = {value: name for group in offered.units.values() for value, name in group}
    options.pop("required")
    return MultiChoiceField(label, choices=list(plain.items()), **options)


def _person(label: object, offered: Offered, options: dict[str, Any]) -> Any:
    return RadioField(label, choices=offered.people, **options)


def _ticket(label: object, offered: Offered, options: dict[str, Any]) -> Any:
    if not offered.tickets:
        return LineField(label, max_chars=20, **options)
    return RadioField(label, choices=offered.tickets, **options)


def _category(label: object, offered: Offered, options: dict[str, Any]) -> Any:
    return ChoiceField(label, choices=offered.categories, **options)


def _limit(label: object, offered: Offered, options: dict[str, Any]) -> Any:
    options |= {"description": "", "required": not offered.limit_by_rule}
    pairs = [(value, gettext(name)) for value, name in _USUAL_LIMITS.items()]
    return ChoiceField(label, choices=[("", offered.limit_by_rule or _("请选择时限")), *pairs], **options)


def _satisfaction(label: object, _offered: Offered, options: dict[str, Any]) -> Any:
    return RadioField(
        label, choices=[(value, gettext(name)) for value, name in SATISFACTIONS.items()], **options
    )


def _card(label: object, _offered: Offered, options: dict[str, Any]) -> Any:
    return RadioField(label, choices=[("", _("不给牌")), *_words(Card)], default="", **options)


_SPECIAL: dict[str, Callable[[object, Offered, dict[str, Any]], Any]] = {
    "unit": _unit,
    "suggested_unit": _unit,
    "co_units": _units,
    "user": _person,
    "into": _ticket,
    "category": _category,
    "due_limit": _limit,
    "satisfaction": _satisfaction,
    "card": _card,
}


def _words(kind: type[StrEnum]) -> list[Choice]:
    return [(word.value, gettext(label)) for word, label in labels.ALL[kind].items()]


def _yes_and_no(name: str) -> list[Choice]:
    yes, no = _YES_AND_NO.get(name, (N_("是"), N_("否")))
    return [("true", gettext(yes)), ("false", gettext(no))]


def _types(annotation: Any) -> Iterable[Any]:
    """The annotation and everything inside it: ``Kind | None`` holds Kind."""
    yield annotation
    for inner in get_args(annotation):
        yield from _types(inner)


def _word_of(annotation: Any) -> type[StrEnum] | None:
    found = (one for one in _types(annotation) if isinstance(one, type) and issubclass(one, StrEnum))
    return next(found, None)


def _is_list(info: FieldInfo) -> bool:
    return any(one is list for one in (info.annotation, getattr(info.annotation, "__origin__", None)))


def _max_chars(info: FieldInfo) -> int:
    """The longest text the wish takes."""
    inside = (rule for one in _types(info.annotation) for rule in getattr(one, "__metadata__", ()))
    places = [*info.metadata, *inside]
    found = [rule.max_length for rule in places if getattr(rule, "max_length", None)]
    return int(found[0]) if found else _PARAGRAPH_FROM_CHARS
