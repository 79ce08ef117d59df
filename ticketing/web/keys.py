"""The keys of the staff's pages: one table; the sheet behind `?` shows it and the scripts obey it."""

from __future__ import annotations

from dataclasses import dataclass

from ticketing.core.text import N_


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the sheet. ``does`` names what a script does at each key by itself; without it the key
    presses what bears it as ``data-key`` or, below a list, as ``data-many``.
    """

    keys: tuple[str, ...]
    label: str
    does: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The keys, each with what a script does."""
        return list(zip(self.keys, self.does or [""] * len(self.keys), strict=True))


@dataclass(frozen=True, slots=True)
class Group:
    """Keys that belong together."""

    title: str
    keys: tuple[Key, ...]


SHEET = (
    Group(
        N_("到处都能用"),
        (
            Key(("/",), N_("搜索"), ("search",)),
            Key(("n",), N_("登记新诉求")),
            Key(("?",), N_("打开这张表"), ("sheet",)),
            Key(("Esc",), N_("关上打开的菜单、这张表或旁边的诉求")),
        ),
    ),
    Group(
        N_("在列表里"),
        (
            Key(("j", "k"), N_("下一行、上一行"), ("next", "previous")),
            Key(("o",), N_("打开这一行"), ("open",)),
            Key(("x",), N_("勾选这一行，或取消"), ("tick",)),
            Key(("X",), N_("全选这一页，或全不选"), ("tick_all",)),
            Key(("b",), N_("到选中之后的按钮"), ("bar",)),
            Key(("1–9",), N_("看第几个视图，派单时选第几个建议")),
            Key(("f",), N_("筛选")),
            Key(("v",), N_("存为视图")),
            Key((".",), N_("看新到的"), ("renew",)),
        ),
    ),
    Group(
        N_("对勾选的、这一行的或打开的诉求"),
        (
            Key(("s",), N_("签收")),
            Key(("t",), N_("由我经办")),
            Key(("c",), N_("记录联系")),
            Key(("r",), N_("写答复")),
            Key(("a",), N_("指派经办人，或派单")),
            Key(("y",), N_("受理")),
            Key(("u",), N_("催办")),
            Key(("m",), N_("写内部备注")),
            Key(("Ctrl+Enter",), N_("交出正在写的这一格")),
        ),
    ),
)
