"""What a measurement needs: a durable PostgreSQL with tickets, the product and the limits side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import psycopg

from tests.bench.client import Ask, Figures, run
from tests.kit.postgres import PostgresServer
from tests.kit.site import loopback_socket

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "bench"
# As in production: every commit reaches the disk.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
START_SECONDS = 60
_USUALLY_OPEN = 0.28  # of the demo's tickets


class Stage:
    """Set up on entry, taken down on exit."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        """``database_url``: a loaded database to measure on, instead of a new one."""
        self.folder = folder
        self._server = None if database_url else PostgresServer.start(DURABLE)
        self._url = database_url or ""
        self._database_pid = ""
        self._parts: list[subprocess.Popen[bytes]] = []
        self.product_port, self.limit_port = _free_port(), _free_port()

    def __enter__(self) -> Stage:
        if self._server:
            self._server.wait()
            self._server.copy("template0", DATABASE)
            self._url = self._server.url(DATABASE)
        if self._url.startswith("postgresql"):
            with psycopg.connect(self._url.replace("+psycopg", "")) as connection:
                self._database_pid = _parent(connection.info.backend_pid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self._parts:
            part.terminate()
        for part in self._parts:
            part.wait(timeout=20)
        if self._server:
            self._server.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the product and of the commands."""
        return os.environ | {
            "DATABASE_URL": self._url,
            "TICKETING_VAR": str(self.folder),
            "DEMO_MODE": "1",
            "SECRET_KEY": "bench-" * 8,
            "PORT": str(self.product_port),
            "BASE_URL": f"http://127.0.0.1:{self.product_port}",
        }

    def flask(self, *words: str) -> str:
        """Run a command of the product and return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def load(self, tickets: int, *, most_open: int | None = None) -> float:
        """Make the schema and the tickets; return the seconds the loading took.

        ``most_open``: about how many are open at most.
        """
        self.flask("db", "upgrade")
        began = time.monotonic()
        is_many = most_open is not None and tickets * _USUALLY_OPEN > most_open
        options = ("--open", str(most_open)) if is_many else ()
        self.flask("demo", "load", "--tickets", str(tickets), "--days", "365", *options)
        return time.monotonic() - began

    def serve(self) -> None:
        """Start the product and the limits, two gunicorn workers each, and wait until both answer."""
        as_in_production = ("-c", "deploy/gunicorn.conf.py")
        the_same = ("--workers=2", "--threads=4", "--worker-class=gthread", "--no-control-socket")
        for target, port, options in (
            ("wsgi:app", self.product_port, as_in_production),
            ("tests.bench.limits:app", self.limit_port, (*the_same, f"--bind=127.0.0.1:{self.limit_port}")),
        ):
            command = [sys.executable, "-m", "gunicorn", *options, target]
            settings = {
                "WEB_BIND": f"127.0.0.1:{port}",
                "WEB_PROCESSES": "2",
                "WEB_THREADS": "4",
                "LOG_LEVEL": "error",
            }
            self._parts.append(subprocess.Popen(command, cwd=ROOT, env=self.environment | settings))
        _wait(f"http://127.0.0.1:{self.product_port}/healthz")
        _wait(f"http://127.0.0.1:{self.limit_port}/static")

    def ask(self, port: int, make: Callable[[int], Ask], seconds: float) -> Figures:
        """Ask one side for a while, and read what its processes and the database spent on each answer."""
        web, database = self.cpu_seconds()
        found = run(port, make, seconds=seconds)
        web_after, database_after = self.cpu_seconds()
        each = 1000 / found.answers
        return replace(found, web_ms=(web_after - web) * each, database_ms=(database_after - database) * each)

    def memory_mb(self) -> list[float]:
        """Return the resident memory of each of the product's web workers."""
        master = str(self._parts[0].pid)
        return [
            int(lines["VmRSS"].split()[0]) / 1024 for lines in _processes() if lines["PPid"].strip() == master
        ]

    def vacuum(self) -> None:
        """Leave the tables as autovacuum would after a while: counters are read off the indexes alone."""
        if self._url.startswith("postgresql"):
            with psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the processor time spent so far by all web workers, and by the PostgreSQL under them.

        Those that have ended meanwhile are counted by the process that started them.
        """
        masters = {str(part.pid) for part in self._parts}
        everybody = list(_processes())
        return _spent_below(masters, everybody), _spent_below({self._database_pid}, everybody)


def _processes() -> Iterator[dict[str, str]]:
    """Every process of the machine, as its status file says."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            yield dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue  # it ended meanwhile


def _parent(pid: int) -> str:
    """The process that started ``pid``, which must be on this machine."""
    status = Path("/proc", str(pid), "status").read_text()
    return next(line for line in status.splitlines() if line.startswith("PPid")).split()[1]


def _spent_below(masters: set[str], everybody: list[dict[str, str]]) -> float:
    """Seconds spent by what these processes started, both what runs still and what has ended."""
    running = sum(_cpu(one)[0] for one in everybody if one["PPid"].strip() in masters)
    return running + sum(_cpu(one)[1] for one in everybody if one["Pid"].strip() in masters)


def _cpu(process: dict[str, str]) -> tuple[float, float]:
    """Seconds a process has spent itself, and those of its children that have ended."""
    try:
        fields = Path("/proc", process["Pid"].strip(), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return own / os.sysconf("SC_CLK_TCK"), ended / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with loopback_socket() as held:
        port: int = held.getsockname()[1]
    return port


def _wait(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own server on loopback
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return
