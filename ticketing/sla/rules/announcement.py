"""The annual holiday notice as it is published: 一、元旦：1月1日（周四）至3日放假调休，共3天。1月4日上班。

The weekdays and the numbers of days that it gives are checked: a wrong year or a lost line is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from ticketing.core.text import N_
from ticketing.sla.rules.calendars import ONE_DAY, DayKind
from ticketing.sla.rules.notices import BadNotice, NoticeDay, check_one_year, read_notice

_MOST_CHARS = 20_000
_MOST_DAYS_AT_ONCE = 31
_DECEMBER = 12
_WEEKDAYS = "一二三四五六日天"
_SUNDAY = 6
_ASIDE = r"(?:[（(](?P<aside{n}>[^（()）]{{0,20}})[）)])?"
_ONE = r"(?:(?P<year{n}>20[0-9]{{2}})年)?(?:(?P<month{n}>[0-9]{{1,2}})月)?(?P<day{n}>[0-9]{{1,2}})日" + _ASIDE
_TOKEN = re.compile(
    rf"(?P<days>{_ONE.format(n='')}(?:[至到—–~-]+{_ONE.format(n='2')})?)"
    r"|(?P<off>放假)(?:(?P<all>[0-9]{1,2})天)?|(?P<working>上班)|共(?P<count>[0-9]{1,2})天"
)
_SECTION = re.compile(r"(?:[一二三四五六七八九十]{1,3}[、.．]\s*)?([\u4e00-\u9fff、]{2,16})\s*[:：]")
_BEGINS = re.compile(r"[\u4e00-\u9fff]\s*[:：]\s*(?:20[0-9]{2}\s*年\s*)?[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*日")
_ITS_YEAR = re.compile(r"(20[0-9]{2})\s*年\s*(?:部分)?\s*(?:节假日|放假|元旦)")
_WEEKDAY = re.compile(rf"(?:周|星期)([{_WEEKDAYS}])")


def read_any(text: str) -> list[NoticeDay]:
    """Return the days of a notice: the published text, or one day a line. Raises BadNotice."""
    return read_announcement(text) if _BEGINS.search(text[:_MOST_CHARS]) else read_notice(text.splitlines())


def read_announcement(text: str) -> list[NoticeDay]:
    """Return the days of the published text in the order of their dates.

    ``line`` of each is the line its holiday begins on. Raises BadNotice.
    """
    if len(text) > _MOST_CHARS:
        raise BadNotice(N_("内容太长，不像一年的放假安排"))
    year, seen, days = _year_of(text), dict[date, int](), list[NoticeDay]()
    for name, body, line in _sections(text):
        for on, kind in _Section(name, year).days(body):
            if on in seen:
                raise BadNotice(N_("%(on)s 出现了两次"), on=on.isoformat())
            seen[on] = line
            days.append(NoticeDay(on, kind, name, line))
    if not days:
        raise BadNotice
    check_one_year(seen)
    return sorted(days, key=lambda day: day.on)


def _year_of(text: str) -> int:
    found = set(_ITS_YEAR.findall(text))
    if len(found) != 1:
        raise BadNotice(N_("看不出是哪一年的安排，请连同标题一起粘贴，例如“2027年部分节假日安排”"))
    return int(found.pop())


def _sections(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield each holiday's name, what is said of it without spaces, and the line it begins on."""
    heads = list(_SECTION.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield head[1], re.sub(r"\s+", "", text[head.end() : end]), text.count("\n", 0, head.start(1)) + 1


class _Section:
    """One holiday: days named so far wait for the word that says whether they are off or worked."""

    def __init__(self, name: str, year: int) -> None:
        self._name, self._year = name, year
        self._month = 0

    def days(self, body: str) -> Iterator[tuple[date, DayKind]]:
        """Yield the days of the section; those that a sentence says nothing of are not meant."""
        for sentence in re.split("[。；;]", body):
            waiting: list[date] = []
            off: list[date] = []
            for token in _TOKEN.finditer(sentence):
                if token["days"]:
                    waiting += self._stretch(token)
                elif token["off"] or token["working"]:
                    kind = DayKind.HOLIDAY if token["off"] else DayKind.WORKDAY
                    yield from ((on, kind) for on in waiting)
                    off, waiting = (waiting if token["off"] else off), []
                self._check_count(token["count"] or token["all"], off)

    def _stretch(self, token: re.Match[str]) -> list[date]:
        first = last = self._date(token, "", self._year)
        if token["day2"]:
            is_next_year = bool(token["month2"]) and int(token["month2"]) < first.month
            last = self._date(token, "2", first.year + is_next_year)
        if not 0 <= (last - first) / ONE_DAY < _MOST_DAYS_AT_ONCE:
            raise BadNotice(N_("“%(value)s”太长，不像一个假期"), value=token["days"])
        return [first + number * ONE_DAY for number in range((last - first).days + 1)]

    def _date(self, token: re.Match[str], which: str, year: int) -> date:
        """Return one end of a stretch; the month may have been named before, its weekday must fit."""
        self._month = int(token["month" + which] or self._month)
        if token["year" + which]:
            year = int(token["year" + which])
        elif not which and self._month == _DECEMBER and "元旦" in self._name:
            year -= 1
        try:
            found = date(year, self._month, int(token["day" + which]))
        except ValueError:
            raise BadNotice(N_("“%(value)s”不是日期"), value=token["days"]) from None
        said = _WEEKDAY.search(token["aside" + which] or "")
        if said and min(_WEEKDAYS.index(said[1]), _SUNDAY) != found.weekday():
            raise BadNotice(N_("%(on)s 不是“%(value)s”，请核对年份"), on=found.isoformat(), value=said[0])
        return found

    def _check_count(self, said: str | None, off: list[date]) -> None:
        if said and int(said) != len(off):
            raise BadNotice(
                N_("%(name)s写的是放假 %(said)s 天，读出来是 %(found)s 天，请核对"),
                name=self._name,
                said=said,
                found=len(off),
            )


def stretches(days: list[date]) -> list[tuple[date, date]]:
    """Return dates in their order as first and last of each run without a gap."""
    if not days:
        return []
    breaks = [(one, other) for one, other in pairwise(days) if other - one != ONE_DAY]
    firsts = [days[0], *(other for _one, other in breaks)]
    return list(zip(firsts, [*(one for one, _other in breaks), days[-1]], strict=True))
