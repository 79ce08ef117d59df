"""Keyset paging: a page starts after the last row of the one before it, whatever was added meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from ticketing.core.errors import Invalid
from ticketing.core.text import N_

Row = TypeVar("Row")
MAX_LIMIT = 200
DEFAULT_LIMIT = 50


class BadCursor(Invalid):
    """The cursor was not made by this list."""

    sentence = N_("翻页参数无效，请从第一页开始")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order, and the cursor of the page after them; None on the last page."""

    rows: Sequence[Row]
    next_cursor: str | None


def encode(moment: datetime, row_id: int) -> str:
    """Return the cursor that stands after the row sorted by ``moment`` and ``row_id``."""
    raw = json.dumps([moment.isoformat(), row_id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def encode_place(*numbers: int) -> str:
    """Return the cursor that stands after the row with these keys, in a list sorted by whole numbers."""
    return base64.urlsafe_b64encode(json.dumps(numbers).encode()).decode().rstrip("=")


def decode_place(cursor: str, count: int) -> tuple[int, ...]:
    """Return the ``count`` numbers ``encode_place`` was given; raise BadCursor for anything else."""
    try:
        raw: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as wrong:
        raise BadCursor from wrong
    if not isinstance(raw, list) or len(raw) != count:
        raise BadCursor
    if not all(type(number) is int and 0 <= number < 2**63 for number in raw):
        raise BadCursor
    return tuple(raw)


def decode(cursor: str) -> tuple[datetime, int]:
    """Return what ``encode`` was given; raise BadCursor for anything else."""
    try:
        raw: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment, row_id = datetime.fromisoformat(raw[0]), raw[1]
    except (ValueError, TypeError, IndexError, KeyError) as wrong:
        raise BadCursor from wrong
    if moment.tzinfo is None or type(row_id) is not int or not 0 < row_id < 2**63:
        raise BadCursor
    return moment, row_id
