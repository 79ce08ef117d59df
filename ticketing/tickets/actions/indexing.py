"""Keeping the search index: one row for each ticket sent, written in the transaction of the sending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text

from ticketing.accounts.models import Enterprise
from ticketing.core import tokens
from ticketing.core.db import db, transaction
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import State

_BATCH = 5_000
_INSERT = {
    "sqlite": text(
        "INSERT OR REPLACE INTO ticket_texts (rowid, body, grams) VALUES (:ticket_id, :body, :grams)"
    ),
    "postgresql": text(
        "INSERT INTO ticket_texts (ticket_id, body, grams) "
        "VALUES (:ticket_id, :body, CAST(:grams AS tsvector)) "
        "ON CONFLICT (ticket_id) DO UPDATE SET body = excluded.body, grams = excluded.grams"
    ),
}
_COPY = "COPY ticket_texts (ticket_id, body, grams) FROM STDIN"
# PostgreSQL writes the rows first and the index in one go: several times as fast.
_AROUND_REBUILD = {
    "sqlite": (
        ("DELETE FROM ticket_texts",),
        ("INSERT INTO ticket_texts (ticket_texts) VALUES ('optimize')",),
    ),
    "postgresql": (
        (
            "TRUNCATE ticket_texts",
            "DROP INDEX ix_ticket_texts_grams",
            "SET LOCAL maintenance_work_mem = '256MB'",
        ),
        ("CREATE INDEX ix_ticket_texts_grams ON ticket_texts USING gin (grams)", "ANALYZE ticket_texts"),
    ),
}


@dataclass(frozen=True, slots=True)
class Document:
    """What is searched of one ticket. ``enterprise`` is empty when the request is confidential."""

    ticket_id: int
    number: str
    title: str
    description: str
    enterprise: str

    def row(self) -> dict[str, str | int]:
        """Return the row of ``ticket_texts``; tokens are separated by spaces, as both databases read them."""
        number = (self.number, self.number.replace("-", ""))
        body = tokens.body((self.title, self.description, *number, self.enterprise))
        return {"ticket_id": self.ticket_id, "body": body, "grams": " ".join(tokens.tokens(body))}


def index(ticket: Ticket, enterprise: str | None = None) -> None:
    """Make a ticket that has its id findable, by what it says now; joins the caller's transaction.

    ``enterprise`` is the company's name, looked up when it is not given.
    """
    if ticket.is_confidential:
        enterprise = ""
    elif enterprise is None:
        enterprise = db.session.get_one(Enterprise, ticket.enterprise_id).name
    found = Document(ticket.id, ticket.number, ticket.title, ticket.description, enterprise)
    db.session.execute(_INSERT[db.engine.dialect.name], found.row())


def index_many(documents: Iterable[Document]) -> int:
    """Make many tickets findable that are not yet; return how many. Joins the caller's transaction."""
    rows = [document.row() for document in documents]
    if db.engine.dialect.name == "sqlite":
        if rows:
            db.session.execute(_INSERT["sqlite"], rows)
        return len(rows)
    raw = db.session.connection().connection.driver_connection
    assert raw is not None  # noqa: S101 - the session is connected
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row((row["ticket_id"], row["body"], row["grams"]))
    return len(rows)


def rebuild() -> int:
    """Empty the index and write it anew from every ticket sent; return how many. Searches wait meanwhile."""
    with transaction():
        before, after = _AROUND_REBUILD[db.engine.dialect.name]
        for statement in before:
            db.session.execute(text(statement))
        count, last_id = 0, 0
        while rows := _sent_after(last_id):
            last_id = rows[-1].id
            count += index_many(
                Document(
                    row.id, row.number, row.title, row.description, "" if row.is_confidential else row.name
                )
                for row in rows
            )
        for statement in after:
            db.session.execute(text(statement))
    return count


def _sent_after(last_id: int) -> Sequence[Row[Any]]:
    columns = (
        Ticket.id, Ticket.number, Ticket.title, Ticket.description, Ticket.is_confidential, Enterprise.name,
    )  # fmt: skip
    wanted: Any = select(*columns).join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    sent = wanted.where(Ticket.id > last_id, Ticket.status != State.DRAFT)
    found: Sequence[Row[Any]] = db.session.execute(sent.order_by(Ticket.id).limit(_BATCH)).all()
    return found
