"""Many sweepers at one moment: every due step is written exactly once.

The usual run takes 3,000 clocks; AT_ONCE_TICKETS=50000 takes 100,000.
"""

from __future__ import annotations

import os
from datetime import timedelta

from sqlalchemy import func, select

from tests.escalation.kit import at, count
from tests.test_races import together
from ticketing.core.db import db, transaction
from ticketing.core.many import add
from ticketing.core.outbox import Outbox
from ticketing.escalation.actions.sweep import sweep
from ticketing.escalation.models import Escalation
from ticketing.sla.models import Clock
from ticketing.tickets import ledger
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import Action, State

SWEEPERS = 8
TICKETS = int(os.environ.get("AT_ONCE_TICKETS", "1500"))
NOW = at("2026-11-25 09:00")


def many_due(world, tickets: int) -> int:
    """Open tickets with two running clocks each, both overdue for hours; return how many clocks are due."""
    number = world.ticket(State.PROCESSING)
    ticket = world.row(number)
    columns = {column.name: getattr(ticket, column.name) for column in Ticket.__table__.columns}
    with transaction():
        first = (db.session.scalar(select(func.max(Ticket.id))) or 0) + 1
        ids = range(first, first + tickets)
        fresh = {"event_seq": 0, "event_hash": "", "look_at": None, "handler_id": None}
        add(Ticket, [columns | fresh | {"id": new, "number": f"T{new}"} for new in ids])
        due = NOW - timedelta(hours=2)
        add(
            Clock,
            [
                {
                    "ticket_id": new, "nth": nth, "unit_id": ticket.unit_id, "cycle": ticket.cycle,
                    "metric": metric, "state": "running", "limit": "24h", "calendar_id": 1,
                    "started_at": due - timedelta(hours=24), "due_at": due, "original_due_at": due,
                    "warn_at": due, "extra_days": 0, "is_provisional": False, "next_step": 2,
                    "next_step_at": due,
                }
                for new in ids
                for nth, metric in enumerate(("respond", "resolve"), start=1)
            ],
        )  # fmt: skip
        db.session.query(Clock).filter(Clock.ticket_id == ticket.id).update({"next_step_at": None})
        db.session.query(Ticket).filter(Ticket.id == ticket.id).update({"look_at": None})
    return 2 * tickets


def drain() -> int:
    fired = 0
    while found := sweep(NOW, 300):  # more tickets than are written at once
        fired += len(found)
    return fired


def test_eight_at_one_barrier_write_exactly_what_was_due(world, monkeypatch):
    due = many_due(world, TICKETS)
    monkeypatch.setattr(db.engine.pool, "_max_overflow", SWEEPERS)  # each worker has a connection of its own

    told = together(world.app, *[drain] * SWEEPERS)
    left = drain()

    assert [one for one in told if isinstance(one, Exception)] == []
    assert sum(told) + left == due == count()
    distinct = select(Escalation.clock_id, Escalation.step, Escalation.cycle).distinct().subquery()
    assert db.session.scalar(select(func.count()).select_from(distinct)) == due
    wanted = select(func.count()).select_from(Event).where(Event.action == Action.ESCALATE)
    assert db.session.scalar(wanted) == due
    out = select(func.count()).select_from(Outbox).join(Event, Event.id == Outbox.event_id)
    assert db.session.scalar(out.where(Event.action == Action.ESCALATE)) == due
    assert drain() == 0


def test_people_acting_meanwhile_neither_lose_nor_are_lost(world):
    numbers = [world.ticket(State.PROCESSING) for _ in range(12)]
    late = at("2026-12-09 10:00")
    actor = world.actor("dept")

    def act(number: str):
        return lambda: perform(actor, number, w.Note(body="处理中"), now=late)

    def fire() -> int:
        fired = 0
        while found := sweep(late, 3):
            fired += len(found)
        return fired

    told = together(world.app, *[act(number) for number in numbers], *[fire] * 4)
    fire()

    assert [one for one in told if isinstance(one, Exception)] == []
    assert all(world.events(number)[-1] for number in numbers)
    notes = select(func.count()).select_from(Event).where(Event.action == Action.NOTE)
    assert db.session.scalar(notes) == len(numbers)
    assert list(ledger.verify()) == []
