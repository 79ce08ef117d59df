"""Whether what fired is what should: each step once, in order, when its time was spent, none after the end.

Says in its own words when a step is due: from the time a clock ran, not from the moments the sweep works out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.escalation.models import Escalation
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.calendars import Stretch
from ticketing.sla.rules.deadlines import allowance, elapsed
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import Planned, read
from ticketing.sla.words import ClockState
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import ENDED, State

_INSTANT = timedelta(microseconds=1)
_MOST_STEPS = 2_000
# Fired for a clock, but not at a share of it or some hours after it.
_OTHERS = {"notice"}


@dataclass(frozen=True, slots=True)
class Run:
    """A clock and the stretches in which it stood still."""

    clock: Clock
    stood: list[Stretch]

    def has_passed(self, step: Planned, at: datetime) -> bool:
        """Whether the time of ``step`` was spent at ``at``."""
        clock = self.clock
        if step.percent is None:
            return self._ran_late(at) >= timedelta(hours=step.hours_after_due) and at >= clock.due_at
        if step.percent == 100 or at >= clock.due_at:
            return at >= clock.due_at
        limit, calendar = Limit.parse(clock.limit), sla.calendar_by_id(clock.calendar_id)
        whole = allowance(clock.started_at, limit, calendar, clock.extra_days)
        return elapsed(clock.started_at, at, limit, calendar, self.stood) >= whole * step.percent // 100

    def _ran_late(self, at: datetime) -> timedelta:
        """How long the clock ran between its due moment and ``at``."""
        due = self.clock.due_at
        stood = sum((max(min(e, at) - max(b, due), timedelta()) for b, e in self.stood), timedelta())
        return at - due - stood

    def steps(self) -> Iterator[Planned]:
        """The clock's steps, in order."""
        plan = read(self.clock.steps)
        for number in range(_MOST_STEPS):
            step = plan.at(number)
            if step is None:
                return
            yield step


def missed_or_early(now: datetime) -> list[str]:
    """What is wrong with what fired, after everything due at ``now`` was swept up."""
    db.session.rollback()
    found: list[str] = []
    wanted = select(Clock, Ticket.number, Ticket.status).join(Ticket, Ticket.id == Clock.ticket_id)
    for clock, number, status in db.session.execute(wanted).all():
        rows = list(
            db.session.scalars(
                select(Escalation).where(Escalation.clock_id == clock.id).order_by(Escalation.id)
            )
        )
        new = [row for row in rows if row.fired_at == now and row.step not in _OTHERS]
        is_live = clock.state is ClockState.RUNNING and status not in ENDED
        if new and not is_live:
            found.append(f"I13 {number} {clock.metric} {clock.state}: {new[0].step} fired")
        if is_live:
            fired = {row.step for row in rows}
            found += [f"{problem} of {number} {clock.metric}" for problem in _of_one(clock, fired, new, now)]
    return found


def _of_one(clock: Clock, fired: set[str], new: list[Escalation], now: datetime) -> Iterator[str]:
    run = Run(clock, sla.ended_stretches(sla.pauses_of([clock.id])[clock.id]))
    just = {row.step: row for row in new}
    for step in run.steps():
        if not run.has_passed(step, now):
            if step.name in just:
                yield f"I13 early: {step.name}"
            return
        if step.name not in fired:
            yield f"I13 missed: {step.name}"
        row = just.get(step.name)
        if row is not None and not run.has_passed(step, row.due_moment):
            yield f"I13 {step.name} fell on a moment before its time"
        if row is not None and run.has_passed(step, row.due_moment - _INSTANT):
            yield f"I13 {step.name} fell on a moment after its time"


def twice_or_out_of_order() -> list[str]:
    """What is wrong with everything that ever fired, read from the log as it was then."""
    db.session.rollback()
    found: list[str] = []
    seen: set[tuple[object, ...]] = set()
    last: dict[int, int] = {}
    for row in db.session.scalars(select(Escalation).order_by(Escalation.id)):
        key = (row.ticket_id, row.clock_id, row.step, row.cycle)
        if key in seen:
            found.append(f"I13 {row.step} fired twice")
        seen.add(key)
        status, clocks = _then(row)
        if status in ENDED:
            found.append(f"I4 {row.step} fired on a ticket that was {status}")
        if row.clock_id is None:
            continue
        clock = db.session.get_one(Clock, row.clock_id)
        if clocks.get(str(clock.nth)) != ClockState.RUNNING:
            found.append(f"I13 {row.step} fired while its clock was {clocks.get(str(clock.nth))}")
        if row.step not in _OTHERS:
            place = next(n for n, step in enumerate(Run(clock, []).steps()) if step.name == row.step)
            if place <= last.get(row.clock_id, -1):
                found.append(f"I13 {row.step} fired out of order")
            last[row.clock_id] = place
    return found


def _then(row: Escalation) -> tuple[State, dict[str, str]]:
    """The ticket's status and the states of its clocks when the step fired, folded from its log."""
    fired = db.session.get_one(Event, row.event_id)
    status, clocks = "", {}
    before = select(Event.data).where(Event.ticket_id == row.ticket_id, Event.seq < fired.seq)
    for data in db.session.scalars(before.order_by(Event.seq)):
        status = data.get("set", {}).get("status", status)
        for nth, facts in data.get("clocks", {}).items():
            clocks[nth] = facts["state"]
    return State(status), clocks
