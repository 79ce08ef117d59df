"""Writes many rows fast: COPY on PostgreSQL, batches of inserts on SQLite. Columns come from the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from operator import itemgetter
from types import TracebackType
from typing import Any, Self, cast

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.orm import DeclarativeBase

from ticketing.core.db import UtcDateTime, db

Model = type[DeclarativeBase]
Row = dict[str, Any]


class Writer:
    """Rows of some tables, written in batches; each new row gets the next id of its table.

    Belongs inside ``transaction()``; nobody else may use the session between ``flush`` and ``wait``. On
    PostgreSQL other writers of these tables wait until the transaction ends. JSON columns take their text.
    """

    def __init__(self, *models: Model) -> None:
        self._tables = {model: cast(Table, model.__table__) for model in models}
        self._rows: dict[Model, list[Row]] = {model: [] for model in models}
        self._connection = db.session.connection()
        self._is_postgresql = self._connection.dialect.name == "postgresql"
        if self._is_postgresql:
            names = ", ".join(f'"{table.name}"' for table in self._tables.values())
            db.session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        self._next_id = {
            model: (db.session.scalar(select(func.max(table.c.id))) or 0) + 1
            for model, table in self._tables.items()
            if "id" in table.c
        }
        self._pool = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def next_id(self, model: Model) -> int:
        """Return the id the next row of a table will have."""
        return self._next_id[model]

    def new_id(self, model: Model) -> int:
        """Return the next id of a table."""
        found = self._next_id[model]
        self._next_id[model] = found + 1
        return found

    def add(self, model: Model, row: Row) -> None:
        """Keep one row; it has its id already, if its table has one."""
        self._rows[model].append(row)

    def flush(self) -> None:
        """Begin to write what is kept, tables in the order they were named, while the caller plans on."""
        self.wait()
        kept = [(self._tables[model], rows) for model, rows in self._rows.items() if rows]
        self._rows = {model: [] for model in self._tables}
        self._under_way = self._pool.submit(self._write, kept)

    def wait(self) -> None:
        """Wait until what was flushed is written; raise what went wrong with it."""
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def finish(self) -> None:
        """Write the rest, move the sequences past the new ids, and let the planner look at the tables."""
        self.flush()
        self.wait()
        for model, table in self._tables.items():
            last = self._next_id.get(model, 1) - 1
            if self._is_postgresql and last:
                wanted = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
                db.session.execute(wanted, {"name": table.name, "last": last})
            db.session.execute(text(f'ANALYZE "{table.name}"'))

    def _write(self, kept: list[tuple[Table, list[Row]]]) -> None:
        write = _copy if self._is_postgresql else _insert
        for table, rows in kept:
            write(self._connection, table, rows)


def _copy(connection: Connection, table: Table, rows: list[Row]) -> None:
    names, constants = _columns(table, rows[0])
    listed = ", ".join(f'"{name}"' for name in [*names, *constants])
    take, tail = itemgetter(*names), tuple(constants.values())
    raw = cast(Any, connection.connection.driver_connection)  # psycopg's own; COPY is no DBAPI
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(take(row) + tail)


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    names, constants = _columns(table, rows[0])
    listed = ", ".join(f'"{name}"' for name in [*names, *constants])
    places = ", ".join("?" for _ in [*names, *constants])
    moments = [place for place, name in enumerate(names) if isinstance(table.c[name].type, UtcDateTime)]
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({places})'  # noqa: S608 - names of our models
    values = list(_stored(rows, itemgetter(*names), tuple(constants.values()), moments))
    connection.exec_driver_sql(statement, values)


def _stored(
    rows: list[Row], take: Callable[[Row], tuple[Any, ...]], tail: tuple[Any, ...], moments: list[int]
) -> Iterator[tuple[Any, ...]]:
    """Yield rows as SQLite stores them: moments as text without a zone, the way ``UtcDateTime`` does."""
    for row in rows:
        values = [*take(row), *tail]
        for place in moments:
            at: datetime | None = values[place]
            if at is not None:
                values[place] = at.replace(tzinfo=None).isoformat(" ", "microseconds")
        yield tuple(values)


def _columns(table: Table, row: Row) -> tuple[list[str], Row]:
    """Return the columns the rows fill, and constants for those that only the model knows a default of."""
    names = [column.name for column in table.columns if column.name in row]
    constants = {
        column.name: cast(Any, column.default).arg
        for column in table.columns
        if column.name not in row and column.default is not None and column.default.is_scalar
    }
    return names, constants
