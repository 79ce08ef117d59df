"""Long walks through the life cycle: after every step everything that must hold of a ticket holds."""

from __future__ import annotations

import logging
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tickets.holding import problems
from tests.tickets.walk import Walk
from ticketing.core.db import db
from ticketing.tickets import ledger

SEED = int(os.environ.get("WALK_SEED", "20261123"))
# Every day the longer walk is on SQLite, where a step takes half the time; WALK_STEPS counts for both.
IS_LONG = "WALK_STEPS" in os.environ
STEPS = int(os.environ.get("WALK_STEPS", "300"))
EXAMPLES = int(os.environ.get("WALK_EXAMPLES", "6"))
# Of the 35 that go through ``perform``, and filing.
MOST_ACTIONS = 32
log = logging.getLogger(__name__)


@pytest.mark.slow
def test_everything_holds_after_every_step_of_a_long_walk(world, database):
    is_shorter = database == "postgresql" and not IS_LONG
    walk = Walk(world, random.Random(SEED + is_shorter))
    steps = STEPS // 2 if is_shorter else STEPS

    for _step in range(steps):
        walk.step()

    log.info("done %s, refused %s", dict(walk.done), dict(walk.refused))
    if not is_shorter:
        assert {"revisit", "decide_extension", "rule_return", "unmerge", "finish_part", "resume"} <= set(
            walk.done
        )
        assert len(walk.done) >= MOST_ACTIONS
    assert walk.refused.total() < steps / 5
    for number in walk.numbers:
        assert problems(world, number) == []
    db.session.rollback()
    assert list(ledger.verify()) == []


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(chance=st.randoms(use_true_random=False), steps=st.integers(5, 30))
def test_no_short_walk_breaks_anything(world, chance, steps):
    walk = Walk(world, chance)

    for _step in range(steps):
        walk.step()
