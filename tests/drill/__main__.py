"""`make drill`: processes are killed at every labelled point and at random; then it is counted what is left.

``--rounds N`` kills at each point (20), ``--kills N`` at random (200), ``--seed S`` (1), ``--gap S`` seconds
between random kills on average (2), ``--clients N`` (3). Prints tables; exits 1 on any fault.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.drill import load, nemesis, points, report, verdict
from tests.drill.ledger import Client, Ledger
from tests.drill.scene import Scene

SETTLE_SECONDS = 900.0


def main() -> int:
    """Play the drill and print what came of it."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kept = Path(os.environ.get("TICKETING_VAR") or "var") / "drill" / time.strftime("%Y%m%dT%H%M%S")
    kept.mkdir(parents=True)
    print(f"seed {asked.seed}; ledger and log of faults in {kept}", flush=True)
    with TemporaryDirectory(prefix="drill-") as folder, Scene(Path(folder)) as scene:
        scene.start()
        ledger = Ledger(kept / "ledger.jsonl")
        client = Client(scene.port, scene.tokens, ledger)
        load.in_calm(client)
        tallies = _points(scene, client, asked.rounds)
        killer = nemesis.Nemesis(scene, kept / "nemesis.jsonl")
        _at_random(scene, ledger, killer, asked)
        report.say("waiting until everything due has fired and everything is sent")
        horizon = verdict.settle(scene, within=SETTLE_SECONDS)
        scene.wait_for_site()
        found = verdict.judge(scene, ledger.read(), client, horizon, killer.database_kills)
        ledger.close()
        text = report.tables(found, tallies, killer.kills, scene.ends)
        print(text)
        (kept / "report.txt").write_text(text + "\n", encoding="utf-8")
    return 1 if report.faults(found, tallies) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make drill")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=3)
    return parser.parse_args()


def _points(scene: Scene, client: Client, rounds: int) -> dict[str, points.Tally]:
    tallies = {name: points.Tally() for name in points.ALL}
    began = time.monotonic()
    for name, tally in points.run(scene, client, points.ALL, rounds):
        tallies[name] = tally
        report.say(name)
        if name == points.ALL[-1]:
            report.say(f"round {tally.kills + tally.spared} of {rounds}, {time.monotonic() - began:.0f} s")
    return tallies


def _at_random(scene: Scene, ledger: Ledger, killer: nemesis.Nemesis, asked: argparse.Namespace) -> None:
    clients = [
        load.Load(scene, Client(scene.port, scene.tokens, ledger), f"load{n}", f"{asked.seed} {n}")
        for n in range(1, asked.clients + 1)
    ]
    for one in clients:
        one.start()
    faults = nemesis.plan(asked.seed, asked.kills, asked.gap)
    report.say(f"{asked.kills} kills at random, about {sum(fault.gap for fault in faults):.0f} s")
    killer.carry_out(faults)
    for one in clients:
        one.stop()
        if one.trouble is not None:
            raise one.trouble


if __name__ == "__main__":
    sys.exit(main())
