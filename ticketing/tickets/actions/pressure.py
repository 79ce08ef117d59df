"""Pressure: the company or a superior urges, the supervisor demands an answer by a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.sla import queries as sla_queries
from ticketing.sla.rules.deadlines import due_at
from ticketing.tickets.actions.parts import read_limit
from ticketing.tickets.actions.step import Step
from ticketing.tickets.flow import Party
from ticketing.tickets.models import Supervision
from ticketing.tickets.wishes import AnswerSupervision, RevokeCard, Supervise, Urge
from ticketing.tickets.words import Action


def urge(step: Step) -> None:
    """Ask the unit to hurry; a company's urges are counted and limited to one a day."""
    step.ticket.urge_count += 1
    if Party.REQUESTER in step.place.held:
        step.ticket.urged_on = step.today
    step.said["message"] = cast(Urge, step.wish).message


def supervise(step: Step) -> None:
    """Open a supervision case on the unit that has the ticket."""
    wish = cast(Supervise, step.wish)
    limit = read_limit(wish.due_limit)
    deadline = due_at(step.now, limit, sla_queries.calendar(step.unit.calendar_name))
    db.session.add(
        Supervision(
            ticket_id=step.ticket.id,
            unit_id=step.unit.id,
            demand=wish.demand,
            limit=str(limit),
            opened_by=step.actor.user_id,
            opened_at=step.now,
            due_at=deadline.at,
            card=wish.card,
        )
    )
    step.said |= {"demand": wish.demand, "due_limit": str(limit), "due_at": deadline.at}
    if wish.card is not None:
        step.said["card"] = wish.card


def revoke_card(step: Step) -> None:
    """Take back the latest card; the case and its card stay on record."""
    wanted = select(Supervision).where(
        Supervision.ticket_id == step.ticket.id,
        Supervision.card.is_not(None),
        Supervision.revoked_at.is_(None),
    )
    case = db.session.scalars(wanted.order_by(Supervision.id.desc()).limit(1)).one()
    case.revoked_by, case.revoked_at = step.actor.user_id, step.now
    case.revoked_because = cast(RevokeCard, step.wish).reason
    step.said |= {"card": case.card, "reason": case.revoked_because}


def answer_supervision(step: Step) -> None:
    """Answer the oldest open supervision case."""
    wanted = select(Supervision).where(
        Supervision.ticket_id == step.ticket.id, Supervision.answered_at.is_(None)
    )
    case = db.session.scalars(wanted.order_by(Supervision.id).limit(1)).one()
    case.reply = cast(AnswerSupervision, step.wish).reply
    case.answered_by, case.answered_at = step.actor.user_id, step.now
    step.said["reply"] = case.reply


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.URGE: urge,
    Action.SUPERVISE: supervise,
    Action.ANSWER_SUPERVISION: answer_supervision,
    Action.REVOKE_CARD: revoke_card,
}
