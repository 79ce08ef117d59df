"""`flask sla sweep`: what fired, a line of JSON each."""

from __future__ import annotations

import json

from tests.escalation.kit import rows
from ticketing.core.db import db


def test_the_sweep_prints_what_fired_and_then_nothing(world):
    number = world.file()
    db.session.remove()
    runner = world.app.test_cli_runner()

    first = runner.invoke(args=["sla", "sweep", "--at", "2026-11-24T17:00+08:00"])
    second = runner.invoke(args=["sla", "sweep", "--at", "2026-11-24T17:00+08:00"])

    assert (first.exit_code, second.exit_code, second.output) == (0, 0, "")
    lines = [json.loads(line) for line in first.output.splitlines()]
    assert [line["step"] for line in lines] == ["50", "80", "100"] == [row.step for row in rows(number)]
    assert lines[-1] == {
        "ticket": number,
        "metric": "respond",
        "step": "100",
        "cycle": 1,
        "audience": ["handler", "unit_leader"],
        "due_moment": "2026-11-24T17:00:00+08:00",
        "fired_at": "2026-11-24T17:00:00+08:00",
        "late": False,
        "notified": len(rows(number)[-1].notified),
    }


def test_a_moment_that_cannot_be_read_is_refused_in_words(world):
    db.session.remove()

    result = world.app.test_cli_runner().invoke(args=["sla", "sweep", "--at", "yesterday"])

    assert result.exit_code == 1
    assert "yesterday" in result.output
