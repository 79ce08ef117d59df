"""When a clock turns yellow and red."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from ticketing.sla.rules.calendars import ONE_DAY, WorkCalendar, utc
from ticketing.sla.rules.deadlines import allowance, measured
from ticketing.sla.rules.limits import Limit

_LAST_PERCENT = 20
_DAYS_TO_WARN_BY_DAY = 2
_RETURNS_TO_RED = 2


class Light(StrEnum):
    """What the list shows: within the limit, near it, past it, suspended."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


def warn_at(
    start: datetime,
    due: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    unmoved: datetime | None = None,
) -> datetime:
    """Return the first moment (UTC) at which the light turns yellow; never before ``start``.

    That is when at most 20 % of the unpaused allowance remains before ``due``, or, for limits of two or more
    working or calendar days, at most one normal day of open time, whichever comes first. ``due`` is the
    deadline that holds now: pauses and extensions move the warning with it. ``unmoved``: the deadline
    without them, where it is known; else it is reckoned.
    """
    begin, end = utc(start), utc(due)
    allowed = measured(begin, unmoved, limit, calendar) if unmoved else allowance(begin, limit, calendar)
    rest = allowed * _LAST_PERCENT // 100
    if limit.is_round_the_clock:
        return max(begin, end - rest)
    warned = _open_time_before(end, rest, begin, calendar) if limit.is_working_time else end - rest
    if limit.is_counted_in_days and limit.amount >= _DAYS_TO_WARN_BY_DAY:
        usual = calendar.hours_on(calendar.local_date(end)).day_length
        warned = min(warned, _open_time_before(end, usual, begin, calendar))
    return max(begin, warned)


def light(
    now: datetime,
    warned_at: datetime,
    due: datetime,
    is_paused: bool,
    unmet_due_at: Iterable[datetime] = (),
    refused_returns: int = 0,
) -> Light:
    """Return the light of an open ticket.

    Grey while suspended; red from the moment ``due`` (of solving) on, or after two refused returns; yellow
    from ``warned_at`` on, or once one of ``unmet_due_at`` (signing and responding, while not done) has come.
    """
    if is_paused:
        return Light.GREY
    if now >= due or refused_returns >= _RETURNS_TO_RED:
        return Light.RED
    if now >= warned_at or any(now >= at for at in unmet_due_at):
        return Light.YELLOW
    return Light.GREEN


def _open_time_before(end: datetime, amount: timedelta, floor: datetime, calendar: WorkCalendar) -> datetime:
    """The first moment from ``floor`` on when at most ``amount`` of open time is left until ``end``."""
    left = amount
    on, first_on = calendar.local_date(end), calendar.local_date(floor)
    while on >= first_on:
        for opens, closes in reversed(calendar.open_stretches(on)):
            room = min(closes, end) - opens
            if room > left:
                return max(floor, opens + room - left)
            left -= max(room, timedelta())
        on -= ONE_DAY
    return floor
