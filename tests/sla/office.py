"""Deadlines as the tables of cases write them: office hours, moments, the worked cases."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.sla.worked import WORKED
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.sla.rules.china import CN, OFFICE_WINDOWS
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit

SHANGHAI = ZoneInfo("Asia/Shanghai")
EIGHT = timezone(timedelta(hours=8))
HOUR = timedelta(hours=1)
CASES = [line.split(None, 3) for line in WORKED.splitlines() if line and not line.startswith("#")]


def at(text):
    """A moment as the tables write it: +08:00 unless it says so."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=EIGHT)


def due(limit, start, calendar=CN):
    return due_at(at(start), Limit.parse(limit), calendar).at


def office(**changes):
    facts = {"name": "test", "zone": SHANGHAI, "windows": OFFICE_WINDOWS, "follows_notices": False}
    return WorkCalendar(**{**facts, **changes})
