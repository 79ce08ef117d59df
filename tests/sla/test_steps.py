"""Steps of warning and escalation: their names, audiences and moments, by hand and by property."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.deadlines import due_after_pauses, elapsed
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import DEFAULT, LADDER, MOST_STEPS, Audience, BadSteps, Course, read, step_at

ZONE = ZoneInfo("Asia/Shanghai")
CN = WorkCalendar("cn", ZONE, ((time(9), time(12)), (time(13), time(17))))
WORDS = ["handler"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE).astimezone(UTC)


def course(limit: str, start: str, pauses: list[tuple[str, str]] = (), extra_days: int = 0) -> Course:  # type: ignore[assignment]
    stretches = [(at(begin), at(end)) for begin, end in pauses]
    due = due_after_pauses(at(start), Limit.parse(limit), CN, stretches, extra_days).at
    return Course(at(start), Limit.parse(limit), CN, due, stretches, extra_days)


# Limit, start in 2026 (Monday 23 November: a plain working day), pauses, extra days; 50, 80, 100, +24h, +48h.
TABLE = [
    ("4wh", "11-23 09:00", [], 0, "11-23 11:00, 11-23 13:12, 11-23 14:00, 11-24 14:00, 11-25 14:00"),
    ("4wh", "11-23 15:00", [], 0, "11-23 17:00, 11-24 10:12, 11-24 11:00, 11-25 11:00, 11-26 11:00"),
    ("1wd", "11-23 10:00", [], 0, "11-24 09:30, 11-24 14:24, 11-24 17:00, 11-25 17:00, 11-26 17:00"),
    ("1wd", "11-27 17:30", [], 0, "11-30 13:30, 11-30 15:36, 11-30 17:00, 12-01 17:00, 12-02 17:00"),
    ("24h", "11-28 08:00", [], 0, "11-28 20:00, 11-29 03:12, 11-29 08:00, 11-30 08:00, 12-01 08:00"),
    ("30min", "11-23 12:10", [], 0, "11-23 12:25, 11-23 12:34, 11-23 12:40, 11-24 12:40, 11-25 12:40"),
    # Two hours of it stood still: everything after comes two open hours later.
    (
        "4wh", "11-23 09:00", [("11-23 10:00", "11-23 13:00")], 0,
        "11-23 14:00, 11-23 15:12, 11-23 16:00, 11-24 16:00, 11-25 16:00",
    ),
    # A pause after the due moment moves only what comes after it.
    (
        "4wh", "11-23 09:00", [("11-23 20:00", "11-25 20:00")], 0,
        "11-23 11:00, 11-23 13:12, 11-23 14:00, 11-26 14:00, 11-27 14:00",
    ),
    # Extended by one working day: the allowance is 13 and 7 more open hours.
    ("1wd", "11-23 10:00", [], 1, "11-24 14:00, 11-25 12:00, 11-25 17:00, 11-26 17:00, 11-27 17:00"),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "start", "pauses", "extra_days", "expected"), TABLE)
def test_moments_worked_by_hand(limit, start, pauses, extra_days, expected):
    known = course(limit, start, pauses, extra_days)

    found = [step_at(DEFAULT, number, known) for number in range(5)]

    assert [f"{moment.astimezone(ZONE):%m-%d %H:%M}" for moment in found if moment] == expected.split(", ")


def test_the_names_are_stable_and_the_audience_rises_to_the_top_and_stays_there():
    names = [step.name for number in range(8) if (step := DEFAULT.at(number))]
    tops = [LADDER.index(max(step.audience, key=LADDER.index)) for n in range(9) if (step := DEFAULT.at(n))]

    assert names == ["50", "80", "100", "100+24h", "100+48h", "100+72h", "100+96h", "100+120h"]
    assert tops == sorted(tops)
    assert tops[0] == 0
    assert tops[-1] == len(LADDER) - 1


def test_a_plan_without_further_steps_ends():
    plan = read([{"percent": 100, "audience": WORDS}])

    assert plan.at(1) is None
    assert step_at(plan, 1, course("4wh", "11-23 09:00")) is None


def test_further_steps_add_up_and_the_last_repeats():
    plan = read(
        [
            {"percent": 100, "audience": WORDS},
            {"every_hours": 2, "audience": ["unit_leader"]},
            {"every_hours": 12, "audience": ["supervision"]},
        ]
    )

    steps = [plan.at(number) for number in range(1, 5)]

    assert [(step.name, step.audience[0].value) for step in steps if step] == [
        ("100+2h", "unit_leader"),
        ("100+14h", "supervision"),
        ("100+26h", "supervision"),
        ("100+38h", "supervision"),
    ]


def test_the_default_is_what_is_read_from_nothing_and_survives_storing():
    assert read(None) is DEFAULT
    assert read(DEFAULT.as_json()) == DEFAULT


@pytest.mark.parametrize(
    ("stored", "complaint"),
    [
        ([], "1 到 20 步"),
        ([{"percent": n + 1, "audience": WORDS} for n in range(MOST_STEPS + 1)], "1 到 20 步"),
        ("50", "无法识别"),
        ([{"percent": 50}], "无法识别"),
        ([{"percent": 50, "audience": WORDS, "color": "red"}], "无法识别"),
        ([{"percent": 50, "audience": ["boss"]}], "不认识的告知对象"),
        ([{"percent": 50, "audience": []}], "都要有告知对象"),
        ([{"percent": 0, "audience": WORDS}], "1 到 100"),
        ([{"percent": 101, "audience": WORDS}], "1 到 100"),
        ([{"percent": 80, "audience": WORDS}, {"percent": 50, "audience": WORDS}], "由小到大"),
        ([{"percent": 80, "audience": WORDS}, {"percent": 80, "audience": WORDS}], "由小到大"),
        ([{"every_hours": 24, "audience": WORDS}, {"percent": 100, "audience": WORDS}], "之前"),
        ([{"every_hours": 0, "audience": WORDS}], "小时之间"),
        ([{"every_hours": 721, "audience": WORDS}], "小时之间"),
        ([{"percent": 50, "every_hours": 24, "audience": WORDS}], "要么"),
        ([{"percent": 50.5, "audience": WORDS}], "整数"),
        ([{"percent": True, "audience": WORDS}], "整数"),
    ],
)
def test_steps_that_make_no_sense_are_refused_with_the_reason(stored, complaint):
    with pytest.raises(BadSteps) as caught:
        read(stored)

    assert complaint in caught.value.text % {"most": 20, "known": "", **caught.value.facts}


LIMITS = st.sampled_from(["30min", "2h", "24h", "4wh", "1wd", "5wd", "10wd", "10cd"])
STARTS = st.integers(0, 300 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
PAUSES = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 5_000)), max_size=3)


@given(LIMITS, STARTS, PAUSES)
def test_steps_come_in_order_at_their_share_and_none_before_it(text, start, gaps):
    limit, pauses, begin = Limit.parse(text), [], start
    for wait, length in gaps:
        begin += timedelta(minutes=wait)
        pauses.append((begin, begin + timedelta(minutes=length)))
        begin += timedelta(minutes=length)
    due = due_after_pauses(start, limit, CN, pauses).at
    known = Course(start, limit, CN, due, pauses)

    moments = [step_at(DEFAULT, number, known) for number in range(8)]

    assert None not in moments
    assert moments == sorted(moments)  # type: ignore[type-var] # none is None
    assert moments[2] == due
    spent = [elapsed(start, moment, limit, CN, pauses) for moment in moments[:2] if moment]
    whole = spent[0] * 2
    assert abs(spent[1] - whole * 8 / 10) <= timedelta(seconds=1)
    for moment in moments[:3]:
        assert not any(stop < moment < resume for stop, resume in pauses if resume < due)


def test_more_time_is_never_earlier():
    first, later = course("5wd", "11-23 10:00"), course("5wd", "11-23 10:00", extra_days=3)

    for number in range(6):
        one, other = step_at(DEFAULT, number, first), step_at(DEFAULT, number, later)
        assert one is not None
        assert other is not None
        assert one < other


def test_the_ladder_is_the_order_of_the_words():
    assert [word.value for word in LADDER] == [
        "handler", "unit_leader", "parent", "supervision", "district_leader",
    ] == [word.value for word in Audience]  # fmt: skip
