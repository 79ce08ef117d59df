"""Reads for pages that are open: how much is new, and what entered an inbox since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, union_all

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.notices import Notice, NoticeReader
from ticketing.notify.models import InboxEntry
from ticketing.notify.queries.inbox import UNREAD_CAP
from ticketing.tickets.models import Ticket
from ticketing.tickets.scope import is_theirs

OVERLAP = timedelta(seconds=20)
"""Entries are not seen in the order of their ids: one written earlier may be committed later."""
OVERLAP_IDS = 500
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class News:
    """How many entries are unread, and how many of those came after a moment; both at most UNREAD_CAP."""

    unread: int
    fresh: int


def news(actor: Actor, since: datetime) -> News:
    """Return what is unread, and what of it is newer than the page."""
    entries = select(InboxEntry.entered_at.label("at")).where(
        InboxEntry.user_id == actor.user_id, InboxEntry.read_at.is_(None)
    )
    notices = (
        select(Notice.at.label("at"))
        .join(NoticeReader, NoticeReader.notice_id == Notice.id)
        .where(NoticeReader.user_id == actor.user_id, NoticeReader.read_at.is_(None))
    )
    unread_ones = union_all(entries, notices).limit(UNREAD_CAP).subquery()
    is_fresh = unread_ones.c.at > since
    wanted = select(func.count(), func.count().filter(is_fresh)).select_from(unread_ones)
    return News(*db.session.execute(wanted).one())


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry that arrived: its id and its ticket's number."""

    id: int
    number: str


def newest() -> int:
    """Return the id of the newest entry of anybody."""
    return db.session.scalar(select(func.max(InboxEntry.id))) or 0


def recent(after: int) -> list[tuple[int, int]]:
    """Return id and owner of the entries after an id, and of some before it, which may have come later."""
    wanted = select(InboxEntry.id, InboxEntry.user_id).where(InboxEntry.id > after - OVERLAP_IDS)
    return [(row[0], row[1]) for row in db.session.execute(wanted.order_by(InboxEntry.id))]


def arrived(actor: Actor, after: int, now: datetime, known: Collection[int] = ()) -> list[Arrived]:
    """Return the person's entries after an id, and late-comers of the last seconds, unless ``known``.

    Only of tickets the person may read now; the oldest first.
    """
    wanted = (
        select(InboxEntry.id, Ticket.number)
        .join(Ticket, Ticket.id == InboxEntry.ticket_id)
        .where(
            InboxEntry.user_id == actor.user_id,
            InboxEntry.id > after - OVERLAP_IDS,
            or_(InboxEntry.id > after, InboxEntry.entered_at > now - OVERLAP),
            is_theirs(actor),
        )
        .order_by(InboxEntry.id.desc())
        .limit(MOST_AT_ONCE)
    )
    found = [Arrived(*row) for row in db.session.execute(wanted) if row[0] not in known]
    return found[::-1]
