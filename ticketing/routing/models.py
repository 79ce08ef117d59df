"""The table of routing rules."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, words
from ticketing.routing.words import Decides, Target


class RoutingRule(Model):
    """One version of one rule; rows are never changed. The last version of an ended rule says so."""

    __tablename__ = "routing_rules"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("(target = 'unit') = (unit_id IS NOT NULL)", name="a_named_unit"),
        CheckConstraint("version >= 1 AND priority >= 1", name="counts_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    decides: Mapped[Decides] = mapped_column(words(Decides))
    priority: Mapped[int]
    conditions: Mapped[dict[str, list[str]]] = mapped_column(JsonB)
    target: Mapped[Target] = mapped_column(words(Target))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    starts_on: Mapped[date]
    is_ended: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
