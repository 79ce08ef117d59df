"""`make run` from the outside: it comes up, keeps its data, and goes down in time with all its parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psutil
import pytest

from tests.kit.site import loopback_socket

ROOT = Path(__file__).resolve().parents[1]


class Run:
    """One run of the supervisor on a port and folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with loopback_socket() as free:
            self.port = free.getsockname()[1]
        self.log = folder / "log"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FLASK_")},
            "TICKETING_VAR": str(folder / "var"),
            "PORT": str(self.port),
            "DEMO_MODE": "1",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        for name in ("DATABASE_URL", "BASE_URL", "SECRET_KEY"):
            environment.pop(name, None)
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ticketing.serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until_announced(self, within: float) -> float:
        """Return how many seconds it took until the site was announced."""
        while "is ready" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - self.started < within, self.said()
            time.sleep(0.05)
        return time.monotonic() - self.started

    def health(self) -> int:
        direct = build_opener(ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return int(answer.status)

    def family(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the exit code and how long the end took."""
        asked = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(timeout=15), time.monotonic() - asked


@pytest.fixture
def start(tmp_path):
    """Return a starter of supervisors; none of them outlives the test."""
    started: list[Run] = []

    def run(**settings: str) -> Run:
        started.append(Run(tmp_path, **settings))
        return started[-1]

    yield run
    for left in started:
        left.process.terminate()
        left.process.wait(timeout=15)


@pytest.mark.slow
def test_it_starts_keeps_its_data_and_stops_in_time_and_as_a_whole(start, tmp_path):
    first = start()
    first.wait_until_announced(within=120)
    family = first.family()
    assert first.health() == 200
    assert "clerk@demo.example" in first.said()

    code, seconds = first.end(signal.SIGTERM)

    assert code == 0
    assert seconds < 10
    assert not [part for part in family if part.is_running()]
    with pytest.raises(URLError):
        first.health()

    size = (tmp_path / "var" / "ticketing.db").stat().st_size
    second = start()
    second.wait_until_announced(within=15)
    assert (tmp_path / "var" / "ticketing.db").stat().st_size >= size > 100_000
    assert second.end(signal.SIGINT)[0] == 0

    third = start()
    third.wait_until_announced(within=15)
    family = third.family()
    next(part for part in family if "worker" in part.cmdline()).kill()

    assert third.process.wait(timeout=15) == 1
    assert "worker ended unexpectedly" in third.said()
    _gone, left = psutil.wait_procs(family, timeout=15)  # what learns ends by itself, in seconds
    assert left == []


def test_bad_settings_stop_the_start_with_their_names(start):
    run = start(PORT="eighty", SESSION_DAYS="0")

    assert run.process.wait(timeout=15) == 2
    assert "PORT" in run.said()
    assert "SESSION_DAYS" in run.said()
