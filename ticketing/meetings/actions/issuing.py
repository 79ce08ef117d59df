"""Issuing the minutes: tasks become parts of tickets, companies are told, and the paper is sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotPermitted, WrongState
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.meetings import minutes, rules
from ticketing.meetings.actions import notices
from ticketing.meetings.actions.holding import led, locked, tell_tickets, tickets_of
from ticketing.meetings.models import AgendaItem, Meeting, MeetingPaper, MeetingTask
from ticketing.meetings.queries.reading import view
from ticketing.meetings.words import MeetingState
from ticketing.network.queries import Network, network
from ticketing.sla import queries as sla
from ticketing.tickets.actions.meeting import note_meeting
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.flow import IN_PARTS, Party
from ticketing.tickets.models import Part, Ticket
from ticketing.tickets.wishes import AssignPart
from ticketing.tickets.words import Action, MeetingPhase

LEADER = frozenset({Party.CONVENER})


class NothingOnTheAgenda(Invalid):
    """Minutes say something."""

    sentence = N_("议程还是空的，请先写下会商的问题")


class DecisionMissing(Invalid):
    """Each question has its decision."""

    sentence = N_("还有 %(n)s 项没有写决定：%(which)s")


class TaskIsLate(Invalid):
    """A task written down earlier cannot be due any more."""

    sentence = N_("任务“%(what)s”的完成期限已经过了或不再是工作日，请改期限")


def issue(actor: Actor, number: str, *, now: datetime, seen_version: int | None) -> str:
    """Issue the minutes of a meeting that has begun and return their hash.

    A task about a ticket that somebody leads becomes that unit's part of it; others are ticked off in the
    meeting. Raises NotFound, NotPermitted, MeetingIsOver, MeetingChanged, NotYetHeld, NothingOnTheAgenda,
    DecisionMissing, TaskIsLate, UnknownUnit.
    """
    net = network()
    with transaction():
        meeting = led(actor, number, net, seen_version)
        if now < meeting.starts_at:
            raise rules.NotYetHeld
        _check_decisions(meeting)
        _hand_out(actor, meeting, net, now)
        paper = _write(actor, meeting, now)
        meeting.state, meeting.issued_at = MeetingState.ISSUED, now
        about = tickets_of(meeting)
        numbers = [ticket.number for _item, ticket in about]
        tell_tickets(actor, meeting, numbers, MeetingPhase.ISSUED, now, sha256=paper.sha256)
        for item, ticket in about:
            if item.for_company:
                said = {"message": item.for_company, "held_on": local_date(meeting.starts_at)}
                note_meeting(actor, ticket.number, Action.CONSULTED, said, now=now)
        notices.issued(meeting, now)
    return paper.sha256


def amend(actor: Actor, number: str, text: str, *, now: datetime) -> str:
    """Add a correction to minutes that are issued and return its hash; the minutes stay as they are.

    Raises NotFound, NotPermitted, WrongState, Invalid.
    """
    if not text:
        raise Invalid(fields={"text": [N_("请填写此项")]})
    with transaction():
        meeting = locked(actor, number)
        if not rules.leads(actor, network().by_id[meeting.host_unit_id].path):
            raise NotPermitted
        if meeting.state is not MeetingState.ISSUED:
            raise WrongState
        of_meeting = MeetingPaper.meeting_id == meeting.id
        last = db.session.scalars(
            select(MeetingPaper).where(of_meeting).order_by(MeetingPaper.nth.desc()).limit(1)
        ).one()
        told = {"number": meeting.number, "text": text, "issued_at": now.isoformat(), "issued_by": actor.name}
        sealed = _seal(meeting, actor, minutes.written(told), now, last)
        numbers = [ticket.number for _item, ticket in tickets_of(meeting)]
        tell_tickets(actor, meeting, numbers, MeetingPhase.AMENDED, now, sha256=sealed.sha256)
        notices.amended(meeting, now)
    return sealed.sha256


def _check_decisions(meeting: Meeting) -> None:
    rows = db.session.execute(
        select(
            AgendaItem.decision, func.row_number().over(order_by=(AgendaItem.position, AgendaItem.id))
        ).where(AgendaItem.meeting_id == meeting.id)
    ).all()
    if not rows:
        raise NothingOnTheAgenda
    missing = sorted(place for decision, place in rows if not decision)
    if missing:
        raise DecisionMissing(n=len(missing), which=", ".join(map(str, missing)))


def _hand_out(actor: Actor, meeting: Meeting, net: Network, now: datetime) -> None:
    """Make tasks parts of their tickets where they can be, ticket by ticket in the order of locking."""
    rows: Any = db.session.execute(
        select(MeetingTask, Ticket)
        .join(AgendaItem, AgendaItem.id == MeetingTask.item_id)
        .outerjoin(Ticket, Ticket.id == AgendaItem.ticket_id)
        .where(MeetingTask.meeting_id == meeting.id)
        .order_by(Ticket.id, MeetingTask.id)
    ).all()
    for task, ticket in rows:
        unit = net.active(net.by_id[task.unit_id].code)
        try:
            days = rules.working_days(sla.calendar(unit.calendar_name), local_date(now), task.due_on)
        except (rules.DueInThePast, rules.DueOnADayOff) as late:
            raise TaskIsLate(what=task.what[:40]) from late
        if ticket is None or ticket.status not in IN_PARTS or ticket.unit_id == unit.id:
            continue
        wish = AssignPart(unit=unit.code, due_limit=f"{days}wd", message=task.what, meeting=meeting.number)
        before = _open_part(ticket, unit.id)
        perform(actor, ticket.number, wish, now=now, also=LEADER)
        task.part_id = _open_part(ticket, unit.id)
        if before is not None:  # what an earlier meeting asked for goes on in the new part
            moved = update(MeetingTask).where(MeetingTask.part_id == before)
            db.session.execute(moved.values(part_id=task.part_id))
    db.session.flush()


def _open_part(ticket: Ticket, unit_id: int) -> int | None:
    wanted = select(Part.id).where(
        Part.ticket_id == ticket.id,
        Part.cycle == ticket.cycle,
        Part.unit_id == unit_id,
        Part.finished_at.is_(None),
        Part.cancelled_at.is_(None),
    )
    return db.session.scalar(wanted)


def _write(actor: Actor, meeting: Meeting, now: datetime) -> MeetingPaper:
    found = view(actor, meeting.number, now=now)
    return _seal(meeting, actor, minutes.written(minutes.facts(found, issued_by=actor.name, now=now)), now)


def _seal(
    meeting: Meeting, actor: Actor, body: str, now: datetime, last: MeetingPaper | None = None
) -> MeetingPaper:
    paper = MeetingPaper(
        meeting_id=meeting.id,
        nth=last.nth + 1 if last else 0,
        body=body,
        sha256=minutes.seal(body, last.sha256 if last else ""),
        issued_by=actor.user_id,
        issued_at=now,
    )
    db.session.add(paper)
    db.session.flush()
    return paper
