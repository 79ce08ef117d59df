"""Rows of several tables in one statement: each is asked for as JSON text, and made a row again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Enum, Text, cast, func, literal_column
from sqlalchemy.orm import class_mapper
from sqlalchemy.orm.attributes import instance_dict
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
    told: dict[str, Any] = json.loads(text)
    for name, make in _makers(model):
        if told[name] is not None:
            told[name] = make(told[name])
    row: Kind = class_mapper(model).class_manager.new_instance()
    instance_dict(row).update(told)
    return row


@cache
def _makers(model: type[Base]) -> list[tuple[str, Callable[[Any], Any]]]:
    """The columns of a model that JSON has no type for, each with what makes its value."""
    found = [(column.name, _maker(column.type)) for column in model.__table__.columns]
    return [(name, make) for name, make in found if make is not None]


def _maker(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime | DateTime):
        return _moment
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Enum):
        return kind.enum_class
    return bool if isinstance(kind, Boolean) else None


def _moment(told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
