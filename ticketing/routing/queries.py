"""Reads of routing rules: they are few; each process keeps them and asks only whether there are new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, func, literal_column, select

from ticketing.core.db import db
from ticketing.network.models import Category, Site, Unit, UnitScope
from ticketing.routing.models import RoutingRule
from ticketing.routing.rules.book import RuleBook
from ticketing.routing.rules.deciding import Asked, Conditions, Decision, Net, Rule, decide
from ticketing.routing.words import Decides

# Rows are only ever added: the greatest id tells whether what a process keeps is all there is. Other
# statements carry it along.
NEWEST = select(func.max(RoutingRule.id)).scalar_subquery()
_kept: dict[str, tuple[int, RuleBook]] = {}


def book(newest: int | None = None) -> RuleBook:
    """Return all rules. ``newest`` is what NEWEST said in an earlier statement; else one statement asks."""
    mark = newest if newest is not None else db.session.scalar(select(NEWEST)) or 0
    url = str(db.engine.url)
    held = _kept.get(url)
    if held is None or held[0] != mark:
        held = _kept[url] = (mark, RuleBook(_stored()))
    return held[1]


def forget_rules() -> None:
    """Drop what this process keeps: for a database that was replaced under it."""
    _kept.clear()


def _stored() -> list[Rule]:
    wanted = select(RoutingRule, Unit.code).outerjoin(Unit, Unit.id == RoutingRule.unit_id)
    return [
        Rule(
            id=row.id,
            code=row.code,
            version=row.version,
            name=row.name,
            name_en=row.name_en,
            decides=row.decides,
            priority=row.priority,
            conditions=Conditions.read(row.conditions),
            target=row.target,
            unit=unit or "",
            starts_on=row.starts_on,
            is_ended=row.is_ended,
        )
        for row, unit in db.session.execute(wanted.order_by(RoutingRule.id))
    ]


def intake(asked: Asked, net: Net, on: date, newest: int | None = None) -> Decision:
    """Return who takes a request in that comes on the district's day ``on``: always exactly one unit."""
    return decide(Decides.INTAKE, book(newest).in_force(Decides.INTAKE, on), asked, net)


@dataclass(frozen=True, slots=True)
class Ground:
    """What proposing a lead needs beside the request: newest rule, its place, and who usually leads."""

    newest: int
    site: str
    path: str
    leads: tuple[int, ...]


_LEADS = and_(UnitScope.category_code == Category.code, UnitScope.part == literal_column("'lead'"))
_GROUND = (
    select(NEWEST, Site.code, Unit.path, UnitScope.unit_id)
    .select_from(Category)
    .outerjoin(UnitScope, _LEADS)
    .outerjoin(Site, Site.id == bindparam("site"))
    .outerjoin(Unit, Unit.id == Site.unit_id)
    .where(Category.code == bindparam("category"))
    .order_by(UnitScope.unit_id)
)


def ground(category: str, site_id: int | None) -> Ground:
    """Return what rules need to know of a request's category and place, in one statement."""
    rows = db.session.execute(_GROUND, {"category": category, "site": site_id}).all()
    leads = tuple(row[3] for row in rows if row[3] is not None)
    return Ground(rows[0][0] or 0, rows[0][1] or "", rows[0][2] or "", leads)


def lead(asked: Asked, net: Net, on: date, known: Ground) -> Decision:
    """Return which units are proposed to lead; none when no rule proposes any."""
    rules = book(known.newest).in_force(Decides.LEAD, on)
    return decide(Decides.LEAD, rules, asked, net, known.leads)
