"""Tables of learning: what was learnt, version by version, and the days on which somebody took to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, words
from ticketing.learning.words import Target


class LearntModel(Model):
    """One version of what suggests: written once, never changed; later ones follow it.

    ``asked``, ``first``, ``three``: the hit rate on the newest requests kept aside; ``fresh_…``: on wording
    never seen before. ``digest`` tells two versions apart wherever they are remembered.
    """

    __tablename__ = "learnt_models"
    __table_args__ = (UniqueConstraint("target", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[Target] = mapped_column(words(Target))
    version: Mapped[int]
    learnt_at: Mapped[datetime]
    lessons: Mapped[int]
    asked: Mapped[int]
    first: Mapped[int]
    three: Mapped[int]
    fresh_asked: Mapped[int]
    fresh_first: Mapped[int]
    fresh_three: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JsonB)


class LearningDay(Model):
    """A day on which one of the workers took to learning: the others need not."""

    __tablename__ = "learning_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
