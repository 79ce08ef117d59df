"""No worker for 72 hours over a weekend whose Saturday is worked: what fires then is what an oracle says.

The oracle steps through the minutes and shares no code with the product.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest

from tests.escalation.kit import at, rows, swept
from tests.sla.oracle import MINUTE, Oracle, china_days
from ticketing.core.db import db
from ticketing.sla.models import Clock
from ticketing.sla.words import ClockState
from ticketing.tickets import ledger
from ticketing.tickets.models import Ticket

STOPPED, BACK = at("2026-10-09 09:00"), at("2026-10-12 09:00")  # Saturday 10 October is a working day
SHARES = (50, 80, 100)
Step = tuple[str, str, str]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    windows = [(540, 720), (780, 1020)]
    return Oracle(
        "Asia/Shanghai", windows, {0, 1, 2, 3, 4}, china_days(2026), date(2026, 9, 20), date(2026, 11, 20)
    )


def steps_of(oracle: Oracle, start: datetime, limit: str, until: datetime) -> dict[str, datetime]:
    """When each step of a clock that was never paused comes, minute by minute."""
    unit = limit.lstrip("0123456789")
    amount = int(limit.removesuffix(unit))
    begin, whole = oracle.index(start), oracle.allowance(start, amount, unit)
    found = {}
    for percent in SHARES:
        minutes = -(-whole * percent // 100)
        if oracle.is_working(unit):
            index = bisect_left(oracle.opened, oracle.opened[begin] + minutes)
        else:
            index = begin + minutes
        found[str(percent)] = oracle.first + index * MINUTE
    due = found["100"] = oracle.due(start, amount, unit)
    hours = 24
    while due + timedelta(hours=hours) <= until:
        found[f"100+{hours}h"] = due + timedelta(hours=hours)
        hours += 24
    return found


def busy_week(world) -> None:
    """Requests of every kind, before the worker stops and while it is away; some are taken up."""
    chance = random.Random(20261010)
    moments = sorted(
        at("2026-10-08 08:00") + timedelta(minutes=chance.randrange(3 * 24 * 60)) for _ in range(40)
    )
    stopped = False
    for moment in moments:
        if moment > STOPPED and not stopped:
            swept(STOPPED)
            stopped = True
        world.now = moment
        kind = chance.choice(["consult", "help", "complaint", "suggestion", "praise"])
        number = world.file(kind=kind, level=chance.choice(["normal", "normal", "urgent", "major"]))
        if chance.random() < 0.5:
            world.act("clerk", number, "accept")
            world.act("dispatcher", number, "dispatch", unit=chance.choice(["D-PWR", "D-HRS"]))


def test_what_fires_after_the_standstill_is_what_the_oracle_says(world, oracle):
    busy_week(world)
    before = {(row.clock_id, row.step) for row in rows()}

    fired = [one for one in swept(BACK) if one.metric and one.step != "notice"]

    clocks = (
        db.session.query(Clock, Ticket.number)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .filter(Clock.state == ClockState.RUNNING)
    )
    expected: dict[Step, datetime] = {}
    for clock, number in clocks:
        for step, moment in steps_of(oracle, clock.started_at, clock.limit, BACK).items():
            if moment <= BACK and (clock.id, step) not in before:
                expected[number, clock.metric.value, step] = moment
    found: dict[Step, datetime] = {(one.ticket, str(one.metric), one.step): one.due_moment for one in fired}
    assert found.keys() == expected.keys()
    assert len(fired) == len(found) > 60
    assert all(timedelta() <= expected[step] - moment < MINUTE for step, moment in found.items())
    # Nothing that was due while a worker ran was left to the end of the standstill.
    assert all(moment > STOPPED - MINUTE for step, moment in found.items() if step[0] in _filed_before(world))
    assert list(ledger.verify()) == []


def _filed_before(world) -> set[str]:
    return {row.number for row in db.session.query(Ticket).filter(Ticket.last_at < STOPPED)}


def test_they_are_written_in_order_and_each_clock_has_one_piece_of_news(world):
    busy_week(world)

    fired = swept(BACK)

    by_ticket, by_clock = defaultdict(list), defaultdict(list)
    for one in fired:
        by_ticket[one.ticket].append(one.due_moment)
        if one.metric and one.step != "notice":
            by_clock[one.ticket, one.metric].append(one.is_late)
    assert all(moments == sorted(moments) for moments in by_ticket.values())
    assert all(late == [True] * (len(late) - 1) + [False] for late in by_clock.values())
