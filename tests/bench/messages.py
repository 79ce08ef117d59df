"""How long it takes from an event to a letter in the mail server's hands, at so many new requests a second.

``make bench ARGS="messages"``; ``--rate 20`` requests a second for ``--seconds 60``, filed over the API of
the product served as in production, one worker, a mail server on this machine that takes everything.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.bench.stage import ROOT, Stage
from tests.kit.site import loopback_socket
from tests.notify.sinks import MailSink

FILERS = 8
DRAIN_SECONDS = 60
SETTLE_SECONDS = 240
WAITING = """
SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'leased'))
  + (SELECT count(*) FROM clocks WHERE state = 'running' AND next_step_at <= now())
"""
LANDED = """
SELECT d.message_id, extract(epoch FROM e.at), extract(epoch FROM i.entered_at)
FROM deliveries d JOIN delivery_events de ON de.delivery_id = d.id JOIN events e ON e.id = de.event_id
JOIN inbox_entries i ON i.event_id = e.id AND i.user_id = d.user_id
WHERE e.at >= to_timestamp(:since) AND e.action = 'submit' AND d.channel = 'email'
"""


@dataclass(frozen=True)
class Measured:
    """Seconds from an event to its letter in the server's hands, for each event and recipient."""

    requests: int
    told: int
    letters: int
    lost: int
    doubled: int
    p50: float
    p95: float
    p99: float
    longest: float
    inbox_p95: float
    within_10_s: float
    worker_mb: float


def main(words: list[str]) -> None:
    """Set the stage, file, wait until all has landed, print, store."""
    asked = _arguments(words)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Stage(Path(folder)) as stage:
        stage.load(asked.tickets)
        stage.serve()
        found = _measure(stage, asked, Path(folder))
    print(_table(found, asked))
    _store(found)


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=messages")
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tickets", type=int, default=2000)
    return parser.parse_args(words)


def _measure(stage: Stage, asked: argparse.Namespace, folder: Path) -> Measured:
    port, landed = _free_port(), folder / "landed"
    sink = subprocess.Popen([sys.executable, "-m", "tests.bench.messages", str(port), str(landed)], cwd=ROOT)
    settings = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "noreply@loop.example",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT, env=stage.environment | settings, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_sent(stage, SETTLE_SECONDS)  # what the demo district has due by itself
        began = time.time()
        filed = _file(stage, asked)
        _wait_until_sent(stage, DRAIN_SECONDS)
        memory = _resident_mb(worker.pid)
        return _figures(stage, began, filed, landed, memory)
    finally:
        worker.terminate()
        sink.terminate()
        worker.wait()
        sink.wait()


def _file(stage: Stage, asked: argparse.Namespace) -> int:
    """File at an even pace over several connections; return how many were acknowledged."""
    token = stage.flask("token", "create", "enterprise@demo.example", "--name", "bench")
    headers = {"Authorization": "Bearer " + next(word for word in token.split() if word.startswith("clt_"))}
    with create_engine(stage.environment["DATABASE_URL"]).connect() as connection:
        sites = [row[0] for row in connection.execute(text("SELECT code FROM sites ORDER BY code"))]
    todo: queue.Queue[int | None] = queue.Queue()
    done: list[int] = []

    def filer() -> None:
        while (number := todo.get()) is not None:
            done.append(_post(stage.product_port, headers, number, sites[number % len(sites)]))

    threads = [threading.Thread(target=filer) for _ in range(FILERS)]
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    for number in range(int(asked.rate * asked.seconds)):
        time.sleep(max(0.0, begun + number / asked.rate - time.monotonic()))
        todo.put(number)
    for _thread in threads:
        todo.put(None)
    for thread in threads:
        thread.join()
    return done.count(201)


def _post(port: int, headers: dict[str, str], number: int, site: str) -> int:
    body = {
        "title": f"用电增容 {number}",
        "description": "车间需要增容 500 kVA，请尽快安排现场勘查。",
        "category": "PWR",
        "site": site,
    }
    own = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{random.getrandbits(64):x}"}
    url = f"http://127.0.0.1:{port}/api/v1/tickets"
    with urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(body).encode(), headers | own)
    ) as answer:
        return int(answer.status)


def _wait_until_sent(stage: Stage, seconds: float) -> None:
    wanted = text(WAITING)
    give_up_at = time.monotonic() + seconds
    engine = create_engine(stage.environment["DATABASE_URL"])
    time.sleep(3)
    while time.monotonic() < give_up_at:
        with engine.connect() as connection:
            if not connection.execute(wanted).scalar():
                return
        time.sleep(0.2)
    print("not everything was sent in time", flush=True)


def _figures(stage: Stage, began: float, filed: int, landed: Path, memory: float) -> Measured:
    arrived: dict[str, list[float]] = {}
    for line in landed.read_text().splitlines():
        at, name = line.split(" ", 1)
        arrived.setdefault(name, []).append(float(at))
    with create_engine(stage.environment["DATABASE_URL"]).connect() as connection:
        rows = connection.execute(text(LANDED), {"since": began}).all()
    names = {row[0] for row in rows}
    took = sorted(arrived[name][0] - float(at) for name, at, _entered in rows if name in arrived)
    entered = sorted(float(entered_at) - float(at) for _name, at, entered_at in rows)
    return Measured(
        requests=filed,
        told=len(rows),
        letters=len(names),
        lost=len(names - arrived.keys()),
        doubled=sum(len(arrived.get(name, ())) - 1 for name in names if name in arrived),
        p50=statistics.median(took),
        p95=_at(took, 0.95),
        p99=_at(took, 0.99),
        longest=took[-1],
        inbox_p95=_at(entered, 0.95),
        within_10_s=sum(seconds <= 10 for seconds in took) / len(rows),
        worker_mb=memory,
    )


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _table(found: Measured, asked: argparse.Namespace) -> str:
    took = (
        f"p50 {found.p50:.2f} s, p95 {found.p95:.2f} s, p99 {found.p99:.2f} s, longest {found.longest:.2f} s"
    )
    load = os.getloadavg()[0]
    return (
        f"{found.requests} requests at {asked.rate:g}/s, told {found.told} times in {found.letters} letters\n"
        f"event to mail server: {took}; within 10 s: {found.within_10_s:.1%}\n"
        f"event to inbox: p95 {found.inbox_p95:.2f} s; letters lost {found.lost}, doubled {found.doubled}\n"
        f"worker {found.worker_mb:.0f} MB; load average {load:.1f}"
    )


def _store(found: Measured) -> None:
    folder = Path(os.environ.get("TICKETING_VAR") or "var") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"messages-{time.strftime('%Y%m%dT%H%M%S')}.json"
    path.write_text(json.dumps(asdict(found), indent=2))
    print(f"stored in {path}")


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _free_port() -> int:
    held = loopback_socket()
    port: int = held.getsockname()[1]
    held.close()
    return port


def _take(port: int, landed: str) -> None:
    """Be the mail server: write down when each letter came, until told to stop."""
    sink = MailSink(port=port, is_port_given=True).start()
    seen = 0
    with Path(landed).open("w", encoding="utf-8") as kept:
        while True:
            time.sleep(0.05)
            for at, raw in sink.arrived[seen:]:
                name = next(line for line in raw.splitlines() if line.lower().startswith(b"message-id:"))
                kept.write(f"{at} {name.split(b':', 1)[1].strip().decode()}\n")
                seen += 1
            kept.flush()


if __name__ == "__main__":
    _take(int(sys.argv[1]), sys.argv[2])
