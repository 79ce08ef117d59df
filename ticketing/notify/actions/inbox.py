"""Writes of inboxes: what its owner has read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, true, update

from ticketing.core.actor import Actor
from ticketing.core.db import db, transaction
from ticketing.core.errors import NotFound
from ticketing.core.notices import NoticeReader
from ticketing.notify.models import InboxEntry
from ticketing.notify.queries import notices
from ticketing.tickets.models import Ticket
from ticketing.tickets.scope import is_theirs


def open_entry(actor: Actor, entry_id: int, *, now: datetime) -> str:
    """Mark everything about the entry's ticket as read; return the ticket's number.

    Raises NotFound when the entry is not this person's, or its ticket no longer is.
    """
    wanted = (
        select(Ticket.id, Ticket.number)
        .join(InboxEntry, InboxEntry.ticket_id == Ticket.id)
        .where(InboxEntry.id == entry_id, InboxEntry.user_id == actor.user_id, is_theirs(actor))
    )
    with transaction():
        found = db.session.execute(wanted).first()
        if found is None:
            raise NotFound
        _read(actor, InboxEntry.ticket_id == found.id, now)
    return str(found.number)


def read_all(actor: Actor, up_to: int, *, now: datetime) -> None:
    """Mark the person's entries as read, up to the newest one the page showed."""
    with transaction():
        _read(actor, InboxEntry.id <= up_to, now)
        _read_notices(actor, true(), now)


def open_notice(actor: Actor, notice_id: int, *, now: datetime) -> str:
    """Mark a notice as read and return the path of what it is about; raise NotFound when it is not theirs."""
    with transaction():
        path = notices.path_of(actor, notice_id)
        _read_notices(actor, NoticeReader.notice_id == notice_id, now)
    return path


def _read_notices(actor: Actor, which: ColumnElement[bool], now: datetime) -> None:
    unread = (NoticeReader.user_id == actor.user_id, NoticeReader.read_at.is_(None), which)
    db.session.execute(update(NoticeReader).where(*unread).values(read_at=now))


def _read(actor: Actor, which: ColumnElement[bool], now: datetime) -> None:
    unread = (InboxEntry.user_id == actor.user_id, InboxEntry.read_at.is_(None), which)
    db.session.execute(update(InboxEntry).where(*unread).values(read_at=now))
