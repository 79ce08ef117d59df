"""Likely duplicates: what a company asked lately that looks like the same matter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select

from ticketing.core.actor import Actor
from ticketing.core.db import among, db
from ticketing.network.models import Unit
from ticketing.tickets.likeness import RECENT, Known, similar
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.conditions import is_open
from ticketing.tickets.scope import is_theirs, may_see_contact
from ticketing.tickets.words import State

# Of a company that asks a lot only its latest requests are looked at: the cost of a page has an end.
LATEST = 200


def alike(
    actor: Actor, enterprise_id: int, title: str, category: str, *, now: datetime, besides: str = ""
) -> list[Known]:
    """Return the company's requests that look like one of that title, the most alike first, at most three.

    Open ones, and those closed within RECENT, in the actor's sight; a confidential one only for those who may
    know whose it is. ``besides`` is the number of the request itself.
    """
    latest = (
        select(Ticket.id)
        .where(Ticket.enterprise_id == enterprise_id)
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
        .limit(LATEST)
        .subquery()
    )
    was_closed = and_(among(Ticket.status, [State.CLOSED]), Ticket.closed_at >= now - RECENT)
    rows = db.session.execute(
        select(
            Ticket.number, Ticket.title, Ticket.category, Ticket.status, Ticket.received_at, Unit.name,
            Unit.name_en, Unit.path, Ticket.is_confidential, Ticket.enterprise_id, Ticket.handler_id,
        )
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(
            is_theirs(actor),
            Ticket.id.in_(select(latest.c.id)),
            or_(is_open(), was_closed),
            Ticket.number != besides,
        )
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
    ).all()  # fmt: skip
    known = [
        Known(row.number, row.title, row.category, row.status, row.received_at, row.name, row.name_en)
        for row in rows
        if not row.is_confidential or may_see_contact(actor, row, row.path)
    ]
    return similar(title, category, known)
