"""Keeping the search index: one row for each ticket sent, written in the transaction of what changes it.

What changes many tickets at once (a company's new name, an upgrade) puts them down as due; the worker writes
those anew, some at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, delete, select, text
from sqlalchemy.sql import column, table

from ticketing.accounts.models import Enterprise
from ticketing.core.db import db, transaction, write
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.scope import is_sent
from ticketing.tickets.searchable import Document, Field

TABLE = "ticket_texts"
AT_ONCE = 500
_BATCH = 5_000
_FIELDS = tuple(field.value for field in Field)
_COLUMNS = ("ticket_id", "fresh", *_FIELDS, "grams")
# For bulk loads: the columns on each database, and which member of ``Document.row()`` each takes.
COLUMNS: dict[str, dict[str, str]] = {
    "sqlite": {"rowid": "fresh"} | {name: name for name in (*_FIELDS, "grams")},
    "postgresql": {name: name for name in _COLUMNS},
}
_DUE = table("ticket_texts_due", column("ticket_id"))


def _values(*named: str) -> str:
    return ", ".join(f":{name}" for name in named)


_INSERT = {
    "sqlite": text(
        f"INSERT OR REPLACE INTO ticket_texts (rowid, {', '.join(_FIELDS)}, grams) "  # noqa: S608 - our names
        f"VALUES ({_values('fresh', *_FIELDS, 'grams')})"
    ),
    "postgresql": text(
        f"INSERT INTO ticket_texts ({', '.join(_COLUMNS)}) "  # noqa: S608 - our names
        f"VALUES ({_values(*_COLUMNS[:-1])}, CAST(:grams AS tsvector)) ON CONFLICT (ticket_id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    ),
}
_COPY = f"COPY ticket_texts ({', '.join(_COLUMNS)}) FROM STDIN"
_SETTLE = {
    "sqlite": ("INSERT INTO ticket_texts (ticket_texts) VALUES ('optimize')",),
    "postgresql": ("ANALYZE ticket_texts",),
}
# PostgreSQL writes the rows first and the indexes in one go: several times as fast.
_AROUND_REBUILD = {
    "sqlite": (
        ("DELETE FROM ticket_texts", "DELETE FROM ticket_texts_due"),
        (),
    ),
    "postgresql": (
        (
            "TRUNCATE ticket_texts, ticket_texts_due",
            "DROP INDEX ix_ticket_texts_grams, ix_ticket_texts_fresh",
            "SET LOCAL maintenance_work_mem = '256MB'",
        ),
        (
            (
                "CREATE INDEX ix_ticket_texts_grams ON ticket_texts USING gin (grams) "
                "WITH (gin_pending_list_limit = 128)"
            ),
            "CREATE UNIQUE INDEX ix_ticket_texts_fresh ON ticket_texts (fresh)",
        ),
    ),
}


def index(ticket: Ticket, enterprise: str | None = None) -> None:
    """Make a ticket that has its id findable, by what it says now; joins the caller's transaction.

    ``enterprise`` is given for a new ticket: its company's name. Else that and the files are looked up.
    """
    files: dict[bool | None, list[str]] = {False: [], True: [], None: []}
    if enterprise is None:
        names = _names(ticket)
        enterprise = names[0][0]
        for _company, name, is_internal in names:
            files[is_internal].append(name)
    found = Document(
        ticket.id,
        ticket.received_at,
        ticket.number,
        ticket.title,
        ticket.description,
        enterprise,
        ticket.contact_phone,
        ticket.is_confidential,
        tuple(files[False]),
        tuple(files[True]),
    )
    write(_INSERT[db.engine.dialect.name], found.row())


def _names(ticket: Ticket) -> Sequence[Any]:
    """The name of the ticket's company, with that of each of its files; with none when it has none."""
    wanted = (
        select(Enterprise.name, Attachment.name, Attachment.is_internal)
        .outerjoin(Attachment, Attachment.ticket_id == ticket.id)
        .where(Enterprise.id == ticket.enterprise_id)
    )
    return db.session.execute(wanted.order_by(Attachment.id)).all()


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
            copy.write_row([row[name] for name in _COLUMNS])
    return len(rows)


def index_due(limit: int = AT_ONCE) -> int:
    """Write up to ``limit`` tickets anew that are due; return how many. Busy ones wait for the next call."""
    waiting = select(_DUE.c.ticket_id)
    is_any = db.session.scalar(waiting.limit(1)) is not None
    db.session.rollback()
    if not is_any:
        return 0
    with transaction():
        free = select(Ticket.id).where(Ticket.id.in_(waiting)).order_by(Ticket.id.desc()).limit(limit)
        ids = list(db.session.scalars(free.with_for_update(of=Ticket, skip_locked=True)))
        if ids:
            rows = db.session.execute(_sent().where(Ticket.id.in_(ids))).all()
            documents = [document.row() for document in _documents(rows)]
            if documents:
                db.session.execute(_INSERT[db.engine.dialect.name], documents)
            db.session.execute(delete(_DUE).where(_DUE.c.ticket_id.in_(ids)))
    return len(ids)


def rebuild() -> int:
    """Empty the index and write it anew from every ticket sent; return how many. Searches wait meanwhile."""
    with transaction():
        before, after = _AROUND_REBUILD[db.engine.dialect.name]
        for statement in before:
            db.session.execute(text(statement))
        count, last_id = 0, 0
        while rows := _sent_after(last_id):
            last_id = rows[-1].ticket_id
            count += index_many(_documents(rows))
        for statement in after:
            db.session.execute(text(statement))
        settle()
    return count


def settle() -> None:
    """Leave the index in good order after many rows were written to it at once."""
    for statement in _SETTLE[db.engine.dialect.name]:
        db.session.execute(text(statement))


def _sent() -> Select[Any]:
    wanted: Any = select(
        Ticket.id.label("ticket_id"), Ticket.received_at, Ticket.number, Ticket.title, Ticket.description,
        Enterprise.name.label("enterprise"), Ticket.contact_phone.label("phone"), Ticket.is_confidential,
    ).join(Enterprise, Enterprise.id == Ticket.enterprise_id)  # fmt: skip
    sent: Select[Any] = wanted.where(is_sent())
    return sent


def _sent_after(last_id: int) -> Sequence[Row[Any]]:
    return db.session.execute(_sent().where(Ticket.id > last_id).order_by(Ticket.id).limit(_BATCH)).all()


def _documents(rows: Sequence[Row[Any]]) -> Iterable[Document]:
    """The documents of rows of ``_sent``, with the files of all of them."""
    names: dict[tuple[int, bool], list[str]] = defaultdict(list)
    wanted = select(Attachment.ticket_id, Attachment.is_internal, Attachment.name)
    for ticket_id, is_internal, name in db.session.execute(
        wanted.where(Attachment.ticket_id.in_([row.ticket_id for row in rows])).order_by(Attachment.id)
    ):
        names[ticket_id, is_internal].append(name)
    for row in rows:
        files, inner_files = tuple(names[row.ticket_id, False]), tuple(names[row.ticket_id, True])
        yield Document(**row._mapping, files=files, inner_files=inner_files)  # noqa: SLF001 - its public name
