"""The sweep: whatever is due now fires, once, in order, whoever runs it and however often."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import literal_column, select

from ticketing.core import crash_points
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db, sent_ahead, transaction
from ticketing.core.errors import DomainError
from ticketing.escalation.actions import clocks, looks
from ticketing.escalation.actions.firing import Fired, Held, Volley
from ticketing.network.queries import network
from ticketing.sla.models import Clock
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Ticket
from ticketing.tickets.wishes import Resume

BATCH = 1_000
_log = logging.getLogger(__name__)
# In the order of their indexes: whether anything at all is due, a planner would look for in the whole table.
_NEXT = select(
    select(Clock.next_step_at)
    .where(literal_column("clocks.state = 'running' AND clocks.next_step_at IS NOT NULL"))
    .order_by(Clock.next_step_at)
    .limit(1)
    .scalar_subquery(),
    select(Ticket.look_at)
    .where(literal_column("tickets.look_at IS NOT NULL"))
    .order_by(Ticket.look_at)
    .limit(1)
    .scalar_subquery(),
)


def sweep(now: datetime, limit: int = BATCH) -> list[Fired]:
    """Fire what is due at ``now`` on up to ``limit`` clocks and as many tickets; empty when nothing is due.

    Suspended tickets whose day has come go on, as if the system had acted on each. Any number may run at
    once: each takes rows of its own, and a step is written once or not at all.
    """
    while _is_anything_due(now):
        held: dict[int, Held] = {}
        with transaction():
            net = network()
            moved = clocks.claim(now, limit, held)
            looked = looks.look(now, limit, held, net)
            crash_points.here("8 due rows locked")
            volley = Volley(held.values(), net, now)
            with sent_ahead():
                clocks.move(moved)
                fired = volley.fire()
        _resume(looked.to_resume, now)
        if fired or not len(moved) + looked.count:
            _log.info("%d steps fired on %d tickets", len(fired), len(held))
            return fired
    return []


def _resume(numbers: list[str], now: datetime) -> None:
    """Let suspended tickets go on from the beginning of the day that was set."""
    for number in numbers:
        try:
            perform(SYSTEM, number, Resume(), now=now)
        except DomainError as refused:  # somebody was quicker
            _log.info("%s was not resumed: %s", number, type(refused).__name__)


def _is_anything_due(now: datetime) -> bool:
    """Ask without a lock: most of the time there is nothing to do."""
    moments = db.session.execute(_NEXT).one()
    db.session.rollback()
    return any(at is not None and at <= now for at in moments)
