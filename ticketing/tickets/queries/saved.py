"""The views people keep: their own, and those shared with the units they sit in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from ticketing.core.actor import TICKET_READERS, Actor, Role
from ticketing.core.db import db
from ticketing.tickets.models import SavedView

SHARING_ROLES = (Role.UNIT_LEADER, Role.STATION_HEAD, Role.DISPATCHER)
MOST_KEPT = 12
"""How many views one person keeps, and how many a unit shares: each counter costs."""
_MOST_SHOWN = 4 * MOST_KEPT


@dataclass(frozen=True, slots=True)
class Saved:
    """One kept view. ``filters`` are an address's values by name; ``unit_id`` is whom it is shared with."""

    key: str
    name: str
    base: str
    filters: dict[str, list[str]]
    sort: str
    unit_id: int | None
    owner_id: int


def saved_views(actor: Actor) -> list[Saved]:
    """Return the views the person finds in the queue: the own ones first, each group in its order."""
    row = SavedView
    wanted: Any = (
        select(row.key, row.name, row.base, row.filters, row.sort, row.unit_id, row.owner_id)
        .where(or_(row.owner_id == actor.user_id, row.unit_id.in_(sorted(reading_units(actor)))))
        .order_by(row.unit_id.is_not(None), row.unit_id, row.position, row.id)
        .limit(_MOST_SHOWN)
    )
    return [Saved(*found) for found in db.session.execute(wanted)]


def reading_units(actor: Actor) -> frozenset[int]:
    """Return the ids of the units whose tickets are the person's work."""
    return frozenset(grant.unit_id for grant in actor.grants if grant.role in TICKET_READERS)


def sharing_units(actor: Actor) -> frozenset[int]:
    """Return the ids of the units with which the person may share a view: those the person heads."""
    return frozenset(grant.unit_id for grant in actor.grants if grant.role in SHARING_ROLES)


def may_change(actor: Actor, owner_id: int, unit_id: int | None) -> bool:
    """Return whether a view is the person's to rename, move or delete: the own, and those of units headed."""
    return owner_id == actor.user_id or unit_id in sharing_units(actor)
