"""What somebody with several duties has to do: each ticket once, the most pressing first, page by page."""

from __future__ import annotations

from itertools import combinations

import pytest
from sqlalchemy import select

from ticketing.core.db import db
from ticketing.network import queries as network
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, counts, listing
from ticketing.tickets.words import OPEN, State


@pytest.fixture
def busy(world):
    for state in (State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.PROCESSING, State.REPLIED):
        for unit in ("D-PWR", "S101"):
            world.ticket(state, unit=unit)
    return world


def is_in(ticket: Ticket, states: frozenset[State], units: frozenset[int] | None) -> bool:
    return ticket.status in states and (units is None or ticket.unit_id in units)


def test_each_ticket_of_any_duty_stands_there_once_in_the_order_of_the_queue(busy):
    own, other = (network.network().by_code[code].id for code in ("S101", "D-PWR"))
    known = [
        (OPEN, frozenset({own})),
        (frozenset({State.DISPATCHED, State.PROCESSING}), frozenset({own})),
        (frozenset({State.PROCESSING, State.REPLIED}), None),
        (frozenset({State.ACCEPTED, State.PROCESSING}), frozenset({own, other})),
        (frozenset({State.ACCEPTED}), None),
    ]
    actor, now = busy.actor("dispatcher"), busy.now
    everything = list(db.session.scalars(select(Ticket).order_by(Ticket.queue_at, Ticket.id)))
    assert len(everything) == 10

    for duties in [pair for some in (1, 2, 3) for pair in combinations(known, some)]:
        wanted = Filters(any_of=duties, is_own=True)
        held = [
            one.number
            for one in everything
            if any(
                one.status in states and (units is None or one.unit_id in units) for states, units in duties
            )
        ]
        seen: list[str] = []
        cursor = None
        while not seen or cursor:
            page = listing(actor, wanted, sort=Sort.DUE, limit=3, cursor=cursor, now=now)
            seen += [row.number for row in page.rows]
            cursor = page.next_cursor
        assert seen == held
        assert counts(actor, {"all": wanted}, now=now) == {"all": len(held)}
