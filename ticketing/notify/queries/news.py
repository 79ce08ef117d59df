"""Reads for pages that are open: how much is new, and what entered an inbox since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, false, func, or_, select, true, union_all

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
OVERLAP_NOTICES = 20
"""Notices are few, and each has many readers."""
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


class Mark(NamedTuple):
    """How far inboxes have been looked at: the newest entry and the newest notice seen, by their ids."""

    entry: int = 0
    notice: int = 0


class Came(NamedTuple):
    """That something came to somebody: an entry, or else a notice."""

    is_notice: bool
    id: int
    owner: int


_NEWEST = select(
    select(func.max(InboxEntry.id)).scalar_subquery(), select(func.max(Notice.id)).scalar_subquery()
)
_ENTRY, _NOTICE = bindparam("entry", type_=Integer()), bindparam("notice", type_=Integer())
_RECENT = union_all(
    select(false(), InboxEntry.id, InboxEntry.user_id).where(InboxEntry.id > _ENTRY),
    select(true(), NoticeReader.notice_id, NoticeReader.user_id).where(NoticeReader.notice_id > _NOTICE),
)


def mark() -> Mark:
    """Return the newest of anybody."""
    return Mark(*(found or 0 for found in db.session.execute(_NEWEST).one()))


def recent(after: Mark) -> set[Came]:
    """Return what came to anybody after ``after``, and some of before, which may be committed only now."""
    since = {"entry": after.entry - OVERLAP_IDS, "notice": after.notice - OVERLAP_NOTICES}
    return {Came(bool(row[0]), row[1], row[2]) for row in db.session.execute(_RECENT, since)}


def beyond(after: Mark, found: Collection[Came]) -> Mark:
    """Return how far inboxes have been looked at once ``found`` was seen."""
    return Mark(
        max((one.id for one in found if not one.is_notice), default=after.entry),
        max((one.id for one in found if one.is_notice), default=after.notice),
    )


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
