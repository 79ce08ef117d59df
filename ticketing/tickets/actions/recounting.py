"""Promises counted anew when their working calendar has a newer version: an event for each ticket that moves.

What is to be done lies in the clocks themselves: an open one that counts by an older version waits. So any
number of processes may do it, and one that was killed leaves nothing half done; the next goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ticketing.core.actor import SYSTEM
from ticketing.core.db import db, transaction
from ticketing.network.queries import Network, network
from ticketing.sla import queries as sla
from ticketing.sla.actions.clocks import ClockBook, Moved
from ticketing.sla.models import Calendar, Clock
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import Metric
from ticketing.tickets import ledger
from ticketing.tickets.actions.owed import open_parts_of
from ticketing.tickets.actions.step import apply_summary, publish, record
from ticketing.tickets.models import Part, Supervision, Ticket
from ticketing.tickets.words import Action

AT_ONCE = 20


def recount(now: datetime, limit: int = AT_ONCE) -> int:
    """Count the promises of up to ``limit`` waiting tickets anew; return how many tickets, 0 when none waits.

    Tickets somebody is working on are left for the next call; with no others, one of them is waited for.
    """
    newest = sla.newest_versions()
    if not newest:
        db.session.rollback()
        return 0
    with transaction():
        tickets = _locked(newest, limit)
        if tickets:
            net = network()
            because = _notes(newest)
            for ticket in tickets:
                _recount(ticket, newest, net, because, now)
    db.session.expunge_all()
    return len(tickets)


def _locked(newest: dict[int, int], limit: int) -> list[Ticket]:
    """The next tickets that wait, locked: those that are free, else the first as soon as it is."""
    waiting = select(Clock.ticket_id).where(Clock.calendar_id.in_(newest), sla.IS_OPEN)
    wanted = (
        select(Ticket)
        .where(Ticket.id.in_(waiting))
        .order_by(Ticket.id)
        .with_for_update(of=Ticket, skip_locked=True)
    )
    fresh = {"populate_existing": True}
    found = list(db.session.scalars(wanted.limit(limit), execution_options=fresh))
    if found:
        return found
    one = select(Ticket).where(Ticket.id.in_(waiting)).order_by(Ticket.id).limit(1).with_for_update(of=Ticket)
    return list(db.session.scalars(one, execution_options=fresh))


def _notes(newest: dict[int, int]) -> dict[int, str]:
    """Why each of the new versions was made."""
    wanted = select(Calendar.id, Calendar.note).where(Calendar.id.in_(set(newest.values())))
    return {calendar_id: note or "" for calendar_id, note in db.session.execute(wanted)}


def _recount(
    ticket: Ticket, newest: dict[int, int], net: Network, because: dict[int, str], now: datetime
) -> None:
    """Count one ticket anew. Its version stays: nobody's half-written answer is refused because of it."""
    before = ledger.snapshot(ticket)
    book = ClockBook(sla.clocks_of(ticket.id), ticket.cycle)
    stale = {clock.calendar_id for clock in book.clocks if clock.calendar_id in newest}
    moved = book.rebase(newest)
    demands = _move_demands(ticket, net, book)
    if not moved and not demands:
        return
    apply_summary(ticket, book)
    after = ledger.snapshot(ticket)
    data: dict[str, Any] = {
        "set": {name: after[name] for name in after if after[name] != before[name]},
        "clocks": book.changes(),
        "said": {
            "moved": [_told(one) for one in moved if one.metric is not Metric.PART],
            "demands": demands,
            "because": " ".join(sorted({because[newest[old]] for old in stale} - {""})),
        },
    }
    publish(record(ticket, SYSTEM, Action.RECOUNT, ticket.status, data, now), set())


def _told(one: Moved) -> dict[str, str]:
    return {"metric": one.metric.value, "old": one.old.isoformat(), "new": one.new.isoformat()}


def _move_demands(ticket: Ticket, net: Network, book: ClockBook) -> list[dict[str, str]]:
    """Count what co-units and supervised units owe anew, by their present calendars; return what moved.

    A part that has a clock follows it.
    """
    cases = select(Supervision).where(Supervision.ticket_id == ticket.id, Supervision.answered_at.is_(None))
    owed: list[tuple[Part | Supervision, datetime]] = [
        *((part, part.invited_at) for part in open_parts_of(ticket)),
        *((case, case.opened_at) for case in db.session.scalars(cases)),
    ]
    moved = []
    for row, began_at in owed:
        unit = net.by_id[row.unit_id]
        nth = row.clock_nth if isinstance(row, Part) else None
        clock = book.part(nth) if nth is not None else None
        if clock is not None:
            at = clock.due_at
        else:
            at = due_at(began_at, Limit.parse(row.limit), sla.calendar(unit.calendar_name)).at
        if at != row.due_at:
            moved.append({"unit": unit.code, "old": row.due_at.isoformat(), "new": at.isoformat()})
            row.due_at = at
    return moved
