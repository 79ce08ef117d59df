"""Reads for the dispatch catalogue: which unit sends back what, of the requests received in a period."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, distinct, func, select

from ticketing.core.db import db
from ticketing.insight.queries import Scope
from ticketing.insight.rules import Period, Sent
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries.going import counts_in_figures
from ticketing.tickets.scope import is_sent
from ticketing.tickets.words import Action


def sent(wanted: Scope, period: Period) -> list[Sent]:
    """Return for each category and unit how many requests it got and how many of them it sent back.

    A unit got what it leads now and what it sent back; two statements over what was received in the period.
    """
    cohort = and_(
        Ticket.received_at >= period.start, Ticket.received_at < period.end, is_sent(), counts_in_figures()
    )
    led = (
        select(Ticket.category, Ticket.unit_id, func.count())
        .where(cohort, Ticket.dispatched_at.is_not(None), *_within(Ticket.unit_id, wanted))
        .group_by(Ticket.category, Ticket.unit_id)
    )
    is_gone = case((Ticket.unit_id != Event.unit_id, Ticket.id))
    returned = (
        select(Ticket.category, Event.unit_id, func.count(distinct(Ticket.id)), func.count(distinct(is_gone)))
        .join(Event, and_(Event.ticket_id == Ticket.id, Event.action == Action.REQUEST_RETURN))
        .where(cohort, Ticket.return_count > 0, *_within(Event.unit_id, wanted))
        .group_by(Ticket.category, Event.unit_id)
    )
    got: dict[tuple[str, Any], int] = {(row[0], row[1]): row[2] for row in db.session.execute(led)}
    back: dict[tuple[str, Any], int] = {}
    for category, unit_id, count, gone in db.session.execute(returned):
        back[category, unit_id] = count
        got[category, unit_id] = got.get((category, unit_id), 0) + gone
    return [Sent(*key, count, back.get(key, 0)) for key, count in got.items()]


def _within(column: Any, wanted: Scope) -> tuple[ColumnElement[bool], ...]:
    return () if wanted.unit_ids is None else (column.in_(sorted(wanted.unit_ids)),)
