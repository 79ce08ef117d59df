"""Loads what must be known of one ticket to decide what may be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, literal, select, union_all

from ticketing.accounts.models import Membership, User
from ticketing.core.actor import Actor, Role
from ticketing.core.db import db
from ticketing.network.queries import Network, UnitInfo
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import flow, rules
from ticketing.tickets.models import Event, Extension, Part, Supervision, Ticket
from ticketing.tickets.words import Action, ExtensionState, State

RETURN_WINDOW = Limit.parse("1wd")
HANDLING_ROLES = (Role.HANDLER, Role.STATION_HEAD)
_NOTHING: dict[str, set[int]] = {"part": set(), "extension": set(), "supervision": set(), "handled": set()}
_HANDLING = (Action.CONTACT, Action.SUBMIT_REPLY, Action.ANSWER_NOW)


@dataclass(frozen=True, slots=True)
class Standing:
    """One person before one ticket: what is known, and what the person is to it."""

    facts: rules.Facts
    held: frozenset[flow.Party]
    unit: UnitInfo


def standing(
    actor: Actor, ticket: Ticket, net: Network, clocks: list[Clock], *, is_fresh: bool = False
) -> Standing:
    """Return what ``actor`` is to ``ticket``, with all the facts the rules ask for.

    One statement; none when the ticket ``is_fresh``: nothing can hang on it yet.
    """
    unit = net.by_id[ticket.unit_id]
    known = _NOTHING if is_fresh else _hanging_on(ticket)
    co_paths = frozenset(net.by_id[unit_id].path for unit_id in known["part"])
    found = rules.Facts(
        status=ticket.status,
        unit_path=unit.path,
        unit_kind=unit.kind,
        enterprise_id=ticket.enterprise_id,
        handler_id=ticket.handler_id,
        co_paths=co_paths,
        kind=ticket.kind,
        level=ticket.level,
        cycle=ticket.cycle,
        return_count=ticket.return_count,
        return_until=_return_until(ticket, clocks),
        extension_count=ticket.extension_count,
        has_pending_extension=bool(known["extension"]),
        has_open_supervision=bool(known["supervision"]),
        resolve_due_at=_resolve_due(clocks, ticket.cycle),
        closed_at=ticket.closed_at,
        urged_on=ticket.urged_on,
        handled_by=frozenset(known["handled"]),
    )
    return Standing(found, flow.parties(actor, found), unit)


def actions_now(actor: Actor, place: Standing, now: datetime, today: date) -> list[Action]:
    """Return the actions the person may do now."""
    return rules.available(place.facts, actor, place.held, now=now, today=today)


def _hanging_on(ticket: Ticket) -> dict[str, set[int]]:
    """Return open parts' units, a pending extension, an open supervision case and who handled, in one go."""
    rows: CompoundSelect[Any] = union_all(
        select(literal("part"), Part.unit_id).where(
            Part.ticket_id == ticket.id,
            Part.cycle == ticket.cycle,
            Part.finished_at.is_(None),
            Part.cancelled_at.is_(None),
        ),
        select(literal("extension"), Extension.id).where(
            Extension.ticket_id == ticket.id,
            Extension.cycle == ticket.cycle,
            Extension.state == ExtensionState.PENDING,
        ),
        select(literal("supervision"), Supervision.id).where(
            Supervision.ticket_id == ticket.id, Supervision.answered_at.is_(None)
        ),
        select(literal("handled"), Event.actor_id).where(
            Event.ticket_id == ticket.id, Event.action.in_(_HANDLING), Event.actor_id.is_not(None)
        ),
    )
    found: dict[str, set[int]] = {"part": set(), "extension": set(), "supervision": set(), "handled": set()}
    for what, which in db.session.execute(rows):
        found[what].add(which)
    return found


def _resolve_due(clocks: list[Clock], cycle: int) -> datetime | None:
    for clock in clocks:
        is_open = clock.state in {ClockState.RUNNING, ClockState.PAUSED}
        if clock.metric is Metric.RESOLVE and clock.cycle == cycle and is_open:
            return clock.due_at
    return None


def _return_until(ticket: Ticket, clocks: list[Clock]) -> datetime | None:
    if (
        ticket.status not in {State.DISPATCHED, State.PROCESSING}
        or ticket.dispatched_at is None
        or not clocks
    ):
        return None
    return due_at(ticket.dispatched_at, RETURN_WINDOW, sla.calendar_by_id(clocks[-1].calendar_id)).at


def handler_in(unit_id: int, email: str) -> int | None:
    """Return the id of the active person with ``email`` who can handle tickets in the unit, if any."""
    return db.session.scalar(
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            User.email == email.strip().lower(),
            User.is_active,
            Membership.unit_id == unit_id,
            Membership.role.in_(HANDLING_ROLES),
        )
        .limit(1)
    )
