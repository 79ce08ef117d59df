"""Random deadlines against the minute-stepping oracle, in calendars of several kinds and under several TZ.

The usual run takes some 20,000; SLA_ORACLE_CASES=1000000 takes a million. Every run repeats from its seed.
"""

import os
import random
import time as clock
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from tests.sla.oracle import Oracle, china_days
from ticketing.sla.rules.calendars import DayKind, DayRule, Era, WorkCalendar
from ticketing.sla.rules.china import CN, OFFICE_WINDOWS, ROUND_THE_CLOCK
from ticketing.sla.rules.deadlines import due_after_pauses, due_at, elapsed
from ticketing.sla.rules.explain import explain
from ticketing.sla.rules.limits import Limit, LimitUnit

CASES = int(os.environ.get("SLA_ORACLE_CASES", "20000"))
HISTORIES = max(CASES // 50, 400)
MINUTE = timedelta(minutes=1)
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
AMOUNTS = {"wd": 45, "wh": 250, "h": 900, "min": 20000, "cd": 70}
SMALL = {"wd": 5, "wh": 20, "h": 60, "min": 2000, "cd": 5}
OFFICE = [(540, 720), (780, 1020)]
WEEK = {0, 1, 2, 3, 4}
# Three windows a day with one until midnight, a working Sunday, a free Wednesday, short days and holidays.
ODD_DAYS = {
    date(2026, 3, 8): [(600, 660)],
    date(2026, 3, 11): [],
    date(2026, 3, 12): [(485, 701), (1439, 1440)],
    date(2026, 4, 1): [(0, 1440)],
    date(2026, 4, 2): [],
    date(2026, 4, 3): [],
}


def clock_time(minutes):
    return time(minutes // 60, minutes % 60) if minutes < 1440 else time.max


def windows(pairs):
    return tuple((clock_time(begin), clock_time(end)) for begin, end in pairs)


def odd_calendar(zone):
    days = {
        on: DayRule(DayKind.WORKDAY, windows=windows(pairs)) if pairs else DayRule(DayKind.HOLIDAY)
        for on, pairs in ODD_DAYS.items()
    }
    return WorkCalendar(
        name="odd",
        zone=ZoneInfo(zone),
        windows=windows([(485, 700), (760, 1001), (1320, 1440)]),
        days=days,
        weekdays=frozenset({0, 1, 3, 4, 5}),
        follows_notices=False,
    )


def odd_oracle(zone):
    shifts = [(485, 700), (760, 1001), (1320, 1440)]
    return Oracle(zone, shifts, {0, 1, 3, 4, 5}, ODD_DAYS, date(2026, 1, 1), date(2026, 12, 1))


def opening(year, month):
    return datetime(year, month, 2, tzinfo=UTC)


def china():
    oracle = Oracle("Asia/Shanghai", OFFICE, WEEK, china_days(2025, 2026), date(2025, 1, 1), date(2027, 5, 1))
    return CN, oracle, (opening(2025, 1), opening(2027, 1))


def summer_time():
    plain = WorkCalendar("plain", ZoneInfo("Asia/Shanghai"), OFFICE_WINDOWS, follows_notices=False)
    oracle = Oracle("Asia/Shanghai", OFFICE, WEEK, {}, date(1986, 1, 1), date(1987, 7, 1))
    return plain, oracle, (opening(1986, 1), opening(1987, 3))


def round_the_clock():
    oracle = Oracle("Asia/Shanghai", [(0, 1440)], set(range(7)), {}, date(2026, 1, 1), date(2026, 9, 1))
    return ROUND_THE_CLOCK, oracle, (opening(2026, 1), opening(2026, 5))


def odd_in_new_york():
    return (
        odd_calendar("America/New_York"),
        odd_oracle("America/New_York"),
        (opening(2026, 1), opening(2026, 7)),
    )


def odd_on_lord_howe():
    zone = "Australia/Lord_Howe"  # half an hour of summer time
    return odd_calendar(zone), odd_oracle(zone), (opening(2026, 1), opening(2026, 7))


def seasons():
    """Other hours, Saturdays included, from 16 March on, and back again from 1 June on."""
    summer = Era(date(2026, 3, 16), windows([(510, 720), (810, 1050)]), frozenset(range(6)))
    calendar = WorkCalendar(
        name="seasons",
        zone=ZoneInfo("Asia/Shanghai"),
        windows=OFFICE_WINDOWS,
        days={date(2026, 4, 3): DayRule(DayKind.HOLIDAY)},
        follows_notices=False,
        eras=(Era(date(2026, 6, 1), OFFICE_WINDOWS), summer),
    )
    days = {}
    on = date(2026, 3, 16)
    while on < date(2026, 6, 1):
        days[on] = [(510, 720), (810, 1050)] if on.weekday() < 6 and on != date(2026, 4, 3) else []
        on += timedelta(days=1)
    oracle = Oracle("Asia/Shanghai", OFFICE, WEEK, days, date(2026, 1, 1), date(2026, 12, 1))
    return calendar, oracle, (opening(2026, 1), opening(2026, 7))


WORLDS = [china, summer_time, round_the_clock, odd_in_new_york, odd_on_lord_howe, seasons]


@cache
def world(make):
    """A calendar beside its oracle, and the time its starts are drawn from."""
    return make()


@contextmanager
def machine_zone(zone):
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    clock.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        clock.tzset()


def drawn(dice, between, amounts):
    first, last = between
    start = first + dice.randrange((last - first) // MINUTE) * MINUTE
    unit = dice.choice(list(amounts))
    return start, dice.randint(1, amounts[unit]), unit


@pytest.mark.parametrize("make", WORLDS)
@pytest.mark.parametrize("zone", ZONES)
def test_random_deadlines_are_those_of_the_oracle(zone, make):
    calendar, oracle, between = world(make)
    dice = random.Random(f"{zone} {make.__name__}")

    with machine_zone(zone):
        for _ in range(CASES // (len(ZONES) * len(WORLDS))):
            start, amount, unit = drawn(dice, between, AMOUNTS)
            due = due_at(start, Limit(amount, LimitUnit(unit)), calendar).at
            assert due == oracle.due(start, amount, unit), f"{amount}{unit} from {start}"


@pytest.mark.parametrize("make", WORLDS)
def test_random_pauses_are_those_of_the_oracle(make):
    calendar, oracle, between = world(make)
    dice = random.Random(make.__name__)

    for _ in range(HISTORIES // len(WORLDS)):
        start, amount, unit = drawn(dice, between, SMALL)
        limit = Limit(amount, LimitUnit(unit))
        pauses = []
        for _ in range(dice.randint(0, 4)):
            stop = start + dice.randrange(-600, 6000) * MINUTE
            pauses.append((stop, stop + dice.choice([0, 1, 30, 480, 1440, 4000]) * MINUTE))
        until = start + dice.randrange(12000) * MINUTE

        due = due_after_pauses(start, limit, calendar, pauses).at
        spent = elapsed(start, until, limit, calendar, pauses)

        assert due == oracle.due_after_pauses(start, amount, unit, pauses), f"{limit} from {start}, {pauses}"
        assert spent == oracle.spent(start, until, unit, pauses) * MINUTE, f"{limit} from {start}, {pauses}"


@pytest.mark.parametrize("make", WORLDS)
def test_counted_spans_of_working_hours_are_open_in_the_oracle_and_the_others_are_not(make):
    calendar, oracle, between = world(make)
    dice = random.Random(f"spans {make.__name__}")

    for _ in range(200):
        start, amount, _ = drawn(dice, between, {"wh": 40})
        for span in explain(start, Limit(amount, LimitUnit.WORKING_HOURS), calendar):
            minutes = oracle.spent(span.start, span.end, "wh", [])
            assert minutes == ((span.end - span.start) // MINUTE if span.is_counted else 0)


def test_the_oracle_agrees_with_a_wall_calendar():
    _, oracle, _ = world(china)
    assert oracle.due(datetime(2026, 9, 18, 2, tzinfo=UTC), 5, "wd") == datetime(2026, 9, 24, 9, tzinfo=UTC)
    assert oracle.due(datetime(2026, 9, 18, 7, tzinfo=UTC), 4, "wh") == datetime(2026, 9, 20, 3, tzinfo=UTC)
    assert oracle.due(datetime(2026, 9, 21, 7, tzinfo=UTC), 10, "cd") == datetime(2026, 10, 8, 9, tzinfo=UTC)
