"""The files on a ticket, and who may read them: whoever reads the ticket, with two exceptions.

An internal file is not for the company. On a confidential ticket files are read only by those who may read
the requester's name, and by whoever added them.
"""

from __future__ import annotations

import re

from sqlalchemy import func, select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.network.models import Unit
from ticketing.tickets import flow
from ticketing.tickets.facts import Standing
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.scope import is_theirs, may_see_contact

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}", re.ASCII)


def files_of(actor: Actor, ticket: Ticket, place: Standing) -> list[Attachment]:
    """Return the files of a ticket this person may read, oldest first."""
    is_requester = flow.Party.REQUESTER in place.held
    is_open = not ticket.is_confidential or may_see_contact(actor, ticket, place.unit.path)
    return [
        file
        for file in place.hanging.attachments
        if not (file.is_internal and is_requester) and (is_open or file.uploaded_by == actor.user_id)
    ]


def count_of(ticket: Ticket) -> int:
    """Return how many files hang on a ticket, internal ones included."""
    counted = select(func.count()).select_from(Attachment).where(Attachment.ticket_id == ticket.id)
    return db.session.scalars(counted).one()


def attachment(actor: Actor, token: str) -> Attachment:
    """Return a file by its public name; raise NotFound when there is none this person may read."""
    if not _TOKEN.fullmatch(token):
        raise NotFound
    found = db.session.execute(
        select(Attachment, Ticket, Unit.path)
        .join(Ticket, Ticket.id == Attachment.ticket_id)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(is_theirs(actor), Attachment.token == token)
    ).one_or_none()
    if found is None:
        raise NotFound
    file, ticket, path = found
    is_hidden = file.is_internal and actor.enterprise_id is not None
    is_open = not ticket.is_confidential or may_see_contact(actor, ticket, path)
    if is_hidden or not (is_open or file.uploaded_by == actor.user_id):
        raise NotFound
    return file
