"""Writes of inboxes: the relay from events to people, and the workers' signs of life."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import NotFound
from ticketing.core.outbox import Outbox
from ticketing.notify.models import InboxEntry, WorkerBeat
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import audience
from ticketing.tickets.scope import is_theirs

BATCH = 100
BEAT_LIFE = timedelta(days=1)
_log = logging.getLogger(__name__)


def relay(now: datetime, limit: int = BATCH) -> int:
    """Turn up to ``limit`` waiting events, the oldest first, into inbox entries; return how many events.

    Several workers may run it at once: each takes rows of its own. The entries exist exactly when the outbox
    row is gone, for both are one transaction.
    """
    if db.session.scalar(select(Outbox.event_id).limit(1)) is None:
        db.session.rollback()
        return 0
    with transaction():
        oldest = select(Outbox.event_id).order_by(Outbox.event_id).limit(limit)
        claimed = list(db.session.scalars(oldest.with_for_update(skip_locked=True)))
        if not claimed:
            return 0
        occasions = audience.occasions(claimed)
        told = audience.told(occasions)
        _enter((occasion for occasion in occasions if told[occasion.event_id]), told, now)
        db.session.execute(delete(Outbox).where(Outbox.event_id.in_(claimed)))
    numbers = sorted({occasion.number for occasion in occasions})
    _log.info("relayed %d events of %s", len(claimed), ", ".join(numbers))
    return len(claimed)


def _enter(occasions: Iterable[audience.Occasion], told: dict[int, list[int]], now: datetime) -> None:
    """Add one entry for each event and person; one that is there already stays as it is."""
    rows = [
        {
            "event_id": occasion.event_id,
            "ticket_id": occasion.ticket_id,
            "user_id": user_id,
            "entered_at": now,
        }
        for occasion in occasions
        for user_id in told[occasion.event_id]
    ]
    if rows:
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        db.session.execute(dialect.insert(InboxEntry).on_conflict_do_nothing(), rows)


def beat(name: str, started_at: datetime, *, now: datetime) -> None:
    """Note that the worker process called ``name`` is alive."""
    with transaction():
        db.session.merge(WorkerBeat(name=name, started_at=started_at, beat_at=now))


def forget_old_beats(now: datetime) -> int:
    """Drop workers that have been silent for a day; return how many."""
    with transaction():
        gone = delete(WorkerBeat).where(WorkerBeat.beat_at < now - BEAT_LIFE).returning(WorkerBeat.name)
        return len(db.session.scalars(gone).all())


def open_entry(actor: Actor, entry_id: int, *, now: datetime) -> str:
    """Mark everything about the entry's ticket as read; return the ticket's number.

    Raises NotFound when the entry is not this person's, or its ticket no longer is.
    """
    wanted = (
        select(Ticket.id, Ticket.number)
        .join(InboxEntry, InboxEntry.ticket_id == Ticket.id)
        .where(InboxEntry.id == entry_id, InboxEntry.user_id == actor.user_id, is_theirs(actor))
    )
    with transaction():
        found = db.session.execute(wanted).first()
        if found is None:
            raise NotFound
        _read(actor, InboxEntry.ticket_id == found.id, now)
    return str(found.number)


def read_all(actor: Actor, up_to: int, *, now: datetime) -> None:
    """Mark the person's entries as read, up to the newest one the page showed."""
    with transaction():
        _read(actor, InboxEntry.id <= up_to, now)


def _read(actor: Actor, which: ColumnElement[bool], now: datetime) -> None:
    unread = (InboxEntry.user_id == actor.user_id, InboxEntry.read_at.is_(None), which)
    db.session.execute(update(InboxEntry).where(*unread).values(read_at=now))
