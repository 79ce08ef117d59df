"""From what somebody sent to a checked model: says what is wrong by field, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from flask_babel import gettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ticketing.core.errors import Invalid
from ticketing.core.text import N_

_QUOTED = re.compile(r"'([^']*)'")
Model = TypeVar("Model", bound=BaseModel)

FILL_IN = N_("请填写此项")
_CHOOSE = N_("请从列表中选择：%(expected)s")
_MOMENT = N_("请写成 2026-11-22T09:30:00+08:00 这样的日期和时间，带时区")
_DATE = N_("请写成 2026-11-22 这样的日期")
_WHOLE = N_("请填写整数")
_TRUTH = N_("请填写 true 或 false")
_TEXT = N_("请填写文字")
# What pydantic calls a mistake -> our sentence; the placeholders are pydantic's own.
SENTENCES = {
    "missing": FILL_IN,
    "string_type": _TEXT,
    "string_unicode": N_("文字里有无法识别的字符"),
    "string_too_short": N_("至少 %(min_length)d 个字"),
    "string_too_long": N_("最多 %(max_length)d 个字"),
    "datetime_or_date": N_("请写成 2026-11-22 或 2026-11-22T09:30:00+08:00，时间要带时区"),
    "string_pattern_mismatch": N_("格式不正确"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "enum": _CHOOSE,
    "literal_error": _CHOOSE,
    "greater_than_equal": N_("不能小于 %(ge)s"),
    "less_than_equal": N_("不能大于 %(le)s"),
    "timezone_aware": _MOMENT,
    "list_type": N_("请填写列表"),
    "too_short": N_("至少 %(min_length)d 项"),
    "too_long": N_("最多 %(max_length)d 项"),
    "model_type": N_("请填写 JSON 对象"),
    "model_attributes_type": N_("请填写 JSON 对象"),
    "extra_forbidden": N_("这里没有这一项"),
}
_BY_START = {"datetime": _MOMENT, "date": _DATE}
_OTHER = N_("内容不正确")


def read_wish(model: type[Model], data: Mapping[str, Any]) -> Model:
    """Return ``data`` as a checked ``model``, taking numbers and truths as text too, as forms send them.

    Raises Invalid with the fields to mend, in the reader's language.
    """
    try:
        return model.model_validate(data)
    except ValidationError as wrong:
        raise invalid(wrong) from wrong


def invalid(wrong: ValidationError) -> Invalid:
    """Return the refusal that says what ``wrong`` found, by field: ``contact.phone`` for nested ones."""
    fields: dict[str, list[str]] = {}
    loose: list[str] = []
    for error in wrong.errors(include_url=False):
        facts = error.get("ctx", {})
        field = ".".join(map(str, error["loc"])) or str(facts.get("field", ""))
        told = fields.setdefault(field, []) if field else loose
        told.append(_sentence(_kind(error), error["msg"], facts))
    return Invalid(loose[0] if loose else None, fields=fields)


def _kind(error: ErrorDetails) -> str:
    """Return what is wrong; the length of a cleaned text is a text's length, though pydantic counts items."""
    kind = error["type"]
    return f"string_{kind}" if kind in {"too_short", "too_long"} and isinstance(error["input"], str) else kind


def _sentence(kind: str, text: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for one mistake; our own models raise theirs as message ids."""
    if facts.get("field"):
        return str(gettext(text))
    if kind == "string_too_short" and facts["min_length"] == 1:
        return str(gettext(FILL_IN))
    if "expected" in facts:
        facts = {"expected": gettext("、").join(_QUOTED.findall(str(facts["expected"])))}
    sentence = SENTENCES.get(kind) or _BY_START.get(kind.partition("_")[0], _OTHER)
    return str(gettext(sentence, **facts)) if facts else str(gettext(sentence))
