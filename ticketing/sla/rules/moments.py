"""Moments and deadlines as text: RFC 3339 in, RFC 3339 out, one line or many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ticketing.core.errors import DomainError
from ticketing.core.text import N_
from ticketing.sla.rules.calendars import BadMoment, WorkCalendar, utc
from ticketing.sla.rules.deadlines import Deadline, due_at
from ticketing.sla.rules.limits import Limit

_WRITTEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_SHOWN_CHARS = 40
_MOST_LINE_CHARS = 200


class BadLine(BadMoment):
    """A line that is not ``limit,start``."""

    sentence = N_("应为“期限，开始时间”两列，例如 5wd,2026-09-18T10:00+08:00")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line of a batch came to: a deadline, or the reason why there is none."""

    line: int
    deadline: Deadline | None
    problem: DomainError | None = None


def read_moment(text: str) -> datetime:
    """Read an RFC 3339 date-time (seconds may be left out, any offset) and return it in UTC.

    Raises BadMoment, with its own sentence when only the offset is missing.
    """
    written = text.strip()
    found = _WRITTEN.fullmatch(written)
    try:
        at = datetime.fromisoformat(written.upper()) if found else None
    except ValueError:
        at = None
    if at is None:
        raise BadMoment(value=text[:_SHOWN_CHARS])
    return utc(at)


def written(at: datetime, zone: tzinfo) -> str:
    """Return ``at`` in RFC 3339 with the offset of ``zone``; fractions of a second only if there are any."""
    return at.astimezone(zone).isoformat()


def answers(lines: Iterable[str], calendar: WorkCalendar) -> Iterator[Answer]:
    """Yield one answer for each line ``limit,start``; blank lines and a heading are passed over."""
    for number, line in enumerate(lines, start=1):
        text = line.lstrip("\ufeff").strip()
        if not text or (number == 1 and text.replace(" ", "").lower() == "limit,start"):
            continue
        try:
            yield Answer(number, _due(text, calendar))
        except DomainError as problem:
            yield Answer(number, None, problem)


def _due(text: str, calendar: WorkCalendar) -> Deadline:
    limit, comma, start = text.partition(",")
    if not comma or "," in start or len(text) > _MOST_LINE_CHARS:
        raise BadLine
    return due_at(read_moment(start), Limit.parse(limit), calendar)
