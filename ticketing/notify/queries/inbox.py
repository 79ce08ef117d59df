"""Reads of inboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from ticketing.accounts.models import User
from ticketing.core.actor import Actor
from ticketing.core.db import db, read
from ticketing.core.notices import NoticeReader
from ticketing.core.paging import DEFAULT_LIMIT
from ticketing.notify.models import InboxEntry
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.scope import is_theirs
from ticketing.tickets.words import Action

UNREAD_CAP = 100
_CAP: ColumnElement[int] = literal_column(str(UNREAD_CAP))


def _count(found: Select[Any]) -> ScalarSelect[Any]:
    return (
        select(func.count()).select_from(found.correlate(User).subquery()).correlate(User).scalar_subquery()
    )


def _unread_of(user: ColumnElement[int] | InstrumentedAttribute[int]) -> ScalarSelect[Any]:
    """How many entries and notices a person has not read; each count stops at the cap."""
    entries = (
        select(InboxEntry.id).where(InboxEntry.user_id == user, InboxEntry.read_at.is_(None)).limit(_CAP)
    )
    news = (
        select(NoticeReader.notice_id)
        .where(NoticeReader.user_id == user, NoticeReader.read_at.is_(None))
        .limit(_CAP)
    )
    return select(_count(entries) + _count(news)).correlate(User).scalar_subquery()


_UNREAD = select(_unread_of(bindparam("user_id", type_=Integer())))
UNREAD = _unread_of(User.id)
"""The same of any ``User``, for ``identity.carry``."""


def unread(actor: Actor) -> int:
    """Return how many unread entries and notices the person has, about UNREAD_CAP at most."""
    return read(_UNREAD, {"user_id": actor.user_id}).scalar() or 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an inbox: what happened to which ticket."""

    id: int
    number: str
    title: str
    action: Action
    said: dict[str, Any] | None
    at: datetime
    is_new: bool
    unit_id: int


def inbox(
    actor: Actor, *, before: int | None = None, limit: int = DEFAULT_LIMIT
) -> tuple[list[Entry], int | None]:
    """Return the person's entries, newest first, and the id to go on before; None on the last page.

    A ticket the person may no longer read is left out.
    """
    wanted = (
        select(
            InboxEntry.id, Ticket.number, Ticket.title, Event.action, Event.data["said"], Event.at,
            InboxEntry.read_at.is_(None), Ticket.unit_id,
        )
        .join(Event, Event.id == InboxEntry.event_id)
        .join(Ticket, Ticket.id == InboxEntry.ticket_id)
        .where(InboxEntry.user_id == actor.user_id, is_theirs(actor))
        .order_by(InboxEntry.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        wanted = wanted.where(InboxEntry.id < before)
    rows = [Entry(*row) for row in db.session.execute(wanted)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
