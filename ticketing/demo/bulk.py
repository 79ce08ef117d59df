"""Writes many rows fast: COPY on PostgreSQL, batches of inserts on SQLite. Columns come from the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import JSON, Integer, Table, func, select, text
from sqlalchemy.orm import DeclarativeBase

from ticketing.core.canonical import moment
from ticketing.core.db import Base, UtcDateTime, db

Model = type[DeclarativeBase]
Row = dict[str, Any]
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_FOREIGN_KEYS = text(
    "SELECT quote_ident(t.relname), quote_ident(c.conname), pg_get_constraintdef(c.oid) FROM pg_constraint c "
    "JOIN pg_class t ON t.oid = c.conrelid AND pg_table_is_visible(t.oid) "
    "WHERE c.contype = 'f' AND t.relname = ANY(:names) ORDER BY 1, 2"
)
_INDEXES = text(
    "SELECT quote_ident(x.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i "
    "JOIN pg_class x ON x.oid = i.indexrelid "
    "JOIN pg_class t ON t.oid = i.indrelid AND pg_table_is_visible(t.oid) "
    "WHERE t.relname = ANY(:names) "
    "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1"
)
_SORT_MEMORY = text("SET LOCAL maintenance_work_mem = '256MB'")


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows of one table, ready to be sent: the text of a COPY, or values for SQLite."""

    table: str
    columns: str
    values: bytes | list[tuple[Any, ...]]


class Rows:
    """Rows of several tables, kept in the order in which the tables may be written."""

    def __init__(self, *models: Model) -> None:
        self._rows: dict[Model, list[Row]] = {model: [] for model in models}

    def add(self, model: Model, row: Row) -> None:
        """Keep one row. JSON columns take their text; a missing id is the database's to give."""
        self._rows[model].append(row)

    def add_all(self, model: Model, rows: list[Row]) -> None:
        """Keep some rows."""
        self._rows[model] += rows

    def packed(self, *, is_postgresql: bool) -> list[Packed]:
        """Return the tables that have rows, ready to be sent."""
        return [_pack(model, rows, is_postgresql) for model, rows in self._rows.items() if rows]


def packed_plain(
    table: str, columns: Mapping[str, str], rows: list[Row], *, is_postgresql: bool
) -> list[Packed]:
    """Return rows of a table that has no model; ``columns`` says which member of a row each column takes."""
    if not rows:
        return []
    take = itemgetter(*columns.values())
    written = "(" + ", ".join(f'"{name}"' for name in columns) + ")"
    if not is_postgresql:
        return [Packed(f'"{table}"', written, list(map(take, rows)))]
    return [
        Packed(
            f'"{table}"',
            written,
            _lines(list(map(_text, column)) for column in zip(*map(take, rows), strict=True)),
        )
    ]


def is_postgresql() -> bool:
    """Return whether the present transaction runs on PostgreSQL."""
    return db.session.connection().dialect.name == "postgresql"


def lock(*models: Model) -> None:
    """Keep other writers out of some tables until the transaction ends. SQLite has one writer anyway."""
    if is_postgresql():
        names = ", ".join(f'"{_table(model).name}"' for model in models)
        db.session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


@contextmanager
def checked_at_once(*tables: str) -> Iterator[None]:
    """Set foreign keys and indexes of some tables aside; at the end check all rows and sort them, once.

    PostgreSQL only, where keeping them row by row takes more than half of the time. Nobody reads these tables
    meanwhile, so it is for databases that are being filled for the first time. What constraints need to see
    that nothing comes twice stays.
    """
    if not is_postgresql():
        yield
        return
    names = {"names": list(tables)}
    keys = db.session.execute(_FOREIGN_KEYS, names).all()
    for table, name, _definition in keys:
        db.session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    indexes = db.session.execute(_INDEXES, names).all()
    for name, _definition in indexes:
        db.session.execute(text(f"DROP INDEX {name}"))
    yield
    db.session.execute(_SORT_MEMORY)
    for name, definition in indexes:
        _build(name, definition)
    for table, name, definition in keys:
        db.session.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))


def _build(name: str, definition: str) -> None:
    """Build an index as its model says it; by its definition alone the words of a condition would change."""
    connection = db.session.connection()
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            if index.name == name:
                index.create(connection)
                return
    connection.exec_driver_sql(definition)


def next_id(model: Model) -> int:
    """Return the id after the greatest one of a table."""
    return (db.session.scalar(select(func.max(_table(model).c.id))) or 0) + 1


def write(batches: Iterable[Packed]) -> None:
    """Send rows to the database, inside ``transaction()``."""
    connection = db.session.connection()
    for packed in batches:
        if isinstance(packed.values, bytes):
            raw = cast(Any, connection.connection.driver_connection)  # psycopg's own: COPY is no DBAPI
            with (
                raw.cursor() as cursor,
                cursor.copy(f"COPY {packed.table} {packed.columns} FROM STDIN") as copy,
            ):
                copy.write(packed.values)
        else:
            places = ", ".join("?" for _ in packed.values[0])
            statement = f"INSERT INTO {packed.table} {packed.columns} VALUES ({places})"  # noqa: S608 - names of our models
            connection.exec_driver_sql(statement, packed.values)


def finish(*models: Model) -> None:
    """Move the sequences past ids that were given, and let the query planner look at the tables."""
    for model in models:
        table = _table(model)
        if is_postgresql() and "id" in table.c and (last := next_id(model) - 1):
            wanted = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
            db.session.execute(wanted, {"name": table.name, "last": last})
        db.session.execute(text(f'ANALYZE "{table.name}"'))


def _table(model: Model) -> Table:
    return cast(Table, model.__table__)


def _pack(model: Model, rows: list[Row], is_postgresql: bool) -> Packed:
    table = _table(model)
    names, constants = _columns(model, frozenset(rows[0]))
    take, tail = itemgetter(*names), tuple(constants.values())
    columns = "(" + ", ".join(f'"{name}"' for name in [*names, *constants]) + ")"
    if is_postgresql:
        told = [_column(table.c[name].type, [row[name] for row in rows]) for name in names]
        told += [[_text(constant)] * len(rows) for constant in tail]
        return Packed(f'"{table.name}"', columns, _lines(told))
    moments = [place for place, name in enumerate(names) if isinstance(table.c[name].type, UtcDateTime)]
    return Packed(f'"{table.name}"', columns, [_stored(take(row) + tail, moments) for row in rows])


def _lines(columns: Iterable[list[str]]) -> bytes:
    """What COPY reads of columns of texts."""
    lines = list(map("\t".join, zip(*columns, strict=True)))
    lines.append("")
    return "\n".join(lines).encode()


@cache
def _columns(model: Model, filled: frozenset[str]) -> tuple[list[str], Row]:
    """Return the columns the rows fill, and constants for those that only the model knows a default of."""
    columns = list(_table(model).columns)
    constants = {
        column.name: cast(Any, column.default).arg
        for column in columns
        if column.name not in filled and column.default is not None and column.default.is_scalar
    }
    return [column.name for column in columns if column.name in filled], constants


def _column(kind: Any, values: list[Any]) -> list[str]:
    """The values of one column as COPY reads them; what comes again and again is written once."""
    if isinstance(kind, UtcDateTime):
        return ["\\N" if value is None else moment(value) for value in values]
    if isinstance(kind, JSON):  # no signs in it but the backslash need to be escaped
        return ["\\N" if value is None else value.replace("\\", "\\\\") for value in values]
    if len(different := set(values)) * 2 < len(values):
        texts = {value: _text(value) for value in different}
        return [texts[value] for value in values]
    if isinstance(kind, Integer) and None not in different:
        return list(map(str, values))
    return list(map(_text, values))


def _text(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if type(value) is str:
        return value.translate(_SPECIAL) if not value.isprintable() or "\\" in value else value
    return str(value)


def _stored(values: tuple[Any, ...], moments: list[int]) -> tuple[Any, ...]:
    """Values as SQLite stores them: moments as text without a zone, the way ``UtcDateTime`` does."""
    changed = list(values)
    for place in moments:
        at: datetime | None = changed[place]
        if at is not None:
            changed[place] = at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return tuple(changed)
