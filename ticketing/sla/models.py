"""Tables of limits, calendars and clocks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, words
from ticketing.sla.rules.calendars import DayKind
from ticketing.sla.words import ClockState, Metric

_OPEN = text("state IN ('running', 'paused')")
_PROVISIONAL = text("state = 'running' AND is_provisional")


class Calendar(Model):
    """One version of a working calendar; it never changes, a change is a new version.

    ``windows`` is a list of [open, close] in local time, "09:00" style; "00:00" closes at midnight.
    ``weekdays`` None means Monday (0) to Friday. ``eras`` are later hours: starts_on, windows, weekdays.
    """

    __tablename__ = "calendars"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index(
            "ix_calendars_current",
            "name",
            unique=True,
            postgresql_where=text("is_current"),
            sqlite_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    windows: Mapped[list[list[str]]] = mapped_column(JsonB)
    published_years: Mapped[list[int]] = mapped_column(JsonB)
    is_current: Mapped[bool] = mapped_column(default=True)
    weekdays: Mapped[list[int] | None] = mapped_column(JsonB)
    eras: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    follows_notices: Mapped[bool] = mapped_column(default=True, server_default=true())
    note: Mapped[str | None] = mapped_column(String(200))
    made_at: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class CalendarDay(Model):
    """One day of a calendar that is not what its weekday says; ``windows`` for a short day."""

    __tablename__ = "calendar_days"

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(words(DayKind))
    name: Mapped[str] = mapped_column(String(40), default="")
    windows: Mapped[list[list[str]] | None] = mapped_column(JsonB)


class LimitRule(Model):
    """How long a metric may take, for a kind and level ("*" = any); ``limit`` None = no such clock.

    The most particular rule in force wins: unit, then category, then level, then kind. ``steps`` (see
    ``rules.steps``) None means the default ones, ``calendar_name`` None the calendar of the ticket's unit.
    ``version`` rises with each change of a rule that has not begun.
    """

    __tablename__ = "limit_rules"
    __table_args__ = (UniqueConstraint("metric", "kind", "level", "category_code", "unit_code", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[Metric] = mapped_column(words(Metric))
    kind: Mapped[str] = mapped_column(String(20), default="*")
    level: Mapped[str] = mapped_column(String(12), default="*")
    category_code: Mapped[str] = mapped_column(String(8), default="*")
    unit_code: Mapped[str] = mapped_column(String(16), default="*")
    limit: Mapped[str | None] = mapped_column(String(12))
    starts_on: Mapped[date]
    steps: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    calendar_name: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class Clock(Model):
    """One promise on one ticket: started, due, and how it ended. ``nth`` counts its clocks from one.

    ``steps`` are those of its rule when it started. ``next_step`` is the number of the step that comes next;
    None: to be found out, leaving out what has fired. ``next_step_at`` None: nothing more will fire.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name="paused_has_a_time"),
        CheckConstraint("state NOT IN ('met', 'breached') OR met_at IS NOT NULL", name="ended_has_a_time"),
        CheckConstraint("next_step_at IS NULL OR state = 'running'", name="only_a_running_one_warns"),
        UniqueConstraint("ticket_id", "nth"),
        Index(
            "ix_clocks_provisional_due_at",
            "due_at",
            postgresql_where=_PROVISIONAL,
            sqlite_where=_PROVISIONAL,
        ),
        Index(
            "ix_clocks_next_step_at",
            "next_step_at",
            postgresql_where=text("state = 'running'"),
            sqlite_where=text("state = 'running'"),
        ),
        Index(
            "ix_clocks_open_calendar",
            "calendar_id",
            "ticket_id",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    nth: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    cycle: Mapped[int]
    metric: Mapped[Metric] = mapped_column(words(Metric))
    state: Mapped[ClockState] = mapped_column(words(ClockState), default=ClockState.RUNNING)
    limit: Mapped[str] = mapped_column(String(12))
    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendars.id"))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    original_due_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    extra_days: Mapped[int] = mapped_column(default=0)
    is_provisional: Mapped[bool] = mapped_column(default=False)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("limit_rules.id"))
    steps: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    next_step: Mapped[int | None]
    next_step_at: Mapped[datetime | None]


class ClockPause(Model):
    """One stretch in which a clock did not run, with its reason."""

    __tablename__ = "clock_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"), index=True)
    reason_code: Mapped[str] = mapped_column(String(32))
    paused_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]
