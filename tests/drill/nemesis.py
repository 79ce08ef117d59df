"""Kills at random, with gaps drawn from an exponential distribution: a seed gives the same plan again."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.drill.scene import WEB, Part, Scene

WEB_WORKER, MASTER, WORKER, POSTMASTER = "web worker", "gunicorn master", "worker", "postmaster"
WEIGHTS = {WEB_WORKER: 40, MASTER: 12, WORKER: 36, POSTMASTER: 12}
MOST_SECONDS_DOWN = 1.0
TARGET_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Fault:
    """One kill of the plan: so long after the one before; ``pick`` says which of several, in [0, 1)."""

    gap: float
    target: str
    pick: float
    seconds_down: float


def plan(seed: int, kills: int, mean_gap: float) -> list[Fault]:
    """Return the kills of a seed."""
    luck = random.Random(f"nemesis {seed}")
    return [
        Fault(
            luck.expovariate(1 / mean_gap),
            luck.choices(list(WEIGHTS), list(WEIGHTS.values()))[0],
            luck.random(),
            luck.uniform(0, MOST_SECONDS_DOWN),
        )
        for _ in range(kills)
    ]


class Nemesis:
    """Carries a plan out and writes down what it did."""

    def __init__(self, scene: Scene, log: Path) -> None:
        self._scene = scene
        self._log = log
        self.kills: Counter[str] = Counter()
        self.database_kills: list[float] = []

    def carry_out(self, faults: list[Fault]) -> None:
        """Kill, from this thread: a database that comes back ends with it."""
        for number, fault in enumerate(faults, start=1):
            time.sleep(fault.gap)
            pid = self._strike(fault)
            self.kills[fault.target] += 1
            with self._log.open("a") as log:
                line = {"at": time.time(), "number": number, "target": fault.target, "pid": pid}
                log.write(json.dumps(line) + "\n")
            if fault.target == POSTMASTER:
                self.database_kills.append(time.time())
                time.sleep(fault.seconds_down)
                self._scene.database.restart()

    def _strike(self, fault: Fault) -> int:
        until = time.monotonic() + TARGET_WITHIN_SECONDS
        while time.monotonic() < until:
            if fault.target == POSTMASTER:
                self._scene.database.kill()
                return self._scene.database.pid
            victims = self._victims(fault.target)
            if victims:
                victim = victims[int(fault.pick * len(victims))]
                try:
                    victim.kill()
                except psutil.NoSuchProcess:
                    continue
                return int(victim.pid)
            time.sleep(0.05)
        raise RuntimeError(f"there is no {fault.target} to kill")

    def _victims(self, target: str) -> list[psutil.Process]:
        if target == WEB_WORKER:
            return self._scene.web_workers()
        is_wanted = [part for part in self._scene.parts if (part.name == WEB) == (target == MASTER)]
        return [found for part in is_wanted if (found := _process(part)) is not None]


def _process(part: Part) -> psutil.Process | None:
    running = part.process
    try:
        return psutil.Process(running.pid) if running is not None and running.poll() is None else None
    except psutil.NoSuchProcess:
        return None
