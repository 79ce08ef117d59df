"""Plans synthetic tickets chunk by chunk, in several processes when there are many."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ticketing.core.local_day import local_date
from ticketing.core.tokens import Folder
from ticketing.demo import bulk, history, verbs
from ticketing.demo.bulk import Packed, Row, Rows
from ticketing.demo.case import Case
from ticketing.demo.district import District
from ticketing.demo.life import Life
from ticketing.demo.plan import Arrivals, Planner
from ticketing.demo.worktime import WorkTime
from ticketing.sla.models import Clock, ClockPause
from ticketing.tickets import rules
from ticketing.tickets.actions import indexing
from ticketing.tickets.models import Event, Extension, Part, Supervision, Ticket, TicketUnit
from ticketing.tickets.searchable import Document
from ticketing.tickets.words import OPEN, Channel, State

TABLES = (Ticket, Event, Clock, ClockPause, Part, Extension, Supervision, TicketUnit)
CHUNK = 1_000
_AHEAD = 3  # chunks planned but not yet written, for each process
_ROUNDS = 4
_HALF = 10**4
_CALENDAR_MARGIN = timedelta(days=90)
# Stories and companies come again and again.
_FOLDER = Folder.remembering(10_000)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which tickets to plan; every chunk has ids and number places of its own, some of which stay unused."""

    index: int
    count: int
    first_ticket_id: int
    first_clock_id: int

    @property
    def end_ticket_id(self) -> int:
        """The first id that is another chunk's: one ticket in ten may have a twin."""
        return self.first_ticket_id + self.count + self.count // 10 + 5

    @property
    def end_clock_id(self) -> int:
        """The first id that is another chunk's; tickets have four clocks on average, seldom twenty."""
        return self.first_clock_id + 8 * self.count + 60


def chunks(count: int, first_ticket_id: int, first_clock_id: int) -> Iterator[Chunk]:
    """Yield the chunks of ``count`` tickets."""
    for index, done in enumerate(range(0, count, CHUNK)):
        chunk = Chunk(index, min(CHUNK, count - done), first_ticket_id, first_clock_id)
        first_ticket_id, first_clock_id = chunk.end_ticket_id, chunk.end_clock_id
        yield chunk


class Numbers:
    """Eight-digit numbers in an order that looks random; none comes twice. The same seed gives the same.

    A Feistel network over two halves of four digits: whatever its round function, it is a bijection.
    """

    def __init__(self, rng: random.Random) -> None:
        self._tables = [[rng.randrange(_HALF) for _ in range(_HALF)] for _ in range(_ROUNDS)]

    def nth(self, place: int) -> int:
        """Return the number at ``place``, from 0."""
        left, right = divmod(place, _HALF)
        for table in self._tables:
            left, right = right, (left + table[right]) % _HALF
        return left * _HALF + right


class Maker:
    """Plans chunks; what a chunk holds depends on the seed, the chunk, the arrivals and the district only."""

    def __init__(
        self, district: District, arrivals: Arrivals, *, seed: int, days: int, now: datetime, taken: set[int]
    ) -> None:
        self.district = district
        self.arrivals = arrivals
        self.seed = seed
        self.now = now.replace(microsecond=0)
        self.is_postgresql = False
        self._taken = taken
        self._numbers = Numbers(random.Random(seed))  # noqa: S311 - the numbers of a demo may be guessed
        _calendar_id, calendar = district.calendar(district.centre.calendar_name)
        first = local_date(now) - timedelta(days=days) - _CALENDAR_MARGIN
        self._work = WorkTime(calendar, first, local_date(now) + _CALENDAR_MARGIN)

    def plan(self, chunk: Chunk) -> list[Packed]:
        """Return the rows of a chunk, those of the search index with them."""
        planning = _Planning(self, chunk, self._work)
        columns = indexing.COLUMNS["postgresql" if self.is_postgresql else "sqlite"]
        packed = planning.rows().packed(is_postgresql=self.is_postgresql)
        return packed + bulk.packed_plain(
            indexing.TABLE, columns, planning.texts, is_postgresql=self.is_postgresql
        )

    def body(self, place: int) -> int | None:
        """Return the number at ``place``; None when a ticket has it already."""
        body = self._numbers.nth(place)
        return None if body in self._taken else body


class _Planning:
    """One chunk being planned."""

    def __init__(self, maker: Maker, chunk: Chunk, work: WorkTime) -> None:
        self.maker = maker
        self.chunk = chunk
        self.rng = random.Random(f"{maker.seed}/{chunk.index}")  # noqa: S311 - tells stories, keeps no secrets
        self.work = work
        self.planner = Planner(maker.district, self.rng, work, maker.now, maker.arrivals)
        self.planner.turn = chunk.index * CHUNK
        self._twin_id = chunk.first_ticket_id + chunk.count
        self._clock_id = chunk.first_clock_id
        self._places = iter(range(chunk.index * 4 * CHUNK, (chunk.index + 1) * 4 * CHUNK))
        self._rows = Rows(*TABLES)
        self.texts: list[Row] = []

    def rows(self) -> Rows:
        for ticket_id in range(self.chunk.first_ticket_id, self.chunk.first_ticket_id + self.chunk.count):
            for case in self._lived(ticket_id):
                self._keep(case)
        return self._rows

    def _lived(self, ticket_id: int) -> list[Case]:
        category, start = self.planner.start()
        facts = self.planner.facts(category, start, self._body())
        case = Case(self.maker.district, ticket_id, facts)
        cases = [case]

        def duplicate(life: Life) -> None:
            if self._twin_id < self.chunk.end_ticket_id:
                cases.append(self._twin(life, facts))

        history.live(Life(case, start, self.rng, self.work, self.maker.now), duplicate)
        for merged in cases[1:]:
            merged.unit_ids |= case.unit_ids  # who has the one reads the other, too
        return cases

    def _twin(self, life: Life, facts: dict[str, Any]) -> Case:
        """The company files the same once more on the platform; the desk merges it into the first."""
        filed_at, merged_at = life.t, life.pass_time(10, 90)
        again = {
            "number": rules.make_number(local_date(filed_at).year, self._body()),
            "channel": Channel.PLATFORM,
            "filed_by": life.company.id,
            "received_at": filed_at,
            "last_at": filed_at,
            "status": State.SUBMITTED,
        }
        twin = Case(self.maker.district, self._twin_id, facts | again)
        self._twin_id += 1
        verbs.file(twin, life.company, filed_at)
        verbs.merge(twin, life.clerk(), merged_at, life.case, "")
        return twin

    def _body(self) -> int:
        return next(body for place in self._places if (body := self.maker.body(place)) is not None)

    def _keep(self, case: Case) -> None:
        rows, ticket_id = self._rows, case.row["id"]
        if case.status in OPEN:
            case.book.arm(self.maker.now)
            case.row["look_at"] = case.row["last_at"]
        if case.status is not State.DRAFT:
            self.texts.append(self._text(case.row))
        rows.add(Ticket, case.row)
        rows.add_all(Event, case.events)
        for clock in case.book.rows:
            rows.add(Clock, clock.row(self._clock_id, ticket_id))
            for pause in clock.pauses:
                rows.add(ClockPause, pause.row(self._clock_id))
            self._clock_id += 1
        for model, found in (
            (Part, case.parts),
            (Extension, case.extensions),
            (Supervision, case.supervisions),
        ):
            rows.add_all(model, found)
        seen = sorted(case.unit_ids)
        rows.add_all(TicketUnit, [{"ticket_id": ticket_id, "unit_id": unit_id} for unit_id in seen])

    def _text(self, row: Row) -> Row:
        """What the search index keeps of a ticket."""
        return Document(
            ticket_id=row["id"],
            received_at=row["received_at"],
            number=row["number"],
            title=row["title"],
            description=row["description"],
            enterprise=self.maker.district.company_names[row["enterprise_id"]],
            phone=row["contact_phone"],
            is_confidential=row["is_confidential"],
        ).row(_FOLDER)


def planned(maker: Maker, wanted: list[Chunk]) -> Iterator[list[Packed]]:
    """Yield the rows of each chunk in order; with several chunks, other processes plan ahead."""
    processes = min(os.cpu_count() or 1, len(wanted), 4)
    if processes == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(maker.plan, wanted)
        return
    # Forked, so that they know the district without a database; they never touch the parent's connection.
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("fork"), initializer=_remember, initargs=(maker,)
    )
    ahead: deque[Future[list[Packed]]] = deque()
    try:
        for chunk in wanted:
            ahead.append(pool.submit(_plan, chunk))
            if len(ahead) > processes * _AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


_known: dict[str, Maker] = {}


def _remember(maker: Maker) -> None:
    _known["maker"] = maker
    gc.freeze()  # what is inherited stays for good: no need to look through it again and again


def _plan(chunk: Chunk) -> list[Packed]:
    return _known["maker"].plan(chunk)
