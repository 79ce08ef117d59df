"""The database: base class, column types, and the one place that commits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    CursorResult,
    DateTime,
    Enum,
    Executable,
    Insert,
    MetaData,
    Select,
    Table,
    event,
    insert,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Session,
    make_transient_to_detached,
    registry,
)
from sqlalchemy.pool import Pool
from sqlalchemy.types import TypeDecorator

from ticketing.core.turns import turn

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
    from sqlalchemy.pool import ConnectionPoolEntry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
_UNDO, _CONNECTION, _RESTED_AT = "undo", "connection", "rested_at"
IS_WRITING = "is_writing"
"""Set in a session's ``info`` while its ``transaction()`` lasts."""
GIVEN_MARKS = "given_marks"
"""What ``core.marks`` was given; what was given before a transaction may be old inside it."""
_REST_SECONDS = 1.0
_SAMPLE = 20_000
_ONLY_INSIDE = "writes belong inside core.db.transaction()"
_WRITER: dict[str, Any] = {"is_writer": True}
# Readers of PostgreSQL are connected in AUTOCOMMIT: each statement sees all that is committed either way, no
# BEGIN and ROLLBACK go to and fro, and the driver keeps its prepared statements, which it drops at ROLLBACK.
_ISOLATION: dict[str, dict[str, Any]] = {"postgresql": {"isolation_level": "READ COMMITTED"}}
JsonB = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: refuses naive values, stores UTC, returns aware UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC (naive for SQLite, which has no zone)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be timezone-aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Return what makes a stored value an aware UTC moment: one call a value, of hundreds a page."""
        stored = self.impl_instance.result_processor(dialect, coltype)
        if stored is not None:

            def naive(value: Any) -> datetime | None:
                moment: datetime | None = stored(value)
                return moment if moment is None else moment.replace(tzinfo=UTC)

            return naive

        def aware(value: datetime | None) -> datetime | None:
            return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)

        return aware


class _Words(Enum):
    """Words stored as text; each read by one look into a dictionary, where Enum takes two calls."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], StrEnum | None]:
        """Return what makes a stored text a word; an unknown one is a KeyError."""
        known: dict[Any, Any] = {word.value: word for word in self.enum_class or ()}
        return (known | {None: None}).__getitem__


def words(kind: type[StrEnum]) -> Enum:
    """Return the column type for a closed set of words: stored as text, checked on the way in."""
    return _Words(
        kind,
        native_enum=False,
        length=32,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], known: Iterable[StrEnum]
) -> ColumnElement[bool]:
    """The condition of being one of some words of ours, which stand in the statement itself.

    So the planner knows them, finds the partial index, and plans the statement once for every call.
    """
    return column.in_([literal_column(f"'{word.value}'") for word in sorted(known)])


class Base(DeclarativeBase):
    """Base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime}
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False}, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Make SQLite durable and strict: WAL, every commit synced, foreign keys, patient locks."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # pysqlite's own BEGIN loses updates
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Pool, "checkin")
def _note_rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[_RESTED_AT] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _ask_after_rest(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Notice a dead connection before it is used, and follow a failover: one that rested is asked first."""
    if time.monotonic() - record.info.get(_RESTED_AT, math.inf) < _REST_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()
    except Exception as gone:
        raise InvalidatePoolError from gone


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Writers take SQLite's lock at the start, so that a read is never upgraded and refused."""
    if connection.dialect.name == "sqlite":
        is_writer = connection.get_execution_options().get("is_writer")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


@event.listens_for(Session, "before_flush")
def _only_inside_transaction(session: Session, _context: object, _instances: object) -> None:
    """Refuse a write outside ``transaction()``: a page that reads must never change a row."""
    if not session.info.get(IS_WRITING):
        raise RuntimeError(_ONLY_INSIDE)


def read(
    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
    filled: Mapping[str, object] | None = None,
) -> CursorResult[*tuple[Any, ...]]:
    """Run a select of columns without the unit of work: half the price of ``session.execute``, no entities.

    What the session holds unwritten is not in the answer: inside ``transaction()`` flush first.
    """
    return _connection().execute(statement, filled)


def write(
    statement: Executable, rows: Mapping[str, object] | Sequence[Mapping[str, object]]
) -> CursorResult[*tuple[Any, ...]]:
    """Run an insert, an update or a delete of a table inside ``transaction()``, without the unit of work.

    What the session holds unwritten comes later: flush first where the order matters.
    """
    if not db.session().info.get(IS_WRITING):
        raise RuntimeError(_ONLY_INSIDE)
    return _connection().execute(statement, rows)


def _connection() -> Connection:
    """The connection of the session. In a transaction it is known: asking costs a third of a statement."""
    session = db.session()
    known: Connection | None = session.info.get(_CONNECTION)
    return known or session.connection()


def write_new(one: Base) -> None:
    """Write the row of a new object inside ``transaction()`` for half of what a flush costs; set its id.

    From then on it belongs to the session, as after a flush. Its attributes bear the names of its columns;
    what is not set is a plain default or nothing.
    """
    statement, defaults = _new(type(one))
    values = one.__dict__
    row = {name: values.setdefault(name, default) for name, default in defaults.items()}
    values["id"] = write(statement, row).inserted_primary_key[0]  # type: ignore[index] # it has one
    make_transient_to_detached(one)
    session = db.session()
    session.add(one)
    on_rollback(partial(session.expunge, one))  # its id may be given to another


@cache
def _new(kind: type[Base]) -> tuple[Insert, dict[str, Any]]:
    """How a row is written, and what its columns hold that are not set."""
    table = cast(Table, kind.__table__)
    defaults = {column.name: getattr(column.default, "arg", None) for column in table.columns}
    del defaults["id"]
    return insert(table), defaults


@contextmanager
def sent_ahead() -> Iterator[None]:
    """Inside ``transaction()``: send what is written in this block without waiting for each answer.

    So PostgreSQL writes one statement's rows while the next statement is being made. Nothing is read in the
    block. It ends when all is written; what was refused is raised by a later statement or at the end.
    """
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    driver = cast(psycopg.Connection, connection.connection.driver_connection)
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as refused:
        raise DBAPIError.instance(None, None, refused, psycopg.Error) from refused


@contextmanager
def transaction() -> Iterator[None]:
    """Run one unit of work: commit at the end, roll back on any error. An inner one joins the outer one.

    What was read before it starts may be stale; rows to be changed are read again inside.
    """
    session = db.session()
    if session.info.get(IS_WRITING):
        yield
        return
    session.commit()  # refuses what was changed outside; a read is never upgraded: the writer begins anew
    dialect = db.engine.dialect.name
    with turn(db.engine.url.database) if dialect == "sqlite" else nullcontext():
        session.info[IS_WRITING] = True
        session.info.pop(GIVEN_MARKS, None)
        try:
            options = _WRITER | _ISOLATION.get(dialect, {})
            session.info[_CONNECTION] = session.connection(execution_options=options)
            yield
            session.commit()
        except BaseException:
            session.rollback()
            for undo in session.info.get(_UNDO, ()):
                undo()
            raise
        finally:
            session.info[IS_WRITING] = False
            session.info.pop(_CONNECTION, None)
            session.info.pop(_UNDO, None)
            session.info.pop(GIVEN_MARKS, None)


def look_over() -> None:
    """Have SQLite note how its tables are filled, from a sample: it plans statements by that.

    What it never noted it takes to be small, and reads whole; of a smaller sample it takes every state for as
    rare as another. Connections opened afterwards know it. PostgreSQL looks by itself.
    """
    if db.engine.dialect.name == "sqlite":
        with transaction():
            for statement in (f"PRAGMA analysis_limit={_SAMPLE}", "ANALYZE"):
                db.session.execute(text(statement))


def on_rollback(undo: Callable[[], object]) -> None:
    """Have ``undo`` called if the transaction under way comes to nothing: for what is not in the database."""
    db.session().info.setdefault(_UNDO, []).append(undo)
