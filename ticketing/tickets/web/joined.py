"""The requests merged into a ticket, folded, as its page shows them: to read there, to act on nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from ticketing.core.actor import Actor
from ticketing.tickets.queries.joined import joined
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web.thread import Fold, Said, thread


@dataclass(frozen=True, slots=True)
class Request:
    """One request merged into this one; ``href`` leads to its own page."""

    number: str
    title: str
    description: str
    received_at: datetime
    entries: list[Said | Fold]
    href: str


def requests(actor: Actor, found: TicketView) -> list[Request]:
    """Return the requests merged into a ticket with their threads."""
    return [
        Request(
            number=one.known.ticket.number,
            title=one.known.ticket.title,
            description=one.known.ticket.description,
            received_at=one.known.ticket.received_at,
            entries=thread(one.events, one.known),
            href=url_for("tickets.show", number=one.known.ticket.number, own=1),
        )
        for one in joined(actor, found)
    ]
