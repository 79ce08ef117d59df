"""What the tickets joined to one mean for its promises."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.sla.models import Clock
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import Action


def promised_since(ticket: Ticket, *, without: Ticket | None = None) -> dict[Metric, datetime]:
    """Return when each promise of the first round begins; ``without``: as if that had never been joined.

    That is at the ticket's own receipt, or where the earliest of those promises began that the others still
    owed when they were joined.
    """
    wanted = (
        select(Event.ticket_id, Event.data["said"], Clock.nth, Clock.metric, Clock.started_at)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .join(Clock, Clock.ticket_id == Ticket.id)
        .where(Ticket.merged_into_id == ticket.id, Event.action == Action.MERGE, Clock.metric.in_(PROMISED))
        .order_by(Event.seq)
    )
    if without is not None:
        wanted = wanted.where(Ticket.id != without.id)
    rows = db.session.execute(wanted).all()
    # Of one that was joined several times the last counts.
    owed = {ticket_id: set(said["clocks"]) for ticket_id, said, *_clock in rows if "into" in said}
    starts = dict.fromkeys(PROMISED, ticket.received_at)
    for ticket_id, _said, nth, metric, started_at in rows:
        if nth in owed[ticket_id]:
            starts[metric] = min(starts[metric], started_at)
    return starts
