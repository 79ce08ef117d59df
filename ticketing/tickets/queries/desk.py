"""What staff pages show beside the ticket itself: who could handle it, what else the company asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from ticketing.accounts.models import Membership, User
from ticketing.core.actor import Actor
from ticketing.core.db import db, read
from ticketing.duty import queries as duty
from ticketing.duty.models import Absence
from ticketing.tickets.facts import HANDLING_ROLES
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries.conditions import is_open
from ticketing.tickets.scope import contact_is_seen, is_theirs
from ticketing.tickets.words import OPEN, State

MOST_OTHERS = 8
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be named handler, and how many open tickets the person has.

    ``away_until``: the last day away, when today is one; ``deputy``: who stands in.
    """

    email: str
    name: str
    open_tickets: int
    away_until: date | None
    deputy: str | None


def handlers(unit_id: int, today: date) -> list[Colleague]:
    """Return the active people who can handle tickets in exactly this unit.

    The least busy first; who is away today comes last.
    """
    deputy = aliased(User)
    load = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.handler_id == User.id, is_open())
        .correlate(User)
        .scalar_subquery()
    )
    can_handle = select(Membership.user_id).where(
        Membership.unit_id == unit_id, Membership.role.in_(HANDLING_ROLES)
    )
    rows = db.session.execute(
        select(User.email, User.name, load.label("load"), Absence.ends_on, deputy.name)
        .outerjoin(Absence, and_(Absence.user_id == User.id, duty.is_now(today)))
        .outerjoin(deputy, deputy.id == Absence.deputy_id)
        .where(User.id.in_(can_handle), User.is_active)
        .order_by(Absence.ends_on.is_not(None), load, User.id)
    )
    return [Colleague(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Other:
    """Another request of the same company."""

    number: str
    title: str
    status: State
    received_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.status in OPEN


def others_of_company(actor: Actor, ticket: Ticket) -> list[Other]:
    """Return the company's latest other requests within the actor's sight, at most MOST_OTHERS.

    A confidential request is left out unless the actor may know whose it is.
    """
    return [
        Other(*row) for row in read(_others(actor), {"company": ticket.enterprise_id, "ticket": ticket.id})
    ]


@lru_cache(maxsize=_REMEMBERED)
def _others(actor: Actor) -> Select[Any]:
    """The statement of a company's other requests; each process remembers it."""
    found: Any = (
        select(Ticket.number, Ticket.title, Ticket.status, Ticket.received_at)
        .where(
            is_theirs(actor),
            Ticket.enterprise_id == bindparam("company"),
            Ticket.id != bindparam("ticket"),
            Ticket.status != State.DRAFT,
            or_(~Ticket.is_confidential, contact_is_seen(actor)),
        )
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
        .limit(MOST_OTHERS)
    )
    statement: Select[Any] = found
    return statement


def handled_since(actor: Actor, since: datetime) -> int:
    """Return on how many tickets the person has acted from ``since`` on."""
    return (
        db.session.scalar(
            select(func.count(Event.ticket_id.distinct())).where(
                Event.actor_id == actor.user_id, Event.at >= since
            )
        )
        or 0
    )
