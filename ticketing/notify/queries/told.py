"""What one message has to tell, read at the moment of sending with its recipient's own rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from ticketing.accounts.models import User
from ticketing.core.actor import Actor, Grant, Role
from ticketing.core.db import db
from ticketing.notify.models import DeliveryEvent
from ticketing.notify.queries.ways import RobotInfo
from ticketing.tickets.flow import FLOW
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import Action


@dataclass(frozen=True, slots=True)
class Item:
    """One event as its recipient may know of it."""

    number: str
    title: str
    is_confidential: bool
    due_at: datetime | None
    action: Action
    said: dict[str, Any] | None
    at: datetime
    unit_id: int


def items(delivery_id: int, reader: Actor) -> list[Item]:
    """Return what the message tells, the oldest first; what the reader may no longer read is left out."""
    found = [Item(*row) for row in db.session.execute(_items(delivery_id).where(is_theirs(reader)))]
    if reader.enterprise_id is None:
        return found
    return [item for item in found if item.action not in FLOW or FLOW[item.action].seen is not None]


def _items(delivery_id: int) -> Select[Any]:
    return (
        select(
            Ticket.number, Ticket.title, Ticket.is_confidential, Ticket.due_at, Event.action,
            Event.data["said"], Event.at, Ticket.unit_id,
        )
        .join(Event, Event.ticket_id == Ticket.id)
        .join(DeliveryEvent, DeliveryEvent.event_id == Event.id)
        .where(DeliveryEvent.delivery_id == delivery_id)
        .order_by(Event.id)
    )  # fmt: skip


def group(robot: RobotInfo) -> Actor:
    """Return the people of a robot's group as one reader: what their unit may read."""
    return Actor(None, robot.name, (Grant(Role.HANDLER, robot.unit_id, robot.unit_path),))


def phone(user_id: int) -> str:
    """Return a person's phone; empty when there is none."""
    return db.session.scalar(select(User.phone).where(User.id == user_id)) or ""
