"""What joint meetings do to tickets: give units their parts, and put what was said on the timeline.

Meetings stand above tickets and are not known here; they vouch for who leads one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, cast

from ticketing.core import canonical
from ticketing.core.actor import Actor
from ticketing.core.db import transaction
from ticketing.tickets.actions.owed import call_off
from ticketing.tickets.actions.parts import give_part, open_parts
from ticketing.tickets.actions.step import Step, locked, publish, record
from ticketing.tickets.models import Ticket
from ticketing.tickets.wishes import AssignPart
from ticketing.tickets.words import Action


def assign_part(step: Step) -> None:
    """Give a unit its part; one that is open already is called off and goes into the new one."""
    wish = cast(AssignPart, step.wish)
    unit = step.net.active(wish.unit)
    message = wish.message
    known = next((one for one in open_parts(step) if one.unit_id == unit.id), None)
    if known is not None:
        message = "\n".join(text for text in (known.message, message) if text)
        call_off(known, step.book, wish.meeting, step.now)
    part = give_part(step, unit, wish.due_limit, message)
    step.said |= {
        "unit": unit.code,
        "due_limit": part.limit,
        "message": wish.message,
        "due_at": part.due_at,
        "meeting": wish.meeting,
    }


def note_meeting(
    actor: Actor,
    number: str,
    action: Action,
    said: Mapping[str, Any],
    *,
    now: datetime,
    readers: Collection[int] = (),
) -> Ticket:
    """Record ``action``, MEET or CONSULTED, on the ticket's timeline; the version stays as it was.

    ``readers``: ids of units that from now on read the ticket, for they lead the meeting. Raises NotFound.
    """
    with transaction():
        ticket = locked(actor, number)
        told = {key: canonical.plain(value) for key, value in said.items()}
        publish(record(ticket, actor, action, ticket.status, {"said": told}, now), set(readers))
    return ticket


EFFECTS: dict[Action, Callable[[Step], None]] = {Action.ASSIGN_PART: assign_part}
