"""The district's own day: moments are stored in UTC, but people's days begin at local midnight."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DISTRICT_ZONE = ZoneInfo("Asia/Shanghai")


def local_date(now: datetime) -> date:
    """Return the district's date at ``now``."""
    return now.astimezone(DISTRICT_ZONE).date()


def day_start(on: date) -> datetime:
    """Return the moment the district's day ``on`` begins."""
    return datetime.combine(on, time(), DISTRICT_ZONE)


def day_end(now: datetime) -> datetime:
    """Return the moment the district's present day ends."""
    return day_start(local_date(now) + timedelta(days=1))
