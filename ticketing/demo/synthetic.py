"""Makes synthetic tickets in bulk: plans each history in memory and writes the rows in batches."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ticketing.accounts.models import Enterprise, User
from ticketing.core.db import db, transaction
from ticketing.core.local_day import local_date
from ticketing.demo import enterprises, history, inbox, verbs
from ticketing.demo.bulk import Writer
from ticketing.demo.case import Case
from ticketing.demo.district import District
from ticketing.demo.life import Life
from ticketing.demo.plan import Planner
from ticketing.demo.worktime import WorkTime
from ticketing.network import queries as network
from ticketing.sla.models import Clock, ClockPause
from ticketing.tickets import rules
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.filing import FILING_ROLES
from ticketing.tickets.models import Event, Extension, Part, Supervision, Ticket, TicketUnit
from ticketing.tickets.words import Channel, State

BATCH = 2_000
TICKETS_A_COMPANY = 50
_TABLES = (Enterprise, User, Ticket, Event, Clock, ClockPause, Part, Extension, Supervision, TicketUnit)
_ROUNDS = 4
_HALF = 10**4
_CALENDAR_MARGIN = timedelta(days=90)


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


def make(
    count: int, *, seed: int, days: int, now: datetime, told: Callable[[int], None] | None = None
) -> None:
    """Make about ``count`` tickets received over the last ``days``, with their histories up to ``now``.

    One transaction; ``told`` hears after each batch how many there are. No outbox rows: nobody is told anew.
    """
    with transaction(), Writer(*_TABLES) as writer:
        first_event_id = writer.next_id(Event)
        _more_companies(writer, count, now)
        maker = _Maker(writer, seed, days, now)
        for done in range(0, count, BATCH):
            maker.batch(min(BATCH, count - done))
            if told is not None:
                told(min(done + BATCH, count))
        writer.finish()
        indexing.rebuild()
        inbox.fill(first_event_id, now)


def _more_companies(writer: Writer, count: int, now: datetime) -> None:
    """Add companies, so that each has about fifty tickets; they share the password of those there are."""
    known = db.session.scalar(select(func.count()).select_from(Enterprise)) or 0
    wanted = max(enterprises.BASE_COMPANIES, count // TICKETS_A_COMPANY)
    if known >= wanted:
        return
    password_hash = db.session.scalars(
        select(User.password_hash).where(User.enterprise_id.is_not(None))
    ).first()
    codes = [site.code for site in network.sites()]
    taken = set(db.session.scalars(select(Enterprise.uscc)))
    for plan in (enterprises.company(number, codes) for number in range(wanted)):
        if plan.uscc in taken:
            continue
        company_id = writer.new_id(Enterprise)
        writer.add(Enterprise, {
            "id": company_id, "uscc": plan.uscc, "name": plan.name, "is_verified": True, "created_at": now,
            "site_code": plan.site,
        })  # fmt: skip
        for place, person in enumerate(plan.people):
            writer.add(User, {
                "id": writer.new_id(User), "email": person.email, "name": person.name, "phone": person.phone,
                "password_hash": password_hash, "locale": None, "is_active": True, "created_at": now,
                "enterprise_id": company_id, "is_enterprise_admin": place == 0,
            })  # fmt: skip
    writer.flush()
    writer.wait()


class _Maker:
    def __init__(self, writer: Writer, seed: int, days: int, now: datetime) -> None:
        self.writer = writer
        self.now = now.replace(microsecond=0)
        self.rng = random.Random(seed)  # noqa: S311 - tells stories, keeps no secrets
        self.district = District(FILING_ROLES)
        _calendar_id, calendar = self.district.calendar(self.district.centre.calendar_name)
        first = local_date(now) - timedelta(days=days) - _CALENDAR_MARGIN
        self.work = WorkTime(calendar, first, local_date(now) + _CALENDAR_MARGIN)
        self.planner = Planner(self.district, self.rng, self.work, self.now, days)
        self.numbers = Numbers(random.Random(seed))  # noqa: S311 - the numbers of a demo may be guessed
        self._place = 0
        self._has_tickets = db.session.scalar(select(Ticket.id).limit(1)) is not None
        self._bodies: Iterator[int] = iter(())

    def batch(self, count: int) -> None:
        """Plan ``count`` tickets and write them. A merged twin counts as one more."""
        self._bodies = self._free_bodies(2 * count)
        for _ in range(count):
            for case in self._lived():
                self._keep(case)
        self.writer.flush()

    def _lived(self) -> list[Case]:
        category, start = self.planner.start()
        facts = self.planner.facts(category, start, next(self._bodies))
        case = Case(self.district, self.writer.new_id(Ticket), facts)
        cases = [case]

        def duplicate(life: Life) -> None:
            cases.append(self._twin(life, facts))

        history.live(Life(case, start, self.rng, self.work, self.now), duplicate)
        return cases

    def _twin(self, life: Life, facts: dict[str, Any]) -> Case:
        """The company files the same once more on the platform; the desk merges it into the first."""
        filed_at, merged_at = life.t, life.pass_time(10, 90)
        number = rules.make_number(local_date(filed_at).year, next(self._bodies))
        again = {
            "number": number, "channel": Channel.PLATFORM, "filed_by": life.company.id,
            "received_at": filed_at, "last_at": filed_at, "status": State.SUBMITTED,
        }  # fmt: skip
        twin = Case(self.district, self.writer.new_id(Ticket), facts | again)
        verbs.file(twin, life.company, filed_at)
        verbs.merge(twin, life.clerk(), merged_at, life.case, "")
        return twin

    def _free_bodies(self, count: int) -> Iterator[int]:
        """Yield numbers that no ticket has; places that were looked at and not used are used next time."""
        while count:
            body = self.numbers.nth(self._place)
            self._place += 1
            if not (self._has_tickets and self._is_taken(body)):
                count -= 1
                yield body

    def _is_taken(self, body: int) -> bool:
        self.writer.wait()
        years = {local_date(self.now).year, local_date(self.now - timedelta(days=self.planner.days)).year}
        names = [rules.make_number(year, body) for year in range(min(years), max(years) + 1)]
        return db.session.scalar(select(Ticket.id).where(Ticket.number.in_(names)).limit(1)) is not None

    def _keep(self, case: Case) -> None:
        writer, row = self.writer, case.row
        writer.add(Ticket, row)
        for event in case.events:
            event["id"] = writer.new_id(Event)
            writer.add(Event, event)
        for clock in case.book.rows:
            clock_id = writer.new_id(Clock)
            writer.add(Clock, clock.row(clock_id, row["id"]))
            for pause in clock.pauses:
                writer.add(ClockPause, pause.row(writer.new_id(ClockPause), clock_id))
        for model, rows in (
            (Part, case.parts),
            (Extension, case.extensions),
            (Supervision, case.supervisions),
        ):
            for found in rows:
                found["id"] = writer.new_id(model)
                writer.add(model, found)
        for unit_id in sorted(case.unit_ids):
            writer.add(TicketUnit, {"ticket_id": row["id"], "unit_id": unit_id})
