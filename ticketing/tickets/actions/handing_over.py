"""Nobody's ticket does not exist: what nobody can act on goes to the duty officer, with an event.

The unit that has the ticket stays; only the handler changes. Run every hour, and within seconds after
somebody was disabled, lost a role or went away (``staff_changes``: a row written with that change, so that it
cannot be missed; accounts stand below tickets and cannot move them themselves). Any number of workers may run
it: each locks tickets of its own, and a ticket that was moved is no orphan any more. The version stays:
nobody's half-written reply is refused because a colleague left.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import delete, func, select

from ticketing.accounts.models import StaffChange
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db, transaction
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.tickets.actions.step import publish, record
from ticketing.tickets.models import OrphanLook, Ticket
from ticketing.tickets.queries import orphans
from ticketing.tickets.words import Action

AT_ONCE = 50
_log = logging.getLogger(__name__)


def hand_over(now: datetime, limit: int = AT_ONCE) -> int:
    """Name the duty officer on up to ``limit`` orphans; return how many, 0 when none can move."""
    with transaction():
        moved = _batch(now, limit)
    db.session.expunge_all()
    return moved


def _batch(now: datetime, limit: int) -> int:
    moved = 0
    for place in orphans.find(local_date(now), network()):
        if place.officer_id is None or moved >= limit:
            continue
        wanted = (
            select(Ticket)
            .where(place.condition)
            .order_by(Ticket.id)
            .limit(limit - moved)
            .with_for_update(of=Ticket, skip_locked=True)
        )
        tickets = db.session.scalars(wanted, execution_options={"populate_existing": True}).all()
        for ticket in tickets:
            _move(ticket, place, now)
        moved += len(tickets)
    return moved


def _move(ticket: Ticket, place: orphans.Orphans, now: datetime) -> None:
    before, ticket.handler_id = ticket.handler_id, place.officer_id
    data = {
        "set": {"handler_id": ticket.handler_id},
        "said": {"why": place.why.value, "handler_id": ticket.handler_id, "was": before},
    }
    publish(record(ticket, SYSTEM, Action.HAND_OVER, ticket.status, data, now), set())
    _log.info("%s went to the duty officer: %s", ticket.number, place.why.value)


def look(now: datetime) -> int:
    """Hand over all orphans there are and write down how many are left; return how many moved."""
    moved = 0
    while count := hand_over(now):
        moved += count
    left = orphans.count(local_date(now))
    db.session.rollback()
    with transaction():
        known = db.session.get(OrphanLook, 1, with_for_update=True)
        if known is None:
            db.session.add(OrphanLook(id=1, looked_at=now, left=left))
        else:
            known.looked_at, known.left = now, left
    if left:
        _log.warning("%d open tickets have nobody to act on them: appoint duty officers", left)
    return moved


def follow_changes(now: datetime) -> int:
    """Look at once when somebody was disabled, lost a role or went away since; return how many moved.

    The changes are forgotten after the look: a worker that dies meanwhile leaves them to the next one.
    """
    last = db.session.scalar(select(func.max(StaffChange.changed_at, type_=StaffChange.changed_at.type)))
    db.session.rollback()
    if last is None:
        return 0
    moved = look(now)
    with transaction():
        db.session.execute(delete(StaffChange).where(StaffChange.changed_at <= last))
    return moved
