"""The filters of a list in words: their names, their values, and what was ignored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import labels
from ticketing.tickets.filters import YES, ReadFilters
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

NAMES = {
    "q": N_("搜索词"),
    "status": N_("状态"),
    "unit": N_("单位"),
    "at": N_("仅本单位"),
    "sent_to": N_("派给过"),
    "returned_by": N_("退单单位"),
    "category": N_("类别"),
    "kind": N_("类型"),
    "level": N_("紧急程度"),
    "channel": N_("来源渠道"),
    "light": N_("亮灯"),
    "section": N_("时间"),
    "mine": N_("我经办的"),
    "overdue": N_("已超时"),
    "open": N_("在办"),
    "rated": N_("已评价"),
    "satisfied": N_("满意"),
    "from": N_("接到时间从"),
    "to": N_("接到时间到"),
    "closed_from": N_("办结时间从"),
    "closed_to": N_("办结时间到"),
}
_FLAGS = frozenset({"mine", "overdue", "open", "rated", "satisfied"})
_UNITS = frozenset({"unit", "at", "sent_to", "returned_by"})
WORDS: dict[str, dict[Any, str]] = {
    "status": dict(labels.STATES),
    "kind": dict(labels.KINDS),
    "level": dict(labels.LEVELS),
    "channel": dict(labels.CHANNELS),
    "light": dict(labels.LIGHTS),
    "section": dict(labels.SECTIONS),
}


def name_of(name: str) -> str:
    """Return what a filter is called."""
    return _(NAMES.get(name, name))


def problems(read: ReadFilters) -> list[str]:
    """Return the sentences about values that were ignored."""
    return [
        _("%(name)s：%(why)s", name=name_of(name), why=_(sentence))
        for name, sentences in read.problems.items()
        for sentence in sentences
    ]


def in_words(name: str, given: Collection[str], net: Network, categories: Mapping[str, str]) -> str:
    """Return what a filter narrows to, with its name: 状态：办理中; what is simply so needs its name only.

    ``categories``: their names by code, or nothing.
    """
    if name in _FLAGS and all(value.lower() in YES for value in given):
        return name_of(name)
    return _("%(name)s：%(why)s", name=name_of(name), why=values(name, given, net, categories))


def values(name: str, given: Iterable[str], net: Network, categories: Mapping[str, str]) -> str:
    """Return the values of one filter as people say them."""
    words = list(given)
    if name in WORDS:
        table = {word.value: label for word, label in WORDS[name].items()}
        words = [_(table[value]) for value in words]
    elif name in _UNITS:
        words = [net.by_code[code].label(language()) for code in words]
    elif name == "category":
        words = [categories.get(code, code) for code in words]
    elif name in _FLAGS:
        words = [_("是") if value.lower() in YES else _("否") for value in words]
    return _("、").join(words)


def categories_if(is_asked: object) -> dict[str, str]:
    """Return the categories' names by code, read only if there is something to name."""
    return {one.code: one.label(language()) for one in network.categories()} if is_asked else {}
