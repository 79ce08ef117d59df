"""New versions of working calendars: what would move, and the change itself.

Only the version is made here. Open clocks are counted anew, batch by batch, where their tickets are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    column,
    func,
    not_,
    or_,
    select,
    table,
    update,
)

from ticketing.core import audit
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db, transaction
from ticketing.core.errors import ChangedMeanwhile, Invalid, NotPermitted
from ticketing.core.text import N_
from ticketing.sla import queries
from ticketing.sla.models import Calendar, CalendarDay, Clock
from ticketing.sla.rules.calendars import Era, Stretch, Window, WorkCalendar
from ticketing.sla.rules.changes import FURTHEST_CHANGE, Change, first_changed_day
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.words import Metric

PREVIEWED_AT_ONCE = 1000


class CalendarChanged(ChangedMeanwhile):
    """Somebody else made a version after this one was looked at."""

    sentence = N_("在您核对期间，工作日历已被他人更新，请重新核对")


class NameTaken(Invalid):
    """There is a calendar of that name."""

    sentence = N_("已有同名的工作日历")

    def __init__(self) -> None:
        super().__init__(fields={"name": [self.sentence]})


@dataclass(frozen=True, slots=True)
class Shift:
    """An open promise that a change of the calendar would move; moments in UTC."""

    number: str
    metric: Metric
    old: datetime
    new: datetime


# Tickets belong to the feature above; a preview only says which ones.
_TICKETS = table("tickets", column("id", Integer), column("number", String))
_SHIFTING = (
    select(
        Clock.id, Clock.metric, Clock.limit, Clock.started_at, Clock.due_at, Clock.extra_days,
        Clock.calendar_id, _TICKETS.c.number,
    )
    .join(_TICKETS, _TICKETS.c.id == Clock.ticket_id)
    .where(Clock.id > bindparam("after"), queries.IS_OPEN)
    .order_by(Clock.id)
    .limit(PREVIEWED_AT_ONCE)
)  # fmt: skip


def shifts(name: str, new: WorkCalendar, since: date) -> Iterator[Shift]:
    """Yield the open promises on calendar ``name`` that ``new`` would move, as they are stored.

    ``new`` is as before up to ``since``, a local date, so what is due earlier is not even read. Raises
    NoWorkingTime when a promise could never be kept by ``new``.
    """
    same_name = select(Calendar.id).where(Calendar.name == name)
    wanted = _SHIFTING.where(
        Clock.calendar_id.in_(same_name), Clock.due_at >= new.midnight(since), not_(_runs_by_the_clock())
    )
    counting, last_id = _Counting(new), 0
    while rows := db.session.execute(wanted, {"after": last_id}).all():
        last_id = rows[-1].id
        pauses = queries.pauses_of([row.id for row in rows])
        for row in rows:
            before, after = counting.both(row, queries.ended_stretches(pauses[row.id]))
            if before != after:
                yield Shift(row.number, row.metric, row.due_at, after)


class _Counting:
    """Due moments by a promise's own calendar and by a new one; a day's promises are mostly alike."""

    def __init__(self, new: WorkCalendar) -> None:
        self._new = new
        self._known: dict[tuple[int, str, date, int], tuple[datetime, datetime]] = {}

    def both(self, row: Row[Any], stretches: list[Stretch]) -> tuple[datetime, datetime]:
        """Return when the promise is due by its own calendar, and when by the new one."""
        if stretches or row.limit.endswith("h"):  # neither of them depends on the day of receipt alone
            return self._counted(row, stretches)
        key = (row.calendar_id, row.limit, self._new.local_date(row.started_at), row.extra_days)
        if key not in self._known:
            self._known[key] = self._counted(row, stretches)
        return self._known[key]

    def _counted(self, row: Row[Any], stretches: list[Stretch]) -> tuple[datetime, datetime]:
        own = queries.calendar_by_id(row.calendar_id)
        return queries.recounted(row, own, stretches).at, queries.recounted(row, self._new, stretches).at


def _runs_by_the_clock() -> ColumnElement[bool]:
    """Whether a limit is in hours or minutes of the 24-hour clock, which no calendar moves."""
    return or_(Clock.limit.like("%min"), and_(Clock.limit.like("%h"), not_(Clock.limit.like("%wh"))))


@dataclass(frozen=True, slots=True)
class Draft:
    """A change of a calendar before it is made: of which version, and what comes of it."""

    name: str
    base_id: int
    calendar: WorkCalendar
    since: date | None
    note: str
    today: date

    @property
    def mark(self) -> str:
        """What the draft would come to, in short: another one has another mark."""
        new = self.calendar
        facts = (
            *(self.name, self.base_id, self.note, new.windows, sorted(new.weekdays), new.eras),
            *(sorted(new.published_years), sorted(new.days.items(), key=lambda day: day[0])),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def shifts(self) -> Iterator[Shift]:
        """Yield the open promises it would move; raise NoWorkingTime when one could never be kept."""
        if self.since is not None:
            yield from shifts(self.name, self.calendar, self.since)


def draft(name: str, change: Change, *, note: str, today: date) -> Draft:
    """Return what ``change`` makes of the present version of calendar ``name``.

    Raises UnknownCalendar, BadNotice, BadCalendar, NothingChanges; NoWorkingTime when a limit of some rule
    could never be kept by it.
    """
    base_id = queries.current_calendar_id(name)
    old = queries.calendar_by_id(base_id)
    new = change.on(old, today)
    for limit in queries.limits_in_use():
        due_at(old.midnight(today), limit, new)
    since = first_changed_day(old, new, (today, today + 2 * FURTHEST_CHANGE))
    return Draft(name, base_id, new, since, note, today)


def publish(actor: Actor, wanted: Draft, *, now: datetime) -> Calendar:
    """Make ``wanted`` the present version; clocks that start from now on count by it.

    Raises NotPermitted for anyone but the district's administrators and the operator, CalendarChanged.
    """
    _check_right(actor)
    with transaction():
        latest = select(func.max(Calendar.version)).where(Calendar.name == wanted.name)
        retired = (
            update(Calendar)
            .where(Calendar.id == wanted.base_id, Calendar.is_current)
            .values(is_current=False)
            .returning(Calendar.id)
        )
        if db.session.scalar(retired) is None:
            raise CalendarChanged
        row = _add(actor, wanted.calendar, (db.session.scalar(latest) or 0) + 1, wanted.note, now)
        audit.note(actor, "publish calendar", wanted.name, version=row.version, note=wanted.note)
    return row


def create(actor: Actor, new: WorkCalendar, *, note: str, now: datetime) -> Calendar:
    """Keep a calendar of another name, for units to choose.

    Raises NotPermitted, NameTaken, NoWorkingTime when a limit of some rule could never be kept by it.
    """
    _check_right(actor)
    for limit in queries.limits_in_use():
        due_at(now, limit, new)
    with transaction():
        if db.session.scalar(select(Calendar.id).where(Calendar.name == new.name).limit(1)) is not None:
            raise NameTaken
        row = _add(actor, new, 1, note, now)
        audit.note(actor, "create calendar", new.name, note=note)
    return row


def _check_right(actor: Actor) -> None:
    if not actor.is_system and not any(
        grant.role is Role.ADMIN and "/" not in grant.path for grant in actor.grants
    ):
        raise NotPermitted


def _add(actor: Actor, new: WorkCalendar, version: int, note: str, now: datetime) -> Calendar:
    row = _row(new, version)
    row.note, row.made_at, row.made_by = note, now, actor.user_id
    db.session.add(row)
    db.session.flush()
    _add_days(row.id, new)
    return row


def _row(new: WorkCalendar, version: int) -> Calendar:
    return Calendar(
        name=new.name,
        version=version,
        zone=new.zone.key,
        windows=_stored(new.windows),
        weekdays=sorted(new.weekdays),
        eras=[_stored_era(era) for era in new.eras],
        follows_notices=new.follows_notices,
        published_years=sorted(new.published_years),
        is_current=True,
    )


def _add_days(calendar_id: int, new: WorkCalendar) -> None:
    db.session.add_all(
        CalendarDay(
            calendar_id=calendar_id,
            on=on,
            kind=rule.kind,
            name=rule.name,
            windows=None if rule.windows is None else _stored(rule.windows),
        )
        for on, rule in sorted(new.days.items())
    )
    db.session.flush()


def _stored(windows: tuple[Window, ...]) -> list[list[str]]:
    """Windows as they are stored; the end of the day is 00:00."""
    return [
        [f"{opens:%H:%M}", "00:00" if closes == time.max else f"{closes:%H:%M}"] for opens, closes in windows
    ]


def _stored_era(era: Era) -> dict[str, Any]:
    return {
        "starts_on": era.starts_on.isoformat(),
        "windows": _stored(era.windows),
        "weekdays": sorted(era.weekdays),
    }
