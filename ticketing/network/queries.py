"""Reads of the service network: units and their places, who stands above and below whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Boolean, Integer, Select, String, column, exists, func, select, table

from ticketing.accounts.models import User
from ticketing.core import marks
from ticketing.core.actor import is_within
from ticketing.core.db import db, read
from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.network.models import Category, Site, Unit, UnitScope
from ticketing.network.words import ScopePart, SiteKind, UnitKind

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """One unit as pages and rules read it."""

    id: int
    code: str
    name: str
    name_en: str
    kind: UnitKind
    parent_id: int | None
    path: str
    calendar_name: str
    phone: str
    is_active: bool

    def label(self, locale: str) -> str:
        """Return the unit's name in the reader's language."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """One park or building."""

    id: int
    code: str
    name: str
    name_en: str
    kind: SiteKind
    unit_id: int

    def label(self, locale: str) -> str:
        """Return the place's name in the reader's language."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """One category of requests."""

    code: str
    name: str
    name_en: str
    examples: str
    examples_en: str

    def label(self, locale: str) -> str:
        """Return the category's name in the reader's language."""
        return self.name_en if locale == "en" else self.name


class UnknownUnit(Invalid):
    """No such unit, or one that takes no more tickets."""

    sentence = N_("没有这个单位，或者它已停用")


class UnknownSite(Invalid):
    """No such place."""

    sentence = N_("没有这个园区或楼宇")


class UnknownCategory(Invalid):
    """No such category."""

    sentence = N_("没有这个类别")


class Network:
    """All units, read with one statement and asked many times."""

    def __init__(self, units: list[UnitInfo]) -> None:
        self.by_id = {unit.id: unit for unit in units}
        self.by_code = {unit.code: unit for unit in units}

    @property
    def centre(self) -> UnitInfo:
        """The district centre: the root."""
        return next(unit for unit in self.by_id.values() if unit.parent_id is None)

    def active(self, code: str, *, field: str = "unit") -> UnitInfo:
        """Return the unit with ``code`` if it takes tickets; raise UnknownUnit naming the form field."""
        unit = self.by_code.get(code)
        if unit is None or not unit.is_active:
            raise UnknownUnit(fields={field: [UnknownUnit.sentence]})
        return unit

    def known(self, code: str, *, field: str = "unit") -> UnitInfo:
        """Return the unit with ``code``, closed or not; raise UnknownUnit naming the field."""
        if code not in self.by_code:
            raise UnknownUnit(fields={field: [UnknownUnit.sentence]})
        return self.by_code[code]

    def parent(self, unit: UnitInfo) -> UnitInfo:
        """Return the unit above; the centre's is itself."""
        return self.by_id[unit.parent_id] if unit.parent_id is not None else unit

    def open_above(self, unit: UnitInfo) -> UnitInfo:
        """Return the unit, or the nearest one above it that is not closed."""
        while not unit.is_active and unit.parent_id is not None:
            unit = self.by_id[unit.parent_id]
        return unit

    def below(self, path: str) -> list[UnitInfo]:
        """Return the active units strictly below ``path``, in the order of their codes."""
        found = [u for u in self.by_id.values() if u.is_active and u.path != path and is_within(u.path, path)]
        return sorted(found, key=lambda unit: unit.path)

    def within(self, paths: tuple[str, ...]) -> frozenset[int]:
        """Return the ids of all units at or below any of ``paths``."""
        return frozenset(u.id for u in self.by_id.values() if any(is_within(u.path, path) for path in paths))


def hold_open(unit: UnitInfo, *, field: str = "unit") -> None:
    """Keep a unit from being closed until the transaction ends; raise UnknownUnit when it just was.

    Whoever closes a unit waits for those who hold it, and then sees what they have brought it.
    """
    held = select(Unit.id).where(Unit.id == unit.id, Unit.is_active).with_for_update(read=True)
    if db.session.scalar(held) is None:
        raise UnknownUnit(fields={field: [UnknownUnit.sentence]})


_NETWORK = select(
    Unit.id, Unit.code, Unit.name, Unit.name_en, Unit.kind, Unit.parent_id, Unit.path,
    Unit.calendar_name, Unit.phone, Unit.is_active, marks.NETWORK_MARK,
).order_by(Unit.path)  # fmt: skip
_CATEGORIES = select(
    Category.code, Category.name, Category.name_en, Category.examples, Category.examples_en,
    marks.NETWORK_MARK,
).order_by(Category.position, Category.code)  # fmt: skip
# What this process read last, by the mark that was read with it.
_networks: dict[str, Network] = {}
_catalogues: dict[str, Sequence[CategoryInfo]] = {}


def network() -> Network:
    """Return the whole network, closed units included; read again when its mark has changed."""
    return _remembered(_networks, _NETWORK, lambda rows: Network([UnitInfo(*row) for row in rows]))


def _remembered(
    known: dict[str, Read], wanted: Select[*tuple[Any, ...]], make: Callable[[list[tuple[Any, ...]]], Read]
) -> Read:
    """What is known under the present mark, else what is read now with the mark of that moment."""
    found = known.get(marks.of(marks.NETWORK) or "")
    if found is not None:
        return found
    rows = read(wanted).all()
    made = make([row[:-1] for row in rows])
    if rows:
        known.clear()
        known[rows[0][-1]] = made
    return made


_SITE_COLUMNS = (Site.id, Site.code, Site.name, Site.name_en, Site.kind, Site.unit_id)


def sites() -> list[SiteInfo]:
    """Return all parks and buildings, in the order of their codes."""
    return [SiteInfo(*row) for row in db.session.execute(select(*_SITE_COLUMNS).order_by(Site.code))]


def site(code: str) -> SiteInfo:
    """Return one place; raise UnknownSite."""
    row = db.session.execute(select(*_SITE_COLUMNS).where(Site.code == code)).first()
    if row is None:
        raise UnknownSite(fields={"site": [UnknownSite.sentence]})
    return SiteInfo(*row)


def categories() -> Sequence[CategoryInfo]:
    """Return the catalogue of categories, in its order."""
    return _remembered(_catalogues, _CATEGORIES, lambda rows: tuple(CategoryInfo(*row) for row in rows))


def category(code: str) -> CategoryInfo:
    """Return one category; raise UnknownCategory."""
    found = next((one for one in categories() if one.code == code), None)
    if found is None:
        raise UnknownCategory(fields={"category": [UnknownCategory.sentence]})
    return found


def leads_of(category_code: str) -> list[int]:
    """Return the ids of the units that usually lead in a category."""
    wanted = select(UnitScope.unit_id).where(
        UnitScope.category_code == category_code, UnitScope.part == ScopePart.LEAD
    )
    return list(db.session.scalars(wanted.order_by(UnitScope.unit_id)))


def scopes() -> dict[int, list[tuple[str, ScopePart]]]:
    """Return which categories each unit takes, and as what, by unit id."""
    found: dict[int, list[tuple[str, ScopePart]]] = {}
    wanted = select(UnitScope.unit_id, UnitScope.category_code, UnitScope.part)
    for unit_id, code, part in db.session.execute(wanted.order_by(UnitScope.category_code)):
        found.setdefault(unit_id, []).append((code, part))
    return found


# Tickets, calendars and routing rules stand above this feature: their tables are known here by name only.
_tickets = table("tickets", column("unit_id", Integer), column("status", String))
_parts = table("parts", column("unit_id", Integer), column("finished_at"), column("cancelled_at"))
_rules = table(
    "routing_rules",
    *(column(name, Integer) for name in ("unit_id", "version")),
    column("code", String),
    column("is_ended", Boolean),
)
_calendars = table("calendars", column("name", String), column("is_current", Boolean))
NOT_IN_WORK = ("draft", "closed", "rejected", "withdrawn", "merged")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What keeps a unit open: open tickets, open parts, active units below, routing rules that name it."""

    tickets: int
    parts: int
    units: int
    rules: int


def holdings(unit_id: int) -> Holdings:
    """Return what a unit holds now."""
    tickets = select(func.count()).where(_tickets.c.unit_id == unit_id, _tickets.c.status.not_in(NOT_IN_WORK))
    parts = select(func.count()).where(
        _parts.c.unit_id == unit_id, _parts.c.finished_at.is_(None), _parts.c.cancelled_at.is_(None)
    )
    units = select(func.count()).where(Unit.parent_id == unit_id, Unit.is_active)
    row: Any = db.session.execute(
        select(*(count.scalar_subquery() for count in (tickets, parts, units, _naming(unit_id))))
    ).one()
    return Holdings(*row)


def _naming(unit_id: int) -> Select[int]:
    """Count the routing rules whose last version names the unit."""
    newer = _rules.alias()
    is_over = exists().where(newer.c.code == _rules.c.code, newer.c.version > _rules.c.version)
    return select(func.count()).where(_rules.c.unit_id == unit_id, _rules.c.is_ended.is_(False), ~is_over)


def calendar_names() -> list[str]:
    """Return the working calendars a unit can keep."""
    return list(
        db.session.scalars(
            select(_calendars.c.name).where(_calendars.c.is_current).order_by(_calendars.c.name)
        )
    )


def duty_people() -> dict[int, tuple[int, str]]:
    """Return who is on duty, id and name, by unit id."""
    rows = db.session.execute(select(Unit.id, User.id, User.name).join(User, User.id == Unit.duty_user_id))
    return {unit_id: (user_id, name) for unit_id, user_id, name in rows}
