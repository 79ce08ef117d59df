"""What the 1+3+X network may look like: who stands below whom, and how codes are written. Pure."""

from __future__ import annotations

import re

from ticketing.core.actor import is_within
from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.network.words import SiteKind, UnitKind

MAX_PATH_CHARS = 120
_CODE = re.compile(r"[A-Z][A-Z0-9-]{0,15}")
ABOVE: dict[UnitKind, frozenset[UnitKind]] = {
    UnitKind.CENTRE: frozenset(),
    UnitKind.AREA: frozenset({UnitKind.CENTRE}),
    UnitKind.STATION: frozenset({UnitKind.AREA, UnitKind.CENTRE}),
    UnitKind.DEPARTMENT: frozenset({UnitKind.CENTRE, UnitKind.AREA, UnitKind.DEPARTMENT}),
}
# A department has a function, not a territory.
TERRITORIAL = frozenset({UnitKind.CENTRE, UnitKind.AREA, UnitKind.STATION})
UNIT_KINDS = {
    UnitKind.CENTRE: N_("区中心"),
    UnitKind.AREA: N_("片区中心"),
    UnitKind.STATION: N_("服务站"),
    UnitKind.DEPARTMENT: N_("部门"),
}
SITE_KINDS = {SiteKind.PARK: N_("产业园"), SiteKind.BUILDING: N_("商业楼宇")}


def check_code(code: str) -> str:
    """Return a code in its stored form, or raise Invalid naming the field."""
    plain = code.strip().upper()
    if not _CODE.fullmatch(plain):
        raise Invalid(fields={"code": [N_("编码为 1 到 16 个大写字母、数字或短横线，以字母开头，例如 S101")]})
    return plain


def check_place(kind: UnitKind, path: str | None, parent: tuple[UnitKind, str] | None) -> None:
    """Raise Invalid when a unit of ``kind`` cannot stand below ``parent`` (its kind and path).

    ``path`` is where the unit stands now, None for a new one: it cannot move below itself.
    """
    if parent is None:
        if kind is not UnitKind.CENTRE:
            raise Invalid(fields={"parent": [N_("请选择上级单位")]})
        return
    if parent[0] not in ABOVE[kind]:
        raise Invalid(fields={"parent": [N_("这一级单位不能设在所选上级之下")]})
    if path is not None and is_within(parent[1], path):
        raise Invalid(fields={"parent": [N_("不能把单位移到它自己或它的下级之下")]})


def moved(path: str, old: str, new: str) -> str:
    """Return the path a unit at or below ``old`` has once that is ``new``; raise Invalid if too long."""
    found = new + path[len(old) :]
    if len(found) > MAX_PATH_CHARS:
        raise Invalid(fields={"parent": [N_("层级太深")]})
    return found
