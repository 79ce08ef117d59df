"""What every change of a meeting begins and ends with: locked, led by the person, as the person saw it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound, NotPermitted
from ticketing.meetings import rules
from ticketing.meetings.models import AgendaItem, Meeting
from ticketing.meetings.scope import is_in_sight, is_whole
from ticketing.meetings.words import MeetingState
from ticketing.network.queries import Network
from ticketing.tickets.actions.meeting import note_meeting
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, MeetingPhase


def locked(actor: Actor, number: str, *, whole: bool = True) -> Meeting:
    """Return the meeting, locked and fresh; raise NotFound unless the person reads it (all of it)."""
    sight = is_whole(actor) if whole else is_in_sight(actor)
    wanted = select(Meeting).where(Meeting.number == number, sight).with_for_update(of=Meeting)
    found = db.session.scalar(wanted, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound(number=number)
    return found


def led(actor: Actor, number: str, net: Network, seen_version: int | None) -> Meeting:
    """Return the meeting for its leader to write in, its version raised.

    Raises NotFound, NotPermitted, MeetingIsOver or MeetingChanged.
    """
    meeting = locked(actor, number)
    if not rules.leads(actor, net.by_id[meeting.host_unit_id].path):
        raise NotPermitted
    if meeting.state is not MeetingState.PLANNED:
        raise rules.MeetingIsOver
    if seen_version is not None and seen_version != meeting.version:
        raise rules.MeetingChanged(extra={"version": meeting.version})
    meeting.version += 1
    return meeting


def tickets_of(meeting: Meeting) -> list[tuple[AgendaItem, Ticket]]:
    """Return the items that are about tickets, by ticket: whoever locks several does so in this order."""
    rows = db.session.execute(
        select(AgendaItem, Ticket)
        .join(Ticket, Ticket.id == AgendaItem.ticket_id)
        .where(AgendaItem.meeting_id == meeting.id)
        .order_by(Ticket.id)
    )
    return [(item, ticket) for item, ticket in rows]


def tell_tickets(
    actor: Actor, meeting: Meeting, numbers: Iterable[str], phase: MeetingPhase, now: datetime, **more: Any
) -> None:
    """Put on the tickets' timelines what became of the meeting; the host reads them from now on."""
    said = {"meeting": meeting.number, "phase": phase, **more}
    if phase in {MeetingPhase.CALLED, MeetingPhase.MOVED}:
        said |= {"starts_at": meeting.starts_at, "place": meeting.place}
    for number in numbers:
        note_meeting(actor, number, Action.MEET, said, now=now, readers=[meeting.host_unit_id])
