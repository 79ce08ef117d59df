"""When a message goes out: quiet hours, waiting for others, trying again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ticketing.core.local_day import DISTRICT_ZONE

LATE_HOLD = timedelta(seconds=60)
"""How long a message about something found out late waits for the others of its kind."""
LEASE = timedelta(seconds=30)
"""How long one sender may keep a message before another takes it over."""
SEND_SECONDS = 8.0
"""How long handing one message over may take; well within the lease."""
MAX_ATTEMPTS = 100
"""A guard against senders that die: with the shortest waits, too, GIVE_UP comes first."""
GIVE_UP = timedelta(hours=72)
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(hours=2)
_DOUBLINGS = 10
AT_ONCE = timedelta()
BROKEN_AFTER = 3
"""Tries after which a message that cannot be written is put aside."""
QUICK_ATTEMPTS = 2
"""A message whose sender died is taken up again at once so many times, then it waits like any other."""
BREAKER_OPENS_AT = 5
"""Failures in a row after which a destination is left alone."""
BREAKER_WAIT = timedelta(minutes=1)
ROBOT_GAP = timedelta(seconds=3)
"""Robots take twenty messages a minute."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the district's day in which nothing goes out; the end may lie on the next day."""

    start: time
    end: time

    def until(self, now: datetime) -> datetime | None:
        """Return the end of the quiet hours ``now`` lies in, None outside them. The end itself is outside."""
        local = now.astimezone(DISTRICT_ZONE)
        if self.start == self.end:
            return None
        if self.start < self.end:
            is_quiet, days = self.start <= local.time() < self.end, 0
        else:
            is_quiet = local.time() >= self.start or local.time() < self.end
            days = 1 if local.time() >= self.start else 0
        if not is_quiet:
            return None
        return datetime.combine(local.date() + timedelta(days=days), self.end, DISTRICT_ZONE)


def quiet_until(hours: Iterable[Quiet | None], now: datetime) -> datetime | None:
    """Return when a person of several roles may be written to; None: now. One role without rest is enough."""
    ends = [quiet.until(now) if quiet is not None else None for quiet in hours]
    if not ends or None in ends:
        return None
    return min(end for end in ends if end is not None)


def next_wait(attempts: int, luck: float) -> timedelta:
    """Return how long to wait after the ``attempts``-th failure; ``luck`` in [0, 1) spreads it over half.

    15 s at first, then twice as long each time, at most two hours.
    """
    doubled: int = 2 ** min(max(attempts - 1, 0), _DOUBLINGS)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT) * (1 - luck / 2)


def is_exhausted(attempts: int, give_up_at: datetime, now: datetime) -> bool:
    """Return whether trying again has come to its end."""
    return attempts >= MAX_ATTEMPTS or now >= give_up_at
