"""Reads of many meetings: what is coming, to be written up, issued, and what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.paging import Page, decode, encode
from ticketing.meetings import rules
from ticketing.meetings.models import Meeting, MeetingTask
from ticketing.meetings.queries.reading import TaskView, is_open_task, near_units, task_columns, task_of
from ticketing.meetings.scope import is_in_sight, is_whole
from ticketing.meetings.words import MeetingState, Phase
from ticketing.network.queries import Network, UnitInfo
from ticketing.tickets.scope import is_theirs

MOST_PLANNED = 100
MOST_TASKS = 50


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting of a list."""

    id: int
    number: str
    theme: str
    host: UnitInfo
    place: str
    starts_at: datetime
    ends_at: datetime
    phase: Phase
    minutes_due: datetime
    leads: bool


_COLUMNS = (
    Meeting.id, Meeting.number, Meeting.theme, Meeting.host_unit_id, Meeting.place, Meeting.starts_at,
    Meeting.ends_at, Meeting.state,
)  # fmt: skip


def planned(actor: Actor, net: Network, now: datetime) -> list[MeetingRow]:
    """Return the meetings whose minutes are not issued yet, the earliest first; a hundred at most."""
    wanted = (
        select(*_COLUMNS)
        .where(Meeting.state == MeetingState.PLANNED, is_in_sight(actor))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(MOST_PLANNED)
    )
    return [_row(row, actor, net, now) for row in db.session.execute(wanted)]


def issued(actor: Actor, net: Network, *, cursor: str | None, limit: int, now: datetime) -> Page[MeetingRow]:
    """Return one page of the meetings with minutes, the latest first; raise BadCursor."""
    wanted = select(*_COLUMNS).where(Meeting.state == MeetingState.ISSUED, is_in_sight(actor))
    if cursor:
        at, last = decode(cursor)
        wanted = wanted.where(or_(Meeting.starts_at < at, and_(Meeting.starts_at == at, Meeting.id < last)))
    wanted = wanted.order_by(Meeting.starts_at.desc(), Meeting.id.desc()).limit(limit + 1)
    rows = [_row(row, actor, net, now) for row in db.session.execute(wanted)]
    more = encode(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page(rows[:limit], more)


def open_tasks(actor: Actor, net: Network) -> list[TaskView]:
    """Return the tasks still to be done of this person's units, or of meetings and tickets it reads."""
    wanted = (
        task_columns()
        .where(is_open_task(), or_(near_units(actor), is_whole(actor), is_theirs(actor)))
        .order_by(MeetingTask.due_on, MeetingTask.id)
        .limit(MOST_TASKS)
    )
    return [task_of(row, net) for row in db.session.execute(wanted)]


def _row(row: Any, actor: Actor, net: Network, now: datetime) -> MeetingRow:
    hours = rules.Hours(row.starts_at, row.ends_at)
    host = net.by_id[row.host_unit_id]
    return MeetingRow(
        id=row.id,
        number=row.number,
        theme=row.theme,
        host=host,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        phase=rules.phase(row.state, hours, now),
        minutes_due=rules.minutes_due(hours),
        leads=rules.leads(actor, host.path),
    )
