"""Where a ticket went and who sent it back: conditions of lists, shared with the figures."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, or_

from ticketing.core.db import among
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import UNASSESSED, Action


def counts_in_figures() -> ColumnElement[bool]:
    """Return the condition of being judged by figures at all."""
    return ~among(Ticket.status, UNASSESSED)


def returned_by(unit_ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that one of some units has asked to send the ticket back."""
    asked = exists().where(
        Event.ticket_id == Ticket.id,
        Event.action == Action.REQUEST_RETURN,
        Event.unit_id.in_(sorted(unit_ids)),
    )
    return and_(counts_in_figures(), Ticket.return_count > 0, asked.correlate(Ticket))


def sent_to(unit_ids: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that one of some units leads the ticket after a dispatch, or sent it back."""
    ids = sorted(unit_ids)
    leads = and_(counts_in_figures(), Ticket.dispatched_at.is_not(None), Ticket.unit_id.in_(ids))
    return or_(leads, returned_by(ids))


def conditions(to: frozenset[int], back_from: frozenset[int]) -> list[ColumnElement[bool]]:
    """Return the WHERE parts of having gone to and come back from some units; empty sets say nothing."""
    found = [sent_to(to)] if to else []
    return [*found, returned_by(back_from)] if back_from else found
