"""What may be entered about an absence, and whose turn it is."""

from __future__ import annotations

from datetime import date

import pytest

from ticketing.core.errors import Invalid
from ticketing.duty.rules import Away, check_deputy, check_others, check_period, in_turn, least_busy

TODAY = date(2026, 11, 23)
ANN, BOB, CAT = 1, 2, 3


def away(user_id: int, first: int, last: int, deputy_id: int | None = None) -> Away:
    return Away(user_id, date(2026, 12, first), date(2026, 12, last), deputy_id)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 12, 2), date(2026, 12, 1)),
        (date(2026, 11, 1), date(2026, 11, 22)),
        (date(2026, 12, 1), date(2028, 1, 1)),
    ],
)
def test_days_that_cannot_be_are_refused(starts_on, ends_on):
    with pytest.raises(Invalid) as refused:
        check_period(Away(ANN, starts_on, ends_on), TODAY)
    assert list(refused.value.fields) == ["ends_on"]


def test_today_can_be_entered_today():
    check_period(Away(ANN, date(2026, 11, 20), TODAY), TODAY)


@pytest.mark.parametrize(
    ("wanted", "known", "field"),
    [
        (away(ANN, 3, 5), away(ANN, 5, 8), "starts_on"),  # away already
        (away(ANN, 3, 5, BOB), away(BOB, 1, 3), "deputy_id"),  # the deputy is away
        (away(ANN, 3, 5, BOB), away(BOB, 4, 4, ANN), "deputy_id"),  # each for the other
        (away(BOB, 3, 5, CAT), away(ANN, 5, 9, BOB), "starts_on"),  # somebody relies on Bob
    ],
)
def test_overlaps_chains_and_circles_are_refused(wanted, known, field):
    with pytest.raises(Invalid) as refused:
        check_others(wanted, [known])
    assert list(refused.value.fields) == [field]


def test_what_does_not_meet_may_stand_side_by_side():
    check_others(away(ANN, 3, 5, BOB), [away(ANN, 6, 8), away(BOB, 1, 2), away(CAT, 3, 5, BOB)])


@pytest.mark.parametrize("deputy", [ANN, CAT])
def test_a_deputy_is_a_colleague_and_somebody_else(deputy):
    with pytest.raises(Invalid):
        check_deputy(away(ANN, 3, 5, deputy), [ANN, BOB])


def test_turns_go_round():
    assert in_turn([3, 1, 2], None) == [1, 2, 3]
    assert in_turn([3, 1, 2], 1) == [2, 3, 1]
    assert in_turn([3, 1], 2) == [3, 1]
    assert in_turn([1, 2, 3], 3) == [1, 2, 3]


def test_of_equals_it_is_whose_turn_it_is():
    assert least_busy([1, 2, 3], {1: 4, 2: 2, 3: 2}, 2) == 3
    assert least_busy([1, 2, 3], {1: 4, 2: 2, 3: 2}, None) == 2
    assert least_busy([1, 2], {1: 1}, None) == 2
