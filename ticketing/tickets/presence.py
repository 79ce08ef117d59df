"""Presence: who else of the staff has a ticket open now, and writes what. It locks nothing and means nothing.

Rows, because the hosts share nothing else. An open page says so every ``BEAT_SECONDS`` while somebody looks
at it; opening a page writes nothing, and a beat that would tell nothing new is not written either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.accounts.models import User
from ticketing.core.actor import Actor
from ticketing.core.db import Model, db, transaction, words
from ticketing.core.errors import NotFound
from ticketing.tickets.models import Ticket
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import visible
from ticketing.tickets.words import Action

BEAT_SECONDS = 20
PRESENCE_LIFE = timedelta(seconds=50)
"""Two beats and a bit: one lost on the way does not make anybody vanish."""
_IS_FRESH = timedelta(seconds=BEAT_SECONDS - 5)
_FADES = timedelta(seconds=BEAT_SECONDS + 5)
"""So long another page of the same person, on which nothing is written, lets stand that something is."""
_IS_GONE = timedelta(hours=1)


class Presence(Model):
    """One person at one ticket; ``doing`` is the action being written, if any."""

    __tablename__ = "presences"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    doing: Mapped[Action | None] = mapped_column(words(Action))
    seen_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else at the ticket, and what is being written."""

    name: str
    doing: Action | None


@dataclass(frozen=True, slots=True)
class Here:
    """What an open page is told: the others, and the ticket's version now."""

    others: list[Other]
    version: int


def here(actor: Actor, number: str, doing: Action | None, *, now: datetime) -> Here:
    """Say that ``actor`` is at the ticket, and return who else is: one read, and a write when it is news.

    Raises NotFound; for a company's people always: who works on what is no concern of theirs.
    """
    if actor.enterprise_id is not None:
        raise NotFound(number=number)
    recent = (Presence.ticket_id == Ticket.id) & (Presence.seen_at > now - PRESENCE_LIFE)
    wanted = (
        visible(actor)
        .with_only_columns(
            Ticket.id, Ticket.version, Presence.user_id, Presence.doing, Presence.seen_at, User.name
        )
        .select_from(Ticket)
        .outerjoin(Presence, recent)
        .outerjoin(User, User.id == Presence.user_id)
        .where(Ticket.number == read_number(number))
        .order_by(User.name, Presence.user_id)
    )
    rows = db.session.execute(wanted).all()
    if not rows:
        raise NotFound(number=number)
    mine = next((row for row in rows if row.user_id == actor.user_id), None)
    if mine is None or _is_news(mine.doing, doing, now - mine.seen_at):
        _write(actor, rows[0].id, doing, now)
    others = [Other(row.name, row.doing) for row in rows if row.user_id not in {None, actor.user_id}]
    return Here(others, rows[0].version)


def _is_news(before: Action | None, doing: Action | None, age: timedelta) -> bool:
    if before is not None and doing is None:
        return age >= _FADES
    return before is not doing or age >= _IS_FRESH


def _write(actor: Actor, ticket_id: int, doing: Action | None, now: datetime) -> None:
    row = {"ticket_id": ticket_id, "user_id": actor.user_id}
    news = {"doing": doing, "seen_at": now}
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Presence).values(row | news)
    with transaction():
        db.session.execute(insert.on_conflict_do_update(index_elements=list(row), set_=news))


def leave(actor: Actor, number: str) -> None:
    """Say that ``actor`` has gone from the ticket; unknown or unreadable ones are left alone."""
    theirs = visible(actor).with_only_columns(Ticket.id).where(Ticket.number == read_number(number))
    with transaction():
        gone = delete(Presence).where(
            Presence.user_id == actor.user_id, Presence.ticket_id.in_(theirs.scalar_subquery())
        )
        db.session.execute(gone)


def forget_old(now: datetime) -> int:
    """Drop the rows of people who left without a word and return how many."""
    with transaction():
        gone = delete(Presence).where(Presence.seen_at <= now - _IS_GONE)
        return db.session.execute(gone).rowcount  # type: ignore[no-any-return,attr-defined] # a DELETE counts
