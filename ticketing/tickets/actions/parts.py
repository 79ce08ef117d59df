"""Co-units: each has a part of the ticket, with a limit and a reply of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.network.queries import UnitInfo
from ticketing.sla import queries as sla_queries
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import BadLimit, Limit
from ticketing.tickets.actions.step import Step
from ticketing.tickets.models import Part


class AlreadyInvited(Invalid):
    """The unit has an open part already, or leads."""

    sentence = N_("该单位已在办理这件诉求")


def read_limit(text: str) -> Limit:
    """Return the limit somebody typed; raise Invalid naming the field."""
    try:
        return Limit.parse(text)
    except BadLimit as wrong:
        wrong.fields = {"due_limit": [wrong.text]}
        raise


def invite_unit(step: Step, unit: UnitInfo, limit_text: str, message: str) -> Part:
    """Give ``unit`` a part of the ticket, due by the limit on its own calendar."""
    if unit.id == step.ticket.unit_id or unit.id in {part.unit_id for part in open_parts(step)}:
        raise AlreadyInvited(fields={"unit": [AlreadyInvited.sentence]})
    limit = read_limit(limit_text)
    deadline = due_at(step.now, limit, sla_queries.calendar(unit.calendar_name))
    part = Part(
        ticket_id=step.ticket.id,
        cycle=step.ticket.cycle,
        unit_id=unit.id,
        message=message,
        limit=str(limit),
        invited_at=step.now,
        due_at=deadline.at,
    )
    db.session.add(part)
    step.takes_part.add(unit.id)
    return part


def open_parts(step: Step) -> list[Part]:
    """Return the parts of the present cycle that are neither finished nor called off."""
    wanted = select(Part).where(
        Part.ticket_id == step.ticket.id,
        Part.cycle == step.ticket.cycle,
        Part.finished_at.is_(None),
        Part.cancelled_at.is_(None),
    )
    return list(db.session.scalars(wanted.order_by(Part.id)))


def cancel_parts(step: Step) -> None:
    """Call off the open parts: the ticket needs them no more."""
    for part in open_parts(step):
        part.cancelled_at = step.now


def restore_parts(step: Step, cancelled_at: datetime) -> None:
    """Bring back the parts that were called off at that moment: what called them off is undone."""
    wanted = select(Part).where(Part.ticket_id == step.ticket.id, Part.cancelled_at == cancelled_at)
    for part in db.session.scalars(wanted):
        part.cancelled_at = None
        step.takes_part.add(part.unit_id)
