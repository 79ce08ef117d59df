"""How often somebody may ask for something that is only a comfort: counted in this process, by the stopwatch.

Several processes count each for itself, so this guards a process against being kept busy; what must hold for
the whole site (wrong passwords, say) is counted in the database instead.
"""

from __future__ import annotations

import math
import time
from collections import deque
from threading import Lock

from ticketing.core.errors import TooMany

MOST_REMEMBERED = 10_000


class Pace:
    """At most ``most`` times within ``seconds`` for each key."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._times: dict[object, deque[float]] = {}
        self._lock = Lock()

    def step(self, key: object, at: float | None = None) -> None:
        """Count one more for ``key``; raise TooMany with the seconds to wait. ``at``: the stopwatch's."""
        now = time.monotonic() if at is None else at
        with self._lock:
            times = self._times.setdefault(key, deque(maxlen=self.most))
            while times and times[0] <= now - self.seconds:
                times.popleft()
            if len(times) == self.most:
                wait = math.ceil(times[0] + self.seconds - now)
                raise TooMany(extra={"retry_after_seconds": wait})
            times.append(now)
            if len(self._times) > MOST_REMEMBERED:
                self._forget(now)

    def _forget(self, now: float) -> None:
        self._times = {key: held for key, held in self._times.items() if held[-1] > now - self.seconds}
