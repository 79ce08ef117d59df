"""One synthetic ticket's clocks, kept in memory: the real clock rules on light rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from ticketing.sla import queries
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.lights import warn_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState, Metric

_OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED})


class PauseRow:
    """A row of ``clock_pauses`` to be."""

    __slots__ = ("paused_at", "reason_code", "resumed_at")

    def __init__(self, reason_code: str, paused_at: datetime) -> None:
        self.reason_code = reason_code
        self.paused_at = paused_at
        self.resumed_at: datetime | None = None

    def row(self, clock_id: int) -> dict[str, Any]:
        """Return the row to write."""
        return {
            "clock_id": clock_id,
            "reason_code": self.reason_code,
            "paused_at": self.paused_at,
            "resumed_at": self.resumed_at,
        }


class ClockRow:
    """A row of ``clocks`` to be, with its pauses."""

    __slots__ = (
        "calendar_id", "cycle", "due_at", "extra_days", "is_provisional", "limit", "met_at", "metric", "nth",
        "original_due_at", "paused_at", "pauses", "started_at", "state", "unit_id", "warn_at",
    )  # fmt: skip

    metric: Metric
    nth: int
    cycle: int
    limit: str
    started_at: datetime
    due_at: datetime

    def __init__(self, **values: Any) -> None:
        self.pauses: list[PauseRow] = []
        self.state = ClockState.RUNNING
        self.met_at: datetime | None = None
        self.paused_at: datetime | None = None
        self.extra_days = 0
        for name, value in values.items():
            setattr(self, name, value)

    def row(self, clock_id: int, ticket_id: int) -> dict[str, Any]:
        """Return the row to write."""
        row = {name: getattr(self, name) for name in self.__slots__ if name != "pauses"}
        return row | {"id": clock_id, "ticket_id": ticket_id}

    def facts(self) -> dict[str, Any]:
        """Return what an event must be able to replay of this clock."""
        return {
            "metric": self.metric,
            "cycle": self.cycle,
            "state": self.state,
            "limit": self.limit,
            "started_at": self.started_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "met_at": self.met_at.isoformat() if self.met_at else None,
        }


class Book(ClockBook):
    """The clocks of one synthetic ticket: what the service layer decides, without its database."""

    def __init__(self) -> None:
        super().__init__([], 1)
        self._watched: list[tuple[ClockRow, dict[str, Any] | None]] = []

    @property
    def rows(self) -> list[ClockRow]:
        """All clocks, for writing."""
        return cast(list[ClockRow], self.clocks)

    def open(self, *metrics: Metric) -> list[Clock]:
        """Return the clocks that run or are paused; of ``metrics`` only, if named. Only watched ones can."""
        found = [
            row
            for row, _facts in self._watched
            if row.state in _OPEN and (not metrics or row.metric in metrics)
        ]
        return cast(list[Clock], found)

    def begin(
        self, limits: dict[Metric, Limit], unit_id: int, calendar: tuple[int, WorkCalendar], at: datetime
    ) -> None:
        """Start a clock for each metric, as ``ClockBook.start`` does."""
        calendar_id, hours = calendar
        for metric, limit in limits.items():
            self.cancel(metric)
            deadline = due_at(at, limit, hours)
            row = ClockRow(
                nth=len(self.clocks) + 1,
                unit_id=unit_id,
                cycle=self.cycle,
                metric=metric,
                limit=str(limit),
                calendar_id=calendar_id,
                started_at=at,
                due_at=deadline.at,
                original_due_at=deadline.at,
                warn_at=warn_at(at, deadline.at, limit, hours),
                is_provisional=deadline.is_provisional,
            )
            self.clocks.append(cast(Clock, row))
            self._watched.append((row, None))

    def relimit(self, limits: dict[Metric, Limit], at: datetime, *metrics: Metric) -> None:
        """Give the open clocks of ``metrics`` other limits, as ``ClockBook.relimit`` does."""
        for clock in self.open(*metrics):
            if clock.metric not in limits:
                clock.state = ClockState.CANCELLED
                clock.paused_at = None
                continue
            limit, calendar = limits[clock.metric], queries.calendar_by_id(clock.calendar_id)
            clock.limit = str(limit)
            clock.original_due_at = due_at(clock.started_at, limit, calendar).at
            self._recompute(clock, cast(list[ClockPause], cast(ClockRow, clock).pauses), at)

    def pause(self, reason_code: str, at: datetime) -> None:
        """Stop all running clocks."""
        for clock in self.open():
            if clock.state is ClockState.RUNNING:
                clock.state = ClockState.PAUSED
                clock.paused_at = at
                cast(ClockRow, clock).pauses.append(PauseRow(reason_code, at))

    def _resume(self, clock: Clock, at: datetime) -> None:
        pauses = cast(ClockRow, clock).pauses
        for pause in pauses:
            if pause.resumed_at is None:
                pause.resumed_at = at
        clock.state = ClockState.RUNNING
        clock.paused_at = None
        self._recompute(clock, cast(list[ClockPause], pauses), at)

    def grant(self, days: int, at: datetime) -> datetime | None:
        """Give the open resolve clock more working days; return its new due moment."""
        for clock in self.open(Metric.RESOLVE):
            clock.extra_days += days
            self._recompute(clock, cast(list[ClockPause], cast(ClockRow, clock).pauses), at)
            return clock.due_at
        return None

    def changes(self) -> dict[str, dict[str, Any]]:
        """Return what changed since the last call, by ``nth``. Ended clocks are watched no more."""
        found: dict[str, dict[str, Any]] = {}
        still: list[tuple[ClockRow, dict[str, Any] | None]] = []
        for row, before in self._watched:
            facts = row.facts()
            if facts != before:
                found[str(row.nth)] = facts
            if row.state in _OPEN:
                still.append((row, facts))
        self._watched = still
        return found

    def due(self, metric: Metric) -> datetime | None:
        """Return when the open clock of ``metric`` is due."""
        return next((clock.due_at for clock in self.open(metric)), None)
