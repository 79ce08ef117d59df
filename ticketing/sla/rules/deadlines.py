"""When a limit runs out, with pauses and extensions: pure functions of start, limit, calendar and pauses.

How time is measured. ``wd`` and ``wh`` limits use working time: the time the calendar is open. ``h``, ``min``
and ``cd`` limits use wall time. The *allowance* of a clock is the time so measured between its start and its
deadline without pauses. For ``wd`` that is the open time from the start to the closing of the last day, so
the open rest of the day of receipt belongs to it; for ``cd`` the wall time up to that closing. A paused clock
is due when the allowance has been spent outside the pauses, so *elapsed + remaining = allowance* holds at
every instant, and no total of paused time is kept anywhere. A paused ``cd`` clock is then moved to the first
closing of a working day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.sla.rules.calendars import ONE_DAY, Stretch, WorkCalendar, utc
from ticketing.sla.rules.limits import SEARCH_DAYS, Limit, LimitUnit

_NOTHING = timedelta()
_INSTANT = timedelta(microseconds=1)
_WHOLE = 100


class NoWorkingTime(Invalid):
    """The calendar is open too rarely: the allowance is not used up within the search bound."""

    sentence = N_("日历“%(calendar)s”在 %(days)s 天内没有足够的工作时间，算不出截止时间")


class BadPause(Invalid):
    """A pause that ends before it begins."""

    sentence = N_("暂停的结束时间早于开始时间")


class BadExtension(Invalid):
    """An extension that is not between one working day and the longest limit."""

    sentence = N_("延期天数须在 1 到 %(most)s 个工作日之间")


class BadShare(Invalid):
    """A share of the allowance that is not between 1 and 100 percent."""

    sentence = N_("时限的百分比须在 1 到 100 之间")


class Deadline(NamedTuple):
    """A due moment in UTC; provisional when a year it depends on has no published notice yet."""

    at: datetime
    is_provisional: bool = False


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """Return when ``limit`` runs out for a clock that starts at ``start`` (aware) and is never paused.

    The day of receipt, a local date, is not counted by ``wd`` and ``cd``; they end at a closing time. Working
    hours that are used up exactly at closing time are due then, not at the next opening. Raises BadMoment,
    NoWorkingTime.
    """
    begin = utc(start)
    if limit.is_round_the_clock:
        return Deadline(begin + limit.hours_and_minutes)
    received_on = calendar.local_date(begin)
    if limit.unit is LimitUnit.WORKING_HOURS:
        at = _open_time_after(begin, limit.hours_and_minutes, calendar)
        return Deadline(at, calendar.is_provisional(received_on, calendar.local_date(at - _INSTANT)))
    if limit.unit is LimitUnit.WORKING_DAYS:
        return _closing_of_nth(received_on, limit.amount, calendar)
    return _closing_from(received_on + limit.amount * ONE_DAY, calendar)


def extended(due: datetime, days: int, calendar: WorkCalendar) -> Deadline:
    """Return ``due`` moved by ``days`` working days, to the closing time of the last of them.

    A due moment at 24:00 belongs to the day that ends then. Raises BadExtension unless 1 <= days <= 400.
    """
    if not 1 <= days <= SEARCH_DAYS:
        raise BadExtension(most=SEARCH_DAYS)
    return _closing_of_nth(calendar.local_date(utc(due) - _INSTANT), days, calendar)


def allowance(start: datetime, limit: Limit, calendar: WorkCalendar, extra_days: int = 0) -> timedelta:
    """Return the time the clock may run, ``extra_days`` of extension included, as the module measures it."""
    base = _unpaused(utc(start), limit, calendar, extra_days)
    return measured(utc(start), base.at, limit, calendar)


def elapsed(
    start: datetime,
    until: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Stretch] = (),
) -> timedelta:
    """Return the time spent from ``start`` to ``until`` outside ``pauses``; above the allowance if overdue.

    A pause still open is passed as ending at ``until``. Raises BadPause, BadMoment.
    """
    end = utc(until)
    ran = _NOTHING
    for begin, stop in running(utc(start), pauses):
        if begin >= end:
            break
        ran += measured(begin, end if stop is None else min(stop, end), limit, calendar)
    return ran


def remaining_at(
    start: datetime,
    now: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Stretch] = (),
    extra_days: int = 0,
) -> timedelta:
    """Return allowance minus elapsed at ``now``; negative when overdue."""
    spent = elapsed(start, now, limit, calendar, pauses)
    return allowance(start, limit, calendar, extra_days) - spent


def due_after_pauses(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Stretch],
    extra_days: int = 0,
) -> Deadline:
    """Return when the allowance is spent outside ``pauses`` (any order, overlaps count once).

    A pause that takes no measured time changes nothing; one that begins at or after the deadline neither.
    ``extra_days`` of extension belong to the allowance. Raises BadPause, BadMoment, BadExtension,
    NoWorkingTime.
    """
    begin = utc(start)
    base = _unpaused(begin, limit, calendar, extra_days)
    if not pauses:
        return base
    at = _spent_at(begin, measured(begin, base.at, limit, calendar), limit, calendar, pauses)
    if at == base.at or limit.is_round_the_clock:
        return Deadline(at, base.is_provisional)
    if limit.unit is LimitUnit.CALENDAR_DAYS:
        moved = _first_closing(at, calendar)
        return Deadline(moved.at, moved.is_provisional or base.is_provisional)
    looked_at = calendar.is_provisional(calendar.local_date(begin), calendar.local_date(at - _INSTANT))
    return Deadline(at, looked_at or base.is_provisional)


def share_at(
    start: datetime,
    percent: int,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Stretch] = (),
    extra_days: int = 0,
) -> datetime:
    """Return the first moment at which ``percent`` (1 to 100) of the allowance is spent.

    At 100 that is the deadline itself. Raises BadShare and what ``due_after_pauses`` raises.
    """
    if not 1 <= percent <= _WHOLE:
        raise BadShare
    if percent == _WHOLE:
        return due_after_pauses(start, limit, calendar, pauses, extra_days).at
    spent = allowance(start, limit, calendar, extra_days) * percent // _WHOLE
    return _spent_at(utc(start), spent, limit, calendar, pauses)


def measured(begin: datetime, end: datetime, limit: Limit, calendar: WorkCalendar) -> timedelta:
    """Return the time from ``begin`` to ``end`` (UTC) as ``limit`` counts it; never below zero."""
    if limit.is_working_time:
        return open_time(begin, end, calendar)
    return max(end - begin, _NOTHING)


def open_time(begin: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Return how long ``calendar`` is open between two moments; zero when they are the wrong way round."""
    if begin >= end:
        return _NOTHING
    first, last = calendar.local_date(begin), calendar.local_date(end)
    total = calendar.open_days(first + ONE_DAY, last - ONE_DAY) if first < last else _NOTHING
    for on in (first, last) if first < last else (first,):
        for opens, closes in calendar.open_stretches(on):
            if opens < end and closes > begin:
                total += min(closes, end) - max(opens, begin)
    return total


def _unpaused(begin: datetime, limit: Limit, calendar: WorkCalendar, extra_days: int) -> Deadline:
    base = due_at(begin, limit, calendar)
    if not extra_days:
        return base
    later = extended(base.at, extra_days, calendar)
    return Deadline(later.at, later.is_provisional or base.is_provisional)


def _spent_at(
    begin: datetime, spent: timedelta, limit: Limit, calendar: WorkCalendar, pauses: Sequence[Stretch]
) -> datetime:
    """The first moment at which ``spent`` has run since ``begin`` outside ``pauses``."""
    left = spent
    at = begin
    for at, stop in running(begin, pauses):
        ran = None if stop is None else measured(at, stop, limit, calendar)
        if ran is None or ran >= left:
            break
        left -= ran
    return _open_time_after(at, left, calendar) if limit.is_working_time else at + left


def running(begin: datetime, pauses: Sequence[Stretch]) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the stretches outside ``pauses`` from ``begin`` (UTC) on, the last without end."""
    ordered = sorted((utc(stop), utc(resume)) for stop, resume in pauses)
    if any(resume < stop for stop, resume in ordered):
        raise BadPause
    at = begin
    for stop, resume in ordered:
        if resume <= at:  # over before the clock ran, or inside another pause
            continue
        if stop > at:
            yield at, stop
        at = resume
    yield at, None


def _open_time_after(begin: datetime, amount: timedelta, calendar: WorkCalendar) -> datetime:
    """The first moment at which the calendar has been open for ``amount`` (above zero) since ``begin``."""
    left = amount
    on = calendar.local_date(begin)
    for _ in range(SEARCH_DAYS + 1):
        for opens, closes in calendar.open_stretches(on):
            if closes <= begin:
                continue
            room = closes - max(opens, begin)
            if room >= left:
                return closes - room + left
            left -= room
        on += ONE_DAY
    raise NoWorkingTime(calendar=calendar.name, days=SEARCH_DAYS)


def _closing_of_nth(after: date, count: int, calendar: WorkCalendar) -> Deadline:
    """The closing of the ``count``-th working day after the date ``after``."""
    on = calendar.nth_working(after, count, SEARCH_DAYS)
    if on is None:
        raise NoWorkingTime(calendar=calendar.name, days=SEARCH_DAYS)
    return Deadline(calendar.closing(on), calendar.is_provisional(after + ONE_DAY, on))


def _closing_from(first: date, calendar: WorkCalendar) -> Deadline:
    """The closing of the first working day on or after ``first``."""
    return _closing_of_nth(first - ONE_DAY, 1, calendar)


def _first_closing(at: datetime, calendar: WorkCalendar) -> Deadline:
    """The first closing of a working day that is not before ``at``."""
    on = calendar.local_date(at - _INSTANT)
    if calendar.is_working(on) and calendar.closing(on) < at:
        on += ONE_DAY
    return _closing_from(on, calendar)
