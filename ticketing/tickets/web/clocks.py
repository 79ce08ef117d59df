"""A ticket's promises as the page shows them: what is left, and how the due moment was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.sla import queries as sla
from ticketing.sla.forms.limit_words import limit_words
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.rules.explain import Span, explain
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState
from ticketing.tickets import labels
from ticketing.tickets.queries.view import TicketView
from ticketing.web.texts import gettext as _

ONE_DAY = timedelta(days=1)
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class SpanLine:
    """One counted or skipped stretch."""

    when: str
    reason: str
    is_counted: bool
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One promise. ``light`` is a light's name; ``due_at`` is empty once it is kept or broken."""

    name: str
    limit: str
    state: str
    light: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    is_running: bool
    original_due_at: datetime | None
    is_provisional: bool
    spans: list[SpanLine]
    ends_at: datetime
    is_paused: bool


def clock_lines(found: TicketView, now: datetime) -> list[ClockLine]:
    """Return the promises of the present round, in the order they began."""
    rows = [
        clock
        for clock in found.clock_rows
        if clock.cycle == found.ticket.cycle and clock.state is not ClockState.CANCELLED
    ]
    pauses = found.place.hanging.clock_pauses
    return [_line(clock, [one for one in pauses if one.clock_id == clock.id], now) for clock in rows]


def _line(clock: Clock, pauses: list[ClockPause], now: datetime) -> ClockLine:
    is_late = clock.state is ClockState.RUNNING and now > clock.due_at
    state = ClockState.BREACHED if is_late else clock.state
    told = _told(clock, pauses, now)
    return ClockLine(
        name=_(labels.METRICS[clock.metric]),
        limit=limit_words(clock.limit),
        state=_(labels.CLOCK_STATES[state]),
        light=_light(state, clock, now),
        started_at=clock.started_at,
        due_at=clock.due_at,
        met_at=clock.met_at,
        is_running=clock.state is ClockState.RUNNING,
        original_due_at=clock.original_due_at if clock.original_due_at != clock.due_at else None,
        is_provisional=clock.is_provisional,
        spans=[_span(span, clock.started_at) for span in told],
        ends_at=told[-1].end if told else clock.due_at,
        is_paused=clock.state is ClockState.PAUSED,
    )


def _light(state: ClockState, clock: Clock, now: datetime) -> str:
    match state:
        case ClockState.BREACHED:
            return "red"
        case ClockState.PAUSED:
            return "grey"
        case ClockState.RUNNING:
            return "yellow" if now >= clock.warn_at else "green"
    return "green"


def _told(clock: Clock, pauses: list[ClockPause], now: datetime) -> list[Span]:
    """The way to the due moment; for a paused clock, to the one it would have if it went on now."""
    calendar = sla.calendar_by_id(clock.calendar_id)
    stretches = tuple(sla.paused_stretches(pauses, now.replace(second=0, microsecond=0)))
    return _explained(clock.started_at, Limit.parse(clock.limit), calendar, stretches, clock.extra_days)


# Who has acted comes back to the page, and all read the same: a pure answer is worked out once a process.
_explained = lru_cache(maxsize=_REMEMBERED)(explain)


def _span(span: Span, began_at: datetime) -> SpanLine:
    return SpanLine(
        _when(span, began_at.astimezone(DISTRICT_ZONE).year),
        _(span.reason, name=span.name),
        span.is_counted,
        span.is_provisional,
    )


def _when(span: Span, usual_year: int) -> str:
    """A stretch in few words: a whole day by its date, a part of a day by its hours."""
    start, end = span.start.astimezone(DISTRICT_ZONE), span.end.astimezone(DISTRICT_ZONE)
    day = f"{start:%m-%d}" if start.year == usual_year else f"{start:%Y-%m-%d}"
    if not (start.hour or start.minute or end.hour or end.minute):
        last = end - ONE_DAY
        return day if last.date() == start.date() else f"{day} – {last:%m-%d}"
    if start.date() == end.date():
        return f"{day} {start:%H:%M} – {end:%H:%M}"
    return f"{day} {start:%H:%M} – {end:%m-%d %H:%M}"
