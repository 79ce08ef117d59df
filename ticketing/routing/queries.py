"""Reads of routing rules: they are few; each process keeps them and asks only whether there are new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
)

from ticketing.accounts.models import Membership
from ticketing.core.actor import Role
from ticketing.core.db import UtcDateTime, db
from ticketing.core.local_day import day_start
from ticketing.network.models import Category, Site, Unit, UnitScope
from ticketing.network.words import ScopePart
from ticketing.routing.models import RoutingRule
from ticketing.routing.rules.book import RuleBook
from ticketing.routing.rules.checking import Known
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


def known() -> Known:
    """Return all places and who leads in each category, for checking a rule."""
    sites = select(Site.code, Unit.path).join(Unit, Unit.id == Site.unit_id)
    open_leads = (
        select(UnitScope.category_code, UnitScope.unit_id)
        .join(Unit, Unit.id == UnitScope.unit_id)
        .where(UnitScope.part == ScopePart.LEAD, Unit.is_active)
        .order_by(UnitScope.unit_id)
    )
    leads: dict[str, tuple[int, ...]] = dict.fromkeys(db.session.scalars(select(Category.code)), ())
    for category, unit_id in db.session.execute(open_leads):
        leads[category] += (unit_id,)
    return Known({code: path for code, path in db.session.execute(sites)}, leads)  # noqa: C416 - rows are no pairs to mypy


# Tickets belong to a feature above; a replay reads only what rules look at.
_TICKETS = table(
    "tickets",
    *(column(name, String) for name in ("number", "status", "category", "kind", "level", "channel")),
    *(column(name, String) for name in ("title", "description")),
    *(column(name, Integer) for name in ("id", "site_id", "filed_by")),
    column("received_at", UtcDateTime),
)
REPLAYED_DAYS, MOST_REPLAYED = 30, 5000
# Whose own unit takes in what they register without a place.
TAKING_IN = (Role.STATION_HEAD, Role.DISPATCHER)


@dataclass(frozen=True, slots=True)
class Turned:
    """One request that would have gone elsewhere: by the rules as they are, and as they would be."""

    number: str
    received_at: datetime
    category: str
    old: tuple[int, ...]
    new: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Late requests run through changed rules: since when, how many were looked at, what changed."""

    since: datetime
    looked_at: int
    is_capped: bool
    turned: list[Turned]


def replay(held: RuleBook, tried: RuleBook, decides: Decides, *, on: date, today: date, net: Net) -> Replay:
    """Run the requests of the last 30 days through the rules of today and through those tried, of day ``on``.

    At most MOST_REPLAYED of them, the latest; what each was filed as now, with the network of now.
    """
    books = held.in_force(decides, today), tried.in_force(decides, on)
    since = day_start(today - timedelta(days=REPLAYED_DAYS))
    has_words = any(rule.conditions.words for rules in books for rule in rules)
    rows = db.session.execute(_late(has_words), {"since": since, "most": MOST_REPLAYED + 1}).all()
    leads, memo = known().leads, {}
    turned = []
    for row in rows[:MOST_REPLAYED]:
        text = f"{row.title}\n{row.description}" if has_words else ""
        asked = Asked(
            row.category, row.kind, row.level, row.channel, row.code or "", row.path or "", text, row.own
        )
        if asked not in memo:
            memo[asked] = tuple(
                decide(decides, rules, asked, net, leads.get(row.category, ())).units for rules in books
            )
        old, new = memo[asked]
        if old != new:
            turned.append(Turned(row.number, row.received_at, row.category, old, new))
    return Replay(since, min(len(rows), MOST_REPLAYED), len(rows) > MOST_REPLAYED, turned)


def _late(has_words: bool) -> Select[Any]:
    """The latest requests, with what rules look at; the texts only where a rule reads them."""
    tickets = _TICKETS.c
    texts = (tickets.title, tickets.description) if has_words else ()
    own = (
        select(Membership.unit_id)
        .where(Membership.user_id == tickets.filed_by, Membership.role.in_(TAKING_IN))
        .order_by(Membership.id)
        .limit(1)
        .correlate(_TICKETS)
        .scalar_subquery()
    )
    return (
        select(
            tickets.number, tickets.received_at, tickets.category, tickets.kind, tickets.level,
            tickets.channel, Site.code, Unit.path, own.label("own"), *texts,
        )
        .select_from(_TICKETS)
        .outerjoin(Site, Site.id == tickets.site_id)
        .outerjoin(Unit, Unit.id == Site.unit_id)
        .where(tickets.received_at >= bindparam("since", type_=UtcDateTime()), tickets.status != "draft")
        .order_by(tickets.received_at.desc(), tickets.id.desc())
        .limit(bindparam("most", type_=Integer()))
    )  # fmt: skip
