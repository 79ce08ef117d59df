"""The annual holiday notice as CSV: date,kind,name. One notice belongs to one year."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from ticketing.core.errors import Invalid
from ticketing.core.text import N_, clean_line
from ticketing.sla.rules.calendars import DayKind, DayRule

_HEADER = ["date", "kind", "name"]
_MOST_LINES = 400
_MOST_LINE_CHARS = 200
_MOST_NAME_CHARS = 40
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECEMBER, _FIRST_EVE = 12, 25


class BadNotice(Invalid):
    """A notice that cannot be taken; the sentence names the line."""

    sentence = N_("通知里没有任何日期")


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One line of a notice: a day off, or a day that is worked in exchange."""

    on: date
    kind: DayKind
    name: str
    line: int = field(default=0, compare=False)


def decoded(content: bytes) -> str:
    """Return a file's text: UTF-8, or what Excel writes in China. Raises BadNotice."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadNotice(N_("文件不是 UTF-8 或 GBK 编码的文本"))


def read_notice(lines: Iterable[str]) -> list[NoticeDay]:
    """Return the days of a notice in the order of their dates; a first line ``date,kind,name`` may be there.

    All dates lie in one year; only the last week of the December before may precede it, since the New Year's
    holiday sometimes starts there. Raises BadNotice, with the line number, at the first line that is wrong.
    """
    seen: dict[date, int] = {}
    days: list[NoticeDay] = []
    numbered = enumerate(islice(lines, _MOST_LINES + 1), start=1)
    for number, line in numbered:
        text = line.lstrip("\ufeff").strip()
        if number > _MOST_LINES:
            raise BadNotice(N_("通知超过 %(most)s 行，不像一年的放假安排"), most=_MOST_LINES)
        if not text or (not days and [cell.strip().lower() for cell in text.split(",")] == _HEADER):
            continue
        day = _read_line(text, number)
        if day.on in seen:
            raise BadNotice(
                N_("第 %(line)s 行的日期 %(on)s 与第 %(other)s 行重复"),
                line=number,
                on=day.on.isoformat(),
                other=seen[day.on],
            )
        seen[day.on] = number
        days.append(day)
    if not days:
        raise BadNotice
    check_one_year(seen)
    return sorted(days, key=lambda day: day.on)


def notice_year(days: Iterable[NoticeDay]) -> int:
    """Return the year a notice belongs to. ``days`` is not empty."""
    return max(day.on.year for day in days)


def day_rules(days: Iterable[NoticeDay]) -> Mapping[date, DayRule]:
    """Return the exceptions of a calendar that follows the notice."""
    return {day.on: DayRule(day.kind, day.name) for day in days}


def _read_line(text: str, number: int) -> NoticeDay:
    cells = _cells(text, number)
    name = clean_line(cells[2])
    if len(name) > _MOST_NAME_CHARS:
        raise BadNotice(N_("第 %(line)s 行的名称超过 %(most)s 个字"), line=number, most=_MOST_NAME_CHARS)
    return NoticeDay(_date(cells[0], number), _kind(cells[1], number), name, number)


def _cells(text: str, number: int) -> list[str]:
    try:
        rows = list(csv.reader([text], strict=True)) if len(text) <= _MOST_LINE_CHARS else []
    except csv.Error:
        rows = []
    if len(rows) != 1 or len(rows[0]) != len(_HEADER):
        raise BadNotice(N_("第 %(line)s 行应为“日期，类别，名称”三列"), line=number)
    return [cell.strip() for cell in rows[0]]


def _date(cell: str, number: int) -> date:
    try:
        if not _DATE.fullmatch(cell):
            raise ValueError
        return date.fromisoformat(cell)
    except ValueError:
        raise BadNotice(
            N_("第 %(line)s 行的日期“%(value)s”无法识别，请写成 2026-01-01 的样子"), line=number, value=cell
        ) from None


def _kind(cell: str, number: int) -> DayKind:
    try:
        return DayKind(cell.lower())
    except ValueError:
        raise BadNotice(
            N_("第 %(line)s 行的类别“%(value)s”不是 holiday（放假）或 workday（调休上班）"),
            line=number,
            value=cell,
        ) from None


def check_one_year(seen: Mapping[date, int]) -> None:
    """Refuse the first line outside the year most lines lie in: dates with their lines. Raises BadNotice."""
    years = [on.year for on in seen]
    year = max(sorted(set(years)), key=years.count)
    for on, number in seen.items():
        is_eve = on.year == year - 1 and (on.month, on.day) >= (_DECEMBER, _FIRST_EVE)
        if on.year != year and not is_eve:
            raise BadNotice(
                N_("第 %(line)s 行的日期 %(on)s 不属于 %(year)s 年的通知"),
                line=number,
                on=on.isoformat(),
                year=year,
            )
