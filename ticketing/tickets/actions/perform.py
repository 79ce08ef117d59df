"""The one door to every action on a ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.tickets.actions import closing, handling, intake, meeting, parts, pressure, routing
from ticketing.tickets.actions.acted import Acted
from ticketing.tickets.actions.step import Step, begin, finish
from ticketing.tickets.flow import Party
from ticketing.tickets.models import Ticket
from ticketing.tickets.wishes import Wish
from ticketing.tickets.words import Action

EFFECTS: dict[Action, Callable[[Step], None]] = {
    **intake.EFFECTS,
    **routing.EFFECTS,
    **handling.EFFECTS,
    **parts.EFFECTS,
    **closing.EFFECTS,
    **pressure.EFFECTS,
    **meeting.EFFECTS,
}


def perform(
    actor: Actor, number: str, wish: Wish, *, now: datetime, also: frozenset[Party] = frozenset()
) -> Ticket:
    """Do what ``wish`` asks for to the ticket with ``number``: one transaction, one event.

    ``also``: what a higher feature vouches the person is to the ticket, besides: leading a meeting about it.

    Raises NotFound, NotPermitted, WrongState, ChangedMeanwhile, Invalid or a rule's own refusal; then nothing
    has changed.
    """
    return acted(actor, number, wish, now=now, also=also).ticket


def acted(
    actor: Actor, number: str, wish: Wish, *, now: datetime, also: frozenset[Party] = frozenset()
) -> Acted:
    """Act as ``perform`` does; return the ticket with what was read for it."""
    # Half-way through, the row must not be written: the database checks that its columns agree.
    with transaction(), db.session.no_autoflush:
        routing.lock_both(number, wish)
        step = begin(actor, number, wish, now, also)
        EFFECTS[wish.action](step)
        finish(step)
    # Only words were added, and nothing that decides what anyone may do.
    is_as_before = wish.action is Action.NOTE
    return Acted(step.ticket, step.net, step.book.clocks, step.place if is_as_before else None)
