"""Whose meetings a person reads: every read of meetings starts here.

A meeting is read whole by its units and those above them, by the people asked for by name, and by the
district. Whoever reads one of its tickets reads that ticket's item. A company reads none of it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, false, or_, true

from ticketing.core.actor import Actor
from ticketing.meetings.models import AgendaItem, Meeting, MeetingPerson, MeetingUnit
from ticketing.network.models import Unit
from ticketing.tickets.models import Ticket
from ticketing.tickets.scope import is_theirs


def is_whole(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which ``actor`` reads all of a meeting."""
    if actor.is_system:
        return true()
    if actor.enterprise_id is not None:
        return false()
    paths = actor.reading_paths
    if any("/" not in path for path in paths):
        return true()
    by_name = exists().where(MeetingPerson.meeting_id == Meeting.id, MeetingPerson.user_id == actor.user_id)
    if not paths:
        return by_name.correlate(Meeting)
    places = [or_(Unit.path == path, Unit.path.startswith(path + "/", autoescape=True)) for path in paths]
    by_unit = exists().where(
        MeetingUnit.meeting_id == Meeting.id, MeetingUnit.unit_id == Unit.id, or_(*places)
    )
    return or_(by_name.correlate(Meeting), by_unit.correlate(Meeting))


def is_in_sight(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which ``actor`` reads a meeting, all of it or an item."""
    if actor.enterprise_id is not None:
        return false()
    by_ticket = exists().where(
        AgendaItem.meeting_id == Meeting.id, AgendaItem.ticket_id == Ticket.id, is_theirs(actor)
    )
    return or_(is_whole(actor), by_ticket.correlate(Meeting))
