"""Hand-worked deadlines with pauses, extensions and short days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest

from tests.sla.worked_pauses import PAUSED, SHORT
from ticketing.sla.rules.calendars import DayKind, DayRule, WorkCalendar
from ticketing.sla.rules.china import CN
from ticketing.sla.rules.deadlines import allowance, due_after_pauses, elapsed
from ticketing.sla.rules.explain import explain
from ticketing.sla.rules.limits import Limit

EIGHT = timezone(timedelta(hours=8))
MORNING = ((time(9), time(12)),)
WITH_SHORT_DAYS = WorkCalendar(
    "short",
    CN.zone,
    CN.windows,
    {
        **CN.days,
        date(2026, 12, 31): DayRule(DayKind.WORKDAY, "元旦前", MORNING),
        date(2026, 12, 19): DayRule(DayKind.WORKDAY, "换班", ((time(10), time(12)),)),
    },
    CN.published_years,
)


def at(text: str) -> datetime:
    dated = text if text[:4].isdigit() and text[4] == "-" else f"2026-{text}"
    return datetime.fromisoformat(dated).replace(tzinfo=EIGHT)


def cases(table: str, calendar: WorkCalendar):
    for line in table.splitlines():
        if not line or line.startswith("#"):
            continue
        limit, start, due, pauses, rest = line.split(None, 4)
        extra = int(rest.split()[0]) if rest.startswith("+") else 0
        held = [] if pauses == "none" else [tuple(map(at, one.split("/"))) for one in pauses.split(",")]
        name = f"{limit} {start} {pauses}{f' +{extra}' if extra else ''}"
        yield pytest.param(calendar, Limit.parse(limit), at(start), due, held, extra, id=name)


CASES = [*cases(PAUSED, CN), *cases(SHORT, WITH_SHORT_DAYS)]


def test_the_table_has_fifty_cases():
    assert len(CASES) >= 50


@pytest.mark.parametrize(("calendar", "limit", "start", "due", "pauses", "extra"), CASES)
def test_deadline_is_as_worked_by_hand(calendar, limit, start, due, pauses, extra):
    deadline = due_after_pauses(start, limit, calendar, pauses, extra)

    assert deadline.at.astimezone(EIGHT) == at(due.rstrip("?"))
    assert deadline.is_provisional is due.endswith("?")
    spans = explain(start, limit, calendar, pauses, extra)
    assert (spans[0].start, spans[-1].end) == (start, deadline.at)
    left = allowance(start, limit, calendar, extra) - elapsed(start, deadline.at, limit, calendar, pauses)
    assert left <= timedelta()
