"""The same pages at 10,000, 100,000 and 1,000,000 tickets (at most 50,000 open), and at 100,000 on SQLite.

``make bench ARGS="growth"``; ``--sizes 10000,100000,1000000``, ``--sqlite 100000`` (0: none), ``--rounds 5``,
``--seconds 1.5``, ``--only WORD``. All databases are loaded first, on one durable PostgreSQL; then each
operation is asked of all of them in turn, its limit last, so that ratios are of the same minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from tests.bench import plan
from tests.bench.client import Figures, run
from tests.bench.stage import DURABLE, Stage
from tests.kit.postgres import PostgresServer

MOST_OPEN = 50_000
LIMIT = "limit"
Found = dict[str, dict[str, Figures]]
"""By operation, then by place: a size, "sqlite", LIMIT."""


def main(words: list[str]) -> None:
    """Load, measure, print, store."""
    asked = _arguments(words)
    with ExitStack() as stack:
        stages = _stages(stack, asked)
        for stage in stages.values():
            stage.serve()
        pairs = {name: {pair.name: pair for pair in plan.pairs(stage)} for name, stage in stages.items()}
        operations = [name for name in pairs[next(iter(pairs))] if asked.only in name]
        found = {name: _measure(stages, pairs, name, asked) for name in operations}
        memory = {name: stage.memory_mb() for name, stage in stages.items()}
    print(_table(found, list(stages)))
    print("web workers, MB resident:", {name: [round(mb) for mb in each] for name, each in memory.items()})
    _store(found, memory)


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=growth")
    sizes = [10_000, 100_000, 1_000_000]
    parser.add_argument("--sizes", type=lambda given: [int(n) for n in given.split(",")], default=sizes)
    parser.add_argument("--sqlite", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--only", default="", help="just the operations with this in their name")
    return parser.parse_args(words)


def _stages(stack: ExitStack, asked: argparse.Namespace) -> dict[str, Stage]:
    """Every database, loaded."""
    server = stack.enter_context(_server())
    stages: dict[str, Stage] = {}
    for size in asked.sizes:
        server.copy("template0", f"bench_{size}")
        stages[f"{size:,}"] = _loaded(stack, server.url(f"bench_{size}"), size)
    if asked.sqlite:
        stages["sqlite"] = _loaded(stack, None, asked.sqlite)
    return stages


@contextmanager
def _server() -> Iterator[PostgresServer]:
    server = PostgresServer.start(DURABLE)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def _loaded(stack: ExitStack, url: str | None, tickets: int) -> Stage:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    stage = stack.enter_context(Stage(folder, url or f"sqlite:///{folder / 'bench.db'}"))
    seconds = stage.load(tickets, most_open=MOST_OPEN)
    stage.vacuum()
    place = "PostgreSQL" if url else "SQLite"
    print(f"{place}: {tickets:,} tickets in {seconds:.1f} s ({tickets / seconds:,.0f}/s)", flush=True)
    return stage


def _measure(
    stages: dict[str, Stage], pairs: dict[str, dict[str, plan.Pair]], name: str, asked: argparse.Namespace
) -> dict[str, Figures]:
    """One operation everywhere in turn; of each place the middle of its rounds."""
    runs: dict[str, list[Figures]] = {place: [] for place in (*stages, LIMIT)}
    last = [place for place in stages if place != "sqlite"][-1]
    for place, stage in stages.items():
        run(stage.product_port, pairs[place][name].product, seconds=1)
    for _ in range(asked.rounds):
        for place, stage in stages.items():
            runs[place].append(stage.ask(stage.product_port, pairs[place][name].product, asked.seconds))
        stage = stages[last]
        runs[LIMIT].append(stage.ask(stage.limit_port, pairs[last][name].limit, asked.seconds))
    print(".", end="", flush=True)
    return {place: _middle(each) for place, each in runs.items()}


def _middle(runs: list[Figures]) -> Figures:
    """Each figure's own middle; the wrong answers of all."""
    middle = {
        name: statistics.median(getattr(one, name) for one in runs)
        for name in ("rate", "p50_ms", "p99_ms", "web_ms", "database_ms")
    }
    return replace(runs[0], **middle, wrong=sum(one.wrong for one in runs))


def _table(found: Found, places: list[str]) -> str:
    sizes = [place for place in places if place != "sqlite"]
    heads = [f"{size}: /s" for size in sizes] + ["limit/s", "of limit", "last/first", "p99/p50", "CPU ms"]
    heads += ["sqlite/s", "of PG", "wrong"] if "sqlite" in places else ["wrong"]
    lines = ["", f"{'operation':<22}" + "".join(f"{head:>14}" for head in heads)]
    for name, at in found.items():
        first, last = at[sizes[0]], at[sizes[-1]]
        cells = [f"{at[size].rate:.0f}" for size in sizes]
        cells += [
            f"{at[LIMIT].rate:.0f}",
            f"{last.rate / at[LIMIT].rate:.2f}",
            f"{last.rate / first.rate:.2f}",
        ]
        cells += [f"{last.p99_ms / last.p50_ms:.1f}", f"{last.web_ms:.1f}+{last.database_ms:.1f}"]
        if "sqlite" in places:
            cells += [f"{at['sqlite'].rate:.0f}", f"{at['sqlite'].rate / _beside(at, sizes).rate:.2f}"]
        cells.append(str(sum(one.wrong for one in at.values())))
        lines.append(f"{name:<22}" + "".join(f"{cell:>14}" for cell in cells))
    return "\n".join(lines)


def _beside(at: dict[str, Figures], sizes: list[str]) -> Figures:
    """What SQLite stands beside: PostgreSQL with as many tickets, or the nearest there is."""
    return at.get("100,000") or at[sizes[-1]]


def _store(found: Found, memory: dict[str, list[float]]) -> None:
    folder = Path(os.environ.get("TICKETING_VAR") or "var") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"growth-{time.strftime('%Y%m%dT%H%M%S')}.json"
    results = {name: {place: asdict(one) for place, one in at.items()} for name, at in found.items()}
    path.write_text(json.dumps({"worker_mb": memory, "results": results}, indent=2))
    print(f"stored in {path}")
