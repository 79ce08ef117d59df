"""One pass over the tickets to be looked at: causes no clock measures, notices, notes owed, pauses that end.

A ticket says by ``look_at`` when it wants to be looked at; actions set it to their own moment, and each look
to the next moment at which something may be due by time alone. So a pass costs by what may have changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    func,
    literal_column,
    select,
    text,
    union,
)
from sqlalchemy.orm import aliased

from ticketing.core import many
from ticketing.core.db import UtcDateTime, db
from ticketing.core.local_day import day_start
from ticketing.escalation import rules
from ticketing.escalation.actions.clocks import TICKET
from ticketing.escalation.actions.firing import Held
from ticketing.escalation.models import Escalation
from ticketing.escalation.rules import CALLED, Counts, Due
from ticketing.network.queries import Network
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets.models import Event, Part, Ticket
from ticketing.tickets.words import ENDED, UNASSESSED, Action, State

TRY_AGAIN = timedelta(minutes=10)
# In the words of the partial index.
IS_WANTED = text("tickets.look_at <= :now").bindparams(bindparam("now", type_=UtcDateTime()))
_WORDS = (Action.SUSPEND, Action.NOTE, Action.MESSAGE, Action.UNMERGE)
_IDS = bindparam("ids", expanding=True, type_=Integer())
_LOOK = (
    select(*TICKET, Ticket.return_count, Ticket.resume_on)
    .where(IS_WANTED)
    .order_by(Ticket.look_at, Ticket.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_FIRED = select(
    Escalation.ticket_id, Escalation.clock_id, Escalation.step, Escalation.cycle, Escalation.due_moment
).where(Escalation.ticket_id.in_(_IDS))
_RESOLVE = (
    select(Clock.ticket_id, Clock.id, Clock.state, Clock.due_at, Clock.calendar_id)
    .join(Ticket, Ticket.id == Clock.ticket_id)
    .where(
        Clock.ticket_id.in_(_IDS),
        Clock.metric == Metric.RESOLVE,
        Clock.cycle == Ticket.cycle,
        Clock.state.in_((ClockState.RUNNING, ClockState.PAUSED)),
    )
)
_UNITS = union(
    select(Clock.ticket_id, Clock.unit_id)
    .join(Ticket, Ticket.id == Clock.ticket_id)
    .where(Clock.ticket_id.in_(_IDS), Clock.metric == Metric.SIGN, Clock.cycle == Ticket.cycle),
    select(Part.ticket_id, Part.unit_id)
    .join(Ticket, Ticket.id == Part.ticket_id)
    .where(Part.ticket_id.in_(_IDS), Part.cycle == Ticket.cycle, Part.cancelled_at.is_(None)),
)
_LAST_WORD = (
    select(Event.ticket_id, func.max(Event.at, type_=UtcDateTime()))
    .where(Event.ticket_id.in_(_IDS), Event.action.in_(_WORDS), Event.unit_id.is_not(None))
    .group_by(Event.ticket_id)
)


@dataclass(slots=True)
class _Known:
    """What is read of one ticket besides its row."""

    fired: list[Any] = field(default_factory=list)
    units: set[int] = field(default_factory=set)
    similar: int = 0
    clock: Any = None
    last_word: datetime | None = None


@dataclass(slots=True)
class Looked:
    """How many tickets were looked at, and the numbers of those whose pause has ended."""

    count: int
    to_resume: list[str] = field(default_factory=list)


def look(now: datetime, limit: int, held: dict[int, Held], net: Network) -> Looked:
    """Lock up to ``limit`` tickets that want to be looked at and put what is due into ``held``."""
    rows = db.session.execute(_LOOK, {"now": now, "most": limit}).all()
    found = Looked(len(rows))
    known = _known([row.id for row in rows], [row.id for row in rows if row.status is State.SUSPENDED])
    moved = []
    for row in rows:
        coming: list[datetime] = []
        if row.status not in ENDED and row.status is not State.DRAFT:
            ticket = held.get(row.id)
            if ticket is None:
                ticket = held[row.id] = Held(*row[: len(TICKET)])
            for due in _due(row, known[row.id], now, net, coming):
                ticket.due.append(due)
            if _is_over(row, now, coming):
                found.to_resume.append(row.number)
        moved.append({"id": row.id, "look_at": min(coming, default=None)})
    many.change(Ticket, moved)
    return found


def _due(row: Any, known: _Known, now: datetime, net: Network, coming: list[datetime]) -> list[Due]:
    """Return what is to fire; put the moments of what may come later by itself into ``coming``."""
    here = [one.step for one in known.fired if one.cycle == row.cycle]
    counts = Counts(
        cycle=row.cycle,
        returns=row.return_count,
        units=len(known.units | {row.unit_id}),
        similar=known.similar,
        fired=frozenset(one.step for one in known.fired),
        fired_now=frozenset(here),
    )
    found = [Due(step, now, CALLED[step]) for step in rules.causes(counts)]
    found += _notice(known, now, coming)
    if row.status is State.SUSPENDED and known.last_word is not None:
        found += _notes(row, known, now, coming, _hours(row, known, net))
    return found


def _notice(known: _Known, now: datetime, coming: list[datetime]) -> list[Due]:
    """The written notice of the clock of solving, unless it is stopped or has had one."""
    clock = known.clock
    if clock is None or clock.state is not ClockState.RUNNING:
        return []
    if any(one.clock_id == clock.id and one.step == rules.NOTICE for one in known.fired):
        return []
    at = rules.notice_at(clock.due_at, sla.calendar_by_id(clock.calendar_id))
    if at > now:
        coming.append(at)
        return []
    return [Due(rules.NOTICE, at, CALLED[rules.NOTICE], Metric.RESOLVE, clock.id)]


def _notes(row: Any, known: _Known, now: datetime, coming: list[datetime], hours: WorkCalendar) -> list[Due]:
    """The progress notes owed since the last word on a suspended ticket."""
    reminders = [
        one for one in known.fired if one.cycle == row.cycle and one.step.startswith(f"{rules.NOTE}-")
    ]
    since = max([known.last_word, *(one.due_moment for one in reminders)])
    owed = list(rules.notes_owed(since, now, hours, [one.step for one in reminders]))
    coming.append(owed[-1][1])
    until = now if row.resume_on is None else min(now, day_start(row.resume_on))
    passed = [(step, at) for step, at in owed if at <= until]
    return [
        Due(step, at, CALLED[rules.NOTE], is_late=place < len(passed))
        for place, (step, at) in enumerate(passed, start=1)
    ]


def _hours(row: Any, known: _Known, net: Network) -> WorkCalendar:
    if known.clock is not None:
        return sla.calendar_by_id(known.clock.calendar_id)
    return sla.calendar(net.by_id[row.unit_id].calendar_name)


def _is_over(row: Any, now: datetime, coming: list[datetime]) -> bool:
    """Whether the pause has ended; should resuming be refused, the ticket is looked at again soon."""
    if row.status is not State.SUSPENDED or row.resume_on is None:
        return False
    ends = day_start(row.resume_on)
    coming.append(max(ends, now + TRY_AGAIN) if ends <= now else ends)
    return ends <= now


def _known(ids: list[int], suspended: list[int]) -> dict[int, _Known]:
    found = {ticket_id: _Known() for ticket_id in ids}
    if not ids:
        return found
    for row in db.session.execute(_FIRED, {"ids": ids}):
        found[row.ticket_id].fired.append(row)
    for ticket_id, unit_id in db.session.execute(_UNITS, {"ids": ids}):
        found[ticket_id].units.add(unit_id)
    for ticket_id, similar in db.session.execute(_similar(db.engine.dialect.name), {"ids": ids}):
        found[ticket_id].similar = similar
    for clock in db.session.execute(_RESOLVE, {"ids": ids}):
        found[clock.ticket_id].clock = clock
    for ticket_id, at in _last_words(suspended):
        found[ticket_id].last_word = at
    return found


def _last_words(suspended: list[int]) -> Iterable[tuple[int, datetime]]:
    if not suspended:
        return []
    return [(row[0], row[1]) for row in db.session.execute(_LAST_WORD, {"ids": suspended})]


@cache
def _similar(dialect: str) -> Any:
    """How many requests of the company in the same category came within thirty days, this one included."""
    other = aliased(Ticket, name="other")
    return (
        select(Ticket.id, func.count())
        .join(
            other,
            (other.enterprise_id == Ticket.enterprise_id)
            & (other.category == Ticket.category)
            & (other.received_at <= Ticket.received_at)
            & (other.received_at > _days_before(dialect)),
        )
        .where(
            Ticket.id.in_(_IDS),
            Ticket.cycle == 1,
            other.status.not_in((State.DRAFT, *sorted(UNASSESSED))),
        )
        .group_by(Ticket.id)
    )


def _days_before(dialect: str) -> ColumnElement[Any]:
    days = rules.SIMILAR_WITHIN.days
    if dialect == "sqlite":
        return literal_column(f"strftime('%Y-%m-%d %H:%M:%f', tickets.received_at, '-{days} days')")
    return literal_column(f"tickets.received_at - interval '{days} days'")
