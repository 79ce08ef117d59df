"""What was merged into a ticket, as one person may read it: the requests and what happened to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ticketing.accounts.models import Enterprise
from ticketing.core.actor import Actor
from ticketing.core.db import db, read
from ticketing.network.queries import Network
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries.listing import enterprise_name
from ticketing.tickets.queries.view import (
    HISTORY,
    EventView,
    Reading,
    TicketView,
    contact_view,
    seen,
)
from ticketing.tickets.scope import may_see_contact, visible

MOST = 10
"""So many are read with what happened to them; the page names the others."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One request merged into another, and what this person may read of what happened to it."""

    known: Reading
    events: list[EventView]


def joined(actor: Actor, found: TicketView) -> list[Joined]:
    """Return what was merged into a ticket, the earliest first, as far as it is in the person's sight.

    Two statements, none where nothing was merged or the reader is the company.
    """
    if found.is_requester or not found.merged_here:
        return []
    wanted: Any = (
        visible(actor)
        .add_columns(Enterprise.name)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .where(Ticket.merged_into_id == found.ticket.id)
        .order_by(Ticket.received_at, Ticket.id)
        .limit(MOST)
    )
    rows = db.session.execute(wanted).all()
    happened: dict[int, list[Any]] = defaultdict(list)
    for event in read(HISTORY.where(Event.ticket_id.in_([ticket.id for ticket, _name in rows]))):
        happened[event.ticket_id].append(event)
    return [_one(actor, found.net, ticket, name, happened[ticket.id]) for ticket, name in rows]


def _one(actor: Actor, net: Network, ticket: Ticket, company: str, events: list[Any]) -> Joined:
    path = net.by_id[ticket.unit_id].path
    contact = contact_view(ticket, may_see_contact(actor, ticket, path))
    known = Reading(ticket, enterprise_name(actor, ticket, company, path), contact, net, is_requester=False)
    return Joined(known, seen(events, known))
