"""The reason codes: which action needs which, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from flask_babel import force_locale, gettext
from pydantic import Field

from ticketing.core.text import N_
from ticketing.tickets import labels
from ticketing.tickets.wishes import WISHES
from ticketing.tickets.words import Action
from ticketing.web.endpoints import Tag, get
from ticketing.web.shapes import Answer, Listed, Paged, page_of


class ReasonCode(Answer):
    """One reason that may be given for an action."""

    action: Action = Field(description=N_("哪个动作用它"))
    field: str = Field(description=N_("填在哪一项"))
    code: str
    label: str = Field(description=N_("中文名称"))
    label_en: str


class ReasonCodes(Listed[ReasonCode]):
    """One page of the reason codes."""


@get("/reason-codes", answer=ReasonCodes, query=Paged, tag=Tag.NETWORK, summary=N_("各动作的原因代码"))
def list_reason_codes(query: Paged) -> ReasonCodes:
    items, more = page_of(list(_reasons()), query)
    return ReasonCodes(items=items, next_cursor=more)


def _reasons() -> Iterator[ReasonCode]:
    """Every closed set among the fields named ``..._code``, with both languages' words."""
    for action, wish in WISHES.items():
        for name, field in wish.model_fields.items():
            kind = field.annotation
            if not (name.endswith("_code") and isinstance(kind, type) and issubclass(kind, StrEnum)):
                continue
            for code, label in labels.ALL[kind].items():
                with force_locale("en"):
                    english = gettext(label)
                yield ReasonCode(action=action, field=name, code=code, label=label, label_en=english)
