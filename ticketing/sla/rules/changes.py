"""What may be changed of a working calendar, and what cannot be: days gone by stay as they were.

Each change gives a new calendar; the old one is never touched. A day before today keeps its hours, for open
clocks have counted them already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.sla.rules.calendars import (
    ONE_DAY,
    BadCalendar,
    DayKind,
    DayRule,
    Era,
    Window,
    WorkCalendar,
)
from ticketing.sla.rules.notices import BadNotice, NoticeDay, day_rules, notice_year

LEAST_OPEN_A_WEEK = timedelta(hours=1)
FURTHEST_CHANGE = timedelta(days=731)
MOST_WINDOWS = 12
_WINDOW = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–—~至]\s*([0-9]{1,2}):([0-9]{2})")
_BETWEEN = re.compile(r"[\n,;，；、]+")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}", re.ASCII)
_TAKEN = {"new"}
_SHOWN_CHARS = 40
_MIDNIGHT = 24


class BadWindows(BadCalendar):
    """Opening hours that cannot be read; the sentence says why."""

    sentence = N_("“%(value)s”无法识别，请写成 09:00-12:00 的样子，一行一段")


class BadDay(BadCalendar):
    """A date that cannot be changed."""

    sentence = N_("请选择今天或以后、两年以内的日期；过去的日子不能改")


class BadName(BadCalendar):
    """A name no calendar can have."""

    sentence = N_("日历名称“%(value)s”不能用，请用小写字母开头的字母、数字和短横，最多 20 个字符，例如 night")


class NothingChanges(Invalid):
    """The calendar is like that already."""

    sentence = N_("与现行日历相同，没有需要改的")


@dataclass(frozen=True, slots=True)
class Notice:
    """A year's notice of holidays and of days worked in exchange."""

    days: tuple[NoticeDay, ...]

    @property
    def year(self) -> int:
        """The year it belongs to."""
        return notice_year(self.days)

    def on(self, calendar: WorkCalendar, today: date) -> WorkCalendar:
        """Return ``calendar`` with the days of the notice, from ``today`` on, and its year published.

        Days with hours of their own that the notice does not name stay. Raises BadNotice, NothingChanges.
        """
        year = self.year
        if not today.year <= year <= today.year + 1:
            raise BadNotice(N_("这是 %(year)s 年的通知，只能导入今年或明年的"), year=year)
        told = day_rules(self.days)
        self._check_past(calendar, told, today)
        kept = {
            on: rule
            for on, rule in calendar.days.items()
            if on.year != year or on < today or rule.windows is not None
        }
        new = replace(
            calendar,
            days=kept | {on: rule for on, rule in told.items() if on >= today},
            published_years=calendar.published_years | {year},
        )
        if not any(new.open_stretches(on) for on in _days_of(year)):
            raise BadNotice(N_("按这份通知，%(year)s 年没有一天开放"), year=year)
        return _changed(calendar, new)

    def _check_past(self, calendar: WorkCalendar, told: Mapping[date, DayRule], today: date) -> None:
        for day in self.days:
            is_same = calendar.is_working(day.on) is told[day.on].is_working
            if day.on < today and not is_same:
                raise BadNotice(
                    N_("第 %(line)s 行的日期 %(on)s 已经过去，不能再改它是否上班"),
                    line=day.line,
                    on=day.on.isoformat(),
                )


@dataclass(frozen=True, slots=True)
class Hours:
    """Other opening hours and weekdays from a date on."""

    era: Era

    def on(self, calendar: WorkCalendar, today: date) -> WorkCalendar:
        """Return ``calendar`` with these hours from their date on; later changes of hours stay.

        Raises BadDay, BadWindows, BadCalendar, NothingChanges.
        """
        _check_day(self.era.starts_on, today)
        others = [era for era in calendar.eras if era.starts_on != self.era.starts_on]
        new = replace(calendar, eras=(*others, self.era))
        _check_open(calendar.name, self.era)
        return _changed(calendar, new)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One date that is off, or that works, with hours of its own if ``rule`` has windows."""

    day: date
    rule: DayRule

    def on(self, calendar: WorkCalendar, today: date) -> WorkCalendar:
        """Return ``calendar`` with this day. Raises BadDay, BadCalendar, NothingChanges."""
        _check_day(self.day, today)
        return _changed(calendar, replace(calendar, days={**calendar.days, self.day: self.rule}))


Change = Notice | Hours | SpecialDay


def new_calendar(name: str, hours: Era, like: WorkCalendar, *, follows_notices: bool) -> WorkCalendar:
    """Return a calendar of its own hours; one that follows the notices has the holidays of ``like``.

    Raises BadName, BadCalendar.
    """
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise BadName(value=name[:_SHOWN_CHARS])
    notices = {on: rule for on, rule in like.days.items() if rule.windows is None}
    made = WorkCalendar(
        name=name,
        zone=like.zone,
        windows=hours.windows,
        weekdays=hours.weekdays,
        days=notices if follows_notices else {},
        published_years=like.published_years if follows_notices else frozenset(),
        follows_notices=follows_notices,
    )
    _check_open(name, hours)
    return made


def _check_open(name: str, hours: Era) -> None:
    """Refuse hours that are open too little."""
    open_a_week = hours.day_length * len(hours.weekdays)
    if open_a_week < LEAST_OPEN_A_WEEK:
        raise BadCalendar(
            N_("日历“%(calendar)s”一周只开放 %(minutes)s 分钟，至少要 %(least)s 分钟"),
            calendar=name,
            minutes=open_a_week // timedelta(minutes=1),
            least=LEAST_OPEN_A_WEEK // timedelta(minutes=1),
        )


def read_windows(text: str) -> tuple[Window, ...]:
    """Return the windows somebody typed, one a line or with commas; 24:00 is the end of the day.

    Whether they overlap or are empty is for the calendar to say. Raises BadWindows.
    """
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]
    if len(pieces) > MOST_WINDOWS:
        raise BadWindows(N_("最多 %(most)s 段"), most=MOST_WINDOWS)
    return tuple(_window(piece) for piece in pieces)


def _window(piece: str) -> Window:
    found = _WINDOW.fullmatch(piece)
    if found is None:
        raise BadWindows(value=piece[:_SHOWN_CHARS])
    opens_hour, opens_minute, hour, minute = map(int, found.groups())
    try:
        opens = time(opens_hour, opens_minute)
        return opens, time.max if (hour, minute) == (_MIDNIGHT, 0) else time(hour, minute)
    except ValueError:
        raise BadWindows(value=piece[:_SHOWN_CHARS]) from None


def first_changed_day(old: WorkCalendar, new: WorkCalendar, between: Sequence[date]) -> date | None:
    """Return the first date from ``between[0]`` to ``between[1]`` that the two tell differently, if any."""
    on, last = between
    while on <= last:
        if old.open_stretches(on) != new.open_stretches(on):
            return on
        on += ONE_DAY
    return None


def _check_day(on: date, today: date) -> None:
    if not today <= on <= today + FURTHEST_CHANGE:
        raise BadDay


def _changed(old: WorkCalendar, new: WorkCalendar) -> WorkCalendar:
    facts = ("windows", "days", "eras", "published_years", "weekdays")
    if all(getattr(old, name) == getattr(new, name) for name in facts):
        raise NothingChanges
    return new


def _days_of(year: int) -> Iterable[date]:
    on = date(year, 1, 1)
    while on.year == year:
        yield on
        on += ONE_DAY


def off(name: str = "") -> DayRule:
    """Return the rule of a day off."""
    return DayRule(DayKind.HOLIDAY, name)


def working(name: str = "", windows: tuple[Window, ...] | None = None) -> DayRule:
    """Return the rule of a day that works, with ``windows`` of its own if given."""
    return DayRule(DayKind.WORKDAY, name, windows or None)
