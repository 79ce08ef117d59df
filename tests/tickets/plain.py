"""What a plain substring search would find, told in Python; and what the list gives."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select

from ticketing.accounts.models import Enterprise
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.network.models import Unit
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, listing
from ticketing.tickets.queries.search import matches
from ticketing.tickets.scope import may_see_contact
from ticketing.tickets.words import State


def naive_fold(value):
    """Return what counts in ``value``, told once more: any run of all else is one space."""
    kept = "".join(
        char if char.isalnum() else " " for char in unicodedata.normalize("NFKC", value).casefold()
    )
    return " ".join(kept.split())


def truth(typed, actor=SYSTEM):
    """Return numbers and levels of all tickets sent that hold every word, by substrings in Python."""
    rows = db.session.execute(
        select(Ticket, Enterprise.name, Unit.path)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .join(Unit, Unit.id == Ticket.unit_id)
        .where(Ticket.status != State.DRAFT)
    ).all()
    words = [folded for word in typed[:200].split() if (folded := naive_fold(word))][:16]
    if all(len(word) < 2 for word in words):
        return {}
    levels = {row[0].number: _level(words, _known(actor, *row)) for row in rows}
    return {number: level for number, level in levels.items() if level}


def _known(actor, ticket, company, path):
    """What the person may know of the ticket, by level; phones apart."""
    may_see = may_see_contact(actor, ticket, path)
    names = db.session.execute(
        select(Attachment.name, Attachment.is_internal).where(Attachment.ticket_id == ticket.id)
    ).all()
    files = [name for name, is_internal in names if not (is_internal and actor.enterprise_id)]
    known = {
        1: [ticket.title, ticket.number, ticket.number.replace("-", "")],
        2: [] if ticket.is_confidential else [company],
        3: [ticket.description],
        4: files if may_see or not ticket.is_confidential else [],
    }
    known[4] = known[4] + ([company] if ticket.is_confidential and may_see else [])
    return known, "".join(filter(str.isdecimal, ticket.contact_phone)) if may_see else ""


def _level(words, known):
    fields, phone = known

    def best(word):
        plain = word.replace(" ", "")
        if level := next(
            (level for level, texts in fields.items() if any(word in naive_fold(one) for one in texts)), None
        ):
            return level
        is_piece = len(plain) >= 3 and plain.isascii() and plain.isdecimal() and plain in phone
        return 4 if is_piece else None

    found = [best(word) for word in words]
    return max(found) if all(found) else None


def found(typed):
    return set(db.session.scalars(select(Ticket.number).where(matches(typed, SYSTEM))))


def seen_by(world, who, typed):
    """What the list gives a person, the same in each order."""
    wanted, actor = Filters(text=typed), world.actor(who)
    best = [row.number for row in listing(actor, wanted, sort=Sort.BEST, now=world.now).rows]
    latest = [row.number for row in listing(actor, wanted, now=world.now).rows]
    assert sorted(best) == sorted(latest)
    return set(best)
