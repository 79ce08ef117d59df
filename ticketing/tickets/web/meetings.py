"""What a ticket's page says of joint meetings about it: read off its timeline, for meetings stand above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ticketing.core.actor import CONVENERS, Actor
from ticketing.tickets import labels
from ticketing.tickets.queries.view import EventView, TicketView
from ticketing.tickets.words import OPEN, Action, Level, MeetingPhase
from ticketing.web.texts import gettext as _

# Steps of escalation after which several units have to sit down together.
_CALLING = ("redos-", "units-")


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting about the ticket, as its timeline last said."""

    number: str
    phase: str
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consulted:
    """The meetings about a ticket; whether one is called for, and whether this person may call it."""

    meetings: list[Held]
    is_called_for: bool
    may_call: bool


def consulted(actor: Actor, found: TicketView, events: Iterable[EventView]) -> Consulted:
    """Return what the timeline says of joint meetings."""
    held: dict[str, Held] = {}
    is_marked = found.ticket.level is Level.MAJOR
    for event in events:
        said = event.said
        is_marked = is_marked or bool(said.get("joint_meeting"))
        is_marked = is_marked or str(said.get("step", "")).startswith(_CALLING)
        if event.action is Action.MEET:
            number = str(said.get("meeting", ""))
            begins = said.get("starts_at")
            known = held.get(number)
            at = datetime.fromisoformat(str(begins)) if begins else known.starts_at if known else None
            phase = MeetingPhase(str(said.get("phase")))
            held[number] = Held(number, _(labels.MEETING_PHASES[phase]), at)
            if phase is MeetingPhase.LEFT_OUT:
                del held[number]
    is_open = found.ticket.status in OPEN
    return Consulted(
        list(held.values()), is_marked and is_open and not held, is_open and actor.holds(*CONVENERS)
    )
