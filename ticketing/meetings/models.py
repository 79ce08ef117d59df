"""Tables of joint meetings. What an agenda item is about stands in a column of its own; today, a ticket."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import Model, words
from ticketing.meetings.words import Issue, MeetingState


class Meeting(Model):
    """One joint meeting. ``version`` rises with each change of it, its agenda or its tasks."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued_has_a_time"),
        Index("ix_meetings_state_starts_at", "state", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    theme: Mapped[str] = mapped_column(String(200))
    host_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    place: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    guests: Mapped[str] = mapped_column(String(400), default="")
    state: Mapped[MeetingState] = mapped_column(words(MeetingState), default=MeetingState.PLANNED)
    called_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    called_at: Mapped[datetime]
    cancelled_because: Mapped[str] = mapped_column(Text, default="")
    issued_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class MeetingUnit(Model):
    """A unit that takes part; the host is always one of them."""

    __tablename__ = "meeting_units"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)


class MeetingPerson(Model):
    """A person asked for by name, for the unit."""

    __tablename__ = "meeting_people"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))


class AgendaItem(Model):
    """One question, what was decided on it, and what of that the company is told (empty: nothing)."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        Index("ix_agenda_items_meeting_id", "meeting_id", "position"),
        Index(
            "ix_agenda_items_ticket_id",
            "ticket_id",
            postgresql_where=text("ticket_id IS NOT NULL"),
            sqlite_where=text("ticket_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    position: Mapped[int]
    issue: Mapped[str] = mapped_column(Text)
    kind: Mapped[Issue] = mapped_column(words(Issue))
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    decision: Mapped[str] = mapped_column(Text, default="")
    for_company: Mapped[str] = mapped_column(Text, default="")


class MeetingTask(Model):
    """What a unit has to do by a day. With ``part_id``, that part of the ticket says whether it is done."""

    __tablename__ = "meeting_tasks"
    __table_args__ = (
        CheckConstraint("part_id IS NULL OR done_at IS NULL", name="one_truth_of_what_is_done"),
        Index("ix_meeting_tasks_meeting_id", "meeting_id"),
        Index("ix_meeting_tasks_item_id", "item_id"),
        Index("ix_meeting_tasks_due_on", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_items.id"))
    what: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date]
    part_id: Mapped[int | None] = mapped_column(ForeignKey("parts.id"))
    evidence: Mapped[str] = mapped_column(Text, default="")
    done_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_at: Mapped[datetime | None]


class MeetingPaper(Model):
    """Minutes as issued (``nth`` 0), then corrections. Append-only: the database refuses UPDATE and DELETE.

    ``body`` is JSON text; ``sha256`` is taken over the hash of the paper before it, if any, and ``body``.
    """

    __tablename__ = "meeting_papers"
    __table_args__ = (UniqueConstraint("meeting_id", "nth"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    nth: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[datetime]


class MeetingFile(Model):
    """A file for the meeting. ``token`` is its unguessable public name; bytes lie with the attachments."""

    __tablename__ = "meeting_files"
    __table_args__ = (Index("ix_meeting_files_meeting_id", "meeting_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
