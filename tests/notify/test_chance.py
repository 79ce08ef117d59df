"""Waiting is spread by chance: what failed together does not come back together."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from ticketing.notify.rules import timing


def test_those_who_failed_at_once_try_again_apart():
    lucks = [number / 10 for number in range(10)]

    for attempts in (1, 3, 8, 40):
        waits = [timing.next_wait(attempts, luck) for luck in lucks]
        assert all(later < earlier for earlier, later in pairwise(waits))
        assert waits[0] - waits[-1] > waits[0] * 0.4
        assert waits[-1] > timedelta(0)
