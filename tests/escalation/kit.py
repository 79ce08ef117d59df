"""What the tests of escalation share: what fired, in short words, in the district's time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from ticketing.core.db import db
from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.escalation.actions.firing import Fired
from ticketing.escalation.actions.sweep import sweep
from ticketing.escalation.models import Escalation
from ticketing.tickets.models import Ticket


def at(text: str) -> datetime:
    """A moment of the district as people write it: "2026-11-24 09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=DISTRICT_ZONE).astimezone(UTC)


def swept(moment: datetime, limit: int = 500) -> list[Fired]:
    """Sweep until nothing more is due; return what fired, in order."""
    return list(_passes(moment, limit))


def _passes(moment: datetime, limit: int) -> Iterator[Fired]:
    while fired := sweep(moment, limit):
        yield from fired


def short(fired: list[Fired]) -> list[str]:
    """Each step in short: "resolve 80"."""
    return [f"{one.metric} {one.step}" if one.metric else one.step for one in fired]


def rows(number: str | None = None) -> list[Escalation]:
    """What is stored, in the order in which it fired."""
    db.session.rollback()
    wanted = select(Escalation).join(Ticket, Ticket.id == Escalation.ticket_id).order_by(Escalation.id)
    return list(db.session.scalars(wanted if number is None else wanted.where(Ticket.number == number)))


def count() -> int:
    """How many steps have fired."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Escalation)) or 0
