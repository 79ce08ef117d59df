"""The service as a state machine, by chance: whatever people do and whenever, the invariants hold."""

from __future__ import annotations

import logging
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.life import Life
from ticketing.tickets.flow import FLOW

RUNS = int(os.environ.get("MACHINE_RUNS", "5"))
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))
# A long search is by chance, the everyday one the same every time.
IS_SEARCH = "MACHINE_RUNS" in os.environ
# Of the 36: a few runs cannot come to all of them.
MOST_ACTIONS = 16
log = logging.getLogger(__name__)


@pytest.mark.slow
def test_whatever_people_do_and_whenever_the_invariants_hold(app, site):
    done: Counter[str] = Counter()

    try:
        run_state_machine_as_test(
            lambda: Life(site, done),
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=not IS_SEARCH,
                database=None,
                print_blob=IS_SEARCH,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.explicit, Phase.generate],
            ),
        )
    finally:
        log.info("done %s", dict(sorted(done.items())))

    assert done["fired"] > RUNS
    assert {"relayed", "letters"} <= done.keys()
    assert done.keys() & {"resend", "key refused"}
    assert len(done.keys() & {action.value for action in FLOW}) >= MOST_ACTIONS
    assert sum(count for name, count in done.items() if name.startswith("refused ")) > RUNS
