"""Reads of limits, calendars and clocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, String, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from ticketing.accounts.models import User
from ticketing.core import marks
from ticketing.core.db import db, read
from ticketing.core.errors import NotFound
from ticketing.core.text import N_
from ticketing.sla.models import Calendar, CalendarDay, Clock, ClockPause, LimitRule
from ticketing.sla.rules.calendars import MONDAY_TO_FRIDAY, DayRule, Era, Stretch, WorkCalendar
from ticketing.sla.rules.deadlines import Deadline, due_after_pauses
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import Metric

ANY = "*"
MOST_VERSIONS, MOST_COUNTED = 20, 10_000
_MOST_TERMS = 4096
# In the words of the partial indexes on clocks.
IS_OPEN: ColumnElement[bool] = literal_column("clocks.state IN ('running', 'paused')")
_IS_PROVISIONAL: ColumnElement[bool] = literal_column("(clocks.state = 'running' AND clocks.is_provisional)")
# Calendar versions never change once stored, so each process reads a version once.
_known: dict[int, WorkCalendar] = {}


class UnknownCalendar(NotFound):
    """No calendar of that name."""

    sentence = N_("没有名为“%(name)s”的工作日历")


@dataclass(frozen=True, slots=True)
class LimitFor:
    """Which ticket a limit is looked up for."""

    kind: str
    level: str
    category_code: str
    unit_code: str


class RuleLine(NamedTuple):
    """What a limit rule says, as each process keeps it."""

    id: int
    metric: Metric
    kind: str
    level: str
    category_code: str
    unit_code: str
    starts_on: date
    limit: str | None
    steps: list[dict[str, Any]] | None
    calendar_name: str | None


AnyRule = TypeVar("AnyRule", LimitRule, RuleLine)


@dataclass(frozen=True, slots=True)
class Term:
    """What a new clock of one metric counts by: its limit, its calendar, and the rule that says so.

    ``steps`` as they are stored; ``calendar_id`` None when no calendar was asked for, ``calendar_name`` None
    when the rule leaves it to the unit.
    """

    limit: Limit
    rule_id: int | None = None
    steps: list[dict[str, Any]] | None = None
    calendar_name: str | None = None
    calendar_id: int | None = None


def _windows(pairs: Iterable[Iterable[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)


def _weekdays(stored: Iterable[int] | None) -> frozenset[int]:
    return MONDAY_TO_FRIDAY if stored is None else frozenset(stored)


def _era(stored: dict[str, Any]) -> Era:
    starts_on = date.fromisoformat(stored["starts_on"])
    return Era(starts_on, _windows(stored["windows"]), _weekdays(stored["weekdays"]))


def calendar_by_id(calendar_id: int) -> WorkCalendar:
    """Return one version of a calendar."""
    if calendar_id not in _known:
        row = db.session.get_one(Calendar, calendar_id)
        days = db.session.scalars(select(CalendarDay).where(CalendarDay.calendar_id == calendar_id))
        _known[calendar_id] = WorkCalendar(
            name=row.name,
            zone=ZoneInfo(row.zone),
            windows=_windows(row.windows),
            days={
                day.on: DayRule(day.kind, day.name, _windows(day.windows) if day.windows else None)
                for day in days
            },
            published_years=frozenset(row.published_years),
            weekdays=_weekdays(row.weekdays),
            follows_notices=row.follows_notices,
            eras=tuple(_era(stored) for stored in row.eras or ()),
        )
    return _known[calendar_id]


_CURRENT = select(Calendar.id).where(
    Calendar.name == bindparam("calendar", type_=String), Calendar.is_current
)


def current_calendar_id(name: str) -> int:
    """Return the id of the version of calendar ``name`` that new clocks use; raise UnknownCalendar."""
    found = db.session.scalar(_CURRENT, {"calendar": name})
    if found is None:
        raise UnknownCalendar(name=name)
    return found


def calendar(name: str) -> WorkCalendar:
    """Return the current version of calendar ``name``; raise UnknownCalendar."""
    return calendar_by_id(current_calendar_id(name))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a calendar: who made it, when and why; how many open clocks still count by it."""

    id: int
    version: int
    is_current: bool
    published_years: tuple[int, ...]
    note: str
    made_at: datetime | None
    made_by: str | None
    open_clocks: int


def versions(name: str) -> list[Version]:
    """Return the latest versions of calendar ``name``, the newest first; raise UnknownCalendar.

    Open clocks are counted up to MOST_COUNTED, and only where there can be any.
    """
    wanted = (
        select(Calendar, User.name)
        .outerjoin(User, User.id == Calendar.made_by)
        .where(Calendar.name == name)
        .order_by(Calendar.version.desc())
        .limit(MOST_VERSIONS)
    )
    waiting = newest_versions()
    found = [
        Version(
            row.id, row.version, row.is_current, tuple(sorted(row.published_years)), row.note or "",
            row.made_at, who, _open_clocks(row.id) if row.is_current or row.id in waiting else 0,
        )
        for row, who in db.session.execute(wanted)
    ]  # fmt: skip
    if not found:
        raise UnknownCalendar(name=name)
    return found


def _open_clocks(calendar_id: int) -> int:
    some = select(Clock.id).where(Clock.calendar_id == calendar_id, IS_OPEN).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def provisional_clocks(name: str, since: datetime) -> int:
    """Return how many running promises on calendar ``name`` depend on a notice that is not there yet.

    ``since`` is when the first year without a notice begins: none of them is due earlier.
    """
    same_name = select(Calendar.id).where(Calendar.name == name)
    wanted = select(func.count()).where(
        _IS_PROVISIONAL,
        Clock.due_at >= since,
        Clock.calendar_id.in_(same_name),
    )
    return db.session.scalar(wanted) or 0


def newest_versions() -> dict[int, int]:
    """Return which version follows each older one by which some open clock still counts; mostly empty."""
    newer = aliased(Calendar)
    waits = select(Clock.id).where(Clock.calendar_id == Calendar.id, IS_OPEN).correlate(Calendar).exists()
    wanted = (
        select(Calendar.id, newer.id.label("newer"))
        .join(newer, and_(newer.name == Calendar.name, newer.is_current))
        .where(Calendar.is_current.is_(False), waits)
    )
    return {row.id: row.newer for row in db.session.execute(wanted)}


def forget_calendars() -> None:
    """Drop what this process remembers: for a database that was replaced under it."""
    _known.clear()


@dataclass(frozen=True, slots=True)
class LimitBook:
    """All limit rules, past and coming, and the version of each calendar that new clocks use."""

    rules: tuple[RuleLine, ...]
    calendars: dict[str, int]
    _found: dict[tuple[LimitFor, str | None, date], dict[Metric, Term]] = field(default_factory=dict)

    def terms(self, wanted: LimitFor, calendar_name: str | None, today: date) -> dict[Metric, Term]:
        """Return what ``queries.terms`` does; not to be changed."""
        key = (wanted, calendar_name, today)
        if key not in self._found:
            if len(self._found) >= _MOST_TERMS:
                self._found.clear()
            best = best_rules(self.rules, wanted, today)
            self._found[key] = {
                metric: self._term(row, row.limit, calendar_name) for metric, row in best.items() if row.limit
            }
        return self._found[key]

    def _term(self, row: RuleLine, limit: str, calendar_name: str | None) -> Term:
        name = row.calendar_name or calendar_name
        calendar_id = None
        if calendar_name is not None and name is not None:
            calendar_id = self.calendars.get(name)
            if calendar_id is None:
                raise UnknownCalendar(name=name)
        return Term(Limit.parse(limit), row.id, row.steps, row.calendar_name, calendar_id)


_LINES = select(*(getattr(LimitRule, name) for name in RuleLine._fields)).order_by(LimitRule.id)
_CALENDARS = select(Calendar.name, Calendar.id).where(Calendar.is_current)
# What this process read last, by the mark of that moment.
_books: dict[str, LimitBook] = {}


def limit_book() -> LimitBook:
    """Return all limits; read again when their mark has changed."""
    mark = marks.of(marks.LIMITS) or ""
    if mark not in _books:
        # Read after the mark: never older than it.
        calendars = {row.name: row.id for row in read(_CALENDARS)}
        made = LimitBook(tuple(RuleLine(*row) for row in read(_LINES)), calendars)
        _books.clear()
        _books[mark] = made
    return _books[mark]


def limits(wanted: LimitFor, today: date) -> dict[Metric, Limit | None]:
    """Return each metric's limit for a ticket: the most particular rule in force on ``today`` wins.

    Unit before category before level before kind; of equals, the latest start. None: no such clock.
    """
    return {
        metric: Limit.parse(row.limit) if row.limit else None
        for metric, row in best_rules(limit_book().rules, wanted, today).items()
    }


def steps_for(wanted: LimitFor, metric: Metric, today: date) -> list[dict[str, Any]] | None:
    """Return the steps of the rule in force, also of one that sets no limit; None: the usual ones."""
    rule = best_rules(limit_book().rules, wanted, today).get(metric)
    return rule.steps if rule else None


def terms(wanted: LimitFor, calendar_name: str | None, today: date) -> dict[Metric, Term]:
    """Return by what each metric that has a limit counts for a ticket.

    Clocks count by the calendar of their rule, else by the one named; without a name none is looked up.
    Raises UnknownCalendar.
    """
    return dict(limit_book().terms(wanted, calendar_name, today))


def best_rules(rules: Iterable[AnyRule], wanted: LimitFor, today: date) -> dict[Metric, AnyRule]:
    """Return for each metric the rule that counts for ``wanted`` on ``today``, out of ``rules``."""
    best: dict[Metric, AnyRule] = {}
    for row in rules:
        fits = row.starts_on <= today and all(
            held in {ANY, asked}
            for held, asked in (
                (row.kind, wanted.kind),
                (row.level, wanted.level),
                (row.category_code, wanted.category_code),
                (row.unit_code, wanted.unit_code),
            )
        )
        if fits and (row.metric not in best or _weight(row) > _weight(best[row.metric])):
            best[row.metric] = row
    return best


def limits_in_use() -> list[Limit]:
    """Return every limit that some rule sets or has set."""
    wanted = select(LimitRule.limit).where(LimitRule.limit.is_not(None)).distinct()
    return [Limit.parse(text) for text in db.session.scalars(wanted) if text]


def all_rules() -> list[LimitRule]:
    """Return every limit rule, past and coming, the latest start first."""
    order = (LimitRule.starts_on.desc(), LimitRule.kind, LimitRule.level, LimitRule.id)
    return list(db.session.scalars(select(LimitRule).order_by(*order)))


def rule(rule_id: int) -> LimitRule | None:
    """Return one limit rule, if there is one with this id."""
    return db.session.get(LimitRule, rule_id)


def _weight(rule: LimitRule | RuleLine) -> tuple[bool, bool, bool, bool, date]:
    return (
        rule.unit_code != ANY,
        rule.category_code != ANY,
        rule.level != ANY,
        rule.kind != ANY,
        rule.starts_on,
    )


_CLOCKS = select(Clock).where(Clock.ticket_id == bindparam("ticket_id")).order_by(Clock.nth)


def clocks_of(ticket_id: int) -> list[Clock]:
    """Return all clocks of a ticket, oldest first."""
    return list(db.session.scalars(_CLOCKS, {"ticket_id": ticket_id}))


def pauses_of(clock_ids: list[int]) -> dict[int, list[ClockPause]]:
    """Return the pauses of some clocks, oldest first, by clock."""
    found: dict[int, list[ClockPause]] = {clock_id: [] for clock_id in clock_ids}
    if clock_ids:
        wanted = select(ClockPause).where(ClockPause.clock_id.in_(clock_ids)).order_by(ClockPause.id)
        for pause in db.session.scalars(wanted):
            found[pause.clock_id].append(pause)
    return found


def paused_stretches(pauses: list[ClockPause], until: datetime) -> list[tuple[datetime, datetime]]:
    """Return pauses as stretches; one still open counts up to ``until``, on a slow machine to its start."""
    return [(pause.paused_at, pause.resumed_at or max(until, pause.paused_at)) for pause in pauses]


def ended_stretches(pauses: Iterable[ClockPause]) -> list[Stretch]:
    """Return the pauses that are over: a paused clock's due moment is the one it had when it was stopped."""
    return [(pause.paused_at, pause.resumed_at) for pause in pauses if pause.resumed_at is not None]


def recounted(clock: Clock | Row[Any], calendar: WorkCalendar, stretches: list[Stretch]) -> Deadline:
    """Return when the clock's allowance is spent by ``calendar`` outside its pauses."""
    limit = Limit.parse(clock.limit)
    return due_after_pauses(clock.started_at, limit, calendar, stretches, clock.extra_days)
