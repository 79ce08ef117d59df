"""Reads of inboxes."""

from __future__ import annotations

from sqlalchemy import func, select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.notify.models import InboxEntry

UNREAD_CAP = 100


def unread(actor: Actor) -> int:
    """Return how many unread entries the person has, at most UNREAD_CAP."""
    unread_ones = (
        select(InboxEntry.id)
        .where(InboxEntry.user_id == actor.user_id, InboxEntry.read_at.is_(None))
        .limit(UNREAD_CAP)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(unread_ones)) or 0
