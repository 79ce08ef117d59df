"""Working calendars: which days work, when they open and close. Windows are half-open [open, close)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from ticketing.core.errors import Invalid
from ticketing.core.text import N_

Window = tuple[time, time]
Stretch = tuple[datetime, datetime]
K = TypeVar("K")
V = TypeVar("V")

ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
MONDAY_TO_FRIDAY = frozenset(range(5))
_EVERY_DAY = frozenset(range(7))
_REMEMBERED = 4096
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


class BadCalendar(Invalid):
    """A calendar that could never work; the sentence says why."""

    sentence = N_("日历“%(calendar)s”不能使用")


class BadMoment(Invalid):
    """A point in time that cannot be used."""

    sentence = N_("时间“%(value)s”无法识别，请写成 2026-09-18T10:00+08:00 的样子")


class DayKind(StrEnum):
    """What an annual notice says about one day."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


@dataclass(frozen=True, slots=True)
class DayRule:
    """An exception for one date: a holiday, a make-up workday, or (with own windows) a short day."""

    kind: DayKind
    name: str = ""
    windows: tuple[Window, ...] | None = None

    @property
    def is_working(self) -> bool:
        """Whether the date works."""
        return self.kind is DayKind.WORKDAY


@dataclass(frozen=True, slots=True)
class Era:
    """The hours of a calendar from a date on: other windows, other normal weekdays."""

    starts_on: date
    windows: tuple[Window, ...]
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY

    @property
    def day_length(self) -> timedelta:
        """Open time of one normal working day."""
        return _open_time(self.windows)


@dataclass(frozen=True)
class WorkCalendar:
    """When work is done, in local time of ``zone``. Raises BadCalendar when it could never be open.

    ``windows`` hold on a normal day; an end of 00:00 or ``time.max`` means 24:00. ``days`` are the
    exceptions. ``published_years`` have their annual notice: a deadline that had to look at any other year is
    provisional, unless the calendar does not follow the notices at all. ``weekdays`` are the normal working
    ones, Monday is 0. ``eras``, if any, replace windows and weekdays from their dates on.
    """

    name: str
    zone: ZoneInfo
    windows: tuple[Window, ...]
    days: Mapping[date, DayRule] = field(default_factory=dict, hash=False)
    published_years: frozenset[int] = frozenset()
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    follows_notices: bool = True
    eras: tuple[Era, ...] = ()
    # Filled as days are asked for. Every thread would write the same answer, so no lock is needed.
    _stretches: dict[date, tuple[Stretch, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _nth: dict[tuple[date, int, int], date] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _totals: dict[tuple[date, date], timedelta] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", self._checked(self.windows))
        days = {on: self._checked_rule(on, rule) for on, rule in self.days.items()}
        object.__setattr__(self, "days", MappingProxyType(days))
        eras = [replace(era, windows=self._checked(era.windows)) for era in self.eras]
        object.__setattr__(self, "eras", tuple(sorted(eras, key=lambda era: era.starts_on)))
        for era in (self.hours_on(date.min), *self.eras):
            if not era.weekdays or not era.weekdays <= _EVERY_DAY:
                raise BadCalendar(N_("日历“%(calendar)s”一周中没有一天开放"), calendar=self.name)
            if era.day_length < _ONE_MINUTE:
                raise BadCalendar(N_("日历“%(calendar)s”平常日开放不足一分钟"), calendar=self.name)

    def _checked(self, windows: Iterable[Window]) -> tuple[Window, ...]:
        ordered = tuple(sorted(windows))
        for opens, closes in ordered:
            if _since_midnight(opens) >= _until_end(closes):
                raise BadCalendar(
                    N_("日历“%(calendar)s”的时段 %(window)s 是空的或起止颠倒"),
                    calendar=self.name,
                    window=shown((opens, closes)),
                )
        for earlier, later in pairwise(ordered):
            if _until_end(earlier[1]) > _since_midnight(later[0]):
                raise BadCalendar(
                    N_("日历“%(calendar)s”的时段 %(window)s 与 %(other)s 重叠"),
                    calendar=self.name,
                    window=shown(earlier),
                    other=shown(later),
                )
        return ordered

    def _checked_rule(self, on: date, rule: DayRule) -> DayRule:
        if rule.windows is None:
            return rule
        windows = self._checked(rule.windows)
        if bool(windows) is not rule.is_working:
            raise BadCalendar(
                N_("日历“%(calendar)s”的 %(on)s:上班日要有时段，放假日不能有时段"),
                calendar=self.name,
                on=on.isoformat(),
            )
        return DayRule(rule.kind, rule.name, windows)

    def hours_on(self, on: date) -> Era:
        """Return the windows and weekdays in force on ``on``."""
        place = bisect_right(self.eras, on, key=lambda era: era.starts_on) if self.eras else 0
        return self.eras[place - 1] if place else self._first_era

    @cached_property
    def _first_era(self) -> Era:
        return Era(date.min, self.windows, self.weekdays)

    def local_date(self, at: datetime) -> date:
        """Return the date the calendar's clocks show at ``at``."""
        return at.astimezone(self.zone).date()

    def is_working(self, on: date) -> bool:
        """Return whether ``on`` is a working day."""
        rule = self.days.get(on)
        return on.weekday() in self.hours_on(on).weekdays if rule is None else rule.is_working

    def windows_on(self, on: date) -> tuple[Window, ...]:
        """Return the local windows of ``on``; empty when it does not work."""
        rule = self.days.get(on)
        if rule is not None and rule.windows is not None:
            return rule.windows
        return self.hours_on(on).windows if self.is_working(on) else ()

    def open_stretches(self, on: date) -> tuple[Stretch, ...]:
        """Return the moments (UTC) between which ``on`` is open, in order and never overlapping."""
        known = self._stretches.get(on)
        return _remember(self._stretches, on, self._found_stretches(on)) if known is None else known

    def _found_stretches(self, on: date) -> tuple[Stretch, ...]:
        found: list[Stretch] = []
        for opens, closes in self.windows_on(on):
            begin, end = self._moment(on, _since_midnight(opens)), self._moment(on, _until_end(closes))
            if found:  # a clock put forward may push an opening past the previous closing
                begin = max(begin, found[-1][1])
            if begin < end:
                found.append((begin, end))
        return tuple(found)

    def open_days(self, first: date, last: date) -> timedelta:
        """Return how long the calendar is open from the beginning of ``first`` to the end of ``last``."""
        known = self._totals.get((first, last))
        return _remember(self._totals, (first, last), self._total(first, last)) if known is None else known

    def _total(self, first: date, last: date) -> timedelta:
        total, on = timedelta(), first
        while on <= last:
            total += sum((end - begin for begin, end in self.open_stretches(on)), timedelta())
            on += ONE_DAY
        return total

    def nth_working(self, after: date, count: int, most: int) -> date | None:
        """Return the ``count``-th working day after a date; None when it is not among the next ``most``."""
        key = (after, count, most)
        known = self._nth.get(key)
        if known is None and (found := self._found_nth(*key)):
            return _remember(self._nth, key, found)
        return known

    def _found_nth(self, after: date, count: int, most: int) -> date | None:
        on, left = after, count
        for _ in range(most):
            on += ONE_DAY
            left -= self.is_working(on)
            if not left:
                return on
        return None

    def closing(self, on: date) -> datetime:
        """Return the moment (UTC) at which the working day ``on`` ends."""
        stretches = self.open_stretches(on)
        return stretches[-1][1] if stretches else self.midnight(on + ONE_DAY)

    def midnight(self, on: date) -> datetime:
        """Return the moment (UTC) at which the local date ``on`` begins."""
        return self._moment(on, timedelta())

    def _moment(self, on: date, since_midnight: timedelta) -> datetime:
        """The moment of a local clock time; one that comes twice is meant the first time."""
        local = datetime.combine(on, time.min) + since_midnight
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def is_provisional(self, first: date, last: date) -> bool:
        """Return whether any date from ``first`` to ``last`` lies in a year without its notice."""
        if not self.follows_notices:
            return False
        return any(year not in self.published_years for year in range(first.year, last.year + 1))


@lru_cache(maxsize=256)
def _open_time(windows: tuple[Window, ...]) -> timedelta:
    return sum((_until_end(end) - _since_midnight(begin) for begin, end in windows), timedelta())


def _remember(known: dict[K, V], key: K, found: V) -> V:
    """Keep an answer; when there are many, begin anew, so that no process fills up."""
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = found
    return found


def utc(at: datetime) -> datetime:
    """Return ``at`` in UTC; raise BadMoment when it is naive or outside the years 1970 to 9000."""
    if at.tzinfo is UTC and _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return at
    if at.tzinfo is None or at.utcoffset() is None:
        raise BadMoment(N_("时间“%(value)s”没有时区，请在末尾写上 +08:00 或 Z"), value=at.isoformat())
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise BadMoment(N_("时间“%(value)s”超出可计算的年份"), value=at.isoformat())
    return at.astimezone(UTC)


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _until_end(at: time) -> timedelta:
    return ONE_DAY if at in {time.min, time.max} else _since_midnight(at)


def shown(window: Window) -> str:
    """The window as people write it: 09:00-12:00."""
    begin, end = window
    return f"{begin:%H:%M}-{'24:00' if _until_end(end) == ONE_DAY else format(end, '%H:%M')}"
