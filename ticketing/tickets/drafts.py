"""Drafts: what somebody is typing, kept for that person alone on whatever device, until it is sent.

Table, reads and writes in one place, like core/idempotency: nothing else knows them. A draft is no part of
the ticket: it raises no version, writes no event, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core import idempotency
from ticketing.core.actor import Actor
from ticketing.core.db import JsonB, Model, db, transaction, words
from ticketing.core.errors import Invalid, NotFound
from ticketing.core.text import N_
from ticketing.tickets.models import Ticket
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import visible
from ticketing.tickets.wishes import WISHES
from ticketing.tickets.words import Action

DRAFT_LIFE = timedelta(days=30)
MAX_DRAFT_BYTES = 32 * 1024
_NOT_TYPED = frozenset({"version"})
Fields = list[tuple[str, str]]


class Draft(Model):
    """What one person has typed into the form of one action on one ticket."""

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    action: Mapped[Action] = mapped_column(words(Action), primary_key=True)
    fields: Mapped[list[list[str]]] = mapped_column(JsonB)
    saved_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Kept:
    """One draft as its writer gets it back."""

    action: Action
    fields: Fields
    saved_at: datetime


def typed(action: Action, sent: Iterable[tuple[str, str]]) -> Fields:
    """Return what of a form is the person's own: the answers to what the action asks, empty ones left out."""
    asked = WISHES[action].model_fields.keys() - _NOT_TYPED
    return [(name, value) for name, value in sent if name in asked and value.strip()]


def save(
    actor: Actor, number: str, action: Action, fields: Fields, *, now: datetime, once: str | None = None
) -> bool:
    """Keep ``fields`` as the draft of this person; nothing typed drops it. Return whether one is kept.

    A form that was sent under the key ``once`` meanwhile leaves no draft behind. Raises NotFound, Invalid.
    """
    if sum(len(name.encode()) + len(value.encode()) for name, value in fields) > MAX_DRAFT_BYTES:
        raise Invalid(N_("草稿太长，没有存下；请先缩短，或者分成几段"))
    with transaction():
        wanted = visible(actor).with_only_columns(Ticket.id).where(Ticket.number == read_number(number))
        ticket_id = db.session.scalar(wanted)
        if ticket_id is None:
            raise NotFound(number=number)
        if not fields or idempotency.is_used(f"user:{actor.user_id}", once):
            drop(actor, ticket_id, action)
            return False
        row = {"user_id": actor.user_id, "ticket_id": ticket_id, "action": action}
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        kept = {"fields": [list(pair) for pair in fields], "saved_at": now}
        insert = dialect.insert(Draft).values(row | kept)
        db.session.execute(insert.on_conflict_do_update(index_elements=list(row), set_=kept))
    return True


def drop(actor: Actor, ticket_id: int, action: Action) -> None:
    """Forget a draft: it was sent. Inside the transaction that sends it."""
    theirs = (Draft.user_id == actor.user_id) & (Draft.ticket_id == ticket_id) & (Draft.action == action)
    db.session.execute(delete(Draft).where(theirs))


def drafts(actor: Actor, number: str) -> list[Kept]:
    """Return this person's drafts on a ticket, in one statement; raise NotFound."""
    mine = (Draft.ticket_id == Ticket.id) & (Draft.user_id == actor.user_id)
    wanted = (
        visible(actor)
        .with_only_columns(Draft.action, Draft.fields, Draft.saved_at)
        .select_from(Ticket)
        .outerjoin(Draft, mine)
        .where(Ticket.number == read_number(number))
        .order_by(Draft.action)
    )
    rows = db.session.execute(wanted).all()
    if not rows:
        raise NotFound(number=number)
    return [_kept(*row) for row in rows if row.saved_at]


def draft(actor: Actor, ticket_id: int, action: Action) -> Kept | None:
    """Return this person's draft for one action on a ticket he may read."""
    wanted = select(Draft.action, Draft.fields, Draft.saved_at).where(
        Draft.user_id == actor.user_id, Draft.ticket_id == ticket_id, Draft.action == action
    )
    row = db.session.execute(wanted).one_or_none()
    return _kept(*row) if row else None


def _kept(action: Action, fields: list[list[str]], saved_at: datetime) -> Kept:
    return Kept(action, [(name, value) for name, value in fields], saved_at)


def forget_old(now: datetime) -> int:
    """Drop the drafts nobody has touched for thirty days and return how many."""
    with transaction():
        gone = delete(Draft).where(Draft.saved_at <= now - DRAFT_LIFE)
        return db.session.execute(gone).rowcount  # type: ignore[no-any-return,attr-defined] # a DELETE counts
