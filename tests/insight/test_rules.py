"""Rates, percentiles and periods, without a database."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.insight.rules import BadPeriod, Period, Rate, Tally, percentile, read_period

TODAY = date(2026, 11, 23)


def test_a_rate_without_anything_counted_has_no_value():
    assert Rate(0, 0).value is None
    assert Rate(0, 4).value == 0
    assert Rate(93, 100).value == 0.93


def test_partly_solved_counts_half():
    assert Tally(solved_halves=2 + 2 + 1, revisited=4).resolution == Rate(2.5, 4)
    assert isinstance(Tally(solved_halves=4, revisited=4).resolution.numerator, int)


def test_tallies_add_up():
    assert Tally(received=2, closed=1) + Tally(received=3, sign_due=1) == Tally(
        received=5, closed=1, sign_due=1
    )


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7], 0.9, 7), ([1, 2], 0.5, 1.5), ([1, 2, 3, 4, 5], 0.9, 4.6), ([1, 2, 3], 1, 3)],
)
def test_percentiles(values, share, expected):
    assert percentile(values, share) == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_the_middle_is_the_median(values):
    assert percentile(sorted(values), 0.5) == pytest.approx(statistics.median(values))


def test_a_period_covers_whole_days_of_the_district():
    period = Period(date(2026, 11, 22), date(2026, 11, 23))

    assert period.start == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert period.days == 2


def test_days_compare_with_the_days_before():
    assert Period.ending(TODAY, 7).before == Period(date(2026, 11, 10), date(2026, 11, 16))


@pytest.mark.parametrize(
    ("month", "before"),
    [
        ((2026, 3), Period(date(2026, 2, 1), date(2026, 2, 28))),
        ((2026, 1), Period(date(2025, 12, 1), date(2025, 12, 31))),
        ((2026, 12), Period(date(2026, 11, 1), date(2026, 11, 30))),
    ],
)
def test_a_month_compares_with_the_month_before(month, before):
    assert Period.month(*month).before == before


def test_months_are_cut_to_the_period():
    found = Period(date(2026, 11, 20), date(2027, 1, 5)).each_month()

    assert found == [
        Period(date(2026, 11, 20), date(2026, 11, 30)),
        Period(date(2026, 12, 1), date(2026, 12, 31)),
        Period(date(2027, 1, 1), date(2027, 1, 5)),
    ]


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 900))
def test_periods_join_without_gap_and_months_cover_every_day(last, days):
    period = Period.ending(last, days)

    assert period.before.end == period.start
    assert sum(month.days for month in period.each_month()) == days == len(period.each_day())


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("", "", "", ""), Period.ending(TODAY, 30)),
        (("7", "", "", ""), Period.ending(TODAY, 7)),
        (("", "2026-10", "", ""), Period(date(2026, 10, 1), date(2026, 10, 31))),
        (("7", "", "2026-01-01", "2026-01-31"), Period(date(2026, 1, 1), date(2026, 1, 31))),
        (("", "", "2026-11-01", ""), Period(date(2026, 11, 1), TODAY)),
        (("", "", "", "2026-11-10"), Period(date(2026, 10, 12), date(2026, 11, 10))),
    ],
)
def test_an_address_names_a_period(asked, expected):
    days, month, first, last = asked

    assert read_period(days, month, first, last, TODAY) == expected


@pytest.mark.parametrize(
    "asked",
    [
        ("0", "", "", ""),
        ("-3", "", "", ""),
        ("x", "", "", ""),
        ("9999999999", "", "", ""),
        ("", "2026-13", "", ""),
        ("", "2026", "", ""),
        ("", "0000-01", "", ""),
        ("", "", "2026-11-30", "2026-11-01"),
        ("", "", "1900-01-01", "2026-11-01"),
        ("", "", "0001-01-01", "0001-01-02"),
        ("", "", "bad", ""),
    ],
)
def test_nonsense_is_refused(asked):
    days, month, first, last = asked

    with pytest.raises(BadPeriod):
        read_period(days, month, first, last, TODAY)
