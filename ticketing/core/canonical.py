"""Canonical JSON, which hashes are counted over, written piece by piece: nothing is encoded twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import Enum
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

_MOST_MOMENTS = 20_000
encode: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
).encode
"""Return the canonical JSON of what JSON can hold."""


class Encoded(str):
    """The text of a JSON document, for a JSON column."""

    __slots__ = ()


class _Moments(dict[datetime, str]):
    """The text of each moment met: one ticket tells the same ones in its row, its clocks and its events.

    In UTC, whatever zone it is met in first: moments of two zones are equal, and their texts are hashed.
    """

    def __missing__(self, at: datetime) -> str:
        if len(self) >= _MOST_MOMENTS:
            self.clear()
        found = self[at] = at.astimezone(UTC).isoformat()
        return found


class _Quoted(_Moments):
    """The same as JSON has it."""

    def __missing__(self, at: datetime) -> str:
        if len(self) >= _MOST_MOMENTS:
            self.clear()
        found = self[at] = f'"{moment(at)}"'
        return found


moment: Callable[[datetime], str] = _Moments().__getitem__
"""Return a moment in UTC as ISO text."""


def plain(value: Any) -> Any:
    """Return ``value`` as JSON holds it: moments and dates as ISO text, words as their text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


class _Writers(dict[type, Callable[[Any], str]]):
    """What writes a value, by its class; a class met for the first time is told what it is."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        # The words of the house are texts of classes of their own.
        write = encode_basestring if issubclass(kind, str) else lambda held: encode(plain(held))
        self[kind] = write
        return write


def _member(pair: tuple[str, Any]) -> str:
    return f"{encode_basestring(pair[0])}:{value(pair[1])}"


_WRITERS = _Writers({
    str: encode_basestring,
    int: str,
    bool: {True: "true", False: "false"}.__getitem__,
    NoneType: {None: "null"}.__getitem__,
    datetime: _Quoted().__getitem__,
    Encoded: str,
    list: lambda held: "[" + ",".join(map(value, held)) + "]",
    dict: lambda held: "{" + ",".join(map(_member, sorted(held.items()))) + "}",
})  # fmt: skip


def value(held: Any) -> str:
    """Return one value as the event log's JSON has it."""
    return _WRITERS[held.__class__](held)


def members(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return names and values as a JSON object, in the order of the names."""
    told = [f'"{name}":{_WRITERS[held.__class__](held)}' for name, held in sorted(pairs)]
    return "{" + ",".join(told) + "}"
