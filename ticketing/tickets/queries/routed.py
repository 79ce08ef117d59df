"""By which rules a ticket came where it is, and which units the rules propose for it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from ticketing.network.queries import Network, UnitInfo
from ticketing.routing import queries as routing
from ticketing.routing.rules.deciding import Asked, Decision
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import Action

_RULE = Event.data["said"]["rule"]
# The rule that decided who took the ticket in: the first event says so.
TAKEN_IN = (
    select(_RULE).where(Event.ticket_id == Ticket.id, Event.seq == 1).correlate(Ticket).scalar_subquery()
)
# What the rules proposed at the last dispatch.
DISPATCHED = (
    select(_RULE)
    .where(Event.ticket_id == Ticket.id, Event.action == Action.DISPATCH)
    .order_by(Event.seq.desc())
    .limit(1)
    .correlate(Ticket)
    .scalar_subquery()
)


def proposal(ticket: Ticket, net: Network, on: date) -> Decision:
    """Return whom the rules in force on the district's day ``on`` propose to lead, in one statement."""
    known = routing.ground(ticket.category, ticket.site_id)
    return routing.lead(asked_of(ticket, known.site, known.path), net, on, known)


def taken_in(ticket: Ticket, net: Network, on: date) -> Decision:
    """Return who takes in a draft that is sent on the district's day ``on``."""
    known = routing.ground(ticket.category, ticket.site_id)
    return routing.intake(asked_of(ticket, known.site, known.path), net, on, known.newest)


def asked_of(ticket: Ticket, site: str, path: str) -> Asked:
    """Return a ticket as rules see it; ``site`` and ``path`` are its place's code and its unit's path."""
    return Asked(
        category=ticket.category,
        kind=ticket.kind,
        level=ticket.level,
        channel=ticket.channel,
        site=site,
        path=path,
        text=f"{ticket.title}\n{ticket.description}",
    )


def followed(decision: Decision, lead: UnitInfo, net: Network) -> dict[str, Any]:
    """Return what the event of a dispatch keeps: the rule, whom it proposed, whether the person agreed."""
    proposed = [net.by_id[unit_id].code for unit_id in decision.units]
    return decision.said() | {"proposed": proposed, "is_followed": lead.code in proposed}
