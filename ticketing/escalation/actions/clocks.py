"""One pass over the clocks whose next step is due: every step up to now fires, in order, once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import InstrumentedAttribute

from ticketing.core import many
from ticketing.core.db import UtcDateTime, db, read
from ticketing.core.errors import DomainError
from ticketing.escalation.actions.firing import Held
from ticketing.escalation.models import Escalation
from ticketing.escalation.rules import Due
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.rules.calendars import Stretch
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import Course, StepPlan, step_at
from ticketing.sla.rules.steps import read as read_plan
from ticketing.sla.words import Metric
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import ENDED, State

MOST_STEPS_A_PASS = 500
_NOTHING: frozenset[str] = frozenset()
_log = logging.getLogger(__name__)
_limit = lru_cache(maxsize=1_000)(Limit.parse)
# In the words of the partial index: only so does the planner use it.
IS_DUE = text("clocks.state = 'running' AND clocks.next_step_at <= :now").bindparams(
    bindparam("now", type_=UtcDateTime())
)
TICKET: tuple[InstrumentedAttribute[Any], ...] = (
    Ticket.id, Ticket.number, Ticket.status, Ticket.cycle, Ticket.unit_id, Ticket.handler_id,
    Ticket.event_seq, Ticket.event_hash,
)  # fmt: skip
_DUE = (
    select(
        *TICKET,
        Clock.id.label("clock_id"), Clock.unit_id.label("clock_unit_id"), Clock.metric,
        Clock.cycle.label("clock_cycle"), Clock.limit,
        Clock.calendar_id, Clock.started_at, Clock.due_at, Clock.extra_days, Clock.steps, Clock.next_step,
        Clock.next_step_at,
    )
    .join(Ticket, Ticket.id == Clock.ticket_id)
    .where(IS_DUE)
    .order_by(Clock.next_step_at, Clock.id)
    .limit(bindparam("most"))
    .with_for_update(of=(Ticket, Clock), skip_locked=True)
)  # fmt: skip


class _Row(NamedTuple):
    """One clock that is due, with its ticket."""

    id: int
    number: str
    status: State
    cycle: int
    unit_id: int
    handler_id: int | None
    event_seq: int
    event_hash: str
    clock_id: int
    clock_unit_id: int
    metric: Metric
    clock_cycle: int
    limit: str
    calendar_id: int
    started_at: datetime
    due_at: datetime
    extra_days: int
    steps: Any
    next_step: int | None
    next_step_at: datetime


def claim(now: datetime, limit: int, held: dict[int, Held]) -> list[many.Row]:
    """Lock up to ``limit`` clocks that are due and put their steps into ``held``.

    Returns how the clocks are to move on; see ``move``. Rows that somebody else has locked are left to a
    later pass.
    """
    rows = [_Row._make(row) for row in read(_DUE, {"now": now, "most": limit}).all()]
    pauses = _pauses([row.clock_id for row in rows])
    known = _fired([row.clock_id for row in rows if row.next_step is None])
    moved = []
    for row in rows:
        number, at = row.next_step or 0, None
        if row.status not in ENDED and row.clock_cycle == row.cycle:
            ticket = held.get(row.id)
            if ticket is None:
                ticket = held[row.id] = Held(
                    row.id, row.number, row.status, row.cycle, row.unit_id, row.handler_id, row.event_seq,
                    row.event_hash,
                )  # fmt: skip
            ticket.deadlines[row.clock_id] = row.due_at
            due, number, at = _due(row, pauses.get(row.clock_id, ()), known.get(row.clock_id, _NOTHING), now)
            ticket.due += due
        moved.append({"id": row.clock_id, "next_step": number, "next_step_at": at})
    return moved


def move(moved: list[many.Row]) -> None:
    """Move the clocks on: one statement."""
    many.change(Clock, moved)


def _due(
    row: _Row, pauses: Sequence[Stretch], fired: Collection[str], now: datetime
) -> tuple[list[Due], int, datetime | None]:
    """Return the clock's steps that are due and have not fired, and which one comes next, and when."""
    plan, course = read_plan(row.steps), _course(row, pauses)
    found: list[Due] = []
    number = row.next_step or 0
    at = row.next_step_at if row.next_step is not None else _moment(row, number, plan, course)
    while at is not None and at <= now and len(found) < MOST_STEPS_A_PASS:
        step = plan.at(number)
        if step is None:
            break
        if step.name not in fired:
            unit_id = row.clock_unit_id if row.metric is Metric.PART else None
            found.append(Due(step.name, at, step.audience, row.metric, row.clock_id, True, unit_id))
        number += 1
        at = _moment(row, number, plan, course)
    if found and (at is None or at > now):
        found[-1] = found[-1]._replace(is_late=False)
    return found, number, at


def _course(row: _Row, pauses: Sequence[Stretch]) -> Course:
    calendar = sla.calendar_by_id(row.calendar_id)
    return Course(row.started_at, _limit(row.limit), calendar, row.due_at, pauses, row.extra_days)


def _moment(row: _Row, number: int, plan: StepPlan, course: Course) -> datetime | None:
    """When the step comes; where the calendar no longer says, at the due moment."""
    try:
        return step_at(plan, number, course)
    except DomainError as odd:
        _log.warning("clock %d: step %d counts as due with the clock: %r", row.clock_id, number, odd)
        return course.due


def _pauses(clock_ids: list[int]) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = {}
    if clock_ids:
        wanted = select(ClockPause.clock_id, ClockPause.paused_at, ClockPause.resumed_at).where(
            many.is_among(ClockPause.clock_id, clock_ids)
        )
        for clock_id, paused_at, resumed_at in db.session.execute(wanted):
            if resumed_at is not None:
                found.setdefault(clock_id, []).append((paused_at, resumed_at))
    return found


def _fired(clock_ids: Iterable[int]) -> dict[int, set[str]]:
    """The steps that some clocks, of which it is not known where they stand, have fired already."""
    found: dict[int, set[str]] = {}
    wanted = select(Escalation.clock_id, Escalation.step).where(Escalation.clock_id.in_(list(clock_ids)))
    for clock_id, step in db.session.execute(wanted):
        if clock_id is not None:
            found.setdefault(clock_id, set()).add(step)
    return found
