"""Blanks in reply templates: ``{企业}`` or ``{company}`` stands for what the present ticket says.

The list is fixed: whoever writes a template is told at once when a blank is unknown. One that a ticket has
nothing for stays as it is, is seen by its writer, and is asked about before the text leaves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ticketing.core.errors import Invalid
from ticketing.core.text import N_


class Blank(StrEnum):
    """What can be filled in; the values are the English names."""

    COMPANY = "company"
    CONTACT = "contact"
    NUMBER = "number"
    TITLE = "title"
    UNIT = "unit"
    HANDLER = "handler"
    PHONE = "phone"
    DEADLINE = "deadline"
    RECEIVED = "received"
    TODAY = "today"


CHINESE = {
    Blank.COMPANY: "企业",
    Blank.CONTACT: "联系人",
    Blank.NUMBER: "单号",
    Blank.TITLE: "标题",
    Blank.UNIT: "单位",
    Blank.HANDLER: "经办人",
    Blank.PHONE: "电话",
    Blank.DEADLINE: "期限",
    Blank.RECEIVED: "接到日期",
    Blank.TODAY: "今天",
}
MEANINGS = {
    Blank.COMPANY: N_("提出诉求的企业"),
    Blank.CONTACT: N_("企业的联系人，您无权查看时空着"),
    Blank.NUMBER: N_("诉求编号"),
    Blank.TITLE: N_("诉求的标题"),
    Blank.UNIT: N_("承办单位"),
    Blank.HANDLER: N_("经办人；还没有时是您自己"),
    Blank.PHONE: N_("承办单位的电话"),
    Blank.DEADLINE: N_("办结的时限"),
    Blank.RECEIVED: N_("接到诉求的日期"),
    Blank.TODAY: N_("填写当天的日期"),
}
_BY_NAME = {name: blank for blank in Blank for name in (blank.value, CHINESE[blank])}
_BLANK = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")
_STRAY = re.compile(r"[{}｛｝]")


def name_of(blank: Blank, locale: str) -> str:
    """Return a blank as it is written in a template, braces included."""
    return f"{{{blank.value if locale == 'en' else CHINESE[blank]}}}"


def check(text: str) -> None:
    """Raise Invalid for ``body`` naming a blank that does not exist, or braces that make none."""
    for hit in _BLANK.finditer(text):
        if hit.group(1).strip().lower() not in _BY_NAME:
            known = " ".join(name_of(blank, "zh") for blank in Blank)
            raise _wrong(N_("没有 %(blank)s 这个占位符。可以用：%(known)s"), blank=hit.group(), known=known)
    stray = _STRAY.search(_BLANK.sub("", text))
    if stray:
        raise _wrong(N_("有一个单独的 %(brace)s：占位符的前后都要有花括号"), brace=stray.group())


def _wrong(sentence: str, *, blank: str = "", known: str = "", brace: str = "") -> Invalid:
    return Invalid(sentence, fields={"body": [sentence]}, blank=blank, known=known, brace=brace)


def fill(text: str, values: Mapping[Blank, str]) -> str:
    """Return ``text`` with every blank filled that ``values`` has something for; the others stay."""

    def put(hit: re.Match[str]) -> str:
        blank = _BY_NAME.get(hit.group(1).strip().lower())
        return (values.get(blank, "") if blank else "") or hit.group()

    return _BLANK.sub(put, text)
