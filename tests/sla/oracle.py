"""Deadlines found by stepping through the minutes one by one. Shares no code with the product, on purpose."""

from __future__ import annotations

import csv
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).parents[2] / "ticketing" / "sla" / "data"
MINUTE = timedelta(minutes=1)


def china_days(*years: int) -> dict[date, list[tuple[int, int]]]:
    """Exceptions of the published years: open minutes of the day as [from, to)."""
    days: dict[date, list[tuple[int, int]]] = {}
    for year in years:
        with (DATA / f"cn_{year}.csv").open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                works = row["kind"] == "workday"
                days[date.fromisoformat(row["date"])] = [(540, 720), (780, 1020)] if works else []
    return days


class Oracle:
    """All minutes of a stretch of time, each looked at once: its local date, and whether it is open."""

    def __init__(
        self,
        zone: str,
        windows: list[tuple[int, int]],
        weekdays: set[int],
        days: dict[date, list[tuple[int, int]]],
        first: date,
        last: date,
    ) -> None:
        self.first = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self.last = datetime(last.year, last.month, last.day, tzinfo=UTC)
        self.dates = array("l")
        self.opened = array("l", [0])  # opened[i]: open minutes before minute i
        self.closings: dict[int, int] = {}  # date ordinal: the minute after its last open one
        clock = ZoneInfo(zone)
        at, seen, opened, open_minutes = self.first, 0, 0, set[int]()
        for index in range(int((self.last - self.first) / MINUTE)):
            local = at.astimezone(clock)
            at += MINUTE
            day = local.toordinal()
            if day != seen:
                seen, on = day, local.date()
                today = days.get(on, windows if on.weekday() in weekdays else [])
                open_minutes = {minute for begin, end in today for minute in range(begin, end)}
            self.dates.append(day)
            if local.hour * 60 + local.minute in open_minutes:
                opened += 1
                self.closings[day] = index + 1
            self.opened.append(opened)

    def index(self, at: datetime) -> int:
        """The minute ``at`` lies in."""
        return int((at - self.first) // MINUTE)

    def due(self, start: datetime, amount: int, unit: str) -> datetime:
        """When the limit runs out; ``start`` is a whole minute."""
        return self.first + self._due(self.index(start), amount, unit) * MINUTE

    def _due(self, start: int, amount: int, unit: str) -> int:
        if unit in {"h", "min"}:
            return start + amount * (60 if unit == "h" else 1)
        if unit == "wh":
            # The first minute before which as many minutes were open as the limit has.
            return bisect_left(self.opened, self.opened[start] + amount * 60)
        on = self.dates[start]
        if unit == "cd":
            on += amount
            while on not in self.closings:
                on += 1
            return self.closings[on]
        while amount:
            on += 1
            amount -= on in self.closings
        return self.closings[on]

    def is_working(self, unit: str) -> bool:
        """Whether time passes in open minutes only."""
        return unit in {"wd", "wh"}

    def allowance(self, start: datetime, amount: int, unit: str) -> int:
        """Minutes the clock may run: open ones for working limits, all for the others."""
        begin = self.index(start)
        end = self._due(begin, amount, unit)
        return self.opened[end] - self.opened[begin] if self.is_working(unit) else end - begin

    def spent(
        self, start: datetime, until: datetime, unit: str, pauses: Iterable[tuple[datetime, datetime]]
    ) -> int:
        """Minutes that ran from ``start`` to ``until``, one by one, those in a pause left out."""
        begin, end = self.index(start), self.index(until)
        paused = bytearray(max(end - begin, 0))
        for stop, resume in pauses:
            for index in range(max(self.index(stop), begin), min(self.index(resume), end)):
                paused[index - begin] = 1
        return sum(self._runs(index, unit) for index in range(begin, end) if not paused[index - begin])

    def due_after_pauses(
        self, start: datetime, amount: int, unit: str, pauses: list[tuple[datetime, datetime]]
    ) -> datetime:
        """When the allowance is spent: stepping on until it is."""
        stopped = [(self.index(stop), self.index(resume)) for stop, resume in pauses]
        at = self.index(start)
        unpaused = self._due(at, amount, unit)
        left = self.allowance(start, amount, unit)
        while left:
            if not any(stop <= at < resume for stop, resume in stopped):
                left -= self._runs(at, unit)
            at += 1
        if unit == "cd" and at != unpaused:
            at = min(closing for closing in self.closings.values() if closing >= at)
        return self.first + at * MINUTE

    def _runs(self, index: int, unit: str) -> int:
        return self.opened[index + 1] - self.opened[index] if self.is_working(unit) else 1
