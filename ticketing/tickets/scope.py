"""Whose tickets a person reads: every read of tickets starts here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from ticketing.core.actor import WORKERS, Actor, Role
from ticketing.core.db import among
from ticketing.network.models import Unit
from ticketing.tickets.models import Ticket, TicketUnit
from ticketing.tickets.words import State

# Who reads a confidential requester's name and phone, besides the requester and the one named handler.
_TRUSTED = (Role.INTAKE_CLERK, Role.SUPERVISOR)
# Who reads the contact of an ordinary request in full: those who call the company.
_CALLERS = (Role.INTAKE_CLERK, Role.SUPERVISOR, Role.CALLER)


def is_sent() -> ColumnElement[bool]:
    """Return the condition of not being a draft any more, nor one taken back before it was sent."""
    was_sent = or_(~among(Ticket.status, [State.WITHDRAWN]), Ticket.event_seq > 1)
    return ~among(Ticket.status, [State.DRAFT]) & was_sent


def is_theirs(actor: Actor, *, is_open: bool = False) -> ColumnElement[bool]:
    """Return the condition under which a ticket is within ``actor``'s sight.

    A company sees its own, drafts included. Staff see tickets that their unit or one below has or had.
    ``is_open``: only open ones are asked for, all of which were sent; so their indexes say enough.
    """
    sent = true() if is_open else is_sent()
    if actor.is_system:
        return sent
    if actor.enterprise_id is not None:
        return Ticket.enterprise_id == actor.enterprise_id
    paths = actor.reading_paths
    if not paths:
        return false()
    if reads_all(actor):
        return sent
    # Only the ticket is the query's own: a list that joins units must not lend its unit to this question.
    had_part = (
        select(TicketUnit.ticket_id)
        .join(Unit, Unit.id == TicketUnit.unit_id)
        .where(TicketUnit.ticket_id == Ticket.id, or_(*map(_at_or_below, paths)))
        .correlate(Ticket)
    )
    return sent & had_part.exists()


def reads_all(actor: Actor) -> bool:
    """Return whether the person reads the tickets of the whole district."""
    return actor.is_system or any("/" not in path for path in actor.reading_paths)


def _at_or_below(path: str) -> ColumnElement[bool]:
    return or_(Unit.path == path, Unit.path.startswith(path + "/", autoescape=True))


def visible(actor: Actor) -> Select[Ticket]:
    """Return the select of all tickets ``actor`` may read."""
    return select(Ticket).where(is_theirs(actor))


def contact_is_seen(actor: Actor, ticket: Any = Ticket) -> ColumnElement[bool]:
    """Return ``may_see_contact`` as a condition; ``ticket`` may be an alias."""
    if actor.is_system:
        return true()
    if actor.enterprise_id is not None:
        own: ColumnElement[bool] = ticket.enterprise_id == actor.enterprise_id
        return own
    desks = {grant.unit_id for grant in actor.grants if grant.role in WORKERS}
    works_there = ticket.unit_id.in_(sorted(desks)) if desks else false()
    people = sorted({one for one in (actor.user_id, *actor.stands_in_for) if one is not None})
    is_handler = and_(ticket.handler_id.in_(people), _covered(actor, (*WORKERS, Role.DISPATCHER), ticket))
    is_ordinary = and_(~ticket.is_confidential, or_(_covered(actor, _CALLERS, ticket), works_there))
    return or_(is_handler, and_(ticket.is_confidential, _covered(actor, _TRUSTED, ticket)), is_ordinary)


def _covered(actor: Actor, roles: tuple[Role, ...], ticket: Any) -> ColumnElement[bool]:
    """Whether one of ``roles`` is held in the ticket's unit or in one above it."""
    paths = {grant.path for grant in actor.grants if grant.role in roles}
    if any("/" not in path for path in paths):
        return true()
    if not paths:
        return false()
    below: ColumnElement[bool] = ticket.unit_id.in_(
        select(Unit.id).where(or_(*map(_at_or_below, sorted(paths))))
    )
    return below


def may_see_contact(actor: Actor, ticket: Ticket | Any, unit_path: str) -> bool:
    """Return whether the requester's name, phone and (if confidential) company may be read.

    ``ticket`` needs ``enterprise_id``, ``is_confidential``, ``handler_id``; ``unit_path`` is its unit's.
    """
    if actor.is_system or actor.enterprise_id == ticket.enterprise_id:
        return True
    if actor.is_or_stands_in_for(ticket.handler_id) and actor.covers(unit_path, *WORKERS, Role.DISPATCHER):
        return True
    if ticket.is_confidential:
        return actor.covers(unit_path, *_TRUSTED)
    return actor.covers(unit_path, *_CALLERS) or actor.sits_in(unit_path, *WORKERS)
