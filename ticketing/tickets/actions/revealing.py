"""A masked contact is shown only to somebody who asks for it, and the asking is on the ticket's record."""

from __future__ import annotations

from datetime import datetime

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.text import N_, clean_line
from ticketing.network.models import Unit
from ticketing.tickets.actions.step import locked, publish, record
from ticketing.tickets.models import Ticket
from ticketing.tickets.scope import may_see_contact
from ticketing.tickets.words import Action

MAX_REASON = 100


class ReasonNeeded(Invalid):
    """Looking at a person's phone number needs a purpose."""

    sentence = N_("请写明查看联系方式的用途，最多 100 个字")


def reveal(actor: Actor, number: str, reason: str, *, now: datetime) -> Ticket:
    """Record that ``actor`` looked at the requester's contact, and why; the version stays as it was.

    Raises NotFound, NotPermitted, ReasonNeeded.
    """
    purpose = clean_line(reason)
    if not 1 <= len(purpose) <= MAX_REASON:
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.sentence]})
    with transaction():
        ticket = locked(actor, number)
        path = db.session.get_one(Unit, ticket.unit_id).path
        if not may_see_contact(actor, ticket, path):
            raise NotPermitted
        publish(
            record(ticket, actor, Action.REVEAL, ticket.status, {"said": {"reason": purpose}}, now), set()
        )
    return ticket
