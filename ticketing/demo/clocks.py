"""One synthetic ticket's clocks, kept in memory: the real clock rules on light rows."""

from __future__ import annotations

import json
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

from ticketing.core.canonical import moment, value
from ticketing.sla import queries
from ticketing.sla.actions.clocks import ClockBook, course_of
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.queries import Term
from ticketing.sla.rules.calendars import Stretch, WorkCalendar
from ticketing.sla.rules.deadlines import Deadline, due_at
from ticketing.sla.rules.lights import warn_at
from ticketing.sla.rules.steps import read, step_at
from ticketing.sla.words import ClockState, Metric

_OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED})
Facts = tuple[int, datetime, str, datetime | None, Metric, datetime, ClockState]


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
        "calendar_id", "cycle", "due_at", "extra_days", "is_provisional", "limit", "met_at", "metric",
        "next_step", "next_step_at", "nth", "original_due_at", "paused_at", "pauses", "rule_id",
        "started_at", "state", "steps", "unit_id", "warn_at",
    )  # fmt: skip

    original_due_at: datetime
    due_at: datetime
    warn_at: datetime
    is_provisional: bool

    def __init__(
        self, metric: Metric, nth: int, cycle: int, unit_id: int, term: Term, started_at: datetime
    ) -> None:
        self.metric = metric
        self.nth = nth
        self.cycle = cycle
        self.unit_id = unit_id
        self.limit = str(term.limit)
        self.calendar_id = term.calendar_id
        self.rule_id = term.rule_id
        self.steps = term.steps
        self.started_at = started_at
        self.pauses: list[PauseRow] = []
        self.state = ClockState.RUNNING
        self.met_at: datetime | None = None
        self.paused_at: datetime | None = None
        self.extra_days = 0
        self.next_step = 0
        self.next_step_at: datetime | None = None

    def promise(self, deadline: Deadline, warn_at: datetime) -> None:
        """Set when the clock is due and when it warns, for the first time."""
        self.due_at = self.original_due_at = deadline.at
        self.is_provisional = deadline.is_provisional
        self.warn_at = warn_at

    def row(self, clock_id: int, ticket_id: int) -> dict[str, Any]:
        """Return the row to write."""
        row = dict(zip(_WRITTEN, _written(self), strict=True))
        row["id"], row["ticket_id"] = clock_id, ticket_id
        row["steps"] = None if self.steps is None else json.dumps(self.steps)
        return row

    def facts(self) -> Facts:
        """Return what an event must be able to replay of this clock."""
        return self.cycle, self.due_at, self.limit, self.met_at, self.metric, self.started_at, self.state


_WRITTEN = tuple(name for name in ClockRow.__slots__ if name != "pauses")
_written = attrgetter(*_WRITTEN)


def _told(facts: Facts) -> str:
    """The facts of a clock as an event tells them."""
    cycle, due, limit, met, metric, started, state = facts
    return (
        f'{{"cycle":{cycle},"due_at":"{moment(due)}","limit":"{limit}","met_at":{value(met)},'
        f'"metric":"{metric}","started_at":"{moment(started)}","state":"{state}"}}'
    )


class Book(ClockBook):
    """The clocks of one synthetic ticket: what the service layer decides, without its database."""

    def __init__(self) -> None:
        super().__init__([], 1)
        self._watched: list[tuple[ClockRow, Facts | None]] = []

    @property
    def rows(self) -> list[ClockRow]:
        """All clocks, for writing."""
        return cast(list[ClockRow], self.clocks)

    def open(self, *metrics: Metric) -> list[Clock]:
        """Return the clocks that run or are paused; of ``metrics`` only, if named. Only watched ones can."""
        if metrics:
            found = [row for row, _facts in self._watched if row.metric in metrics and row.state in _OPEN]
        else:
            found = [row for row, _facts in self._watched if row.state in _OPEN]
        return cast(list[Clock], found)

    def begin(self, terms: dict[Metric, tuple[Term, WorkCalendar]], unit_id: int, at: datetime) -> None:
        """Start a clock for each metric, as ``ClockBook.start`` does."""
        for metric, (term, hours) in terms.items():
            self.cancel(metric)
            self.begin_one(metric, term, hours, unit_id, at)

    def begin_one(
        self, metric: Metric, term: Term, hours: WorkCalendar, unit_id: int, at: datetime
    ) -> ClockRow:
        """Start one clock beside those that run, and return it."""
        limit = term.limit
        deadline = due_at(at, limit, hours)
        row = ClockRow(metric, len(self.clocks) + 1, self.cycle, unit_id, term, at)
        row.promise(deadline, warn_at(at, deadline.at, limit, hours, deadline.at))
        self.clocks.append(cast(Clock, row))
        self._watched.append((row, None))
        return row

    def relimit(self, terms: dict[Metric, Term], at: datetime, *metrics: Metric) -> None:
        """Give the open clocks of ``metrics`` other terms, as ``ClockBook.relimit`` does."""
        for clock in self.open(*metrics):
            if clock.metric not in terms:
                clock.state = ClockState.CANCELLED
                clock.paused_at = None
                continue
            term, calendar = terms[clock.metric], queries.calendar_by_id(clock.calendar_id)
            clock.limit, clock.rule_id, clock.steps = str(term.limit), term.rule_id, term.steps
            clock.original_due_at = due_at(clock.started_at, term.limit, calendar).at
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

    def _arm(self, clock: Clock, stretches: list[Stretch]) -> None:
        """Steps are set once, at the end: ``arm`` does it."""

    def arm(self, now: datetime) -> None:
        """Let the running clocks wait for their latest step that is due, else the next one.

        So the first sweep shows where each stands, and of what came before nobody is told.
        """
        for clock in self.open():
            if clock.state is not ClockState.RUNNING:
                continue
            stretches = queries.paused_stretches(cast(list[ClockPause], cast(ClockRow, clock).pauses), now)
            plan, course = read(clock.steps), course_of(clock, stretches)
            clock.next_step, clock.next_step_at = 0, step_at(plan, 0, course)
            coming = step_at(plan, 1, course)
            while coming is not None and coming <= now:
                clock.next_step, clock.next_step_at = clock.next_step + 1, coming
                coming = step_at(plan, clock.next_step + 1, course)

    def told_changes(self) -> str:
        """Return as JSON what changed since the last call, by ``nth``; empty when nothing did.

        Ended clocks are watched no more.
        """
        found: list[tuple[str, str]] = []
        still: list[tuple[ClockRow, Facts | None]] = []
        for row, before in self._watched:
            facts = row.facts()
            if facts != before:
                found.append((str(row.nth), _told(facts)))
            if row.state in _OPEN:
                still.append((row, facts))
        self._watched = still
        return "{" + ",".join([f'"{nth}":{told}' for nth, told in sorted(found)]) + "}" if found else ""

    def due(self, metric: Metric) -> datetime | None:
        """Return when the open clock of ``metric`` is due."""
        return next((clock.due_at for clock in self.open(metric)), None)
