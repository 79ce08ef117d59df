"""What holds for every start, limit, calendar and pause."""

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.sla.rules.calendars import DayKind, DayRule, Era, WorkCalendar
from ticketing.sla.rules.china import CN, ROUND_THE_CLOCK
from ticketing.sla.rules.deadlines import (
    allowance,
    due_after_pauses,
    due_at,
    elapsed,
    extended,
    open_time,
    remaining_at,
    share_at,
)
from ticketing.sla.rules.explain import explain
from ticketing.sla.rules.lights import Light, light, warn_at
from ticketing.sla.rules.limits import Limit, LimitUnit

NOTHING = timedelta()
INSTANT = timedelta(microseconds=1)
MOST = {"wd": 40, "wh": 200, "h": 900, "min": 20000, "cd": 60}
every = settings(max_examples=150, deadline=None, derandomize=True)


@st.composite
def limits(draw, units=tuple(LimitUnit)):
    unit = draw(st.sampled_from(units))
    return Limit(draw(st.integers(1, MOST[unit])), unit)


def windows(dice):
    cuts = sorted(dice.sample(range(1440), 2 * dice.randint(1, 3)))
    times = [time(minute // 60, minute % 60) for minute in cuts]
    return tuple(zip(times[::2], times[1::2], strict=True))


def weekdays(dice):
    return frozenset(dice.sample(range(7), dice.randint(3, 7)))


def dates(dice, most):
    return [date(2026, 1, 1) + timedelta(days=day) for day in dice.sample(range(365), dice.randint(0, most))]


def day_rule(dice):
    kinds = [DayRule(DayKind.HOLIDAY, "假"), DayRule(DayKind.WORKDAY, "班")]
    return dice.choice([*kinds, DayRule(DayKind.WORKDAY, "短", windows(dice))])


def own_calendar(seed):
    dice = random.Random(seed)
    return WorkCalendar(
        name=f"drawn from {seed}",
        zone=ZoneInfo(dice.choice(["Asia/Shanghai", "UTC", "America/New_York"])),
        windows=windows(dice),
        days={on: day_rule(dice) for on in dates(dice, 30)},
        weekdays=weekdays(dice),
        follows_notices=False,
        eras=tuple(Era(on, windows(dice), weekdays(dice)) for on in dates(dice, 2)),
    )


def own_calendars():
    """Calendars made from one number each: to draw their hundred parts took most of these tests' time."""
    return st.integers(0, 99_999).map(own_calendar)


# Narrow windows can need more than the search bound for 200 working hours; days and wall time never do.
fixed = st.sampled_from([CN, ROUND_THE_CLOCK])
any_case = st.one_of(
    st.tuples(limits(), fixed),
    st.tuples(limits((LimitUnit.WORKING_DAYS, LimitUnit.CALENDAR_DAYS, LimitUnit.MINUTES)), own_calendars()),
)
working_case = st.tuples(limits((LimitUnit.WORKING_DAYS, LimitUnit.WORKING_HOURS)), fixed)
moments = st.datetimes(datetime(2025, 6, 1), datetime(2026, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001
spells = st.timedeltas(NOTHING, timedelta(days=20))


@st.composite
def pauses_after(draw, start):
    found = []
    for _ in range(draw(st.integers(0, 4))):
        stop = start + draw(st.timedeltas(timedelta(days=-2), timedelta(days=20)))
        found.append((stop, stop + draw(spells)))
    return found


@every
@given(any_case, moments, spells, st.data())
def test_elapsed_and_remaining_are_the_allowance_at_every_instant(case, start, spell, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))
    extra = data.draw(st.integers(0, 5))

    spent = elapsed(start, start + spell, limit, calendar, pauses)
    left = remaining_at(start, start + spell, limit, calendar, pauses, extra)

    assert spent + left == allowance(start, limit, calendar, extra)


@every
@given(any_case, moments, st.data())
def test_the_allowance_is_spent_at_the_deadline_and_not_an_instant_before(case, start, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))

    due = due_after_pauses(start, limit, calendar, pauses).at

    if limit.unit is LimitUnit.CALENDAR_DAYS:  # may be moved on to a closing
        assert remaining_at(start, due, limit, calendar, pauses) <= NOTHING
    else:
        assert remaining_at(start, due, limit, calendar, pauses) == NOTHING
        assert remaining_at(start, due - INSTANT, limit, calendar, pauses) == INSTANT


@every
@given(any_case, moments, spells, spells, st.data())
def test_elapsed_never_falls_and_never_grows_faster_than_time(case, start, one, two, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))
    first, second = start + min(one, two), start + max(one, two)

    grown = elapsed(start, second, limit, calendar, pauses) - elapsed(start, first, limit, calendar, pauses)

    assert NOTHING <= grown <= second - first
    if limit.is_working_time:
        assert grown <= open_time(first, second, calendar)


@every
@given(any_case, moments, spells)
def test_pausing_and_resuming_at_once_changes_nothing(case, start, spell):
    limit, calendar = case
    at_once = [(start + spell, start + spell)]

    assert due_after_pauses(start, limit, calendar, at_once) == due_at(start, limit, calendar)


@every
@given(working_case, moments, st.data())
def test_pause_outside_open_hours_changes_no_working_deadline(case, start, data):
    limit, _ = case
    night = CN.closing((start + data.draw(spells)).date())
    stop = night + data.draw(st.timedeltas(NOTHING, timedelta(hours=8)))
    resume = stop + data.draw(st.timedeltas(NOTHING, night + timedelta(hours=16) - stop))

    if open_time(stop, resume, CN) == NOTHING:
        assert due_after_pauses(start, limit, CN, [(stop, resume)]).at == due_at(start, limit, CN).at


@every
@given(limits((LimitUnit.HOURS, LimitUnit.MINUTES)), moments, own_calendars())
def test_the_24_hour_clock_ignores_calendars(limit, start, calendar):
    assert due_at(start, limit, calendar) == due_at(start, limit, CN)
    assert due_at(start, limit, calendar).at - start == allowance(start, limit, CN)


@every
@given(any_case, moments, st.data())
def test_more_allowance_is_never_earlier(case, start, data):
    limit, calendar = case
    more = Limit(limit.amount + data.draw(st.integers(1, 10)), limit.unit)
    pauses = data.draw(pauses_after(start))

    assert due_at(start, limit, calendar).at <= due_at(start, more, calendar).at
    shorter, longer = (due_after_pauses(start, each, calendar, pauses).at for each in (limit, more))
    assert shorter <= longer


@every
@given(any_case, moments, spells)
def test_a_later_start_is_never_due_earlier(case, start, spell):
    limit, calendar = case
    assert due_at(start, limit, calendar).at <= due_at(start + spell, limit, calendar).at


@every
@given(any_case, moments, st.data())
def test_a_longer_pause_is_never_due_earlier(case, start, data):
    limit, calendar = case
    stop = start + data.draw(spells)
    resume = stop + data.draw(spells)
    later = resume + data.draw(spells)

    first = due_after_pauses(start, limit, calendar, [(stop, resume)]).at
    second = due_after_pauses(start, limit, calendar, [(stop, later)]).at

    assert due_at(start, limit, calendar).at <= first <= second


@every
@given(any_case, moments, st.data())
def test_order_and_overlap_of_pauses_do_not_matter(case, start, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))
    due = due_after_pauses(start, limit, calendar, pauses)

    assert due_after_pauses(start, limit, calendar, pauses[::-1]) == due
    assert due_after_pauses(start, limit, calendar, pauses + pauses) == due
    split = [
        half
        for stop, end in pauses
        for half in ((stop, stop + (end - stop) / 2), (stop + (end - stop) / 2, end))
    ]
    assert due_after_pauses(start, limit, calendar, split) == due


@every
@given(moments, st.integers(1, 20), st.integers(1, 20), own_calendars())
def test_an_extension_is_as_good_as_a_longer_limit(start, days, extra, calendar):
    first = due_at(start, Limit(days, LimitUnit.WORKING_DAYS), calendar).at
    whole = due_at(start, Limit(days + extra, LimitUnit.WORKING_DAYS), calendar).at

    assert extended(first, extra, calendar).at == whole


@every
@given(any_case, moments)
def test_the_explanation_covers_all_time_and_counts_right(case, start):
    limit, calendar = case
    due = due_at(start, limit, calendar).at
    spans = explain(start, limit, calendar)

    assert (spans[0].start, spans[-1].end) == (start, due)
    assert all(one.end == two.start for one, two in pairwise(spans))
    assert all(span.start < span.end and span.reason for span in spans)
    counted = [span for span in spans if span.is_counted]
    if limit.is_counted_in_days:
        assert len(counted) == limit.amount
    else:
        assert sum((span.end - span.start for span in counted), NOTHING) == limit.hours_and_minutes


@every
@given(any_case, moments, st.integers(0, 4), st.data())
def test_the_explanation_of_a_paused_or_extended_clock_covers_all_time_too(case, start, extra, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))
    due = due_after_pauses(start, limit, calendar, pauses, extra).at
    spans = explain(start, limit, calendar, pauses, extra)

    assert (spans[0].start, spans[-1].end) == (start, due)
    assert all(one.end == two.start for one, two in pairwise(spans))
    counted = [span for span in spans if span.is_counted]
    if due != due_after_pauses(start, limit, calendar, [], extra).at:
        whole = allowance(start, limit, calendar, extra)
        assert sum((span.end - span.start for span in counted), NOTHING) == whole
        assert (
            sum((elapsed(one.start, one.end, limit, calendar, pauses) for one in counted), NOTHING) == whole
        )
    elif limit.is_counted_in_days:
        assert len(counted) == limit.amount + extra


@every
@given(any_case, moments, spells)
def test_the_light_goes_green_yellow_red_and_never_back(case, start, spell):
    limit, calendar = case
    due = due_at(start, limit, calendar).at
    warned = warn_at(start, due, limit, calendar)

    assert start <= warned <= due
    order = [Light.GREEN, Light.YELLOW, Light.RED]
    shown = [light(start + spell * n / 4, warned, due, is_paused=False) for n in range(5)]
    assert [order.index(one) for one in shown] == sorted(order.index(one) for one in shown)


@every
@given(any_case, moments)
def test_at_the_warning_a_fifth_or_a_day_is_left_and_more_before(case, start):
    limit, calendar = case
    due = due_at(start, limit, calendar).at
    warned = warn_at(start, due, limit, calendar)
    fifth = allowance(start, limit, calendar) * 20 // 100
    usual = calendar.hours_on(calendar.local_date(due)).day_length

    if warned > start:
        before = warned - INSTANT
        assert remaining_at(start, before, limit, calendar) > fifth
        if limit.is_counted_in_days and limit.amount >= 2:
            assert open_time(before, due, calendar) > usual
    is_by_day = limit.is_counted_in_days and open_time(warned, due, calendar) <= usual
    assert remaining_at(start, warned, limit, calendar) <= fifth or is_by_day


@every
@given(any_case, moments, st.integers(1, 99), st.data())
def test_a_share_is_reached_in_order_and_exactly(case, start, percent, data):
    limit, calendar = case
    pauses = data.draw(pauses_after(start))

    reached = share_at(start, percent, limit, calendar, pauses)

    assert (
        elapsed(start, reached, limit, calendar, pauses) == allowance(start, limit, calendar) * percent // 100
    )
    assert start < reached <= share_at(start, percent + 1, limit, calendar, pauses)


@every
@given(st.sampled_from([Limit(1, unit) for unit in LimitUnit]), moments, st.integers(1, 4))
def test_whole_weeks_shift_deadlines_by_whole_weeks_without_holidays(limit, start, weeks):
    plain = WorkCalendar("plain", CN.zone, CN.windows, follows_notices=False)
    shift = timedelta(weeks=weeks)

    assert due_at(start + shift, limit, plain).at == due_at(start, limit, plain).at + shift
