"""A list's address read into filters: one reading for the queue, the search list, figures' links and the API.

    read = read_filters(request.args.to_dict(flat=False), net, today)
    listing(actor, read.wanted, ...)

Names: ``status``, ``unit`` (a code; units below it are included), ``at`` (that unit alone),
``category``, ``kind``, ``level``, ``channel`` (each may come several times), ``light``, ``section``,
``sent_to`` and ``returned_by`` (codes of units; for staff), ``mine``, ``overdue``,
``open``, ``rated`` and ``satisfied`` (1 or 0), ``q``, ``from`` and ``to`` (receipt),
``closed_from`` and ``closed_to``. A bound is a date of the district, both days included, or an RFC 3339
moment (``to`` excluded), or the word ``today``. What cannot be read does not narrow the list and is named in
``problems``: a page shows it, the API refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from ticketing.core.local_day import day_start
from ticketing.core.text import N_, clean_line
from ticketing.core.tokens import unfit
from ticketing.network.queries import Network, UnitInfo
from ticketing.sla.rules.lights import Light
from ticketing.tickets.queries.conditions import Filters, Section
from ticketing.tickets.words import Channel, Kind, Level, State

MAX_QUERY_CHARS = 100
TODAY = "today"
NOT_KNOWN = N_("不认识的值，已忽略")
NOT_A_DAY = N_("不是日期，已忽略。请写成 2026-11-22")
TOO_LONG = N_("搜索词太长，只用了前 100 个字")
BACKWARDS = N_("开始日期晚于结束日期")
YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no"})
_CODE_CHARS = 16

Args = Mapping[str, Sequence[str]]
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ReadFilters:
    """What was read. ``given`` holds the values that narrow the list, by name, as they stand in the address;
    ``problems`` the sentences (message ids) about those that were ignored.
    """

    wanted: Filters
    given: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)


def read_filters(args: Args, net: Network, today: date) -> ReadFilters:
    """Return the filters of an address. ``args`` gives all values of a name; ``today`` is the district's."""
    reader = _Reader(args, today)
    wanted = Filters(
        statuses=frozenset(reader.words("status", State)) - {State.DRAFT},
        unit_ids=reader.units(net),
        categories=frozenset(reader.codes("category")),
        kinds=frozenset(reader.words("kind", Kind)),
        levels=frozenset(reader.words("level", Level)),
        channels=frozenset(reader.words("channel", Channel)),
        light=next(iter(reader.words("light", Light)), None),
        section=next(iter(reader.words("section", Section)), None),
        is_open=reader.flag("open"),
        sent_to=reader.exactly("sent_to", net),
        returned_by=reader.exactly("returned_by", net),
        is_overdue=reader.flag("overdue"),
        is_mine=reader.flag("mine") or False,
        is_rated=reader.flag("rated"),
        is_satisfied=reader.flag("satisfied"),
        text=reader.text("q"),
        received_from=reader.moment("from"),
        received_to=reader.moment("to", is_end=True),
        closed_from=reader.moment("closed_from"),
        closed_to=reader.moment("closed_to", is_end=True),
    )
    for start, end, name in (
        (wanted.received_from, wanted.received_to, "to"),
        (wanted.closed_from, wanted.closed_to, "closed_to"),
    ):
        if start and end and start >= end:
            reader.problems.setdefault(name, []).append(BACKWARDS)
    return ReadFilters(wanted, reader.given, reader.problems)


class _Reader:
    """Reads one value after the other, keeping what was used and what was not."""

    def __init__(self, args: Args, today: date) -> None:
        self._args = args
        self._today = today
        self.given: dict[str, list[str]] = {}
        self.problems: dict[str, list[str]] = {}

    def _values(self, name: str) -> list[str]:
        cleaned = [clean_line(value[: 2 * MAX_QUERY_CHARS]) for value in self._args.get(name, ())]
        return list(dict.fromkeys(value for value in cleaned if value))

    def _keep(self, name: str, value: str) -> None:
        self.given.setdefault(name, []).append(value)

    def _refuse(self, name: str, sentence: str) -> None:
        held = self.problems.setdefault(name, [])
        if sentence not in held:
            held.append(sentence)

    def words(self, name: str, kind: type[Word]) -> list[Word]:
        """The values of ``name`` that are words of ``kind``."""
        known = {word.value: word for word in kind}
        found: list[Word] = []
        for value in self._values(name):
            if value in known:
                found.append(known[value])
                self._keep(name, value)
            else:
                self._refuse(name, NOT_KNOWN)
        return found

    def codes(self, name: str) -> list[str]:
        """The values of ``name`` that look like codes."""
        found = []
        for value in self._values(name):
            if len(value) <= _CODE_CHARS and value.isascii():
                found.append(value)
                self._keep(name, value)
            else:
                self._refuse(name, NOT_KNOWN)
        return found

    def units(self, net: Network) -> frozenset[int] | None:
        """The units under ``unit`` with all below them, and those under ``at``; None when none is named."""
        wide, narrow = self._units("unit", net), self._units("at", net)
        if not wide and not narrow:
            return None
        return net.within(tuple(unit.path for unit in wide)) | {unit.id for unit in narrow}

    def exactly(self, name: str, net: Network) -> frozenset[int]:
        """The units under ``name`` alone, without those below."""
        return frozenset(unit.id for unit in self._units(name, net))

    def _units(self, name: str, net: Network) -> list[UnitInfo]:
        found = []
        for code in self._values(name):
            unit = net.by_code.get(code)
            if unit is None:
                self._refuse(name, NOT_KNOWN)
            else:
                found.append(unit)
                self._keep(name, code)
        return found

    def flag(self, name: str) -> bool | None:
        """Yes, no, or nothing said."""
        for value in self._values(name):
            if value.lower() in YES | _NO:
                self._keep(name, value)
                return value.lower() in YES
            self._refuse(name, NOT_KNOWN)
        return None

    def text(self, name: str) -> str:
        """The words searched for."""
        given = " ".join(self._args.get(name, ()))
        if len(given) > MAX_QUERY_CHARS:
            self._refuse(name, TOO_LONG)
        text = clean_line(given[:MAX_QUERY_CHARS])
        if text:
            self._keep(name, text)
        why = unfit(text)
        if why:
            self._refuse(name, why)
        return text

    def moment(self, name: str, *, is_end: bool = False) -> datetime | None:
        """The moment a bound begins; for an end given as a day, the day after it."""
        for value in self._values(name):
            found = self._moment(value, is_end=is_end)
            if found is not None:
                self._keep(name, value)
                return found
            self._refuse(name, NOT_A_DAY)
        return None

    def _moment(self, value: str, *, is_end: bool) -> datetime | None:
        try:
            on = self._today if value == TODAY else date.fromisoformat(value)
            return day_start(on + timedelta(days=1) if is_end else on)
        except (ValueError, OverflowError):
            pass
        try:
            at: Any = datetime.fromisoformat(value)
            return at if at.tzinfo is not None and at.astimezone(self._zone) else None
        except (ValueError, OverflowError):
            return None

    @property
    def _zone(self) -> Any:
        return day_start(self._today).tzinfo
