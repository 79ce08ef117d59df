"""Tables of the ticket: the record itself, its event log, and what hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, words
from ticketing.tickets.words import (
    Action,
    Card,
    Channel,
    ExtensionState,
    Kind,
    Level,
    Solved,
    State,
    SuspendReason,
)

# How the partial indexes say that a ticket is open; queries say it in the same words.
IS_OPEN = "status NOT IN ('draft', 'closed', 'rejected', 'withdrawn', 'merged')"
_OPEN = text(IS_OPEN)
_NARROWED = ("received_at", "id", "status", "level", "kind", "category", "channel", "unit_id")
_REDO = text(f"{IS_OPEN} AND cycle > 1")


class Ticket(Model):
    """One request of one company, from filing to closure. ``version`` rises by one with each change."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_has_a_target"),
        CheckConstraint(
            "status NOT IN ('replied', 'closed') OR reply IS NOT NULL", name="replied_has_a_reply"
        ),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction_is_1_to_5"),
        CheckConstraint("cycle >= 1 AND version >= 1", name="counts_from_one"),
        # With what says what is late: those that wait stand among them, and are passed in the index.
        Index(
            "ix_tickets_open_queue",
            *("queue_at", "id", "due_at"),
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(
            "ix_tickets_open_unit", "unit_id", "queue_at", "id", postgresql_where=_OPEN, sqlite_where=_OPEN
        ),
        # The counters of the queue are read off these alone.
        Index(
            "ix_tickets_open_status",
            *("status", "queue_at", "id", "due_at", "cycle"),
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(
            "ix_tickets_open_unit_status",
            *("unit_id", "status", "queue_at", "due_at", "cycle", "id"),
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(
            "ix_tickets_open_handler",
            *("handler_id", "unit_id", "queue_at", "id"),
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        # With all that a counter of them asks for: few are done anew, and there the others are not passed.
        Index(
            "ix_tickets_open_redo",
            *("queue_at", "id", "due_at", "status", "unit_id"),
            postgresql_where=_REDO,
            sqlite_where=_REDO,
        ),
        # In the order of receipt, with what narrows a list: what does not fit is passed in the index.
        Index("ix_tickets_received", *_NARROWED),
        Index("ix_tickets_open_received", *_NARROWED, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_tickets_unit_received", "unit_id", "received_at", "id"),
        Index("ix_tickets_enterprise_received", "enterprise_id", "received_at", "id"),
        Index(
            "ix_tickets_closed",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            sqlite_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_tickets_handler_id",
            "handler_id",
            postgresql_where=text("handler_id IS NOT NULL"),
            sqlite_where=text("handler_id IS NOT NULL"),
        ),
        Index(
            "ix_tickets_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
            sqlite_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_tickets_look_at",
            "look_at",
            postgresql_where=text("look_at IS NOT NULL"),
            sqlite_where=text("look_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[State] = mapped_column(words(State))
    cycle: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Kind] = mapped_column(words(Kind))
    level: Mapped[Level] = mapped_column(words(Level))
    category: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    is_confidential: Mapped[bool] = mapped_column(default=False)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    origin_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    received_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # The queue: the earliest running due moment, when the light turns, and a sort key that is never empty.
    due_at: Mapped[datetime | None]
    due_metric: Mapped[str | None] = mapped_column(String(12))
    warn_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    queue_at: Mapped[datetime]
    return_count: Mapped[int] = mapped_column(default=0)
    extension_count: Mapped[int] = mapped_column(default=0)
    urge_count: Mapped[int] = mapped_column(default=0)
    revisit_tries: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str | None] = mapped_column(Text)
    solved: Mapped[Solved | None] = mapped_column(words(Solved))
    satisfaction: Mapped[int | None]
    suspend_reason: Mapped[SuspendReason | None] = mapped_column(words(SuspendReason))
    resume_on: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    merged_from_status: Mapped[State | None] = mapped_column(words(State))
    last_action: Mapped[Action] = mapped_column(words(Action))
    last_at: Mapped[datetime]
    urged_on: Mapped[date | None]
    # When the sweep looks at this ticket for what no clock says: returns, redos, a pause that ends.
    look_at: Mapped[datetime | None]
    event_seq: Mapped[int] = mapped_column(default=0)
    event_hash: Mapped[str] = mapped_column(String(64), default="")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class TicketUnit(Model):
    """A unit that takes or took part in a ticket: it keeps read access."""

    __tablename__ = "ticket_units"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)


class SavedView(Model):
    """A way to look at the queue that somebody keeps, alone or for all of a unit.

    ``filters`` are values by name that were read and understood, as an address has them; ``base`` is the view
    of the queue they narrow, if any. It holds no rights: it is read with those of whoever looks.
    """

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(12), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    base: Mapped[str] = mapped_column(String(20), default="")
    filters: Mapped[dict[str, Any]] = mapped_column(JsonB)
    sort: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    created_at: Mapped[datetime]


class Event(Model):
    """One thing that happened to a ticket. Append-only: the database refuses UPDATE and DELETE.

    ``data`` holds what was said, under ``said``, and every stored field that changed, under ``set``:
    folding ``set`` over a ticket's events gives its row. ``hash`` chains each event to the one before it.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        CheckConstraint("seq >= 1", name="seq_counts_from_one"),
        Index("ix_events_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    action: Mapped[Action] = mapped_column(words(Action))
    from_status: Mapped[State | None] = mapped_column(words(State))
    to_status: Mapped[State] = mapped_column(words(State))
    data: Mapped[dict[str, Any]] = mapped_column(JsonB)
    hash: Mapped[str] = mapped_column(String(64))


class Part(Model):
    """A co-unit's part of a ticket, with its own clock and reply.

    Handed in by one of the unit's people, finished once its leader has signed it off, or called off with a
    reason. ``clock_nth`` is its clock's number within the ticket (None: a part from before parts had one),
    ``due_at`` that clock's due moment.
    """

    __tablename__ = "parts"
    __table_args__ = (
        CheckConstraint("finished_at IS NULL OR reply IS NOT NULL", name="finished_has_a_reply"),
        Index("ix_parts_ticket_id", "ticket_id"),
        Index(
            "ix_parts_open_unit",
            *("unit_id", "due_at", "id"),
            postgresql_where=text("finished_at IS NULL AND cancelled_at IS NULL"),
            sqlite_where=text("finished_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    cycle: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    limit: Mapped[str] = mapped_column(String(12))
    invited_at: Mapped[datetime]
    due_at: Mapped[datetime]
    clock_nth: Mapped[int | None]
    reply: Mapped[str | None] = mapped_column(Text)
    handed_in_at: Mapped[datetime | None]
    handed_in_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    finished_at: Mapped[datetime | None]
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None] = mapped_column(Text)


class Extension(Model):
    """A request for more time, and what was decided."""

    __tablename__ = "extensions"
    __table_args__ = (Index("ix_extensions_ticket_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    cycle: Mapped[int]
    days: Mapped[int] = mapped_column(default=0)
    hours: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    state: Mapped[ExtensionState] = mapped_column(words(ExtensionState), default=ExtensionState.PENDING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    message: Mapped[str] = mapped_column(Text, default="")


class Supervision(Model):
    """A supervision case on a ticket: a demand with a deadline, and the unit's answer.

    With a yellow or red ``card`` it weighs more; a card can be taken back, with a reason.
    """

    __tablename__ = "supervisions"
    __table_args__ = (
        Index("ix_supervisions_ticket_id", "ticket_id"),
        Index(
            "ix_supervisions_open",
            "due_at",
            postgresql_where=text("answered_at IS NULL"),
            sqlite_where=text("answered_at IS NULL"),
        ),
        Index(
            "ix_supervisions_cards",
            "opened_at",
            postgresql_where=text("card IS NOT NULL"),
            sqlite_where=text("card IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    demand: Mapped[str] = mapped_column(Text)
    limit: Mapped[str] = mapped_column(String(12))
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reply: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    card: Mapped[Card | None] = mapped_column(words(Card))
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(Text)


class OrphanLook(Model):
    """The last look for tickets nobody can act on: when it was, and how many were left without anybody."""

    __tablename__ = "orphan_looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
    left: Mapped[int]


class Attachment(Model):
    """A file on a ticket. ``token`` is its unguessable public name; bytes lie in the attachment folder."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_ticket_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    is_internal: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
