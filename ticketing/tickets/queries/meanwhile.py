"""What others did to a ticket while somebody filled in a form: who, when, and each field before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ticketing.accounts.models import User
from ticketing.core.db import db
from ticketing.tickets.models import Event
from ticketing.tickets.queries.view import EventView, TicketView, history

# Of what an event sets, this is told: the rest follows from it or is for the machine.
SHOWN = ("status", "unit_id", "handler_id", "level", "kind", "category", "due_at", "resume_on")
SHOWN_TO_COMPANIES = ("status", "unit_id", "due_at", "resume_on")
_NEVER_SET: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Field:
    """One stored field that changed, as the log holds it."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Happened:
    """One event the reader may see, and what it changed of what may be shown."""

    event: EventView
    fields: tuple[Field, ...]


def since(found: TicketView, version: int) -> list[Happened]:
    """Return what happened after ``version`` of the ticket, oldest first, as its reader may know of it."""
    visible = {event.seq: event for event in history(found)}
    shown = SHOWN_TO_COMPANIES if found.is_requester else SHOWN
    rows = select(Event.seq, Event.data).where(Event.ticket_id == found.ticket.id).order_by(Event.seq)
    state: dict[str, Any] = {}
    happened = []
    for seq, data in db.session.execute(rows):
        changed = data.get("set", _NEVER_SET)
        if changed.get("version", 0) > version and seq in visible:
            fields = [Field(name, state.get(name), changed[name]) for name in shown if name in changed]
            happened.append(Happened(visible[seq], tuple(fields)))
        state.update(changed)
    return happened


def names(user_ids: set[int]) -> dict[int, str]:
    """Return the names of people."""
    if not user_ids:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}
