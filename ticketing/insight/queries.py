"""Reads for the figures: aggregates over the requests of a period and over what is open, never over all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Label,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotPermitted
from ticketing.insight.rules import Period, Tally
from ticketing.network.queries import Network
from ticketing.network.words import UnitKind
from ticketing.sla.models import Clock
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.conditions import Filters, conditions, is_open
from ticketing.tickets.scope import is_sent
from ticketing.tickets.words import ENDED, SATISFIED_FROM, UNASSESSED, Solved, State

SECONDS_AN_HOUR = 3600
_CLOCKS = {Metric.SIGN: "sign", Metric.RESPOND: "respond", Metric.RESOLVE: "resolve"}


class By(StrEnum):
    """What rates are told apart by."""

    UNIT = "unit"
    AREA = "area"
    CATEGORY = "category"
    CHANNEL = "channel"
    KIND = "kind"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose requests are counted: those that some units lead; ``unit_ids`` None for the whole district."""

    unit_ids: frozenset[int] | None
    codes: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """The WHERE parts."""
        if self.unit_ids is None:
            return (is_sent(),)
        return (is_sent(), Ticket.unit_id.in_(sorted(self.unit_ids)))


def scope(actor: Actor, net: Network, unit_code: str = "") -> Scope:
    """Return what a person's figures cover: the own units and those below, or one of them with those below.

    Raises NotPermitted for companies, for staff without tickets, and for a unit that is not the person's.
    """
    paths = actor.reading_paths
    if not paths:
        raise NotPermitted
    unit = net.by_code.get(unit_code)
    if unit_code:
        if unit is None or unit.id not in net.within(paths):
            raise NotPermitted
        return Scope(None if unit.parent_id is None else net.within((unit.path,)), (unit.code,))
    if any("/" not in path for path in paths):
        return Scope(None)
    return Scope(net.within(paths), tuple(path.rpartition("/")[2] for path in paths))


@dataclass(slots=True)
class Group:
    """What was counted under one key, and how many hours each closed request took."""

    key: str
    tally: Tally = field(default_factory=Tally)
    hours: list[float] = field(default_factory=list)


def rates(
    wanted: Scope, start: datetime, end: datetime, by: By, *, net: Network, now: datetime
) -> list[Group]:
    """Return ``tallies`` with the hours to closure of each request that was closed. Three statements."""
    found = {one.key: one for one in tallies(wanted, start, end, by, net=net, now=now)}
    cohort = _cohort(wanted, start, end)
    took = select(_key(by), Ticket.received_at, Ticket.closed_at).where(cohort, Ticket.closed_at.is_not(None))
    for raw, received_at, closed_at in db.session.execute(took):
        name = _named(raw, by, net)
        one = found.setdefault(name, Group(name))
        one.hours.append((closed_at - received_at).total_seconds() / SECONDS_AN_HOUR)
    for one in found.values():
        one.hours.sort()
    return sorted(found.values(), key=lambda one: one.key)


def tallies(
    wanted: Scope, start: datetime, end: datetime, by: By, *, net: Network, now: datetime
) -> list[Group]:
    """Return the tallies of what was received from ``start`` until before ``end``, told apart ``by``.

    Two statements. Keys are codes of units and categories, words, or days and months of the district, in
    their order; an area is that of the unit that took the request in, ``C0`` outside every area.
    """
    key, cohort = _key(by), _cohort(wanted, start, end)
    found: dict[str, Group] = {}

    def group(raw: Any) -> Group:
        name = _named(raw, by, net)
        return found.setdefault(name, Group(name))

    for raw, *counts in db.session.execute(select(key, *_counts()).where(cohort).group_by(key)):
        one = group(raw)
        one.tally += Tally(**dict(zip(_COUNTED, counts, strict=True)))
    for raw, metric, met, due in db.session.execute(_clocks(key, cohort, now)):
        one = group(raw)
        one.tally += Tally(**{f"{_CLOCKS[metric]}_met": met, f"{_CLOCKS[metric]}_due": due})
    return sorted(found.values(), key=lambda one: one.key)


def _cohort(wanted: Scope, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(Ticket.received_at >= start, Ticket.received_at < end, *wanted.conditions)


def _key(by: By) -> ColumnElement[Any]:
    keys: dict[By, Any] = {
        By.UNIT: Ticket.unit_id,
        By.AREA: Ticket.origin_unit_id,
        By.CATEGORY: Ticket.category,
        By.CHANNEL: Ticket.channel,
        By.KIND: Ticket.kind,
    }
    if by in keys:
        return keys[by]  # type: ignore[no-any-return]
    day = local_day(Ticket.received_at)
    if by is By.DAY:
        return day
    return func.substr(cast(day, String), literal_column("1"), literal_column("7"))


def _named(raw: Any, by: By, net: Network) -> str:
    if by is By.UNIT:
        return net.by_id[raw].code
    if by is By.AREA:
        return area_of(raw, net)
    return str(raw.value if isinstance(raw, StrEnum) else raw)


def area_of(unit_id: int, net: Network) -> str:
    """Return the code of the area a unit is or lies in; the centre's outside every area."""
    unit = net.by_id[unit_id]
    while unit.kind is not UnitKind.AREA and unit.parent_id is not None:
        unit = net.by_id[unit.parent_id]
    return unit.code


def local_day(column: Any) -> ColumnElement[Any]:
    """Return the district's day of a moment, in the database's own words: text on SQLite, else a date.

    The district has had one offset, eight hours, since 1991. Nothing is bound, so that it can be grouped by.
    """
    if db.engine.dialect.name == "sqlite":
        return func.date(column, literal_column("'+8 hours'"), type_=String)
    local = func.timezone(literal_column("'Asia/Shanghai'"), column)
    return cast(local, Date)


def _count(condition: ColumnElement[bool], weight: int = 1) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, weight), else_=0)), 0)


_COUNTED = (
    "received", "assessed", "closed", "open", "rated", "satisfied", "revisited", "solved_halves",
    "dispatched", "returned", "finished", "redone",
)  # fmt: skip


def _counts() -> list[ColumnElement[int]]:
    """The columns named in _COUNTED, over requests."""
    solved = case((Ticket.solved == Solved.YES, 2), (Ticket.solved == Solved.PARTLY, 1), else_=0)
    is_redone = Ticket.cycle > 1
    is_assessed = Ticket.status.not_in(sorted(UNASSESSED))
    return [
        func.count(),
        _count(is_assessed),
        _count(Ticket.status == State.CLOSED),
        _count(Ticket.status.not_in(sorted(ENDED))),
        _count(is_assessed & Ticket.satisfaction.is_not(None)),
        _count(is_assessed & (Ticket.satisfaction >= SATISFIED_FROM)),
        _count(is_assessed & Ticket.solved.is_not(None)),
        func.coalesce(func.sum(case((is_assessed, solved), else_=0)), 0),
        _count(is_assessed & Ticket.dispatched_at.is_not(None)),
        _count(is_assessed & Ticket.dispatched_at.is_not(None) & (Ticket.return_count > 0)),
        _count(is_assessed & or_(Ticket.status == State.CLOSED, is_redone)),
        _count(is_assessed & is_redone),
    ]


def _clocks(key: ColumnElement[Any], cohort: ColumnElement[bool], now: datetime) -> Select[Any]:
    """Per key and metric: clocks met in time, and all that were due: met, breached or running past due."""
    return (
        select(
            key,
            Clock.metric,
            _count(Clock.state == ClockState.MET),
            _count(_was_due(now)),
        )
        .join(Clock, Clock.ticket_id == Ticket.id)
        .where(cohort, Ticket.status.not_in(sorted(UNASSESSED)), Clock.metric.in_(sorted(_CLOCKS)))
        .group_by(key, Clock.metric)
    )


def _was_due(now: datetime) -> ColumnElement[bool]:
    """Clocks that have come to their end, or should have by now."""
    is_late = and_(Clock.state == ClockState.RUNNING, Clock.due_at < now)
    return or_(Clock.state.in_((ClockState.MET, ClockState.BREACHED)), is_late)


@dataclass(slots=True)
class UnitFigures:
    """One line of the units' table."""

    unit_id: int
    tally: Tally = field(default_factory=Tally)
    closed: int = 0
    open: int = 0
    overdue: int = 0

    @property
    def overdue_share(self) -> float:
        """How much of what is open is overdue, 0 to 1."""
        return self.overdue / self.open if self.open else 0.0


@dataclass(slots=True)
class Figures:
    """Everything on the manager's first page: ``closed_*`` by the day of closing, the rest by receipt."""

    now: Tally = field(default_factory=Tally)
    before: Tally = field(default_factory=Tally)
    closed_now: int = 0
    closed_before: int = 0
    received_by_day: dict[str, int] = field(default_factory=dict)
    closed_by_day: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)
    units: dict[int, UnitFigures] = field(default_factory=dict)

    @property
    def open(self) -> int:
        """How many requests are open."""
        return sum(one.open for one in self.units.values())

    @property
    def overdue(self) -> int:
        """How many open requests are past a deadline."""
        return sum(one.overdue for one in self.units.values())

    def unit(self, unit_id: Any) -> UnitFigures:
        """Return the line of a unit, made when it is first asked for."""
        return self.units.setdefault(int(unit_id), UnitFigures(int(unit_id)))


def figures(actor: Actor, wanted: Scope, period: Period, *, now: datetime, day_end: datetime) -> Figures:
    """Return the first page's figures in four statements, whose cost follows the period and what is open."""
    found = Figures()
    _read_received(found, wanted, period)
    _read_closed(found, wanted, period)
    _read_open(found, wanted, actor, now, day_end)
    _read_promises(found, wanted, period, now)
    return found


def _parts(moments: CTE, keys: Iterable[tuple[str, str]], counts: list[Label[int]]) -> list[Any]:
    """Select ``counts`` once for both periods, and once per key for the present one."""
    is_now = moments.c.is_now
    parts: list[Any] = [select(literal("total"), cast(is_now, String), *counts).group_by(is_now)]
    for what, column in keys:
        key = moments.c[column]
        parts.append(select(literal(what), cast(key, String), *counts).where(is_now == 1).group_by(key))
    return parts


def _read_received(found: Figures, wanted: Scope, period: Period) -> None:
    moments = (
        select(
            Ticket.unit_id,
            Ticket.category,
            case((Ticket.status.in_(sorted(UNASSESSED)), 0), else_=1).label("assessed"),
            case((Ticket.status == State.CLOSED, 1), else_=0).label("closed"),
            Ticket.satisfaction,
            local_day(Ticket.received_at).label("day"),
            case((Ticket.received_at >= period.start, 1), else_=0).label("is_now"),
        )
        .where(Ticket.received_at >= period.before.start, Ticket.received_at < period.end, *wanted.conditions)
        .cte("received")
    )
    rated = moments.c.assessed * case((moments.c.satisfaction.is_not(None), 1), else_=0)
    satisfied = moments.c.assessed * case((moments.c.satisfaction >= SATISFIED_FROM, 1), else_=0)
    names = ("received", "assessed", "closed", "rated", "satisfied")
    sums = (func.count(), *map(func.sum, (moments.c.assessed, moments.c.closed, rated, satisfied)))
    counts = [cast(part, Integer).label(name) for name, part in zip(names, sums, strict=True)]
    keys = (("unit", "unit_id"), ("category", "category"), ("day", "day"))
    for what, key, *numbers in db.session.execute(union_all(*_parts(moments, keys, counts))):
        tally = Tally(**dict(zip(names, numbers, strict=True)))
        match what:
            case "total" if key == "1":
                found.now = tally
            case "total":
                found.before = tally
            case "unit":
                found.unit(key).tally += tally
            case "category":
                found.by_category[key] = tally.received
            case _:
                found.received_by_day[key] = tally.received


def _read_closed(found: Figures, wanted: Scope, period: Period) -> None:
    moments = (
        select(
            Ticket.unit_id,
            local_day(Ticket.closed_at).label("day"),
            case((Ticket.closed_at >= period.start, 1), else_=0).label("is_now"),
        )
        .where(Ticket.closed_at >= period.before.start, Ticket.closed_at < period.end, *wanted.conditions)
        .cte("closed")
    )
    counts = [func.count().label("closed")]
    keys = (("unit", "unit_id"), ("day", "day"))
    for what, key, count in db.session.execute(union_all(*_parts(moments, keys, counts))):
        match what:
            case "total" if key == "1":
                found.closed_now = count
            case "total":
                found.closed_before = count
            case "unit":
                found.unit(key).closed = count
            case _:
                found.closed_by_day[key] = count


def _read_open(found: Figures, wanted: Scope, actor: Actor, now: datetime, day_end: datetime) -> None:
    """Count what is open now by the very conditions of the list that the number leads to."""
    late = and_(*conditions(Filters(is_overdue=True), actor, now, day_end))
    statement = select(Ticket.unit_id, func.count(), _count(late)).where(is_open(), *wanted.conditions[1:])
    for unit_id, count, overdue in db.session.execute(statement.group_by(Ticket.unit_id)):
        one = found.unit(unit_id)
        one.open, one.overdue = count, overdue


def _read_promises(found: Figures, wanted: Scope, period: Period, now: datetime) -> None:
    """Count each request's promises by itself: for a join the planner would read every clock there is."""
    own = select(func.count(Clock.id)).where(Clock.ticket_id == Ticket.id, Clock.metric == Metric.RESOLVE)
    met = own.where(Clock.state == ClockState.MET).correlate(Ticket).scalar_subquery()
    due = own.where(_was_due(now)).correlate(Ticket).scalar_subquery()
    by_unit = (
        select(Ticket.unit_id, cast(func.sum(met), Integer), cast(func.sum(due), Integer))
        .where(
            Ticket.received_at >= period.start,
            Ticket.received_at < period.end,
            Ticket.status.not_in(sorted(UNASSESSED)),
            *wanted.conditions,
        )
        .group_by(Ticket.unit_id)
    )
    for unit_id, in_time, all_due in db.session.execute(by_unit):
        one = found.unit(unit_id)
        one.tally += Tally(resolve_met=in_time, resolve_due=all_due)
