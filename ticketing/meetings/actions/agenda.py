"""Writing the agenda and, during the meeting and after, what was decided and who does what by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select

from ticketing.accounts.queries.people import users_in
from ticketing.core.actor import TICKET_READERS, Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted, WrongState
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.meetings import rules
from ticketing.meetings.actions.holding import led, locked, tell_tickets
from ticketing.meetings.models import AgendaItem, Meeting, MeetingTask
from ticketing.meetings.words import Issue, MeetingState
from ticketing.network.queries import Network, network
from ticketing.sla import queries as sla
from ticketing.tickets.models import Ticket
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import visible
from ticketing.tickets.words import ENDED, MeetingPhase, State


class NoSuchTicket(Invalid):
    """The number is none, or of a ticket that is not for this person."""

    sentence = N_("没有找到这件诉求，或者您无权查看")


class TicketIsOver(Invalid):
    """A meeting is about what is still open."""

    sentence = N_("这件诉求已经办结、撤回或并单，不能列入会商")


class OnTheAgenda(Invalid):
    """A ticket stands on an agenda once."""

    sentence = N_("这件诉求已经在议程里")


class TooMuch(Invalid):
    """An agenda has its limits."""

    sentence = N_("一次会商最多 %(most)s 项")


class NotOfTheUnit(Invalid):
    """The person who does a task belongs to the unit that has it."""

    sentence = N_("这个人不在责任单位")


class OneTaskAUnit(Invalid):
    """A unit has one part of a ticket at a time."""

    sentence = N_("这个单位在这件诉求上已经有一项任务，请写在一起")


@dataclass(frozen=True, slots=True)
class ItemWish:
    """One question; ``ticket`` is a ticket's number, ``raised_by`` a unit's code."""

    issue: str
    kind: Issue
    ticket: str = ""
    raised_by: str = ""
    decision: str = ""
    for_company: str = ""


@dataclass(frozen=True, slots=True)
class TaskWish:
    """What a unit, by code, has to do by a day; ``user_id`` if one person of it is meant."""

    what: str
    unit: str
    due_on: date
    user_id: int | None = None


def add_item(
    actor: Actor, number: str, wish: ItemWish, *, now: datetime, seen_version: int | None = None
) -> int:
    """Put a question at the end of the agenda and return its id; its ticket's timeline says so.

    Raises NotFound, NotPermitted, MeetingIsOver, MeetingChanged, TooMuch, NoSuchTicket, TicketIsOver,
    OnTheAgenda.
    """
    net = network()
    with transaction():
        meeting = led(actor, number, net, seen_version)
        count, last = db.session.execute(
            select(func.count(), func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)
        ).one()
        if count >= rules.MOST_ITEMS:
            raise TooMuch(fields={"issue": [TooMuch.sentence]}, most=rules.MOST_ITEMS)
        item = AgendaItem(meeting_id=meeting.id, position=(last or 0) + 1, issue=wish.issue, kind=wish.kind)
        ticket = _ticket(actor, wish.ticket, meeting)
        _write(item, wish, ticket, net)
        db.session.add(item)
        db.session.flush()
        if ticket is not None:
            tell_tickets(actor, meeting, [ticket.number], MeetingPhase.CALLED, now)
    return item.id


def edit_item(
    actor: Actor, number: str, item_id: int, wish: ItemWish, *, now: datetime, seen_version: int | None
) -> None:
    """Write a question, its decision and what the company is told; raises what ``add_item`` raises."""
    net = network()
    with transaction():
        meeting = led(actor, number, net, seen_version)
        item = _item(meeting, item_id)
        before = db.session.get(Ticket, item.ticket_id) if item.ticket_id else None
        after = before
        if read_number(wish.ticket) != (before.number if before else None) or (wish.ticket and not before):
            after = _ticket(actor, wish.ticket, meeting)
        _write(item, wish, after, net)
        if before is not after:
            if before is not None:
                tell_tickets(actor, meeting, [before.number], MeetingPhase.LEFT_OUT, now)
            if after is not None:
                tell_tickets(actor, meeting, [after.number], MeetingPhase.CALLED, now)


def remove_item(actor: Actor, number: str, item_id: int, *, now: datetime, seen_version: int | None) -> None:
    """Take a question off the agenda, with its tasks."""
    with transaction():
        meeting = led(actor, number, network(), seen_version)
        item = _item(meeting, item_id)
        ticket = db.session.get(Ticket, item.ticket_id) if item.ticket_id else None
        db.session.execute(delete(MeetingTask).where(MeetingTask.item_id == item.id))
        db.session.delete(item)
        if ticket is not None:
            tell_tickets(actor, meeting, [ticket.number], MeetingPhase.LEFT_OUT, now)


def move_item(actor: Actor, number: str, item_id: int, *, up: bool, seen_version: int | None) -> None:
    """Move a question one place up or down; at the end nothing changes places."""
    with transaction():
        meeting = led(actor, number, network(), seen_version)
        wanted = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
        items = list(db.session.scalars(wanted.order_by(AgendaItem.position, AgendaItem.id)))
        place = items.index(_item(meeting, item_id))
        other = place - 1 if up else place + 1
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]
        for position, item in enumerate(items, start=1):
            item.position = position


def save_task(
    actor: Actor,
    number: str,
    place: tuple[int, int | None],
    wish: TaskWish,
    *,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Write a task; ``place``: the id of its item, and its own when it is there already.

    Raises NotFound, NotPermitted, MeetingIsOver, MeetingChanged, TooMuch, UnknownUnit, NotOfTheUnit,
    OneTaskAUnit, DueInThePast, DueOnADayOff.
    """
    net = network()
    item_id, task_id = place
    with transaction():
        meeting = led(actor, number, net, seen_version)
        item = _item(meeting, item_id)
        unit = net.active(wish.unit)
        rules.working_days(sla.calendar(unit.calendar_name), local_date(now), wish.due_on)
        _check_person(unit.id, wish.user_id)
        of_meeting = select(MeetingTask).where(MeetingTask.meeting_id == meeting.id)
        tasks = list(db.session.scalars(of_meeting))
        if len(tasks) >= rules.MOST_TASKS and task_id is None:
            raise TooMuch(fields={"what": [TooMuch.sentence]}, most=rules.MOST_TASKS)
        taken = {task.unit_id for task in tasks if task.item_id == item.id and task.id != task_id}
        if item.ticket_id is not None and unit.id in taken:
            raise OneTaskAUnit(fields={"unit": [OneTaskAUnit.sentence]})
        task = MeetingTask(meeting_id=meeting.id, item_id=item.id)
        if task_id is None:
            db.session.add(task)
        else:
            task = _task(tasks, task_id)
        task.what, task.unit_id, task.user_id, task.due_on = wish.what, unit.id, wish.user_id, wish.due_on


def remove_task(actor: Actor, number: str, task_id: int, *, seen_version: int | None) -> None:
    """Take a task out of a meeting that is being written up."""
    with transaction():
        meeting = led(actor, number, network(), seen_version)
        wanted = select(MeetingTask).where(MeetingTask.meeting_id == meeting.id)
        db.session.delete(_task(list(db.session.scalars(wanted)), task_id))


def tick_off(actor: Actor, number: str, task_id: int, evidence: str, *, now: datetime) -> None:
    """Say that a task is done, and by what that is seen: its unit's people, or who leads the meeting.

    A task that became part of a ticket is done when that part is. Raises NotFound, NotPermitted, WrongState,
    Invalid.
    """
    if not evidence:
        raise Invalid(fields={"evidence": [N_("请填写此项")]})
    net = network()
    with transaction():
        meeting = locked(actor, number, whole=False)
        wanted = select(MeetingTask).where(MeetingTask.meeting_id == meeting.id)
        task = _task(list(db.session.scalars(wanted)), task_id)
        is_leader = rules.leads(actor, net.by_id[meeting.host_unit_id].path)
        if not (is_leader or rules.works_in(actor, net.by_id[task.unit_id].path)):
            raise NotPermitted
        if meeting.state is not MeetingState.ISSUED or task.part_id is not None or task.done_at is not None:
            raise WrongState
        task.evidence, task.done_by, task.done_at = evidence, actor.user_id, now


def _ticket(actor: Actor, typed: str, meeting: Meeting) -> Ticket | None:
    if not typed:
        return None
    found = db.session.scalar(visible(actor).where(Ticket.number == read_number(typed)))
    if found is None or found.status is State.DRAFT:
        raise NoSuchTicket(fields={"ticket": [NoSuchTicket.sentence]})
    if found.status in ENDED:
        raise TicketIsOver(fields={"ticket": [TicketIsOver.sentence]})
    twin = select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id, AgendaItem.ticket_id == found.id)
    if db.session.scalar(twin.limit(1)) is not None:
        raise OnTheAgenda(fields={"ticket": [OnTheAgenda.sentence]})
    return found


def _write(item: AgendaItem, wish: ItemWish, ticket: Ticket | None, net: Network) -> None:
    item.issue, item.kind = wish.issue, wish.kind
    item.raised_by_id = net.known(wish.raised_by, field="raised_by").id if wish.raised_by else None
    item.ticket_id = ticket.id if ticket is not None else None
    item.decision = wish.decision
    item.for_company = wish.for_company if ticket is not None else ""


def _item(meeting: Meeting, item_id: int) -> AgendaItem:
    found = db.session.get(AgendaItem, item_id)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound
    return found


def _task(tasks: list[MeetingTask], task_id: int) -> MeetingTask:
    found = next((task for task in tasks if task.id == task_id), None)
    if found is None:
        raise NotFound
    return found


def _check_person(unit_id: int, user_id: int | None) -> None:
    if user_id is not None and user_id not in {one.user_id for one in users_in([unit_id], TICKET_READERS)}:
        raise NotOfTheUnit(fields={"user_id": [NotOfTheUnit.sentence]})
