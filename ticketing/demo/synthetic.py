"""Makes synthetic tickets in bulk: histories planned in memory, written in batches, searchable, some mail."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import func, select

from ticketing.accounts.models import Enterprise, User
from ticketing.core.db import db, transaction
from ticketing.demo import bulk, enterprises, inbox, maker
from ticketing.demo.district import District
from ticketing.demo.plan import Arrivals
from ticketing.network import queries as network
from ticketing.sla.models import Clock
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.filing import FILING_ROLES
from ticketing.tickets.models import Event, Ticket

TICKETS_A_COMPANY = 50
_YEAR_CHARS = len("QS26")


def make(
    count: int,
    *,
    seed: int,
    days: int,
    now: datetime,
    open_tickets: int | None = None,
    told: Callable[[int], None] | None = None,
) -> None:
    """Make ``count`` tickets received over the last ``days``, with their histories up to ``now``.

    About ``open_tickets`` of them are open, by default more than a quarter. A few more come of requests
    filed twice and merged. One transaction; ``told`` hears now and then how many there are. No outbox rows:
    of old histories nobody is told anew.
    """
    is_first = db.session.scalar(select(Ticket.id).limit(1)) is None
    filled = (*(model.__tablename__ for model in maker.TABLES), indexing.TABLE)
    aside = bulk.checked_at_once(*filled) if is_first else nullcontext()
    with transaction(), aside:
        bulk.lock(Enterprise, User, *maker.TABLES)
        first_event_id = bulk.next_id(Event)
        add_companies(max(enterprises.BASE_COMPANIES, count // TICKETS_A_COMPANY), now)
        share = None if open_tickets is None else open_tickets / count
        district, taken = District(FILING_ROLES), _taken()
        arrivals = Arrivals(count, days, share)
        plans = maker.Maker(district, arrivals, seed=seed, days=days, now=now, taken=taken)
        plans.is_postgresql = bulk.is_postgresql()
        wanted = list(maker.chunks(count, bulk.next_id(Ticket), bulk.next_id(Clock)))
        for chunk, packed in zip(wanted, maker.planned(plans, wanted), strict=True):
            bulk.write(packed)
            if told is not None:
                told(chunk.index * maker.CHUNK + chunk.count)
        bulk.finish(Enterprise, User, *maker.TABLES)
        indexing.settle()
        inbox.fill(first_event_id, now)


def add_companies(wanted: int, now: datetime) -> None:
    """Add invented companies until there are ``wanted``; their people share the password of the others."""
    if (db.session.scalar(select(func.count()).select_from(Enterprise)) or 0) >= wanted:
        return
    known = select(User.password_hash).where(User.enterprise_id.is_not(None)).limit(1)
    password_hash = db.session.scalars(known).one()
    codes = [site.code for site in network.sites()]
    taken = set(db.session.scalars(select(Enterprise.uscc)))
    rows, company_id = bulk.Rows(Enterprise, User), bulk.next_id(Enterprise)
    for plan in (enterprises.company(number, codes) for number in range(wanted)):
        if plan.uscc in taken:
            continue
        rows.add(Enterprise, {
            "id": company_id, "uscc": plan.uscc, "name": plan.name, "is_verified": True, "created_at": now,
            "site_code": plan.site,
        })  # fmt: skip
        for place, person in enumerate(plan.people):
            rows.add(User, {
                "email": person.email, "name": person.name, "phone": person.phone, "created_at": now,
                "password_hash": password_hash, "enterprise_id": company_id,
                "is_enterprise_admin": place == 0,
            })  # fmt: skip
        company_id += 1
    bulk.write(rows.packed(is_postgresql=bulk.is_postgresql()))


def _taken() -> set[int]:
    """Return the random parts of the numbers there are."""
    numbers = db.session.scalars(select(Ticket.number))
    return {int(number.replace("-", "")[_YEAR_CHARS:-1]) for number in numbers}
