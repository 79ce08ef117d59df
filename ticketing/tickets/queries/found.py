"""Why tickets were found when it cannot be seen in their rows: the text, a file, the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.network.models import Unit
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.scope import may_see_contact


@dataclass(slots=True)
class Behind:
    """What stands behind a row, as far as the reader may know it: the phone is empty when not."""

    text: str
    phone: str
    files: list[str] = field(default_factory=list)


def behind(actor: Actor, ticket_ids: Sequence[int]) -> dict[int, Behind]:
    """Return what stands behind the rows of some tickets in the actor's sight, in one statement."""
    if not ticket_ids:
        return {}
    rows = db.session.execute(
        select(
            Ticket.id, Ticket.description, Ticket.contact_phone, Ticket.is_confidential, Ticket.enterprise_id,
            Ticket.handler_id, Unit.path, Attachment.name, Attachment.is_internal,
        )
        .join(Unit, Unit.id == Ticket.unit_id)
        .outerjoin(Attachment, Attachment.ticket_id == Ticket.id)
        .where(Ticket.id.in_(ticket_ids))
        .order_by(Ticket.id, Attachment.id)
    )  # fmt: skip
    found: dict[int, Behind] = {}
    for row in rows:
        may_see = may_see_contact(actor, row, row.path)
        one = found.setdefault(row.id, Behind(row.description, row.contact_phone if may_see else ""))
        is_hidden = row.is_internal and actor.enterprise_id is not None
        if row.name and not is_hidden and (may_see or not row.is_confidential):
            one.files.append(row.name)
    return found
