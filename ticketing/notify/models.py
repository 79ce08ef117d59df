"""Tables of messages: the outbox of events not yet relayed, and what lies in people's inboxes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import Model


class InboxEntry(Model):
    """One event that concerns one person."""

    __tablename__ = "inbox_entries"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_inbox_entries_user_id_id", "user_id", "id"),
        Index(
            "ix_inbox_entries_unread",
            "user_id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class WorkerBeat(Model):
    """The last sign of life of each worker process."""

    __tablename__ = "worker_beats"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
