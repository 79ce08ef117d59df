"""What administrators set: how long each step may take, from a coming day on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, column, func, select, table

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import UtcDateTime, db, transaction
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.local_day import day_start, local_date
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.models import Unit
from ticketing.sla import queries
from ticketing.sla.models import Clock, LimitRule
from ticketing.sla.queries import ANY, LimitFor
from ticketing.sla.rules.calendars import ONE_DAY, WorkCalendar
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import StepPlan
from ticketing.sla.words import Metric

FURTHEST_START = timedelta(days=731)
TRIED_DAYS, MOST_TRIED = 7, 5000


@dataclass(frozen=True, slots=True)
class RuleWish:
    """A limit an administrator wants from a day on; ``limit`` None means no such clock. "*" is any.

    ``calendar_name`` None leaves the calendar to the ticket's unit, ``steps`` None means the default ones.
    """

    metric: Metric
    kind: str
    level: str
    category_code: str
    unit_code: str
    limit: Limit | None
    starts_on: date
    calendar_name: str | None = None
    steps: StepPlan | None = None

    @property
    def scope(self) -> dict[str, str]:
        """For which clocks it is: the columns that say so."""
        return {
            "metric": self.metric,
            "kind": self.kind,
            "level": self.level,
            "category_code": self.category_code,
            "unit_code": self.unit_code,
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """What a wish would have made of one promise of a request received lately; None: no such clock."""

    number: str
    received_at: datetime
    old: datetime | None
    new: datetime | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A wish tried on the requests received from ``since`` on: how many were looked at, and what moves."""

    since: datetime
    looked_at: int
    effects: list[Effect]


def set_limit(actor: Actor, wish: RuleWish, *, today: date) -> None:
    """Add a rule from a coming day on, or change one that has not begun; what is in force is never touched.

    Raises NotPermitted for anyone but the district's administrators, and what ``check`` raises.
    """
    if not any(grant.role is Role.ADMIN and "/" not in grant.path for grant in actor.grants):
        raise NotPermitted
    check(wish, today=today)
    with transaction():
        of_scope = select(LimitRule).filter_by(**wish.scope)
        rule = db.session.scalar(of_scope.filter_by(starts_on=wish.starts_on).with_for_update())
        latest = select(func.max(LimitRule.version)).filter_by(**wish.scope)
        version = (db.session.scalar(latest) or 0) + 1
        if rule is None:
            rule = LimitRule(**wish.scope, starts_on=wish.starts_on)
            db.session.add(rule)
        rule.version = version
        rule.limit, rule.steps, rule.calendar_name = _stored(wish)
        audit.note(
            actor,
            "set limit",
            wish.metric.value,
            **{**wish.scope, "starts_on": wish.starts_on, "limit": rule.limit, "version": version},
        )


def check(wish: RuleWish, *, today: date) -> None:
    """Refuse a day that is not ahead, and a limit that the calendars it may be counted by never reach.

    Raises Invalid, UnknownCalendar, NoWorkingTime.
    """
    if not today < wish.starts_on <= today + FURTHEST_START:
        raise Invalid(fields={"starts_on": [N_("请选择明天或以后、两年以内的日期；已生效的规则不能改")]})
    for name in [wish.calendar_name] if wish.calendar_name else network.calendar_names():
        calendar = queries.calendar(name)
        if wish.limit is not None:
            due_at(calendar.midnight(today), wish.limit, calendar)


def _stored(wish: RuleWish) -> tuple[str | None, list[dict[str, Any]] | None, str | None]:
    steps = wish.steps.as_json() if wish.steps else None
    return str(wish.limit) if wish.limit else None, steps, wish.calendar_name


# Tickets belong to the feature above; a trial reads only what decides on limits.
_TICKETS = table(
    "tickets",
    *(column(name, String) for name in ("number", "status", "kind", "level", "category")),
    *(column(name, Integer) for name in ("id", "unit_id")),
    *(column(name, UtcDateTime) for name in ("received_at", "dispatched_at", "replied_at")),
)
_ASKED = [_TICKETS.c[name] for name in ("number", "kind", "level", "category", "received_at")]
_STARTS: dict[Metric, ColumnElement[Any]] = {
    Metric.SIGN: _TICKETS.c.dispatched_at,
    Metric.RESPOND: _TICKETS.c.received_at,
    Metric.RESOLVE: _TICKETS.c.received_at,
    Metric.REVISIT: _TICKETS.c.replied_at,
}


def trial(wish: RuleWish, *, today: date) -> Trial:
    """Try ``wish`` on the requests of the last seven days: as if it had held when each was received.

    At most MOST_TRIED of them, the latest; first rounds only, pauses and extensions left out.
    """
    since = day_start(today - TRIED_DAYS * ONE_DAY)
    tickets = _TICKETS.c
    wanted = _parts() if wish.metric is Metric.PART else _promises(_STARTS[wish.metric])
    wanted = (
        wanted.where(tickets.received_at >= since, tickets.status != "draft")
        .order_by(tickets.received_at.desc())
        .limit(MOST_TRIED)
    )
    for held, asked in (
        (tickets.kind, wish.kind), (tickets.level, wish.level), (tickets.category, wish.category_code),
        (Unit.code, wish.unit_code),
    ):  # fmt: skip
        if asked != ANY:
            wanted = wanted.where(held == asked)
    rows = db.session.execute(wanted).all()
    rules = _Tried(wish)
    effects = [effect for row in rows for effect in rules.effects(row)]
    return Trial(since, len(rows), effects)


def _promises(start: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_ASKED, start.label("started_at"), Unit.code, Unit.calendar_name)
        .select_from(_TICKETS)
        .join(Unit, Unit.id == _TICKETS.c.unit_id)
        .where(start.is_not(None))
    )


def _parts() -> Select[Any]:
    """Return the co-units' parts whose limit a rule has set; what somebody chose, no rule would move."""
    return (
        select(*_ASKED, Clock.started_at.label("started_at"), Unit.code, Unit.calendar_name)
        .select_from(_TICKETS)
        .join(Clock, Clock.ticket_id == _TICKETS.c.id)
        .join(Unit, Unit.id == Clock.unit_id)
        .where(Clock.metric == Metric.PART, Clock.rule_id.is_not(None))
    )


class _Tried:
    """The rules as they are and with the wish among them, asked again and again."""

    def __init__(self, wish: RuleWish) -> None:
        self._wish = wish
        self._rules = [rule for rule in queries.all_rules() if rule.metric is wish.metric]
        self._known: dict[tuple[LimitFor, date], tuple[LimitRule | None, LimitRule]] = {}
        self._calendars: dict[str, WorkCalendar] = {}

    def effects(self, row: Any) -> Iterator[Effect]:
        """Yield the effect on one request, if there is one."""
        wanted = LimitFor(row.kind, row.level, row.category, row.code)
        held, tried = self._found(wanted, local_date(row.started_at))
        old, new = (self._due(row, rule) for rule in (held, tried))
        if old != new:
            yield Effect(row.number, row.received_at, old, new)

    def _found(self, wanted: LimitFor, on: date) -> tuple[LimitRule | None, LimitRule]:
        if (wanted, on) not in self._known:
            metric = self._wish.metric
            limit, _steps, calendar_name = _stored(self._wish)
            tried = LimitRule(**self._wish.scope, starts_on=on, limit=limit, calendar_name=calendar_name)
            self._known[wanted, on] = (
                queries.best_rules(self._rules, wanted, on).get(metric),
                queries.best_rules([tried, *self._rules], wanted, on)[metric],
            )
        return self._known[wanted, on]

    def _due(self, row: Any, rule: LimitRule | None) -> datetime | None:
        if rule is None or rule.limit is None:
            return None
        name = rule.calendar_name or row.calendar_name
        if name not in self._calendars:
            self._calendars[name] = queries.calendar(name)
        calendar = self._calendars[name]
        return due_at(row.started_at, Limit.parse(rule.limit), calendar).at
