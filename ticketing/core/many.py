"""Many rows in one statement: arrays unnested on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import JSON, TextClause, bindparam, insert, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import Column, Table

from ticketing.core.db import Base, db

Row = dict[str, Any]


def add(model: type[Base], rows: Sequence[Row]) -> None:
    """Insert ``rows``, which all name the same columns, inside ``transaction()``."""
    if not rows:
        return
    table = cast(Table, model.__table__)
    if not _is_postgresql():
        db.session.execute(insert(table), list(rows))
        return
    names = tuple(rows[0])
    db.session.execute(_adding(table, names), _arrays(table, names, rows))


def change(model: type[Base], rows: Sequence[Row]) -> None:
    """Set columns of rows known by their ``id``; all name the same columns. Inside ``transaction()``."""
    if not rows:
        return
    table = cast(Table, model.__table__)
    names = tuple(rows[0])
    if _is_postgresql():
        db.session.execute(_changing(table, names), _arrays(table, names, rows))
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
    by_id = update(table).where(table.c.id == bindparam("new_id")).values(values)
    db.session.connection().execute(by_id, [{f"new_{name}": row[name] for name in names} for row in rows])


def next_ids(model: type[Base], count: int) -> list[int]:
    """Return ids for ``count`` new rows that nobody else gets. Inside ``transaction()``."""
    table = cast(Table, model.__table__)
    if _is_postgresql():
        taken = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return sorted(db.session.scalars(taken, {"name": table.name, "count": count}))
    last = db.session.scalar(text(f"SELECT max(id) FROM {table.name}")) or 0  # noqa: S608 - a name of our models
    return list(range(last + 1, last + 1 + count))  # SQLite has one writer


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


@lru_cache(maxsize=64)
def _adding(table: Table, names: tuple[str, ...]) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    return text(f"INSERT INTO {table.name} ({columns}) SELECT * FROM {_unnested(table, names)}")  # noqa: S608 - names of our models


@lru_cache(maxsize=64)
def _changing(table: Table, names: tuple[str, ...]) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    return text(
        f"UPDATE {table.name} SET {sets} "  # noqa: S608 - names of our models
        f"FROM {_unnested(table, names)} AS new ({columns}) WHERE {table.name}.id = new.id"
    )


def _unnested(table: Table, names: tuple[str, ...]) -> str:
    parts = (f"CAST(:{name} AS {_type_of(table.c[name])}[])" for name in names)
    return f"unnest({', '.join(parts)})"


def _type_of(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy's own


def _arrays(table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> dict[str, list[Any]]:
    found = {}
    for name in names:
        is_json = isinstance(table.c[name].type, JSON)
        found[name] = [_stored(row[name], is_json) for row in rows]
    return found


def _stored(value: Any, is_json: bool) -> Any:
    if value is None:
        return None
    if is_json:
        return json.dumps(value, ensure_ascii=False)
    return value.value if isinstance(value, Enum) else value
