"""`make bench`: the product beside the machine's own limits, in one run.

``--tickets N`` (100000), ``--seconds S`` a round (4), ``--rounds R`` (3), ``--only WORD``. Prints a table,
writes JSON under $TICKETING_VAR/bench/. Figures are medians over the rounds; product and limit take turns
within a round. Processor time is the steadiest of them: a busy neighbour halves a rate, and moves it little.
With ``growth`` as the first word: three sizes and SQLite side by side.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.bench import growth, messages, plan, sweep
from tests.bench.client import Figures, run
from tests.bench.stage import Stage

PARTS = {"growth": growth.main, "messages": messages.main, "sweep": sweep.main}
"""Measurements of their own, by their first word: make bench ARGS="messages"."""


def main() -> None:
    """Set the stage, measure, print, store."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Stage(Path(folder), asked.database) as stage:
        loaded = 0.0 if asked.database else stage.load(asked.tickets)
        print(f"demo load: {asked.tickets} tickets in {loaded:.1f} s", flush=True)
        stage.serve()
        pairs = [pair for pair in plan.pairs(stage) if asked.only in pair.name]
        results = {pair.name: _measure(stage, pair, asked) for pair in pairs}
        memory = stage.memory_mb()
        table = _table(results)
        print(table)
        print(f"web workers, MB resident: {', '.join(f'{mb:.0f}' for mb in memory)}")
        _store(asked, loaded, results, memory)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", help="measure on this loaded PostgreSQL instead of making one")
    parser.add_argument("--only", default="", help="just the operations with this in their name")
    return parser.parse_args()


def _measure(stage: Stage, pair: plan.Pair, asked: argparse.Namespace) -> dict[str, Figures]:
    """Run product and limit in turn and keep the round with the median rate of each."""
    runs: dict[str, list[Figures]] = {"product": [], "limit": []}
    run(stage.product_port, pair.product, seconds=1)
    run(stage.limit_port, pair.limit, seconds=1)
    for _ in range(asked.rounds):
        runs["product"].append(stage.ask(stage.product_port, pair.product, asked.seconds))
        runs["limit"].append(stage.ask(stage.limit_port, pair.limit, asked.seconds))
    return {side: _median(found) for side, found in runs.items()}


def _median(found: list[Figures]) -> Figures:
    middle = statistics.median_low([figures.rate for figures in found])
    return next(figures for figures in found if figures.rate == middle)


def _table(results: dict[str, dict[str, Figures]]) -> str:
    heads = ("req/s", "p50 ms", "p99 ms", "limit/s", "ratio", "CPU ms", "limit's", "ratio", "KB", "wrong")
    lines = [f"{'operation':<22}" + "".join(f"{head:>9}" for head in heads)]
    for name, sides in results.items():
        product, limit = sides["product"], sides["limit"]
        lines.append(
            f"{name:<22}{product.rate:>9.0f}{product.p50_ms:>9.1f}{product.p99_ms:>9.1f}{limit.rate:>9.0f}"
            f"{product.rate / limit.rate:>9.2f}{_cpu(product):>9}{_cpu(limit):>9}"
            f"{_cpu_ms(limit) / _cpu_ms(product):>9.2f}{product.body_bytes / 1024:>9.1f}{product.wrong:>9}"
        )
    return "\n".join(lines)


def _cpu(figures: Figures) -> str:
    """Processor time a request: the web workers' and the database's."""
    return f"{figures.web_ms:.1f}+{figures.database_ms:.1f}"


def _cpu_ms(figures: Figures) -> float:
    return figures.web_ms + figures.database_ms


def _store(
    asked: argparse.Namespace, loaded: float, results: dict[str, dict[str, Figures]], memory: list[float]
) -> None:
    folder = Path(os.environ.get("TICKETING_VAR") or "var") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    stored = {
        "tickets": asked.tickets,
        "load_seconds": round(loaded, 1),
        "worker_mb": memory,
        "results": {name: {side: asdict(f) for side, f in sides.items()} for name, sides in results.items()},
    }
    path = folder / f"bench-{time.strftime('%Y%m%dT%H%M%S')}.json"
    path.write_text(json.dumps(stored, indent=2))
    print(f"stored in {path}")


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in PARTS:
        PARTS[sys.argv[1]](sys.argv[2:])
    else:
        main()
