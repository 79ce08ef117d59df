"""Workers as processes of their own, forked off one that has read the code: reading it takes two seconds.

That `flask worker` starts from nothing, too, is seen in test_serve.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.kit.site import SECRET, Site

READ_BEFORE = ("ticketing.app", "flask.cli", "apscheduler.schedulers.background", "psycopg")
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*READ_BEFORE])


def _work(settings: Mapping[str, str], log: Path) -> None:
    """Be `flask worker` with these settings."""
    os.environ.update(settings)
    for stream in (1, 2):
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream)
    # Where to crash is read with the code.
    importlib.reload(importlib.import_module("ticketing.core.crash_points"))
    from flask.cli import main

    sys.argv = ["flask", "--app", "wsgi", "worker"]
    main()


class WorkerProcess:
    """One worker; much like subprocess.Popen."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        self._process = _context.Process(target=_work, args=(dict(settings), log))
        self._process.start()

    def poll(self) -> int | None:
        """Return its exit code, the number of the signal below zero; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for the end and return the exit code; raise TimeoutError when it does not come."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"the worker still runs after {timeout} s")
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)


class Nursery:
    """Starts workers on one database; none outlives the test."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        self._settings = settings
        self._log = log
        self._started: list[WorkerProcess] = []

    def __call__(self, **more: str) -> WorkerProcess:
        """Start one, with more settings."""
        self._started.append(WorkerProcess({**self._settings, **more}, self._log))
        return self._started[-1]

    def clear(self) -> None:
        """Kill those that still run."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)


@contextmanager
def nursery(site: Site, **more: str) -> Iterator[Nursery]:
    """Give a starter of workers on the site's database, and see to it that all are gone afterwards."""
    settings = {
        "TICKETING_VAR": str(site.config.var_dir),
        "DATABASE_URL": site.config.database_url,
        "SECRET_KEY": SECRET,
        **more,
    }
    starter = Nursery(settings, site.config.var_dir / "worker.log")
    try:
        yield starter
    finally:
        starter.clear()
