"""Reads of one meeting: all of it, or what hangs on the tickets the reader may read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, false, or_, select, true

from ticketing.accounts.models import Enterprise, User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.meetings import rules
from ticketing.meetings.models import (
    AgendaItem,
    Meeting,
    MeetingFile,
    MeetingPaper,
    MeetingPerson,
    MeetingTask,
    MeetingUnit,
)
from ticketing.meetings.scope import is_in_sight, is_whole
from ticketing.meetings.words import MeetingState, Phase
from ticketing.network.models import Unit
from ticketing.network.queries import Network, UnitInfo, network
from ticketing.tickets.models import Part, Ticket
from ticketing.tickets.queries.listing import enterprise_name
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import ENDED, State


@dataclass(frozen=True, slots=True)
class TicketLine:
    """The ticket of an item as this reader may know it; ``title`` and ``company`` empty when confidential."""

    id: int
    number: str
    title: str
    company: str
    status: State
    unit_id: int
    is_confidential: bool
    is_linked: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done about it."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task. ``done_at`` and ``evidence`` are those of the ticket's part, if it became one."""

    id: int
    meeting: str
    item_id: int
    what: str
    unit: UnitInfo
    person: str | None
    user_id: int | None
    due_on: date
    is_part: bool
    done_at: datetime | None
    is_called_off: bool
    evidence: str
    ticket: str | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and not self.is_called_off


@dataclass(frozen=True, slots=True)
class ItemView:
    """One question of the agenda with its decision and tasks."""

    item: AgendaItem
    ticket: TicketLine | None
    raised_by: UnitInfo | None
    tasks: list[TaskView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MeetingView:
    """Everything this person may read of a meeting. ``earlier``: open tasks of meetings about its tickets."""

    meeting: Meeting
    host: UnitInfo
    called_by: str
    units: list[UnitInfo]
    people: list[tuple[int, str, UnitInfo]]
    items: list[ItemView]
    earlier: list[TaskView]
    files: list[MeetingFile]
    papers: list[tuple[MeetingPaper, str]]
    is_whole: bool
    leads: bool
    phase: Phase
    net: Network

    @property
    def hours(self) -> rules.Hours:
        """From when to when it lasts."""
        return rules.Hours(self.meeting.starts_at, self.meeting.ends_at)

    @property
    def is_draft(self) -> bool:
        """Whether it can still be written in."""
        return self.meeting.state is MeetingState.PLANNED


def view(actor: Actor, number: str, *, now: datetime) -> MeetingView:
    """Return what this person may read of the meeting; raise NotFound when that is nothing."""
    found = db.session.execute(
        select(Meeting, is_whole(actor), User.name)
        .outerjoin(User, User.id == Meeting.called_by)
        .where(Meeting.number == number, is_in_sight(actor))
    ).one_or_none()
    if found is None:
        raise NotFound(number=number)
    meeting, whole, caller = found
    net = network()
    host = net.by_id[meeting.host_unit_id]
    is_all = bool(whole)
    items = _items(actor, meeting, net, is_all=is_all)
    about = [one.ticket.id for one in items if one.ticket is not None]
    earlier = _tasks(meeting, items, about, net)
    return MeetingView(
        meeting=meeting,
        host=host,
        called_by=caller or "",
        units=_units(meeting.id, net),
        people=_people(meeting.id, net) if is_all else [],
        items=items,
        earlier=earlier,
        files=_files(meeting.id) if is_all else [],
        papers=_papers(meeting.id) if is_all else [],
        is_whole=is_all,
        leads=is_all and rules.leads(actor, host.path),
        phase=rules.phase(meeting.state, rules.Hours(meeting.starts_at, meeting.ends_at), now),
        net=net,
    )


def _items(actor: Actor, meeting: Meeting, net: Network, *, is_all: bool) -> list[ItemView]:
    theirs = and_(Ticket.id.is_not(None), is_theirs(actor))
    rows: Any = db.session.execute(
        select(AgendaItem, Ticket, Enterprise.name, theirs)
        .outerjoin(Ticket, Ticket.id == AgendaItem.ticket_id)
        .outerjoin(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .where(AgendaItem.meeting_id == meeting.id, true() if is_all else theirs)
        .order_by(AgendaItem.position, AgendaItem.id)
    )
    return [
        ItemView(
            item,
            None if ticket is None else _ticket_line(actor, ticket, company, net, is_linked=bool(linked)),
            net.by_id.get(item.raised_by_id or 0),
        )
        for item, ticket, company, linked in rows
    ]


def _ticket_line(actor: Actor, ticket: Ticket, company: str, net: Network, *, is_linked: bool) -> TicketLine:
    """The ticket on the agenda; of a confidential one a reader without sight of it learns its number only."""
    is_hidden = ticket.is_confidential and not is_linked
    return TicketLine(
        id=ticket.id,
        number=ticket.number,
        title="" if is_hidden else ticket.title,
        company="" if is_hidden else enterprise_name(actor, ticket, company, net.by_id[ticket.unit_id].path),
        status=ticket.status,
        unit_id=ticket.unit_id,
        is_confidential=ticket.is_confidential,
        is_linked=is_linked,
    )


def is_open_task() -> Any:
    """Return the condition of a task of issued minutes that is still to be done; needs Part joined."""
    of_part = and_(Part.finished_at.is_(None), Part.cancelled_at.is_(None))
    return and_(
        Meeting.state == MeetingState.ISSUED,
        or_(
            and_(MeetingTask.part_id.is_(None), MeetingTask.done_at.is_(None)),
            and_(MeetingTask.part_id.is_not(None), of_part),
        ),
    )


def task_columns() -> Any:
    """Return the select of tasks with what a TaskView is made of; ``task_of`` reads its rows."""
    return (
        select(MeetingTask, Part, User.name, Meeting.number, Ticket.number)
        .join(Meeting, Meeting.id == MeetingTask.meeting_id)
        .join(AgendaItem, AgendaItem.id == MeetingTask.item_id)
        .outerjoin(Ticket, Ticket.id == AgendaItem.ticket_id)
        .outerjoin(Part, Part.id == MeetingTask.part_id)
        .outerjoin(User, User.id == MeetingTask.user_id)
    )


def task_of(row: Any, net: Network) -> TaskView:
    """Return one row of ``task_columns`` as people see it."""
    task, part, person, meeting, ticket = row
    return TaskView(
        id=task.id,
        meeting=meeting,
        item_id=task.item_id,
        what=task.what,
        unit=net.by_id[task.unit_id],
        person=person,
        user_id=task.user_id,
        due_on=task.due_on,
        is_part=part is not None,
        done_at=part.finished_at if part is not None else task.done_at,
        is_called_off=part is not None and part.cancelled_at is not None,
        evidence=(part.reply or "") if part is not None else task.evidence,
        ticket=ticket,
    )


def _tasks(meeting: Meeting, items: list[ItemView], about: Collection[int], net: Network) -> list[TaskView]:
    """Put the tasks into their items; return what earlier meetings about the same tickets left open."""
    is_earlier = (
        and_(
            AgendaItem.ticket_id.in_(about),
            Meeting.id != meeting.id,
            Meeting.starts_at < meeting.starts_at,
            is_open_task(),
        )
        if about and meeting.state is MeetingState.PLANNED
        else false()
    )
    by_item = {one.item.id: one for one in items}
    rows = db.session.execute(
        task_columns()
        .where(or_(MeetingTask.meeting_id == meeting.id, is_earlier))
        .order_by(MeetingTask.due_on, MeetingTask.id)
    )
    earlier = []
    for row in rows:
        task = task_of(row, net)
        if row[0].meeting_id != meeting.id:
            earlier.append(task)
        elif task.item_id in by_item:
            by_item[task.item_id].tasks.append(task)
    return earlier


def _units(meeting_id: int, net: Network) -> list[UnitInfo]:
    ids = db.session.scalars(select(MeetingUnit.unit_id).where(MeetingUnit.meeting_id == meeting_id))
    return sorted((net.by_id[unit_id] for unit_id in ids), key=lambda unit: unit.path)


def _people(meeting_id: int, net: Network) -> list[tuple[int, str, UnitInfo]]:
    rows = db.session.execute(
        select(User.id, User.name, MeetingPerson.unit_id)
        .join(MeetingPerson, MeetingPerson.user_id == User.id)
        .where(MeetingPerson.meeting_id == meeting_id)
        .order_by(User.id)
    )
    return [(user_id, name, net.by_id[unit_id]) for user_id, name, unit_id in rows]


def _files(meeting_id: int) -> list[MeetingFile]:
    wanted = select(MeetingFile).where(MeetingFile.meeting_id == meeting_id).order_by(MeetingFile.id)
    return list(db.session.scalars(wanted))


def _papers(meeting_id: int) -> list[tuple[MeetingPaper, str]]:
    rows = db.session.execute(
        select(MeetingPaper, User.name)
        .outerjoin(User, User.id == MeetingPaper.issued_by)
        .where(MeetingPaper.meeting_id == meeting_id)
        .order_by(MeetingPaper.nth)
    )
    return [(paper, name or "") for paper, name in rows]


def file(actor: Actor, token: str) -> MeetingFile:
    """Return a file by its public name; raise NotFound unless the reader reads its meeting whole."""
    found = db.session.scalar(
        select(MeetingFile)
        .join(Meeting, Meeting.id == MeetingFile.meeting_id)
        .where(MeetingFile.token == token[:32], is_whole(actor))
    )
    if found is None:
        raise NotFound
    return found


def near_units(actor: Actor) -> Any:
    """Return the condition of a task's unit being the reader's own or one below."""
    paths = actor.reading_paths
    if any("/" not in path for path in paths):
        return true()
    places = [or_(Unit.path == path, Unit.path.startswith(path + "/", autoescape=True)) for path in paths]
    if not places:
        return false()
    return exists().where(Unit.id == MeetingTask.unit_id, or_(*places)).correlate(MeetingTask)
