"""Changes of a calendar as pure rules: days gone by stay, what follows changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from ticketing.sla.rules.calendars import BadCalendar, DayRule, Era, WorkCalendar
from ticketing.sla.rules.changes import (
    BadDay,
    BadWindows,
    Hours,
    NothingChanges,
    Notice,
    SpecialDay,
    first_changed_day,
    off,
    read_windows,
    working,
)
from ticketing.sla.rules.china import CN, ROUND_THE_CLOCK, shipped_notice
from ticketing.sla.rules.notices import BadNotice, decoded, read_notice

TODAY = date(2026, 9, 22)  # Tuesday; mid-autumn and the October holiday are still to come
MORNING = ((time(9), time(12)),)
WINDOWS = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))


def notice(*lines: str) -> Notice:
    return Notice(tuple(read_notice(lines)))


def days_of(calendar: WorkCalendar, year: int) -> dict[date, DayRule]:
    return {on: rule for on, rule in calendar.days.items() if on.year == year}


def test_the_same_notice_again_changes_nothing():
    with pytest.raises(NothingChanges):
        Notice(tuple(shipped_notice(2026))).on(CN, TODAY)


def test_a_notice_for_the_running_year_replaces_only_what_is_to_come():
    new = notice("2026-10-01,holiday,国庆节", "2026-10-02,holiday,国庆节").on(CN, TODAY)

    before = {on: rule for on, rule in days_of(CN, 2026).items() if on < TODAY}
    assert len(before) > 20
    assert days_of(new, 2026) == before | {date(2026, 10, 1): off("国庆节"), date(2026, 10, 2): off("国庆节")}
    assert days_of(new, 2025) == days_of(CN, 2025)


def test_a_day_gone_by_keeps_its_hours_whatever_the_notice_calls_it():
    short = replace(CN, days={**CN.days, date(2026, 9, 20): working("短", MORNING)})

    new = notice("2026-09-20,workday,国庆节", "2026-10-01,holiday,国庆节").on(short, TODAY)

    assert new.windows_on(date(2026, 9, 20)) == MORNING


def test_a_day_gone_by_cannot_be_turned():
    with pytest.raises(BadNotice) as refused:
        notice("2026-10-01,holiday,国庆节", "2026-09-21,holiday,补").on(CN, TODAY)
    assert refused.value.facts == {"line": 2, "on": "2026-09-21"}


def test_today_can_still_be_turned():
    assert not notice(f"{TODAY},holiday,台风").on(CN, TODAY).is_working(TODAY)


def test_own_hours_of_days_to_come_stay_unless_the_notice_names_them():
    eve, other = date(2027, 2, 4), date(2027, 3, 1)
    short = replace(CN, days={**CN.days, eve: working("除夕前", MORNING), other: working("检修", MORNING)})

    new = notice("2027-02-05,holiday,春节", "2027-03-01,workday,x").on(short, TODAY)

    assert new.windows_on(eve) == MORNING
    assert new.windows_on(other) == CN.windows
    assert 2027 in new.published_years


def test_days_of_the_december_before_are_added():
    new = notice("2026-12-31,holiday,元旦", "2027-01-01,holiday,元旦", "2027-01-02,holiday,元旦").on(
        CN, TODAY
    )

    assert not new.is_working(date(2026, 12, 31))
    assert not new.is_working(date(2026, 10, 1))


@pytest.mark.parametrize("year", [2024, 2025, 2028, 2099])
def test_only_this_year_and_the_next_have_notices(year):
    with pytest.raises(BadNotice) as refused:
        notice(f"{year}-05-01,holiday,劳动节").on(CN, TODAY)
    assert refused.value.facts == {"year": year}


def test_later_hours_leave_earlier_days_alone():
    new = Hours(Era(date(2026, 10, 12), WINDOWS)).on(CN, TODAY)

    assert new.windows_on(date(2026, 10, 9)) == CN.windows
    assert new.windows_on(date(2026, 10, 12)) == WINDOWS
    assert first_changed_day(CN, new, (TODAY, date(2027, 12, 31))) == date(2026, 10, 12)


def test_hours_come_one_after_the_other_and_one_day_has_one():
    once = Hours(Era(date(2026, 12, 1), MORNING)).on(CN, TODAY)
    twice = Hours(Era(date(2026, 10, 12), WINDOWS)).on(once, TODAY)
    again = Hours(Era(date(2026, 12, 1), WINDOWS)).on(twice, TODAY)

    assert [era.starts_on.month for era in twice.eras] == [10, 12]
    assert twice.windows_on(date(2026, 12, 1)) == MORNING
    assert again.windows_on(date(2026, 12, 1)) == WINDOWS


def test_a_saturday_of_other_weekdays_is_no_make_up_day_but_works():
    new = Hours(Era(date(2026, 10, 12), WINDOWS, frozenset(range(6)))).on(CN, TODAY)

    assert new.is_working(date(2026, 10, 17))
    assert not new.is_working(date(2026, 10, 18))


@pytest.mark.parametrize(
    ("windows", "weekdays", "told"),
    [
        (((time(9), time(12)), (time(11), time(17))), range(5), "重叠"),
        (((time(17), time(9)),), range(5), "起止颠倒"),
        ((), range(5), "不足一分钟"),
        (MORNING, (), "没有一天开放"),
        (((time(9), time(9, 1)),), (0,), "一周只开放 1 分钟"),
        (((time(9), time(9, 59)),), (0,), "一周只开放 59 分钟"),
    ],
)
def test_hours_that_cannot_be_are_refused(windows, weekdays, told):
    with pytest.raises(BadCalendar) as refused:
        Hours(Era(date(2026, 10, 12), windows, frozenset(weekdays))).on(CN, TODAY)
    assert told in refused.value.text % refused.value.facts


@pytest.mark.parametrize("on", [date(2026, 9, 21), date(2029, 1, 1)])
def test_days_gone_by_or_far_away_are_refused(on):
    for change in (SpecialDay(on, off()), Hours(Era(on, MORNING))):
        with pytest.raises(BadDay):
            change.on(CN, TODAY)


def test_windows_are_read_as_people_write_them():
    assert read_windows("9:00-12:00\n13：00～17：00".replace("：", ":").replace("～", "~")) == CN.windows
    assert read_windows("00:00-24:00") == ROUND_THE_CLOCK.windows
    assert read_windows("09:00–12:00、13:00至17:00") == CN.windows
    assert read_windows(" \n") == ()


@pytest.mark.parametrize("text", ["9-12", "09:60-10:00", "24:00-25:00", "09:00", "x" * 300, "25:00-26:00"])
def test_windows_that_are_none_are_refused(text):
    with pytest.raises(BadWindows) as refused:
        read_windows(text)
    assert len(refused.value.facts["value"]) <= 40


def test_too_many_windows_are_refused():
    with pytest.raises(BadWindows):
        read_windows("\n".join(f"{hour:02}:00-{hour:02}:30" for hour in range(13)))


def test_files_are_read_in_both_encodings():
    assert decoded("\ufeff元旦".encode()) == "元旦"
    assert decoded("元旦".encode("gbk")) == "元旦"
    with pytest.raises(BadNotice):
        decoded(b"\xff\xff\xff")
