"""Many rows in one statement: an array for each column on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Date,
    Integer,
    String,
    TextClause,
    any_,
    bindparam,
    insert,
    literal,
    text,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.schema import Column, Table

from ticketing.core.canonical import Encoded
from ticketing.core.db import Base, UtcDateTime, db

Row = dict[str, Any]
Names = tuple[str, ...]
# In a select of its own the sequence is looked up once, not for each row.
_TAKEN = text(
    "SELECT nextval((SELECT CAST(pg_get_serial_sequence(:name, 'id') AS regclass))) "
    "FROM generate_series(1, :count)"
)
_json = json.JSONEncoder(ensure_ascii=False).encode


def add(model: type[Base], rows: Sequence[Row]) -> None:
    """Insert ``rows``, which all name the same columns, inside ``transaction()``.

    JSON columns take a value, or its text as ``Encoded``.
    """
    if not rows:
        return
    table = cast(Table, model.__table__)
    if not _is_postgresql():
        db.session.execute(insert(table), [_decoded(row) for row in rows])
        return
    names = tuple(rows[0])
    same = tuple(name for name in names[1:] if _is_one_value(table, name, rows))
    single = {name: _told(rows[0][name]) for name in same}
    each = tuple(name for name in names if name not in same)
    db.session.execute(_adding(table, names, each), single | _arrays(table, each, rows))


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


def is_among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition of being one of many ids: one parameter on PostgreSQL, whatever their number."""
    if not _is_postgresql():
        return column.in_(ids)
    told = literal("{" + ",".join(map(str, ids)) + "}", String())
    return column == any_(cast_to(told, ARRAY(Integer())))


def is_among_given(column: InstrumentedAttribute[int], name: str) -> ColumnElement[bool]:
    """Return the same of ids that are given under ``name`` when the statement runs."""
    if not _is_postgresql():
        return column.in_(bindparam(name, expanding=True))
    return column == any_(bindparam(name, type_=ARRAY(Integer())))


def next_ids(model: type[Base], count: int) -> list[int]:
    """Return ids for ``count`` new rows that nobody else gets. Inside ``transaction()``."""
    table = cast(Table, model.__table__)
    if _is_postgresql():
        return sorted(db.session.scalars(_TAKEN, {"name": table.name, "count": count}).all())
    last = db.session.scalar(text(f"SELECT max(id) FROM {table.name}")) or 0  # noqa: S608 - a name of our models
    return list(range(last + 1, last + 1 + count))  # SQLite has one writer


def _decoded(row: Row) -> Row:
    """A row for SQLite, which encodes its documents itself."""
    return {name: json.loads(value) if value.__class__ is Encoded else value for name, value in row.items()}


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def _is_one_value(table: Table, name: str, rows: Sequence[Row]) -> bool:
    """Whether all rows share one value, so that it is sent once."""
    first = rows[0][name]
    if isinstance(table.c[name].type, JSON) or first != rows[-1][name]:
        return False
    return [row[name] for row in rows].count(first) == len(rows)


@lru_cache(maxsize=64)
def _adding(table: Table, names: Names, each: Names) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    told = ", ".join(
        f'new."{name}"' if name in each else f"CAST(:{name} AS {_type_of(table.c[name])})" for name in names
    )
    return text(f"INSERT INTO {table.name} ({columns}) SELECT {told} FROM {_rows(table, each)}")  # noqa: S608 - names of our models


@lru_cache(maxsize=64)
def _changing(table: Table, names: Names) -> TextClause:
    sets = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    return text(f"UPDATE {table.name} SET {sets} FROM {_rows(table, names)} WHERE {table.name}.id = new.id")  # noqa: S608 - names of our models


def _rows(table: Table, names: Names) -> str:
    arrays = ", ".join(f"CAST(:all_{name} AS {_type_of(table.c[name])}[])" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"unnest({arrays}) AS new ({columns})"


def _type_of(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy's own


def _arrays(table: Table, names: Names, rows: Sequence[Row]) -> dict[str, str]:
    """The columns of the rows, each as the text of an array, which PostgreSQL reads faster than anything."""
    return {f"all_{name}": _array(table.c[name], [row[name] for row in rows]) for name in names}


def _array(column: Column[Any], values: list[Any]) -> str:
    """The text of an array. It is written like a JSON list, where no sign in it needs to be escaped."""
    if isinstance(column.type, JSON):
        values = [None if value is None else _document(value) for value in values]
        return "{" + _json(values)[1:-1] + "}"  # JSON in a text has no signs but those both escape alike
    if isinstance(column.type, UtcDateTime | Date):
        values = [None if value is None else value.isoformat() for value in values]
    written = _json(values)
    if "\\" in written:
        written = f"[{','.join(map(_element, values))}]"
    return "{" + written[1:-1] + "}"


def _document(value: Any) -> str:
    return value if value.__class__ is Encoded else _json(value)


def _element(value: Any) -> str:
    """A value as it stands in the text of an array."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def _told(value: Any) -> Any:
    """A value as a parameter holds it; words that are texts already stay as they are."""
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime | date) else value
