"""The default calendar: office hours of the district, with the notices shipped as data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from importlib.resources import files
from zoneinfo import ZoneInfo

from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.notices import NoticeDay, day_rules, read_notice

SHIPPED_YEARS = (2025, 2026)
OFFICE_WINDOWS = ((time(9), time(12)), (time(13), time(17)))
_ZONE = ZoneInfo("Asia/Shanghai")


def shipped_notice(year: int) -> Sequence[NoticeDay]:
    """Return the State Council's notice of one of SHIPPED_YEARS."""
    text = files("ticketing.sla").joinpath(f"data/cn_{year}.csv").read_text(encoding="utf-8")
    return read_notice(text.splitlines())


CN = WorkCalendar(
    name="cn",
    zone=_ZONE,
    windows=OFFICE_WINDOWS,
    days={on: rule for year in SHIPPED_YEARS for on, rule in day_rules(shipped_notice(year)).items()},
    published_years=frozenset(SHIPPED_YEARS),
)

ROUND_THE_CLOCK = WorkCalendar(
    name="h24",
    zone=_ZONE,
    windows=((time.min, time.max),),
    weekdays=frozenset(range(7)),
    follows_notices=False,
)
