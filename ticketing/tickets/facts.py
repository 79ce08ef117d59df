"""Loads what must be known of one ticket to decide what may be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

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
from ticketing.tickets.hanging import Hanging, hanging_on
from ticketing.tickets.models import Part, Ticket
from ticketing.tickets.words import Action, ExtensionState, State

RETURN_WINDOW = Limit.parse("1wd")
HANDLING_ROLES = (Role.HANDLER, Role.STATION_HEAD)


@dataclass(frozen=True, slots=True)
class Standing:
    """One person before one ticket: what is known, and what the person is to it."""

    facts: rules.Facts
    held: frozenset[flow.Party]
    unit: UnitInfo
    hanging: Hanging


def standing(
    actor: Actor, ticket: Ticket, net: Network, clocks: list[Clock] | None = None, *, is_fresh: bool = False
) -> Standing:
    """Return what ``actor`` is to ``ticket``, with all the facts the rules ask for.

    One statement; none when the ticket ``is_fresh``: nothing can hang on it yet. Without ``clocks`` they come
    with what hangs on it, for reading only.
    """
    unit = net.by_id[ticket.unit_id]
    hanging = Hanging() if is_fresh else hanging_on(ticket, with_clocks=clocks is None)
    clocks = hanging.clocks if clocks is None else clocks
    owed = open_parts(hanging, ticket.cycle)
    found = rules.Facts(
        status=ticket.status,
        unit_path=unit.path,
        unit_kind=unit.kind,
        enterprise_id=ticket.enterprise_id,
        handler_id=ticket.handler_id,
        co_paths=frozenset(net.by_id[part.unit_id].path for part in owed),
        signing_paths=frozenset(net.by_id[part.unit_id].path for part in owed if part.handed_in_at),
        kind=ticket.kind,
        level=ticket.level,
        cycle=ticket.cycle,
        return_count=ticket.return_count,
        return_until=_return_until(ticket, clocks),
        extension_count=ticket.extension_count,
        has_pending_extension=any(
            asked.cycle == ticket.cycle and asked.state is ExtensionState.PENDING
            for asked in hanging.extensions
        ),
        has_open_supervision=any(case.answered_at is None for case in hanging.supervisions),
        has_card=any(case.card and case.revoked_at is None for case in hanging.supervisions),
        resolve_due_at=_resolve_due(clocks, ticket.cycle),
        closed_at=ticket.closed_at,
        urged_on=ticket.urged_on,
        handled_by=frozenset(hanging.handled_by),
    )
    return Standing(found, flow.parties(actor, found), unit, hanging)


def open_parts(hanging: Hanging, cycle: int) -> list[Part]:
    """Return the parts of ``cycle`` that are neither finished nor called off."""
    return [
        part
        for part in hanging.parts
        if part.cycle == cycle and part.finished_at is None and part.cancelled_at is None
    ]


def actions_now(actor: Actor, place: Standing, now: datetime, today: date) -> list[Action]:
    """Return the actions the person may do now."""
    return rules.available(place.facts, actor, place.held, now=now, today=today)


def _resolve_due(clocks: list[Clock], cycle: int) -> datetime | None:
    for clock in clocks:
        is_open = clock.state in {ClockState.RUNNING, ClockState.PAUSED}
        if clock.metric is Metric.RESOLVE and clock.cycle == cycle and is_open:
            return clock.due_at
    return None


def _return_until(ticket: Ticket, clocks: list[Clock]) -> datetime | None:
    own = [clock for clock in clocks if clock.metric is not Metric.PART]
    is_in_hand = ticket.status in {State.DISPATCHED, State.PROCESSING}
    if not is_in_hand or ticket.dispatched_at is None or not own:
        return None
    return due_at(ticket.dispatched_at, RETURN_WINDOW, sla.calendar_by_id(own[-1].calendar_id)).at


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
