"""The sweep: steps fired a second, and what a pass costs when nothing is due, by how many clocks are open.

``make bench ARGS="sweep"``; ``--open 10000,1000000`` and ``--due 10000``. On the durable PostgreSQL of the
other measurements; every open clock belongs to a ticket, two to each.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from config import Config
from tests.bench.stage import Stage
from ticketing.app import create_app
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.demo import bulk
from ticketing.escalation.actions.sweep import BATCH, sweep
from ticketing.escalation.models import Escalation
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.china import CN
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.steps import DEFAULT, Course, step_at
from ticketing.tickets.models import Event, Ticket

LIMITS = [Limit.parse(text) for text in ("5wd", "10wd", "1wd", "4wh", "24h", "2h")]
IDLE_PASSES = 200
_CHUNK = 20_000
_FAR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size came to."""

    open_clocks: int
    fired: int
    seconds: float
    steps_per_second: float
    cpu_ms_per_step: float
    batch_ms: float
    idle_ms: float
    idle_p99_ms: float


def main(words: list[str]) -> None:
    """Measure each size on a database of its own; print them side by side."""
    asked = _arguments(words)
    found = []
    for size in asked.open:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, Stage(Path(folder)) as stage:
            stage.flask("db", "upgrade")
            stage.flask("demo", "load", "--tickets", "40")
            found.append(_measure(stage, size, asked.due))
            print(f"{size} open clocks: done, load average {os.getloadavg()[0]:.1f}", flush=True)
    print(_table(found))
    print(f"one deadline: {_deadline_us():.1f} microseconds")
    _store(found)


def _deadline_us() -> float:
    """What a deadline costs, in the middle of all limits and a year of starts; the best of five rounds."""
    starts = [datetime(2026, 1, 5, 2, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(500)]
    rounds = [_seconds(starts) for _ in range(5)]
    return min(rounds) / len(starts) / len(LIMITS) * 1e6


def _seconds(starts: list[datetime]) -> float:
    began = time.perf_counter()
    for limit in LIMITS:
        for start in starts:
            due_at(start, limit, CN)
    return time.perf_counter() - began


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=sweep")
    sizes = [10_000, 1_000_000]
    parser.add_argument("--open", type=lambda given: [int(n) for n in given.split(",")], default=sizes)
    parser.add_argument("--due", type=int, default=10_000)
    return parser.parse_args(words)


def _measure(stage: Stage, size: int, due: int) -> Measured:
    app = create_app(Config.from_env(stage.environment))
    with app.app_context():
        now = clock.now()
        while sweep(now):
            pass  # what the demo district has due by itself
        with transaction():
            _fill(size, due, now)
        db.session.remove()
        gc.collect()
        gc.freeze()  # as the worker does
        spent, batches = 0.0, []
        cpu_before = _cpu_seconds()
        while True:
            began = time.perf_counter()
            fired = sweep(now)
            batches.append(time.perf_counter() - began)
            if not fired:
                break
            spent += batches[-1]
        cpu = _cpu_seconds() - cpu_before
        fired_now = select(func.count()).select_from(Escalation).where(Escalation.fired_at == now)
        rows = db.session.scalar(fired_now)
        passes = sorted(_timed(now) for _ in range(IDLE_PASSES))
        db.engine.dispose()
    return (
        Measured(
            open_clocks=size,
            fired=due,
            seconds=spent,
            steps_per_second=due / spent,
            cpu_ms_per_step=cpu / due * 1000,
            batch_ms=statistics.median(batches[:-1]) * 1000,
            idle_ms=statistics.median(passes) * 1000,
            idle_p99_ms=passes[int(IDLE_PASSES * 0.99)] * 1000,
        )
        if rows and rows >= due
        else _wrong(rows, due)
    )


def _cpu_seconds() -> float:
    """What this process and its connection's server process have used of the processors."""
    backend = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wrong(rows: int | None, due: int) -> Measured:
    raise SystemExit(f"{rows} rows for {due} due clocks")


def _timed(now: datetime) -> float:
    began = time.perf_counter()
    sweep(now)
    return time.perf_counter() - began


def _fill(size: int, due: int, now: datetime) -> None:
    """Write ``size`` running clocks on open tickets; ``due`` of them have one step that is due."""
    bulk.lock(Ticket, Clock)
    wanted = select(Ticket).where(Ticket.status == "processing").limit(1)
    sample = {c.name: getattr(db.session.scalars(wanted).one(), c.name) for c in Ticket.__table__.columns}
    units = list(db.session.scalars(text("SELECT id FROM units WHERE code LIKE 'D-%' ORDER BY id")))
    chance = random.Random(7)
    first_ticket, first_clock = bulk.next_id(Ticket), bulk.next_id(Clock)
    is_due = set(chance.sample(range(size), due))
    for begin in range(0, size, _CHUNK):
        rows = bulk.Rows(Ticket, Event, Clock)
        for place in range(begin, min(begin + _CHUNK, size)):
            ticket_id, unit_id = first_ticket + place // 2, units[place // 2 % len(units)]
            if place % 2 == 0:
                rows.add(Ticket, sample | {
                    "id": ticket_id, "number": f"B{ticket_id}", "unit_id": unit_id, "handler_id": None,
                    "event_seq": 0, "event_hash": "", "look_at": None,
                })  # fmt: skip
            rows.add(Clock, {
                "id": first_clock + place, "ticket_id": ticket_id, "nth": place % 2 + 1, "unit_id": unit_id,
                "cycle": sample["cycle"], "metric": ("respond", "resolve")[place % 2], "state": "running",
                **_terms(chance, now, is_due=place in is_due),
            })  # fmt: skip
        bulk.write(rows.packed(is_postgresql=True))
    bulk.finish(Ticket, Clock)


def _terms(chance: random.Random, now: datetime, *, is_due: bool) -> dict[str, Any]:
    """Of a clock whose last step up to ``now`` is still to fire, or that has nothing due for days."""
    calendar_id = 1
    hours = sla.calendar_by_id(calendar_id)
    while True:
        limit = chance.choice(LIMITS)
        start = now - timedelta(minutes=chance.randrange(60, 20_000))
        due = due_at(start, limit, hours).at
        if is_due:
            passed = list(_passed(Course(start, limit, hours, due), now))
        else:
            passed = [(3, now + _FAR + timedelta(minutes=chance.randrange(100_000)))]
        if passed:
            number, at = passed[-1]
            return {
                "limit": str(limit), "calendar_id": calendar_id, "started_at": start, "due_at": due,
                "original_due_at": due, "warn_at": due, "extra_days": 0, "is_provisional": False,
                "next_step": number, "next_step_at": at,
            }  # fmt: skip


def _passed(course: Course, now: datetime) -> Iterator[tuple[int, datetime]]:
    number = 0
    while (at := step_at(DEFAULT, number, course)) is not None and at <= now:
        yield number, at
        number += 1


def _table(found: list[Measured]) -> str:
    lines = [f"{'open clocks':<16}" + "".join(f"{one.open_clocks:>14,}" for one in found)]
    for name, of in (
        ("steps fired", lambda one: f"{one.fired:,}"),
        ("steps/s", lambda one: f"{one.steps_per_second:,.0f}"),
        ("CPU ms a step", lambda one: f"{one.cpu_ms_per_step:.3f}"),
        (f"ms a batch ({BATCH})", lambda one: f"{one.batch_ms:.0f}"),
        ("idle pass ms", lambda one: f"{one.idle_ms:.2f}"),
        ("idle p99 ms", lambda one: f"{one.idle_p99_ms:.2f}"),
    ):
        lines.append(f"{name:<18}".ljust(18) + "".join(f"{of(one):>14}" for one in found))
    return "\n".join(lines)


def _store(found: list[Measured]) -> None:
    folder = Path(os.environ.get("TICKETING_VAR") or "var") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"sweep-{time.strftime('%Y%m%dT%H%M%S')}.json"
    path.write_text(json.dumps([asdict(one) for one in found], indent=2))
    print(f"stored in {path}")
