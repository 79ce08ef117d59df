"""When a light turns: warnings and the light of a ticket."""

from datetime import datetime

import pytest

from tests.sla.office import EIGHT, at
from ticketing.sla.rules.china import CN
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.lights import Light, light, warn_at
from ticketing.sla.rules.limits import Limit


@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        ("10wh", "2026-03-02T09:00", "2026-03-03T10:00"),  # due at 12:00, two of ten hours before
        ("5wd", "2026-03-02T17:00", "2026-03-06T17:00"),  # 35 h: 20 % is the whole of Monday 9
        ("5wd", "2026-03-02T09:00", "2026-03-06T15:36"),  # 42 h: 8 h 24 min, more than one day
        ("2wd", "2026-03-02T17:00", "2026-03-03T17:00"),  # one working day is more than 20 %
        ("1wd", "2026-03-02T17:00", "2026-03-03T15:36"),  # a single day: 20 % only
        ("15wd", "2026-03-01T12:00", "2026-03-17T17:00"),  # 105 h: 21 h are the last three days
        ("24h", "2026-03-02T10:00", "2026-03-03T05:12"),  # 4 h 48 min before
        ("30min", "2026-03-02T10:00", "2026-03-02T10:24"),
        ("2cd", "2026-03-02T10:00", "2026-03-03T17:00"),  # one working day before Wednesday's closing
        ("1cd", "2026-03-02T17:00", "2026-03-03T12:12"),  # 24 h: 4 h 48 min before
        ("3wd", "2026-09-30T17:00", "2026-10-09T17:00"),  # the make-up Saturday is the last day
    ],
)
def test_warning_comes_at_a_fifth_or_one_working_day(limit, start, expected):
    parsed = Limit.parse(limit)
    assert warn_at(at(start), due_at(at(start), parsed, CN).at, parsed, CN) == at(expected)


def test_warning_is_never_before_the_start_and_moves_with_the_deadline():
    start, limit = at("2026-03-03T16:00"), Limit.parse("2wd")
    assert warn_at(start, at("2026-03-03T17:00"), limit, CN) == start
    assert warn_at(start, at("2026-03-11T11:00"), limit, CN) == at("2026-03-10T11:00")


@pytest.mark.parametrize(
    ("hour", "facts", "expected"),
    [
        (9, {}, Light.GREEN),
        (12, {}, Light.YELLOW),
        (16, {}, Light.YELLOW),
        (17, {}, Light.RED),
        (18, {}, Light.RED),
        (9, {"unmet_due_at": [10]}, Light.GREEN),
        (10, {"unmet_due_at": [10]}, Light.YELLOW),
        (11, {"unmet_due_at": [15, 10]}, Light.YELLOW),
        (9, {"refused_returns": 1}, Light.GREEN),
        (9, {"refused_returns": 2}, Light.RED),
        (9, {"is_paused": True}, Light.GREY),
        (18, {"is_paused": True, "refused_returns": 2}, Light.GREY),
    ],
)
def test_light_of_an_open_ticket(hour, facts, expected):
    def clock(hour):
        return datetime(2026, 3, 2, hour, tzinfo=EIGHT)

    shown = light(
        clock(hour),
        clock(12),
        clock(17),
        facts.get("is_paused", False),
        [clock(late) for late in facts.get("unmet_due_at", [])],
        facts.get("refused_returns", 0),
    )
    assert shown is expected
