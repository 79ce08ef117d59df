"""Finding tickets by what people type: a number, a company, words of the text.

Tokens in ``ticket_texts`` narrow (FTS5 on SQLite, a GIN index on PostgreSQL), a plain substring decides where
they do not prove the phrase: both databases give what ``core.tokens`` calls holding a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from ticketing.core.db import db
from ticketing.core.tokens import Query, folded, read_query
from ticketing.tickets.models import Ticket
from ticketing.tickets.rules import read_number

_TEXTS = table("ticket_texts", column("ticket_id", Integer), column("body", Text), column("grams"))
_FTS = table("ticket_texts", column("rowid", Integer), column("body", Text))
# These stand in nearly every text, for nearly every company is called so: looking them up narrows nothing and
# costs most. The phrase they belong to is compared instead.
_EVERYWHERE = frozenset({"苏州", "有限", "限公", "公司"})
# A few letters may stand before a number: QS, No, 工单编号QS.
_NUMBER = re.compile(r"\D{0,6}[0-9]{11}")


def matches(text: str) -> ColumnElement[bool]:
    """Return the condition under which a ticket is the number typed, or holds every word of ``text``.

    Searched are title, description, number (with and without dashes) and, unless the request is confidential,
    the company's name. A text without a letter or digit finds nothing; a draft is found by its number only.
    """
    number = _whole_number(text)
    if number:
        return Ticket.number == number
    query = read_query(text)
    if query is None:
        return false()
    is_sqlite = db.engine.dialect.name == "sqlite"
    return Ticket.id.in_(_found_by_fts(query) if is_sqlite else _found_by_gin(query))


def _whole_number(text: str) -> str | None:
    """Return the ticket number when ``text`` is one and nothing else."""
    plain = folded(text[:64]).replace(" ", "")
    return read_number(plain) if len(text) <= 64 and _NUMBER.fullmatch(plain) else None  # noqa: PLR2004


def _narrowing(query: Query) -> tuple[Sequence[str], Sequence[str]]:
    """The tokens worth looking up, and the phrases to compare because of those left out."""
    rare = [token for token in query.tokens if token not in _EVERYWHERE]
    if not rare or len(rare) == len(query.tokens):
        return query.tokens, query.to_compare
    return rare, query.phrases


def _found_by_gin(query: Query) -> Select[int]:
    """PostgreSQL. The tokens stand in the statement itself: the planner knows how common each one is."""
    tokens, phrases = _narrowing(query)
    terms = [f"'{token}'" for token in tokens] + [f"'{start}':*" for start in query.starts]
    wanted = bindparam(None, " & ".join(terms), Text, literal_execute=True)
    held = (func.strpos(_TEXTS.c.body, phrase) > 0 for phrase in phrases)
    return select(_TEXTS.c.ticket_id).where(*held, _TEXTS.c.grams.op("@@")(cast(wanted, TSQUERY)))


def _found_by_fts(query: Query) -> Select[int]:
    """SQLite. Every token is quoted."""
    tokens, phrases = _narrowing(query)
    terms = [f'"{token}"' for token in tokens] + [f'"{start}" *' for start in query.starts]
    held = (func.instr(_FTS.c.body, phrase) > 0 for phrase in phrases)
    is_match = literal_column("ticket_texts").op("MATCH", is_comparison=True)(" AND ".join(terms))
    return select(_FTS.c.rowid).where(is_match, *held)
