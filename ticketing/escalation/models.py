"""Tables of escalation: what fired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, words
from ticketing.sla.rules.steps import Audience
from ticketing.sla.words import Metric


class Escalation(Model):
    """One step that fired: of a clock, or (``clock_id`` None) for a cause that no clock measures.

    ``level`` is the highest audience it rose to, ``notified`` the ids of the people who were told;
    ``is_late`` when a later step of the same clock was already due as well.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("clock_id", "step", "cycle"),
        Index(
            "ix_escalations_once_without_clock",
            "ticket_id",
            "step",
            "cycle",
            unique=True,
            postgresql_where=text("clock_id IS NULL"),
            sqlite_where=text("clock_id IS NULL"),
        ),
        Index("ix_escalations_ticket_id", "ticket_id", "cycle"),
        Index("ix_escalations_fired_at", "fired_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    clock_id: Mapped[int | None] = mapped_column(ForeignKey("clocks.id"))
    metric: Mapped[Metric | None] = mapped_column(words(Metric))
    step: Mapped[str] = mapped_column(String(32))
    cycle: Mapped[int]
    level: Mapped[Audience] = mapped_column(words(Audience))
    due_moment: Mapped[datetime]
    fired_at: Mapped[datetime]
    is_late: Mapped[bool] = mapped_column(default=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    notified: Mapped[list[int]] = mapped_column(JsonB)
