"""Tables of duty: who is away and who stands in, and how a unit's tickets find a handler."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import Model, words
from ticketing.duty.words import Way


class Absence(Model):
    """A person's days away, both included, as the district counts days; called off, it never was.

    The deputy acts for the person in their common unit; None: the duty officer takes over what is open.
    """

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
        CheckConstraint("deputy_id IS NULL OR deputy_id <> user_id", name="nobody_is_the_own_deputy"),
        Index("ix_absences_user_id", "user_id", "ends_on"),
        Index("ix_absences_deputy_id", "deputy_id", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    entered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class UnitDesk(Model):
    """How a unit's tickets find a handler, and who got the last one. Without a row: nobody until claimed."""

    __tablename__ = "unit_desks"

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    way: Mapped[Way] = mapped_column(words(Way))
    last_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
