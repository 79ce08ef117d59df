"""The tickets somebody picked from a list, as far as the person may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.network.models import Unit
from ticketing.tickets.models import Ticket
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import State


@dataclass(frozen=True, slots=True)
class Picked:
    """What a list of picked tickets shows of one, and what decides who can be named for it."""

    number: str
    title: str
    status: State
    version: int
    unit_id: int
    unit_path: str


def picked(actor: Actor, numbers: Iterable[str]) -> dict[str, Picked]:
    """Return those of ``numbers`` that are in the actor's sight, by number; one statement."""
    wanted: Any = (
        select(Ticket.number, Ticket.title, Ticket.status, Ticket.version, Ticket.unit_id, Unit.path)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(Ticket.number.in_(list(numbers)), is_theirs(actor))
    )
    return {row.number: Picked(*row) for row in db.session.execute(wanted)}
