"""Deadlines told span by span."""

from datetime import date, time

import pytest

from ticketing.sla.rules.calendars import DayKind, DayRule, WorkCalendar
from ticketing.sla.rules.china import CN
from ticketing.sla.rules.explain import explain
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.moments import read_moment


def told(limit, start, calendar=CN, pauses=(), extra_days=0):
    """The spans as lines: from, to, + or -, why."""
    held = [(moment(stop), moment(resume)) for stop, resume in pauses]
    spans = explain(moment(start), Limit.parse(limit), calendar, held, extra_days)
    return [
        f"{span.start.astimezone(calendar.zone):%m-%d %H:%M} "
        f"{span.end.astimezone(calendar.zone):%m-%d %H:%M} "
        f"{'+' if span.is_counted else '-'} {span.reason % {'name': span.name}}"
        for span in spans
    ]


def moment(text):
    return read_moment(f"2026-{text}+08:00")


def test_working_days_are_told_one_by_one():
    assert told("3wd", "09-30T10:00") == [
        "09-30 10:00 10-01 00:00 - 收件当日不计",
        "10-01 00:00 10-08 00:00 - 节假日:国庆节",
        "10-08 00:00 10-09 00:00 + 工作日",
        "10-09 00:00 10-10 00:00 + 工作日",
        "10-10 00:00 10-10 17:00 + 调休上班",
    ]


def test_working_hours_are_told_window_by_window():
    assert told("5wh", "03-06T11:00") == [
        "03-06 11:00 03-06 12:00 + 工作时间",
        "03-06 12:00 03-06 13:00 - 午休",
        "03-06 13:00 03-06 17:00 + 工作时间",
    ]
    assert told("1wh", "03-06T17:30")[:3] == [
        "03-06 17:30 03-07 00:00 - 非工作时间",
        "03-07 00:00 03-09 00:00 - 周末",
        "03-09 00:00 03-09 09:00 - 非工作时间",
    ]


def test_calendar_days_are_told_with_the_way_to_the_next_working_day():
    assert told("2cd", "02-13T10:00") == [
        "02-13 10:00 02-14 00:00 - 收件当日不计",
        "02-14 00:00 02-15 00:00 + 自然日",
        "02-15 00:00 02-16 00:00 + 自然日",
        "02-16 00:00 02-24 00:00 - 节假日:春节",
        "02-24 00:00 02-24 17:00 - 顺延至工作日下班时间",
    ]


def test_the_24_hour_clock_is_one_span():
    assert told("24h", "03-06T10:00") == ["03-06 10:00 03-07 10:00 + 自然时间连续计算"]


def test_a_gap_away_from_noon_is_no_lunch_break_and_a_free_weekday_no_weekend():
    calendar = WorkCalendar(
        "odd",
        CN.zone,
        ((time(8), time(10)), (time(14), time(17))),
        {date(2026, 3, 4): DayRule(DayKind.HOLIDAY)},
        weekdays=frozenset({0, 3}),
        follows_notices=False,
    )
    gap = WorkCalendar("gap", CN.zone, ((time(8), time(9)), (time(10), time(17))), follows_notices=False)

    assert [line[26:] for line in told("6wh", "03-02T09:00", calendar)] == [
        "工作时间",
        "午休",
        "工作时间",
        "非工作时间",
        "休息日",
        "节假日",
        "非工作时间",
        "工作时间",
    ]
    assert told("2wh", "03-02T08:00", gap)[1] == "03-02 09:00 03-02 10:00 - 非工作时间"


def test_a_pause_that_moved_the_deadline_is_told_in_time():
    assert told("2wd", "03-02T10:00", pauses=[("03-03T11:00", "03-03T14:00")]) == [
        "03-02 10:00 03-02 12:00 + 工作时间",
        "03-02 12:00 03-02 13:00 - 午休",
        "03-02 13:00 03-02 17:00 + 工作时间",
        "03-02 17:00 03-03 09:00 - 非工作时间",
        "03-03 09:00 03-03 11:00 + 工作时间",
        "03-03 11:00 03-03 14:00 - 暂停计时",
        "03-03 14:00 03-03 17:00 + 工作时间",
        "03-03 17:00 03-04 09:00 - 非工作时间",
        "03-04 09:00 03-04 12:00 + 工作时间",
        "03-04 12:00 03-04 13:00 - 午休",
        "03-04 13:00 03-04 17:00 + 工作时间",
        "03-04 17:00 03-05 09:00 - 非工作时间",
        "03-05 09:00 03-05 11:00 + 工作时间",
    ]
    assert told("10cd", "03-02T10:00", pauses=[("03-03T10:00", "03-05T10:00")]) == [
        "03-02 10:00 03-03 10:00 + 自然时间连续计算",
        "03-03 10:00 03-05 10:00 - 暂停计时",
        "03-05 10:00 03-14 17:00 + 自然时间连续计算",
        "03-14 17:00 03-16 17:00 - 顺延至工作日下班时间",
    ]


def test_an_extension_is_told_day_by_day():
    assert told("1wd", "03-05T10:00", extra_days=2) == [
        "03-05 10:00 03-06 00:00 - 收件当日不计",
        "03-06 00:00 03-06 17:00 + 工作日",
        "03-06 17:00 03-07 00:00 - 原期限当日余下时间不计",
        "03-07 00:00 03-09 00:00 - 周末",
        "03-09 00:00 03-10 00:00 + 延期",
        "03-10 00:00 03-10 17:00 + 延期",
    ]


@pytest.mark.parametrize("limit", ["2wd", "4wh", "24h", "10cd"])
def test_a_pause_that_changed_nothing_is_not_told(limit):
    at_once = [("03-02T11:00", "03-02T11:00")]
    assert told(limit, "03-02T10:00", pauses=at_once) == told(limit, "03-02T10:00")
