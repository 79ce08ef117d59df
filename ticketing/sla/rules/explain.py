"""A deadline told span by span: what was counted, what was skipped, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain

from ticketing.core.text import N_
from ticketing.sla.rules.calendars import ONE_DAY, Stretch, WorkCalendar, utc
from ticketing.sla.rules.deadlines import allowance, due_after_pauses, due_at, running
from ticketing.sla.rules.limits import Limit, LimitUnit

RECEIPT_DAY = N_("收件当日不计")
WORKING_TIME = N_("工作时间")
WORKING_DAY = N_("工作日")
MAKEUP_DAY = N_("调休上班")
CALENDAR_DAY = N_("自然日")
WALL_TIME = N_("自然时间连续计算")
LUNCH = N_("午休")
OFF_HOURS = N_("非工作时间")
WEEKEND = N_("周末")
REST_DAY = N_("休息日")
HOLIDAY = N_("节假日")
NAMED_HOLIDAY = N_("节假日:%(name)s")
MOVED_ON = N_("顺延至工作日下班时间")
PAUSED = N_("暂停计时")
EXTENSION_DAY = N_("延期")
AFTER_DUE = N_("原期限当日余下时间不计")

_SATURDAY = 5
_NOON, _ONE_O_CLOCK = time(12), time(13)
_COUNTED_SINGLY = {WORKING_DAY, MAKEUP_DAY, CALENDAR_DAY, EXTENSION_DAY}
_CERTAIN = {WALL_TIME, PAUSED, RECEIPT_DAY, CALENDAR_DAY}
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) in UTC. ``reason`` is a sentence id; fill it with ``name`` as ``%(name)s``.

    It is provisional when it is told by the weekdays of a year whose notice is not there yet.
    """

    start: datetime
    end: datetime
    is_counted: bool
    reason: str
    name: str = ""
    is_provisional: bool = False


def explain(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    pauses: Sequence[Stretch] = (),
    extra_days: int = 0,
) -> list[Span]:
    """Return the spans from ``start`` to the deadline, in order and without gaps.

    The counted spans of hour limits add up to the limit; day limits have as many as they have days, and one
    for each day of extension. Once pauses have moved the deadline, time is told instead of days, and the
    counted spans add up to the allowance. Raises what ``due_after_pauses`` raises.
    """
    begin = utc(start)
    due = due_after_pauses(begin, limit, calendar, pauses, extra_days).at
    if pauses and due != due_after_pauses(begin, limit, calendar, (), extra_days).at:
        left = allowance(begin, limit, calendar, extra_days)
        told = _up_to(left, _outside(pauses, begin, due, _time(begin, due, limit, calendar)))
        return _marked(_joined(told), calendar)
    base = due_at(begin, limit, calendar).at
    told = _cut(_told(begin, base, limit, calendar), begin, base)
    return _marked(_joined(chain(told, _cut(_extension(base, due, calendar), base, due))), calendar)


def _marked(spans: list[Span], calendar: WorkCalendar) -> list[Span]:
    """The spans, those marked that another notice may still change."""
    return [replace(span, is_provisional=True) if _may_change(span, calendar) else span for span in spans]


def _may_change(span: Span, calendar: WorkCalendar) -> bool:
    first, last = calendar.local_date(span.start), calendar.local_date(span.end - _INSTANT)
    return span.reason not in _CERTAIN and calendar.is_provisional(first, last)


def _told(begin: datetime, due: datetime, limit: Limit, calendar: WorkCalendar) -> Iterator[Span]:
    """The way the limit is counted: days one by one, or time."""
    if limit.unit is LimitUnit.WORKING_DAYS:
        return _working_days(begin, due, calendar)
    if limit.unit is LimitUnit.CALENDAR_DAYS:
        return _calendar_days(begin, due, limit.amount, calendar)
    return _time(begin, due, limit, calendar)


def _time(begin: datetime, due: datetime, limit: Limit, calendar: WorkCalendar) -> Iterator[Span]:
    if limit.is_working_time:
        return _cut(_hours(begin, due, calendar), begin, due)
    return iter([Span(begin, due, is_counted=True, reason=WALL_TIME)])


def _extension(base: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    """The working days by which ``base`` was extended to ``due``; the rest of its own day is not one."""
    base_on = calendar.local_date(base - _INSTANT)
    for on in _dates(base, due, calendar):
        if on == base_on:
            yield _whole_day(on, False, (AFTER_DUE, ""), calendar)
        elif calendar.is_working(on):
            yield _whole_day(on, True, (EXTENSION_DAY, ""), calendar)
        else:
            yield _whole_day(on, False, _reason_off(on, calendar), calendar)


def _outside(
    pauses: Sequence[Stretch], begin: datetime, due: datetime, spans: Iterator[Span]
) -> Iterator[Span]:
    """The spans with every paused stretch of them told as paused."""
    ran = [(start, due if end is None else end) for start, end in running(begin, pauses)]
    for span in spans:
        at = span.start
        for start, end in ran:
            first, last = max(start, span.start), min(end, span.end)
            if first < last:
                if at < first:
                    yield Span(at, first, is_counted=False, reason=PAUSED)
                yield (
                    span if (first, last) == (span.start, span.end) else replace(span, start=first, end=last)
                )
                at = last
        if at < span.end:
            yield Span(at, span.end, is_counted=False, reason=PAUSED)


def _up_to(allowed: timedelta, spans: Iterator[Span]) -> Iterator[Span]:
    """The spans; what a paused ``cd`` clock was moved on after its allowance no longer counts."""
    left = allowed
    for span in spans:
        if not span.is_counted:
            yield span
            continue
        spent = min(left, span.end - span.start)
        left -= spent
        if span.start + spent == span.end:
            yield span
            continue
        yield replace(span, end=span.start + spent)
        yield Span(span.start + spent, span.end, is_counted=False, reason=MOVED_ON)


def _dates(begin: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[date]:
    on, last_on = calendar.local_date(begin), calendar.local_date(due)
    while on <= last_on:
        yield on
        on += ONE_DAY


def _whole_day(on: date, is_counted: bool, reason: tuple[str, str], calendar: WorkCalendar) -> Span:
    return Span(calendar.midnight(on), calendar.midnight(on + ONE_DAY), is_counted, *reason)


def _reason_off(on: date, calendar: WorkCalendar) -> tuple[str, str]:
    """Why the date does not work, and its name."""
    rule = calendar.days.get(on)
    if rule is not None:
        return (NAMED_HOLIDAY, rule.name) if rule.name else (HOLIDAY, "")
    return (WEEKEND, "") if on.weekday() >= _SATURDAY else (REST_DAY, "")


def _reason_working(on: date, usual: str, calendar: WorkCalendar) -> tuple[str, str]:
    """Why the date works: as usual, or as a make-up day that would normally be off."""
    rule = calendar.days.get(on)
    if rule is not None and on.weekday() not in calendar.hours_on(on).weekdays:
        return MAKEUP_DAY, rule.name
    return usual, ""


def _hours(begin: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    for on in _dates(begin, due, calendar):
        if not calendar.is_working(on):
            yield _whole_day(on, False, _reason_off(on, calendar), calendar)
            continue
        at, is_before_opening = calendar.midnight(on), True
        for opens, closes in calendar.open_stretches(on):
            yield Span(at, opens, False, OFF_HOURS if is_before_opening else _gap(at, opens, calendar))
            yield Span(opens, closes, True, *_reason_working(on, WORKING_TIME, calendar))
            at, is_before_opening = closes, False
        yield Span(at, calendar.midnight(on + ONE_DAY), False, OFF_HOURS)


def _gap(closed: datetime, reopened: datetime, calendar: WorkCalendar) -> str:
    """A gap between two windows is the lunch break when it touches the hour after noon."""
    begin, end = closed.astimezone(calendar.zone).time(), reopened.astimezone(calendar.zone).time()
    return LUNCH if begin < _ONE_O_CLOCK and end > _NOON else OFF_HOURS


def _working_days(begin: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    for on in _dates(begin, due, calendar):
        if on == calendar.local_date(begin):
            yield _whole_day(on, False, (RECEIPT_DAY, ""), calendar)
        elif calendar.is_working(on):
            yield _whole_day(on, True, _reason_working(on, WORKING_DAY, calendar), calendar)
        else:
            yield _whole_day(on, False, _reason_off(on, calendar), calendar)


def _calendar_days(begin: datetime, due: datetime, amount: int, calendar: WorkCalendar) -> Iterator[Span]:
    for count, on in enumerate(_dates(begin, due, calendar)):
        if count == 0:
            yield _whole_day(on, False, (RECEIPT_DAY, ""), calendar)
        elif count <= amount:
            yield _whole_day(on, True, (CALENDAR_DAY, ""), calendar)
        elif calendar.is_working(on):
            yield _whole_day(on, False, (MOVED_ON, ""), calendar)
        else:
            yield _whole_day(on, False, _reason_off(on, calendar), calendar)


def _cut(spans: Iterator[Span], begin: datetime, due: datetime) -> Iterator[Span]:
    for span in spans:
        start, end = max(span.start, begin), min(span.end, due)
        if start < end:
            is_whole = start == span.start and end == span.end
            yield span if is_whole else replace(span, start=start, end=end)


def _joined(spans: Iterator[Span]) -> list[Span]:
    """Join neighbours that say the same, except counted days: those are there to be counted."""
    joined: list[Span] = []
    for span in spans:
        if span.start == span.end:
            continue
        first = joined[-1] if joined else span
        is_same = (first.reason, first.name) == (span.reason, span.name)
        if joined and is_same and span.reason not in _COUNTED_SINGLY:
            joined[-1] = replace(first, end=span.end)
        else:
            joined.append(span)
    return joined
