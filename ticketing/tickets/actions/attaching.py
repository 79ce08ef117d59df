"""Adding a file to a ticket: bytes on disk, a row and an event, all or none of it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from ticketing.core import files
from ticketing.core.actor import Actor
from ticketing.core.db import db, on_rollback, transaction
from ticketing.core.errors import Invalid, NotPermitted, WrongState
from ticketing.core.files import Shelf, Upload
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.tickets import flow
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.step import locked, publish, record
from ticketing.tickets.facts import actions_now, standing
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.queries.files import count_of
from ticketing.tickets.words import ENDED, Action, State

MAX_FILES = 10
TOKEN_BYTES = 18
MEGABYTE = 1 << 20


class TooManyFiles(Invalid):
    """A ticket holds only so many files."""

    sentence = N_("一件诉求最多 %(most)s 个附件")


def attach(
    actor: Actor, number: str, upload: Upload, *, shelf: Shelf, now: datetime, is_internal: bool = False
) -> Attachment:
    """Add a file to a ticket that is not over; an internal one is hidden from the company.

    Several files are added together by calling this inside one ``transaction()``. A company's own files are
    never internal. Raises NotFound, NotPermitted, WrongState, TooManyFiles, files.TooLarge, files.NotTaken.
    """
    if len(upload.content) > shelf.max_bytes:
        sentence = files.TooLarge.sentence
        raise files.TooLarge(fields={"file": [sentence]}, most=shelf.max_bytes // MEGABYTE)
    name = files.clean_name(upload.name)
    sort = files.sort_of(name, upload.content)
    with transaction():
        ticket = locked(actor, number)
        place = standing(actor, ticket, network(), sla.clocks_of(ticket.id))
        if not place.held:
            raise NotPermitted
        if ticket.status in ENDED:
            offered = [action.value for action in actions_now(actor, place, now, local_date(now))]
            raise WrongState(extra={"available_actions": offered})
        if count_of(ticket) >= MAX_FILES:
            raise TooManyFiles(fields={"file": [TooManyFiles.sentence]}, most=MAX_FILES)
        found = Attachment(
            token=secrets.token_urlsafe(TOKEN_BYTES),
            ticket_id=ticket.id,
            name=name,
            content_type=sort.content_type,
            size_bytes=len(upload.content),
            sha256=hashlib.sha256(upload.content).hexdigest(),
            is_internal=is_internal and flow.Party.REQUESTER not in place.held,
            uploaded_by=actor.user_id,
            uploaded_at=now,
        )
        db.session.add(found)
        if ticket.status is not State.DRAFT:  # a draft's history begins when it is sent
            _record(ticket, found, actor, now)
        db.session.flush()
        if ticket.status is not State.DRAFT:
            indexing.index(ticket)
        on_rollback(lambda: files.forget(shelf.folder, found.token))
        files.keep(shelf.folder, found.token, upload.content)
    return found


def _record(ticket: Ticket, file: Attachment, actor: Actor, now: datetime) -> None:
    ticket.version += 1
    ticket.last_action, ticket.last_at = Action.ATTACH, now
    said = {
        "name": file.name,
        "size": file.size_bytes,
        "sha256": file.sha256,
        "is_internal": file.is_internal,
    }
    data = {"set": {"version": ticket.version}, "said": said}
    publish(record(ticket, actor, Action.ATTACH, ticket.status, data, now), set())
