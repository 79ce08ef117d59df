"""How often somebody may ask."""

from __future__ import annotations

import pytest

from ticketing.core import pace
from ticketing.core.errors import TooMany
from ticketing.core.pace import Pace


def test_one_too_many_is_told_when_to_come_back():
    guard = Pace(2, 10.0)
    guard.step("a", 0.0)
    guard.step("a", 4.0)

    with pytest.raises(TooMany) as caught:
        guard.step("a", 5.0)

    assert caught.value.extra == {"retry_after_seconds": 5}
    guard.step("b", 5.0)
    guard.step("a", 10.0)


def test_those_who_have_long_gone_are_forgotten(monkeypatch):
    monkeypatch.setattr(pace, "MOST_REMEMBERED", 3)
    guard = Pace(1, 1.0)

    for number in range(4):
        guard.step(number, float(number))

    assert list(guard._times) == [3]
