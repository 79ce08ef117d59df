"""Limits as people write them: 5wd, 4wh, 24h, 30min, 10cd."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from ticketing.core.errors import Invalid
from ticketing.core.text import N_

_WRITTEN = re.compile(r"([1-9][0-9]{0,8})(wd|wh|h|min|cd)", re.ASCII)
_SHOWN_CHARS = 20
SEARCH_DAYS = 400
"""No deadline lies further from its start (or from the last resumption) than this many days."""


class LimitUnit(StrEnum):
    """What one limit is counted in."""

    WORKING_DAYS = "wd"
    WORKING_HOURS = "wh"
    HOURS = "h"
    MINUTES = "min"
    CALENDAR_DAYS = "cd"


_MOST = {
    LimitUnit.WORKING_DAYS: SEARCH_DAYS,
    LimitUnit.WORKING_HOURS: SEARCH_DAYS * 24,
    LimitUnit.HOURS: SEARCH_DAYS * 24,
    LimitUnit.MINUTES: SEARCH_DAYS * 24 * 60,
    LimitUnit.CALENDAR_DAYS: SEARCH_DAYS,
}
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


class BadLimit(Invalid):
    """A limit that cannot be read, or is not between one and the longest allowed."""

    sentence = N_("期限“%(value)s”无法识别，请写成 5wd、4wh、24h、30min 或 10cd 的样子")


class LimitTooLong(BadLimit):
    """A limit beyond what any deadline may be away."""

    sentence = N_("期限“%(value)s”太长，最长为 %(most)s")


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of one unit, at least 1 and at most 400 days' worth. ``str()`` gives it as written."""

    amount: int
    unit: LimitUnit

    def __post_init__(self) -> None:
        most = _MOST[self.unit]
        if self.amount < 1:
            raise BadLimit(value=str(self))
        if self.amount > most:
            raise LimitTooLong(value=str(self), most=f"{most}{self.unit}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``5wd`` and the like; spaces around it are allowed. Raises BadLimit."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise BadLimit(value=text[:_SHOWN_CHARS])
        return cls(int(found[1]), LimitUnit(found[2]))

    @classmethod
    def longest(cls, unit: LimitUnit) -> Self:
        """Return the longest limit of a unit."""
        return cls(_MOST[unit], unit)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def is_round_the_clock(self) -> bool:
        """Whether the limit runs on the 24-hour clock and ignores every calendar."""
        return self.unit in {LimitUnit.HOURS, LimitUnit.MINUTES}

    @property
    def is_working_time(self) -> bool:
        """Whether time passes only while the calendar is open (working days and working hours)."""
        return self.unit in {LimitUnit.WORKING_DAYS, LimitUnit.WORKING_HOURS}

    @property
    def is_counted_in_days(self) -> bool:
        """Whether the limit counts days after the day of receipt and ends at a closing time."""
        return self.unit in {LimitUnit.WORKING_DAYS, LimitUnit.CALENDAR_DAYS}

    @property
    def hours_and_minutes(self) -> timedelta:
        """The length of an hour or minute limit; working hours count as hours. Not for days."""
        return self.amount * (_MINUTE if self.unit is LimitUnit.MINUTES else _HOUR)

    def halved(self) -> Limit:
        """Return the limit of a redo: half, rounded up, at least 1; odd wall-clock hours become minutes."""
        if self.unit is LimitUnit.HOURS and self.amount % 2:
            return Limit(self.amount * 30, LimitUnit.MINUTES)
        return Limit((self.amount + 1) // 2, self.unit)
