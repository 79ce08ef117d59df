"""A short drill: a few labelled kills on PostgreSQL, judged like the long one."""

from __future__ import annotations

import pytest

from tests.drill import load, points, verdict
from tests.drill.ledger import Client, Ledger
from tests.drill.report import faults
from tests.drill.scene import Scene
from tests.kit.databases import CHOSEN

POINTS = ("4 clocks written", "7 committed, not answered", "9 escalations written")


@pytest.mark.slow
@pytest.mark.skipif("postgresql" not in CHOSEN, reason="the drill plays on PostgreSQL")
def test_what_was_acknowledged_is_there_once_whoever_was_killed(tmp_path):
    with Scene(tmp_path, workers=1) as scene:
        scene.start()
        ledger = Ledger(tmp_path / "ledger.jsonl")
        client = Client(scene.port, scene.tokens, ledger)
        load.in_calm(client, load.COMPANIES[:1], load.CATEGORIES[:1])
        tallies = dict(points.run(scene, client, POINTS, rounds=1))
        horizon = verdict.settle(scene, within=20, haste=True)
        found = verdict.judge(scene, ledger.read(), client, horizon, kills=[])
        client.hang_up()
        ledger.close()

    assert [tally.kills for tally in tallies.values()] == [1, 1, 1]
    assert faults(found, tallies) == []
    assert found.escalated.fired >= 3
    assert found.posted.letters >= 3
