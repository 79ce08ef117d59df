"""What co-units owe of one ticket now, and by when: a part is due when its clock is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.words import Metric
from ticketing.tickets.models import Part, Ticket


def open_parts_of(ticket: Ticket) -> list[Part]:
    """Return the parts of the present cycle that are neither finished nor called off."""
    wanted = select(Part).where(
        Part.ticket_id == ticket.id,
        Part.cycle == ticket.cycle,
        Part.finished_at.is_(None),
        Part.cancelled_at.is_(None),
    )
    return list(db.session.scalars(wanted.order_by(Part.id)))


def call_off(part: Part, book: ClockBook, because: str, at: datetime) -> None:
    """End an open part without a result, its clock with it."""
    part.cancelled_at, part.cancelled_because = at, because or None
    if part.clock_nth is not None:
        book.cancel_one(part.clock_nth)


def release(ticket: Ticket, book: ClockBook, unit_id: int, at: datetime) -> None:
    """Call off the part of a unit that now leads: what it owed the lead it does as the lead."""
    for part in open_parts_of(ticket):
        if part.unit_id == unit_id:
            call_off(part, book, "", at)


def follow_clocks(ticket: Ticket, book: ClockBook) -> None:
    """Let the open parts be due when their clocks are, after something has moved these."""
    if not book.open(Metric.PART):
        return
    for part in open_parts_of(ticket):
        follow_clock(part, book)


def follow_clock(part: Part, book: ClockBook) -> None:
    """Let one part be due when its clock is."""
    clock = book.part(part.clock_nth) if part.clock_nth is not None else None
    if clock is not None and clock.due_at != part.due_at:
        part.due_at = clock.due_at
