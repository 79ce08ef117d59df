"""Figures: what a rate, a percentile and a period are, and how each indicator is defined. Pure.

The indicators, all over the requests received in the period (the cohort), drafts never counted:

- assessed: received, without what was merged, withdrawn or not taken (rejected);
- closure rate: closed / assessed;
- signing, response and solution in time: clocks met in time / (met + breached + running past due);
- resolution rate: (solved + half of partly solved) / answered "is it solved?" (domain 1.8);
- satisfaction: rated 3 to 5 / rated;
- return rate: sent back at least once / dispatched;
- dispatch catalogue: what a unit asked to send back / what it leads now or sent back, by category;
- redo rate: in a second or later round / (closed or in such a round);
- hours to closure: wall-clock hours from receipt to closure of what is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Self

from ticketing.core.errors import Invalid
from ticketing.core.local_day import day_start
from ticketing.core.text import N_

USUAL_DAYS = 30
# Fewer requests than these make a rate that says nothing.
LEAST_SENT = 5
MAX_DAYS = 3660
_YEARS = range(1980, 2101)
_ONE_DAY = timedelta(days=1)
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it was made of. The numerator may hold halves."""

    numerator: int | float
    denominator: int

    @property
    def value(self) -> float | None:
        """The share between 0 and 1, unrounded; None when nothing was counted."""
        return self.numerator / self.denominator if self.denominator else None


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the value below which ``share`` (0 to 1) of ``ordered`` lies, between neighbours in proportion.

    ``ordered`` ascends; None when it is empty.
    """
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of some requests; tallies of different requests can be added.

    ``solved_halves`` counts a solved one as two and a partly solved one as one.
    """

    received: int = 0
    assessed: int = 0
    closed: int = 0
    open: int = 0
    rated: int = 0
    satisfied: int = 0
    revisited: int = 0
    solved_halves: int = 0
    dispatched: int = 0
    returned: int = 0
    finished: int = 0
    redone: int = 0
    sign_met: int = 0
    sign_due: int = 0
    respond_met: int = 0
    respond_due: int = 0
    resolve_met: int = 0
    resolve_due: int = 0

    def __add__(self, other: Self) -> Self:
        both = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        return type(self)(**both)

    @property
    def closure(self) -> Rate:
        """Closed of what was to be closed."""
        return Rate(self.closed, self.assessed)

    @property
    def sign_on_time(self) -> Rate:
        """Signed in time."""
        return Rate(self.sign_met, self.sign_due)

    @property
    def response(self) -> Rate:
        """Contacted in time."""
        return Rate(self.respond_met, self.respond_due)

    @property
    def on_time(self) -> Rate:
        """Answered within the promised time."""
        return Rate(self.resolve_met, self.resolve_due)

    @property
    def resolution(self) -> Rate:
        """Judged solved; partly solved counts half."""
        whole, half = divmod(self.solved_halves, 2)
        return Rate(whole + 0.5 if half else whole, self.revisited)

    @property
    def satisfaction(self) -> Rate:
        """Rated 3 to 5."""
        return Rate(self.satisfied, self.rated)

    @property
    def returns(self) -> Rate:
        """Sent back at least once."""
        return Rate(self.returned, self.dispatched)

    @property
    def redo(self) -> Rate:
        """Had to go round again."""
        return Rate(self.redone, self.finished)


@dataclass(frozen=True, slots=True)
class Sent:
    """One category at one unit: requests it got by dispatch, and those it asked to send back."""

    category: str
    unit_id: int
    sent: int
    returned: int

    @property
    def rate(self) -> Rate:
        """Sent back of what it got."""
        return Rate(self.returned, self.sent)


@dataclass(frozen=True, slots=True)
class Review:
    """The dispatch catalogue in the order of its review: the worst, too few to judge, and what needs none."""

    ranked: list[Sent]
    small: list[Sent]
    quiet: list[Sent]


def to_review(rows: Iterable[Sent], least: int = LEAST_SENT) -> Review:
    """Return ``rows`` by return rate, highest first; fewer than ``least`` requests are never ranked."""
    ordered = sorted(rows, key=lambda one: (-(one.rate.value or 0), -one.returned, -one.sent, one.category))
    back = [one for one in ordered if one.returned]
    return Review(
        ranked=[one for one in back if one.sent >= least],
        small=sorted((one for one in back if one.sent < least), key=lambda one: -one.returned),
        quiet=sorted((one for one in ordered if not one.returned), key=lambda one: -one.sent),
    )


class BadPeriod(Invalid):
    """A period that ends before it begins, lies out of reach or is endless."""

    sentence = N_("统计时段应从早到晚，最长十年")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the district, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        is_known = self.first.year in _YEARS and self.last.year in _YEARS
        if not is_known or not 0 <= (self.last - self.first).days < MAX_DAYS:
            raise BadPeriod

    @classmethod
    def ending(cls, today: date, days: int) -> Self:
        """Return the last ``days`` days, today included."""
        return cls(today - timedelta(days=days - 1), today)

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """Return a calendar month."""
        return cls(date(year, month, 1), _after_month(year, month) - _ONE_DAY)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The moment it begins."""
        return day_start(self.first)

    @property
    def end(self) -> datetime:
        """The moment it is over."""
        return day_start(self.last + _ONE_DAY)

    @property
    def is_month(self) -> bool:
        """Whether it is exactly one calendar month."""
        return self.first.day == 1 and self.last + _ONE_DAY == _after_month(self.first.year, self.first.month)

    @property
    def before(self) -> Self:
        """The period to compare with: the month before, or as many days just before."""
        eve = self.first - _ONE_DAY
        if self.is_month:
            return type(self)(eve.replace(day=1), eve)
        return type(self)(self.first - timedelta(days=self.days), eve)

    def each_day(self) -> list[date]:
        """Return its days in order."""
        return [self.first + timedelta(days=number) for number in range(self.days)]

    def each_month(self) -> list[Self]:
        """Return its months in order, the first and the last cut to the period."""
        found = []
        start = self.first
        while start <= self.last:
            end = min(_after_month(start.year, start.month) - _ONE_DAY, self.last)
            found.append(type(self)(start, end))
            start = end + _ONE_DAY
        return found


def _after_month(year: int, month: int) -> date:
    return date(year + 1, 1, 1) if month == _DECEMBER else date(year, month + 1, 1)


def read_period(days: str, month: str, first: str, last: str, today: date) -> Period:
    """Return the period an address asks for, by the first of these that is given; the last 30 days otherwise.

    Raises BadPeriod for anything that cannot be read.
    """
    try:
        if first or last:
            end = date.fromisoformat(last) if last else today
            start = date.fromisoformat(first) if first else end - timedelta(days=USUAL_DAYS - 1)
            return Period(start, end)
        if month:
            year, _, number = month.partition("-")
            return Period.month(int(year), int(number))
        return Period.ending(today, int(days) if days else USUAL_DAYS)
    except (ValueError, OverflowError) as wrong:
        raise BadPeriod from wrong
