"""What a company's pages ask beyond lists and tickets: how many stand where, who filed, what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from ticketing.accounts.models import User
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.sla.models import Clock
from ticketing.sla.words import PROMISED, ClockState, Metric
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import State

_STANDING = (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)


@dataclass(slots=True)
class More:
    """What a row of the list shows beyond the ticket: who filed it, when somebody calls and answers."""

    filer: str | None = None
    respond_due: datetime | None = None
    resolve_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a promise stood still, its SuspendReason; ``to_at`` None while it lasts."""

    reason: str
    from_at: datetime
    to_at: datetime | None


def tally(actor: Actor) -> dict[State, int]:
    """Return how many of the company's requests stand in each state."""
    rows = db.session.execute(
        select(Ticket.status, func.count()).where(is_theirs(actor)).group_by(Ticket.status)
    )
    return {row[0]: row[1] for row in rows}


def more(ticket_ids: Sequence[int]) -> dict[int, More]:
    """Return what the rows of a page show beyond the tickets themselves, in one statement."""
    found = {ticket_id: More() for ticket_id in ticket_ids}
    if not found:
        return found
    is_running = and_(
        Clock.ticket_id == Ticket.id,
        Clock.cycle == Ticket.cycle,
        Clock.metric.in_(PROMISED),
        Clock.state.in_(_STANDING),
        Clock.met_at.is_(None),
    )
    rows = db.session.execute(
        select(Ticket.id, User.name, Clock.metric, Clock.due_at)
        .outerjoin(User, User.id == Ticket.filed_by)
        .outerjoin(Clock, is_running)
        .where(Ticket.id.in_(list(found)))
    )
    for ticket_id, name, metric, due_at in rows:
        found[ticket_id].filer = name
        if metric is Metric.RESPOND:
            found[ticket_id].respond_due = due_at
        elif metric is Metric.RESOLVE:
            found[ticket_id].resolve_due = due_at
    return found


def pauses(found: TicketView) -> dict[Metric, list[Pause]]:
    """Return when the promises stood still in this cycle, oldest first."""
    stood: dict[Metric, list[Pause]] = {metric: [] for metric in PROMISED}
    for clock in found.clock_rows:
        is_void = clock.cycle != found.ticket.cycle or clock.state is ClockState.CANCELLED
        if clock.metric not in stood or is_void:
            continue
        for one in found.place.hanging.clock_pauses:
            if one.clock_id == clock.id:
                stood[clock.metric].append(Pause(one.reason_code, one.paused_at, one.resumed_at))
    return stood
