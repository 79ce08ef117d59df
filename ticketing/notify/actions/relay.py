"""The relay: from events to the inboxes of people."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.core import crash_points
from ticketing.core.db import db, transaction
from ticketing.core.outbox import Outbox
from ticketing.notify.actions import planning
from ticketing.notify.actions.planning import Outlets
from ticketing.notify.models import InboxEntry
from ticketing.tickets.queries import audience

BATCH = 100
INBOX_ONLY = Outlets()
_log = logging.getLogger(__name__)


def relay(now: datetime, limit: int = BATCH, *, outlets: Outlets = INBOX_ONLY) -> int:
    """Turn up to ``limit`` waiting events, the oldest first, into entries and messages; return how many.

    Several workers may run it at once: each takes rows of its own. Entries and messages exist exactly when
    the outbox row is gone, for all is one transaction. ``outlets``: what this installation can send by.
    """
    if db.session.scalar(select(Outbox.event_id).limit(1)) is None:
        db.session.rollback()
        return 0
    with transaction():
        oldest = select(Outbox.event_id).order_by(Outbox.event_id).limit(limit)
        claimed = list(db.session.scalars(oldest.with_for_update(skip_locked=True)))
        if not claimed:
            return 0
        crash_points.here("10 outbox rows locked")
        occasions = audience.occasions(claimed)
        told = audience.told(occasions, now)
        _enter((occasion for occasion in occasions if told[occasion.event_id]), told, now)
        planning.plan(occasions, told, outlets, now)
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
