"""What fires besides the steps of clocks, and when: causes without a clock, notices, notes owed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ticketing.sla.rules.calendars import ONE_DAY, WorkCalendar
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import SEARCH_DAYS, Limit
from ticketing.sla.rules.steps import Audience
from ticketing.sla.words import Metric

RETURNS, REDOS, UNITS, SIMILAR = 2, 2, 3, 5
SIMILAR_WITHIN = timedelta(days=30)
NOTE_EVERY = Limit.parse("10wd")
RETURNED = f"returns-{RETURNS}"
REDONE = f"redos-{REDOS}"
MANY_UNITS = f"units-{UNITS}"
ALIKE = f"similar-{SIMILAR}"
NOTICE = "notice"
NOTE = "note"
MOST_NOTES = 40
# Whom each cause calls for; the written notice is copied to supervision.
CALLED: dict[str, tuple[Audience, ...]] = {
    RETURNED: (Audience.SUPERVISION, Audience.DISTRICT_LEADER),
    REDONE: (Audience.SUPERVISION, Audience.DISTRICT_LEADER),
    MANY_UNITS: (Audience.PARENT, Audience.SUPERVISION),
    ALIKE: (Audience.PARENT, Audience.SUPERVISION),
    NOTICE: (Audience.UNIT_LEADER, Audience.SUPERVISION),
    NOTE: (Audience.HANDLER, Audience.UNIT_LEADER),
}


class Due(NamedTuple):
    """One step that is to fire: its name, the moment it fell on (UTC), whom it calls for.

    A tuple, as is what fired: both are made thousands of times a second.
    """

    step: str
    moment: datetime
    audience: tuple[Audience, ...]
    metric: Metric | None = None
    clock_id: int | None = None
    is_late: bool = False
    unit_id: int | None = None  # of a part: the unit that owes it


@dataclass(frozen=True, slots=True)
class Counts:
    """What the causes without a clock count of one ticket, and which of them have fired.

    ``units`` that had or have part in the present cycle, ``similar`` requests of the company in the same
    category within thirty days; ``fired`` in any cycle, ``fired_now`` in the present one.
    """

    cycle: int
    returns: int
    units: int
    similar: int
    fired: frozenset[str] = frozenset()
    fired_now: frozenset[str] = frozenset()


def causes(counts: Counts) -> list[str]:
    """Return the causes that are to fire, each once: of returns and likeness ever, of the others a cycle."""
    found = []
    if counts.returns >= RETURNS and RETURNED not in counts.fired:
        found.append(RETURNED)
    if counts.cycle > REDOS and REDONE not in counts.fired_now:
        found.append(REDONE)
    if counts.units >= UNITS and MANY_UNITS not in counts.fired_now:
        found.append(MANY_UNITS)
    if counts.cycle == 1 and counts.similar >= SIMILAR and ALIKE not in counts.fired:
        found.append(ALIKE)
    return found


def notice_at(due: datetime, calendar: WorkCalendar) -> datetime:
    """Return when the written notice is due: the opening of the first working day after expiry."""
    on = calendar.local_date(due)
    for _ in range(SEARCH_DAYS):
        on += ONE_DAY
        stretches = calendar.open_stretches(on)
        if stretches:
            return stretches[0][0]
    return due + timedelta(days=SEARCH_DAYS)


def notes_owed(
    since: datetime, now: datetime, calendar: WorkCalendar, fired: Collection[str]
) -> Iterator[tuple[str, datetime]]:
    """Yield the name and the moment of each reminder of a progress note since ``since``, up to the next one.

    ``since`` is the last word on a suspended ticket or the last reminder; the last pair yielded lies ahead.
    """
    number = sum(1 for step in fired if step.startswith(f"{NOTE}-"))
    at = since
    for _ in range(MOST_NOTES):
        number += 1
        at = due_at(at, NOTE_EVERY, calendar).at
        yield f"{NOTE}-{number}", at
        if at > now:
            return
