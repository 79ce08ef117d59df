"""Limits, calendars, deadlines, pauses, lights and notices: cases with known answers."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.sla.office import CASES, EIGHT, HOUR, at, due, office
from ticketing.sla.rules.calendars import BadCalendar, BadMoment, DayKind, DayRule
from ticketing.sla.rules.china import CN, OFFICE_WINDOWS, ROUND_THE_CLOCK, SHIPPED_YEARS
from ticketing.sla.rules.deadlines import (
    BadExtension,
    BadPause,
    BadShare,
    NoWorkingTime,
    allowance,
    due_after_pauses,
    due_at,
    elapsed,
    extended,
    remaining_at,
    share_at,
)
from ticketing.sla.rules.limits import BadLimit, Limit, LimitTooLong, LimitUnit

# Worked cases


def test_the_worked_table_has_two_hundred_cases():
    assert len({(limit, start) for limit, start, _, _ in CASES}) >= 200


@pytest.mark.parametrize(("limit", "start", "expected", "why"), CASES)
def test_deadline_is_as_worked_by_hand(limit, start, expected, why):
    deadline = due_at(at(start), Limit.parse(limit), CN)

    assert deadline.at == at(expected.rstrip("?")), why
    assert deadline.at.tzinfo is UTC
    assert deadline.is_provisional is expected.endswith("?"), why


# Limits


@pytest.mark.parametrize("text", ["5wd", "4wh", "24h", "30min", "10cd", "1h", "400wd", "9600h", "576000min"])
def test_limit_reads_and_writes_the_same(text):
    assert str(Limit.parse(f" {text} ")) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "0wd",
        "-1h",
        "5xx",
        "5",
        "wd",
        "5 wd",
        "5WD",
        "05wd",
        "1.5h",
        "1e3h",
        "+5wd",
        "٥wd",
        "5wd5wd",
        "0h",
    ],
)
def test_limit_refuses_what_is_not_one(text):
    with pytest.raises(BadLimit) as refused:
        Limit.parse(text)
    assert refused.value.facts["value"] == text


def test_what_is_refused_is_not_repeated_at_length():
    with pytest.raises(BadLimit) as refused:
        Limit.parse("9" * 4000 + "wd")
    assert refused.value.facts["value"] == "9" * 20
    for text in ("5wd\n6wd", "5w\u200bd", "5d", "None"):
        with pytest.raises(BadLimit):
            Limit.parse(text)


@pytest.mark.parametrize("text", ["401wd", "401cd", "9601h", "9601wh", "576001min", "999999999min"])
def test_limit_refuses_what_is_too_long(text):
    with pytest.raises(LimitTooLong):
        Limit.parse(text)


def test_limit_cannot_be_made_empty_either():
    with pytest.raises(BadLimit):
        Limit(0, LimitUnit.HOURS)


def test_redo_gets_half_rounded_up():
    halves = {
        "10wd": "5wd",
        "5wd": "3wd",
        "1wd": "1wd",
        "4wh": "2wh",
        "1wh": "1wh",
        "24h": "12h",
        "1h": "30min",
        "3h": "90min",
        "30min": "15min",
        "5min": "3min",
        "1min": "1min",
        "15cd": "8cd",
        "1cd": "1cd",
    }
    assert {first: str(Limit.parse(first).halved()) for first in halves} == halves


def test_only_hours_and_minutes_run_round_the_clock():
    assert [unit for unit in LimitUnit if Limit(1, unit).is_round_the_clock] == ["h", "min"]


# Calendars


def test_the_default_calendar_has_248_working_days_in_each_published_year():
    for year in SHIPPED_YEARS:
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        assert sum(CN.is_working(on) for on in days) == 248


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": frozenset()}, "没有一天开放"),
        ({"weekdays": frozenset({7})}, "没有一天开放"),
        ({"windows": ()}, "不足一分钟"),
        ({"windows": ((time(9), time(9, 0, 59)),)}, "不足一分钟"),
        ({"windows": ((time(9), time(9)),)}, "是空的"),
        ({"windows": ((time(17), time(9)),)}, "是空的"),
        ({"windows": ((time(9), time(12)), (time(11, 59), time(17)))}, "重叠"),
        ({"windows": ((time(13), time.max), (time(9), time(14)))}, "重叠"),
        ({"days": {date(2026, 3, 2): DayRule(DayKind.WORKDAY, windows=())}}, "上班日要有时段"),
        ({"days": {date(2026, 3, 2): DayRule(DayKind.HOLIDAY, windows=OFFICE_WINDOWS)}}, "放假日不能有时段"),
        ({"days": {date(2026, 3, 2): DayRule(DayKind.WORKDAY, windows=((time(9), time(8)),))}}, "是空的"),
    ],
)
def test_calendar_that_cannot_work_is_refused_with_the_reason(changes, said):
    with pytest.raises(BadCalendar) as refused:
        office(**changes)
    assert said in refused.value.text % refused.value.facts


def test_windows_may_touch_and_come_in_any_order():
    calendar = office(windows=((time(12), time(17)), (time(9), time(12))))
    assert due("3wh", "2026-03-02T09:00", calendar) == at("2026-03-02T12:00")
    assert due("5wh", "2026-03-02T09:00", calendar) == at("2026-03-02T14:00")


@pytest.mark.parametrize("end", [time.max, time(0)])
def test_a_window_may_end_at_midnight(end):
    calendar = office(windows=((time(20), end),))
    assert due("1wd", "2026-03-02T10:00", calendar) == at("2026-03-04T00:00")
    assert due("4wh", "2026-03-02T10:00", calendar) == at("2026-03-03T00:00")
    assert due("5wh", "2026-03-02T10:00", calendar) == at("2026-03-03T21:00")


def test_short_day_closes_early_and_is_used_up_early():
    short = {date(2026, 3, 3): DayRule(DayKind.WORKDAY, "半日", ((time(9), time(12)),))}
    calendar = office(days=short)
    assert due("1wd", "2026-03-02T10:00", calendar) == at("2026-03-03T12:00")
    assert due("4wh", "2026-03-02T16:00", calendar) == at("2026-03-03T12:00")
    assert due("5wh", "2026-03-02T16:00", calendar) == at("2026-03-04T10:00")
    assert due("1cd", "2026-03-02T16:00", calendar) == at("2026-03-03T12:00")


def test_the_24_hour_calendar_never_closes_and_is_never_provisional():
    deadline = due_at(at("2029-12-31T23:00"), Limit.parse("2wh"), ROUND_THE_CLOCK)
    assert (deadline.at, deadline.is_provisional) == (at("2030-01-01T01:00"), False)
    assert due("1wd", "2026-10-02T10:00", ROUND_THE_CLOCK) == at("2026-10-04T00:00")
    assert due("48wh", "2026-10-02T10:00", ROUND_THE_CLOCK) == at("2026-10-04T10:00")


def test_one_minute_a_week_gives_an_answer_or_an_error():
    calendar = office(windows=((time(9), time(9, 1)),), weekdays=frozenset({0}))
    assert due("1wd", "2026-03-02T10:00", calendar) == at("2026-03-09T09:01")
    assert due("50wd", "2026-03-02T10:00", calendar) == at("2027-02-15T09:01")
    with pytest.raises(NoWorkingTime):
        due("1wh", "2026-03-02T10:00", calendar)  # sixty weeks
    with pytest.raises(NoWorkingTime):
        due("58wd", "2026-03-02T10:00", calendar)


def test_a_calendar_whose_days_are_all_holidays_gives_an_error():
    closed = {date(2026, 1, 1) + timedelta(days=n): DayRule(DayKind.HOLIDAY) for n in range(800)}
    for limit in ("1wd", "1wh", "1cd"):
        with pytest.raises(NoWorkingTime) as refused:
            due(limit, "2026-03-02T10:00", office(days=closed))
        assert refused.value.facts == {"calendar": "test", "days": 400}


@pytest.mark.parametrize("limit", ["5wd", "4wh", "24h", "30min", "10cd"])
def test_naive_and_far_away_moments_are_refused(limit):
    for start in (datetime(2026, 3, 2), datetime(1, 1, 1, tzinfo=EIGHT), datetime.max.replace(tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(BadMoment):
            due_at(start, Limit.parse(limit), CN)


# Extensions


@pytest.mark.parametrize(
    ("limit", "start", "days", "expected"),
    [
        ("5wd", "2026-09-18T10:00", 1, "2026-09-28T17:00"),
        ("5wd", "2026-09-18T10:00", 5, "2026-10-09T17:00"),
        ("5wd", "2026-03-02T10:00", 5, "2026-03-16T17:00"),
        ("1wd", "2026-02-13T10:00", 1, "2026-02-24T17:00"),
        ("4wh", "2026-03-02T09:00", 1, "2026-03-03T17:00"),
        ("24h", "2026-03-06T10:00", 1, "2026-03-09T17:00"),
        ("24h", "2026-03-03T00:00", 1, "2026-03-04T17:00"),
    ],
)
def test_extension_adds_working_days_and_ends_at_closing(limit, start, days, expected):
    assert extended(due(limit, start), days, CN).at == at(expected)


def test_extension_of_a_due_moment_at_midnight_counts_from_the_day_that_ends_then():
    first = due("1wd", "2026-03-02T10:00", ROUND_THE_CLOCK)
    assert first == at("2026-03-04T00:00")
    assert extended(first, 1, ROUND_THE_CLOCK).at == at("2026-03-05T00:00")


@pytest.mark.parametrize("days", [0, -1, 401])
def test_extension_outside_its_bounds_is_refused(days):
    with pytest.raises(BadExtension):
        extended(at("2026-03-02T17:00"), days, CN)


# Pauses


@pytest.mark.parametrize(
    ("limit", "start", "pauses", "expected"),
    [
        ("2wd", "2026-03-02T10:00", [("03-03T09:00", "03-03T11:00")], "2026-03-05T11:00"),
        ("2wd", "2026-03-02T10:00", [("03-03T09:00", "03-04T09:00")], "2026-03-05T17:00"),
        ("2wd", "2026-03-02T10:00", [("03-03T17:00", "03-04T09:00")], "2026-03-04T17:00"),
        ("2wd", "2026-03-02T10:00", [("03-03T12:00", "03-03T13:00")], "2026-03-04T17:00"),
        ("2wd", "2026-03-02T10:00", [("03-03T11:00", "03-03T14:00")], "2026-03-05T11:00"),
        ("2wd", "2026-03-02T10:00", [("03-03T10:00", "03-03T10:00")], "2026-03-04T17:00"),
        ("2wd", "2026-03-05T10:00", [("03-06T17:00", "03-09T09:00")], "2026-03-09T17:00"),
        ("2wd", "2026-03-05T10:00", [("03-06T16:00", "03-09T10:00")], "2026-03-10T11:00"),
        ("2wd", "2026-03-02T10:00", [("03-04T17:00", "03-20T17:00")], "2026-03-04T17:00"),
        ("2wd", "2026-03-02T10:00", [("03-01T10:00", "03-02T10:00")], "2026-03-04T17:00"),
        (
            "2wd",
            "2026-03-02T10:00",
            [("03-03T09:00", "03-03T11:00"), ("03-03T10:00", "03-03T12:00")],
            "2026-03-05T12:00",
        ),
        (
            "2wd",
            "2026-03-02T10:00",
            [("03-04T09:00", "03-04T10:00"), ("03-03T09:00", "03-03T10:00")],
            "2026-03-05T11:00",
        ),
        ("4wh", "2026-03-02T15:00", [("03-02T16:00", "03-03T09:00")], "2026-03-03T12:00"),
        ("4wh", "2026-03-02T15:00", [("03-02T17:00", "03-03T09:00")], "2026-03-03T11:00"),
        ("4wh", "2026-03-02T15:00", [("03-02T15:00", "03-06T15:00")], "2026-03-09T11:00"),
        ("24h", "2026-03-06T10:00", [("03-07T03:00", "03-07T05:00")], "2026-03-07T12:00"),
        ("30min", "2026-03-02T10:00", [("03-02T10:10", "03-02T10:20")], "2026-03-02T10:40"),
        ("10cd", "2026-03-02T10:00", [("03-03T10:00", "03-04T10:00")], "2026-03-13T17:00"),
        ("10cd", "2026-03-02T10:00", [("03-03T10:00", "03-05T10:00")], "2026-03-16T17:00"),
        ("10cd", "2026-03-02T10:00", [("03-03T10:00", "03-03T10:00")], "2026-03-12T17:00"),
        ("10cd", "2026-03-02T10:00", [("03-07T10:00", "03-07T11:00")], "2026-03-13T17:00"),
    ],
)
def test_pauses_move_the_deadline_by_what_they_took(limit, start, pauses, expected):
    held = [(at(f"2026-{stop}"), at(f"2026-{resume}")) for stop, resume in pauses]
    assert due_after_pauses(at(start), Limit.parse(limit), CN, held).at == at(expected)


def test_pause_into_an_unpublished_year_makes_the_deadline_provisional():
    held = [(at("2026-12-29T09:00"), at("2027-01-04T09:00"))]
    assert due_after_pauses(at("2026-12-28T10:00"), Limit.parse("2wd"), CN, held).is_provisional
    assert not due_after_pauses(at("2026-12-28T10:00"), Limit.parse("2wd"), CN, []).is_provisional


def test_extension_and_pause_add_up():
    start, limit = at("2026-03-02T10:00"), Limit.parse("2wd")
    held = [(at("2026-03-03T09:00"), at("2026-03-03T11:00"))]

    deadline = due_after_pauses(start, limit, CN, held, extra_days=2)

    assert deadline.at == at("2026-03-09T11:00")
    assert allowance(start, limit, CN, extra_days=2) == 34 * HOUR
    assert remaining_at(start, deadline.at, limit, CN, held, extra_days=2) == 0 * HOUR


def test_elapsed_and_remaining_count_open_time_and_go_on_when_overdue():
    start, limit = at("2026-03-02T16:00"), Limit.parse("1wd")

    assert allowance(start, limit, CN) == 8 * HOUR
    assert elapsed(start, at("2026-03-02T20:00"), limit, CN) == 1 * HOUR
    assert elapsed(start, at("2026-03-03T12:30"), limit, CN) == 4 * HOUR
    assert remaining_at(start, at("2026-03-03T12:30"), limit, CN) == 4 * HOUR
    assert remaining_at(start, at("2026-03-04T10:00"), limit, CN) == -1 * HOUR
    assert elapsed(start, at("2026-03-01T10:00"), limit, CN) == 0 * HOUR


def test_pause_that_ends_before_it_begins_is_refused():
    for held in ([("03-03", "03-02")], [("03-04", "03-05"), ("03-09", "03-08")]):
        pauses = [(at(f"2026-{stop}T10:00"), at(f"2026-{resume}T10:00")) for stop, resume in held]
        with pytest.raises(BadPause):
            due_after_pauses(at("2026-03-02T10:00"), Limit.parse("1wd"), CN, pauses)
        with pytest.raises(BadPause):
            elapsed(at("2026-03-02T10:00"), at("2026-03-20T10:00"), Limit.parse("1wd"), CN, pauses)


def test_share_of_the_allowance():
    start, limit = at("2026-03-02T13:00"), Limit.parse("10wh")

    assert share_at(start, 40, limit, CN) == at("2026-03-02T17:00")
    assert share_at(start, 50, limit, CN) == at("2026-03-03T10:00")
    assert share_at(start, 80, limit, CN) == at("2026-03-03T14:00")
    assert share_at(start, 100, limit, CN) == at("2026-03-03T16:00")
    held = [(at("2026-03-02T14:00"), at("2026-03-02T15:00"))]
    assert share_at(start, 50, limit, CN, held) == at("2026-03-03T11:00")
    for percent in (0, 101, -1):
        with pytest.raises(BadShare):
            share_at(start, percent, limit, CN)
