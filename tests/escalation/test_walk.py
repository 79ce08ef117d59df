"""A random walk through the life cycle with sweeps in between: each step once, in order, none at the end."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from tests.escalation.kit import rows, swept
from tests.tickets.walk import Walk
from ticketing.core.db import db
from ticketing.sla import queries as sla
from ticketing.sla.rules.steps import read
from ticketing.tickets import ledger
from ticketing.tickets.models import Event
from ticketing.tickets.rules import PAUSED_IN
from ticketing.tickets.words import OPEN, Action

STEPS = {"sqlite": 160, "postgresql": 90}
SEEDS = {"sqlite": 1, "postgresql": 20261122}


@pytest.mark.slow
def test_whatever_people_do_each_step_fires_once_in_order_and_none_after_the_end(world, database):
    chance = random.Random(SEEDS[database])
    walk = Walk(world, chance)

    for _step in range(STEPS[database]):
        walk.step()
        if chance.random() < 0.6:  # now and then the worker is away
            swept(world.now)

    stored = rows()
    assert len(stored) > STEPS[database] / 4
    of_clock = defaultdict(list)
    for row in stored:
        event = db.session.get_one(Event, row.event_id)
        assert event.action is Action.ESCALATE
        assert event.to_status in OPEN
        assert row.due_moment <= row.fired_at == event.at
        if row.clock_id is not None:
            assert event.to_status not in PAUSED_IN
            of_clock[row.clock_id].append(row)
    clocks = {c.id: c for row in stored for c in sla.clocks_of(row.ticket_id)}
    for clock_id, fired in of_clock.items():
        names = [row.step for row in fired if row.step != "notice"]
        plan = read(clocks[clock_id].steps)
        assert names == [step.name for n in range(len(names)) if (step := plan.at(n))]
        assert all(row.cycle == clocks[clock_id].cycle for row in fired)
    assert list(ledger.verify()) == []
