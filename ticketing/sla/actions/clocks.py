"""What happens to a ticket's clocks: started, fulfilled, paused, resumed, extended, called off.

A ``ClockBook`` holds one ticket's clocks for the length of one action. It changes rows only; the caller has
the transaction, and reads ``changes()`` for the event and ``summary()`` for the ticket's own columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, insert

from ticketing.core.db import db, write
from ticketing.sla import queries
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.queries import LimitFor, Term
from ticketing.sla.rules.calendars import Stretch
from ticketing.sla.rules.deadlines import Deadline, due_at
from ticketing.sla.rules.lights import warn_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import Course, read, step_at
from ticketing.sla.words import ClockState, Metric

_ROUND_THE_CLOCK_UNIT_OF_EXTENSION = "h"
_CLOCKS = cast(Table, Clock.__table__)
_NEW_CLOCKS = insert(_CLOCKS).returning(_CLOCKS.c.id, sort_by_parameter_order=True)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the queue needs to know of a ticket's clocks. Moments in UTC; None when nothing runs."""

    due_at: datetime | None
    due_metric: Metric | None
    warn_at: datetime | None
    late_at: datetime | None
    waiting_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A promise that another calendar has moved; moments in UTC."""

    metric: Metric
    old: datetime
    new: datetime


class ClockBook:
    """The clocks of one ticket, in one of its cycles."""

    def __init__(self, clocks: list[Clock], cycle: int) -> None:
        self.clocks = clocks
        self.cycle = cycle
        self._new: list[Clock] = []
        self._before = {id(clock): _state(clock) for clock in clocks}

    @property
    def current(self) -> list[Clock]:
        """The clocks of the present cycle that still count."""
        return [c for c in self.clocks if c.cycle == self.cycle and c.state is not ClockState.CANCELLED]

    def open(self, *metrics: Metric) -> list[Clock]:
        """Return the clocks of the present cycle that run or are paused; of ``metrics`` only, if named."""
        return [
            clock
            for clock in self.current
            if clock.state in {ClockState.RUNNING, ClockState.PAUSED}
            and (not metrics or clock.metric in metrics)
        ]

    def start(self, terms: dict[Metric, Term], unit_id: int, at: datetime) -> None:
        """Start a clock for each metric; one of the same metric that is still open is called off."""
        for metric, term in terms.items():
            self.cancel(metric)
            self._begin(metric, term, unit_id, at)

    def start_part(self, term: Term, unit_id: int, at: datetime) -> Clock:
        """Start the clock of a helping unit's part and return it; those of other parts run on."""
        return self._begin(Metric.PART, term, unit_id, at)

    def _begin(self, metric: Metric, term: Term, unit_id: int, at: datetime) -> Clock:
        calendar_id, limit = cast(int, term.calendar_id), term.limit
        calendar = queries.calendar_by_id(calendar_id)
        deadline = due_at(at, limit, calendar)
        clock = Clock(
            nth=len(self.clocks) + 1,
            unit_id=unit_id,
            cycle=self.cycle,
            metric=metric,
            state=ClockState.RUNNING,
            limit=str(limit),
            calendar_id=calendar_id,
            started_at=at,
            due_at=deadline.at,
            original_due_at=deadline.at,
            warn_at=warn_at(at, deadline.at, limit, calendar, deadline.at),
            extra_days=0,
            is_provisional=deadline.is_provisional,
            rule_id=term.rule_id,
            steps=term.steps,
            next_step=0,
        )
        self._arm(clock, [])
        self.clocks.append(clock)
        self._new.append(clock)
        return clock

    def relimit(self, terms: dict[Metric, Term], at: datetime, *metrics: Metric) -> None:
        """Give the open clocks of ``metrics`` other terms; start, calendar and pauses stay.

        One without limit goes. With other steps than before, those that have fired are left out.
        """
        for clock in self.open(*metrics):
            if clock.metric not in terms:
                _call_off(clock)
                continue
            term = terms[clock.metric]
            clock.limit, clock.rule_id = str(term.limit), term.rule_id
            if clock.steps != term.steps:
                clock.steps, clock.next_step = term.steps, None
            calendar = queries.calendar_by_id(clock.calendar_id)
            clock.original_due_at = due_at(clock.started_at, term.limit, calendar).at
            self._recompute(clock, queries.pauses_of([clock.id])[clock.id], at)

    def meet(self, metrics: Iterable[Metric], at: datetime) -> None:
        """Fulfil the open clocks of ``metrics``: in time (met) or late (breached)."""
        wanted = set(metrics)
        for clock in self.open():
            if clock.metric in wanted:
                self._meet(clock, at)

    def meet_one(self, nth: int, at: datetime) -> None:
        """Fulfil one open clock, known by its number within the ticket."""
        for clock in self.open():
            if clock.nth == nth:
                self._meet(clock, at)

    def _meet(self, clock: Clock, at: datetime) -> None:
        if clock.state is ClockState.PAUSED:
            self._resume(clock, at)
        clock.met_at = at
        clock.state = ClockState.MET if at <= clock.due_at else ClockState.BREACHED
        clock.next_step_at = None

    def cancel(self, *metrics: Metric) -> None:
        """Call off the open clocks of ``metrics``, or all of them."""
        for clock in self.open(*metrics):
            _call_off(clock)

    def cancel_one(self, nth: int) -> None:
        """Call off one open clock, known by its number within the ticket."""
        for clock in self.open():
            if clock.nth == nth:
                _call_off(clock)

    def part(self, nth: int) -> Clock | None:
        """Return the clock of a part by its number within the ticket."""
        return next((clock for clock in self.clocks if clock.nth == nth), None)

    def pause(self, reason_code: str, at: datetime) -> None:
        """Stop all running clocks."""
        for clock in self.open():
            if clock.state is ClockState.RUNNING:
                clock.state = ClockState.PAUSED
                clock.paused_at = at
                clock.next_step_at = None
                db.session.add(ClockPause(clock_id=clock.id, reason_code=reason_code, paused_at=at))

    def resume(self, at: datetime) -> None:
        """Let all paused clocks run on; what was left is still left."""
        for clock in self.open():
            if clock.state is ClockState.PAUSED:
                self._resume(clock, at)

    def _resume(self, clock: Clock, at: datetime) -> None:
        pauses = queries.pauses_of([clock.id])[clock.id]
        for pause in pauses:
            if pause.resumed_at is None:
                pause.resumed_at = at
        clock.state = ClockState.RUNNING
        clock.paused_at = None
        self._recompute(clock, pauses, at)

    def _recompute(self, clock: Clock, pauses: list[ClockPause], at: datetime) -> None:
        stretches = queries.paused_stretches(pauses, at)
        self._set_due(
            clock, queries.recounted(clock, queries.calendar_by_id(clock.calendar_id), stretches), stretches
        )

    def _set_due(self, clock: Clock, deadline: Deadline, stretches: list[Stretch]) -> None:
        calendar, limit = queries.calendar_by_id(clock.calendar_id), Limit.parse(clock.limit)
        clock.due_at = deadline.at
        clock.warn_at = warn_at(clock.started_at, deadline.at, limit, calendar)
        clock.is_provisional = deadline.is_provisional
        self._arm(clock, stretches)

    def _arm(self, clock: Clock, stretches: list[Stretch]) -> None:
        """Set when the clock's next step comes; while it is not known which one that is, the sweep looks."""
        if clock.state is not ClockState.RUNNING:
            clock.next_step_at = None
        elif clock.next_step is None:
            clock.next_step_at = clock.started_at
        else:
            clock.next_step_at = step_at(read(clock.steps), clock.next_step, course_of(clock, stretches))

    def extend(self, metric: Metric, *, days: int, hours: int, at: datetime) -> datetime | None:
        """Give the open clock of ``metric`` more working days, or hours; return its new due moment."""
        for clock in self.open(metric):
            clock.extra_days += days
            if hours:
                allowed = Limit.parse(clock.limit).hours_and_minutes.total_seconds() // 3600
                clock.limit = f"{int(allowed) + hours}{_ROUND_THE_CLOCK_UNIT_OF_EXTENSION}"
            self._recompute(clock, queries.pauses_of([clock.id])[clock.id], at)
            return clock.due_at
        return None

    def start_at(self, metric: Metric, started_at: datetime, at: datetime) -> None:
        """Let the open clock of ``metric`` count from another moment, as when tickets are joined."""
        for clock in self.open(metric):
            if clock.started_at != started_at:
                clock.started_at = started_at
                self._recompute(clock, queries.pauses_of([clock.id])[clock.id], at)

    def rebase(self, newest: dict[int, int]) -> list[Moved]:
        """Let the open clocks count by newer versions of their calendars; return those whose promise moved.

        ``newest`` leads from an older version to the present one. What has elapsed and every pause stay; a
        clock that the newer version does not move keeps all but the mark of being provisional.
        """
        moved: list[Moved] = []
        for clock in self.clocks:
            is_open = clock.state in {ClockState.RUNNING, ClockState.PAUSED}
            if not is_open or clock.calendar_id not in newest:
                continue
            stretches = queries.ended_stretches(queries.pauses_of([clock.id])[clock.id])
            old_calendar = queries.calendar_by_id(clock.calendar_id)
            clock.calendar_id = newest[clock.calendar_id]
            deadline = queries.recounted(clock, queries.calendar_by_id(clock.calendar_id), stretches)
            if deadline.at == queries.recounted(clock, old_calendar, stretches).at:
                clock.is_provisional = deadline.is_provisional
                self._arm(clock, stretches)
            else:
                moved.append(Moved(clock.metric, clock.due_at, deadline.at))
                self._set_due(clock, deadline, stretches)
        return moved

    def restore(self, nths: Iterable[int], at: datetime) -> None:
        """Bring back clocks that a merge had called off."""
        wanted = set(nths)
        for clock in self.clocks:
            if clock.nth in wanted:
                clock.state = ClockState.RUNNING
                self._recompute(clock, queries.pauses_of([clock.id])[clock.id], at)

    def summary(self) -> Summary:
        """Return what the queue shows: the earliest running due moment and the light of the solution.

        What helping units owe is theirs to look after, not the queue's of the unit that leads.
        """
        own = [clock for clock in self.open() if clock.metric is not Metric.PART]
        running = [clock for clock in own if clock.state is ClockState.RUNNING]
        first = min(running, key=lambda clock: clock.due_at, default=None)
        resolve = next((clock for clock in running if clock.metric is Metric.RESOLVE), None)
        paused = [clock.due_at for clock in own if clock.state is ClockState.PAUSED]
        return Summary(
            due_at=first.due_at if first else None,
            due_metric=first.metric if first else None,
            warn_at=resolve.warn_at if resolve else None,
            late_at=resolve.due_at if resolve else None,
            waiting_due_at=min(paused, default=None),
        )

    def save(self, ticket_id: int) -> None:
        """Write the new clocks, their ticket being there; as objects they are for reading from now on."""
        for clock in self._new:
            clock.ticket_id = ticket_id
        if self._new:
            ids = write(_NEW_CLOCKS, [_row(clock) for clock in self._new]).scalars().all()
            for clock, clock_id in zip(self._new, ids, strict=True):
                clock.id = clock_id
            self._new.clear()

    def changes(self) -> dict[str, dict[str, Any]]:
        """Return what changed since the book was opened, by the clock's ``nth``, ready for an event."""
        return {str(c.nth): _state(c) for c in self.clocks if self._before.get(id(c)) != _state(c)}


def _row(clock: Clock) -> dict[str, Any]:
    """What was set of a clock; the rest is the table's to say."""
    return {name: value for name, value in vars(clock).items() if name in _CLOCKS.c}


def _call_off(clock: Clock) -> None:
    clock.state = ClockState.CANCELLED
    clock.paused_at = None
    clock.next_step_at = None


def course_of(clock: Clock, stretches: list[Stretch]) -> Course:
    """Return what the moments of a clock's steps depend on; ``stretches`` are its pauses."""
    calendar = queries.calendar_by_id(clock.calendar_id)
    limit = Limit.parse(clock.limit)
    return Course(clock.started_at, limit, calendar, clock.due_at, stretches, clock.extra_days)


def _state(clock: Clock) -> dict[str, Any]:
    """The stored facts of a clock that an event must be able to replay."""
    return {
        "metric": clock.metric.value,
        "cycle": clock.cycle,
        "state": clock.state.value,
        "limit": clock.limit,
        "started_at": clock.started_at.isoformat(),
        "due_at": clock.due_at.isoformat(),
        "met_at": clock.met_at.isoformat() if clock.met_at else None,
    }


def terms_for(
    wanted: LimitFor,
    calendar_name: str | None,
    metrics: Iterable[Metric],
    today: date,
    *,
    is_redo: bool = False,
) -> dict[Metric, Term]:
    """Return by what the clocks of ``metrics`` that exist for a ticket count; see ``queries.terms``.

    A redo has half the time to resolve.
    """
    known = queries.terms(wanted, calendar_name, today)
    found: dict[Metric, Term] = {}
    for metric in metrics:
        term = known.get(metric)
        if term is not None:
            is_halved = is_redo and metric is Metric.RESOLVE
            found[metric] = replace(term, limit=term.limit.halved()) if is_halved else term
    return found
