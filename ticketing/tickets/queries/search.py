"""Finding tickets by what people type: a number, a company, words of the text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from ticketing.core.text import clean_line
from ticketing.tickets.models import Ticket
from ticketing.tickets.rules import read_number

MAX_WORDS = 8


def matches(text: str) -> ColumnElement[bool]:
    """Return the condition under which a ticket holds every word of ``text`` (or is the number typed)."""
    number = read_number(text)
    if number:
        return Ticket.number == number
    found: ColumnElement[bool] = Ticket.id > 0
    for word in clean_line(text).split()[:MAX_WORDS]:
        found &= or_(
            Ticket.title.icontains(word, autoescape=True),
            Ticket.description.icontains(word, autoescape=True),
            Ticket.number.icontains(word, autoescape=True),
        )
    return found
