"""Rows of several tables in one statement: each is asked for as JSON text, and made a row again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Enum, Text, cast, func, literal_column
from sqlalchemy.types import TypeEngine

from ticketing.core.db import Base, UtcDateTime

Kind = TypeVar("Kind", bound=Base)


def as_json(model: type[Base], dialect: str) -> ColumnElement[str]:
    """Return the expression of one whole row of ``model`` as JSON text, in a dialect of SQL."""
    make = func.json_object if dialect == "sqlite" else func.json_build_object
    pairs = [
        part for column in model.__table__.columns for part in (literal_column(f"'{column.name}'"), column)
    ]
    return cast(make(*pairs), Text)


def from_json(model: type[Kind], text: str) -> Kind:
    """Return the row that ``as_json`` told: an object for reading, which no session knows."""
    told = json.loads(text)
    columns = model.__table__.columns
    return model(**{column.name: _value(column.type, told[column.name]) for column in columns})


def _value(kind: TypeEngine[Any], told: Any) -> Any:
    if told is None:
        return None
    if isinstance(kind, UtcDateTime | DateTime):
        moment = datetime.fromisoformat(told)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(told)
    if isinstance(kind, Enum):
        return kind.enum_class(told) if kind.enum_class else told
    return bool(told) if isinstance(kind, Boolean) else told
