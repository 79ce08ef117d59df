"""When people act: moments inside the office hours of a calendar, and any time of day outside them."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

from ticketing.sla.rules.calendars import WorkCalendar

_DAY = timedelta(days=1)


class WorkTime:
    """The open time of a calendar between two dates, as one line that can be measured and walked."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self._opens: list[float] = []
        self._before: list[float] = []
        total = 0.0
        on = first
        while on <= last:
            for begin, end in calendar.open_stretches(on):
                self._opens.append(begin.timestamp())
                self._before.append(total)
                total += (end - begin).total_seconds()
            on += _DAY
        self._before.append(total)

    def spent(self, at: datetime) -> float:
        """Return the seconds of open time up to ``at``."""
        moment = at.timestamp()
        place = bisect_right(self._opens, moment) - 1
        if place < 0:
            return 0.0
        return min(self._before[place] + moment - self._opens[place], self._before[place + 1])

    def moment(self, spent: float) -> datetime:
        """Return the moment at which ``spent`` seconds of open time have passed, to the whole second."""
        place = bisect_right(self._before, spent, hi=len(self._opens)) - 1
        return datetime.fromtimestamp(int(self._opens[place] + spent - self._before[place]), UTC)

    def after(self, at: datetime, seconds: float) -> datetime:
        """Return the moment ``seconds`` of open time after ``at``."""
        return self.moment(self.spent(at) + seconds)

    def between(self, at: datetime, until: datetime, share: float) -> datetime:
        """Return the moment at ``share`` (0 to 1) of the open time from ``at`` to ``until``."""
        begin = self.spent(at)
        return self.moment(begin + share * max(self.spent(until) - begin, 0.0))
