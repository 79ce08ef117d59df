"""A PostgreSQL that keeps every commit on disk, can be killed outright, and comes back on the same files."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.kit.postgres import PostgresServer

NAME = "drill"
BACK_WITHIN_SECONDS = 60
PR_SET_PDEATHSIG = 1  # linux/prctl.h
# As in production: a commit that was acknowledged is on disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


def ending_with_parent(number: signal.Signals) -> Callable[[], object]:
    """Return what a child does first, so that it gets a signal when the drill itself is killed."""
    return lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


class Database:
    """One server. Restart it from a thread that lasts: the server ends with it."""

    def __init__(self) -> None:
        self._first = PostgresServer.start(DURABLE)
        self._first.wait()
        self._first.copy("template0", NAME)
        self.url = self._first.url(NAME)
        with self.connect() as line:
            postmaster = psutil.Process(line.info.backend_pid).parent()
        assert postmaster is not None
        self._command, self._user = postmaster.cmdline(), postmaster.username()
        self.pid = postmaster.pid
        self._later: subprocess.Popen[bytes] | None = None

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection that commits each statement."""
        return psycopg.connect(self._first.dsn(NAME), autocommit=True)

    def kill(self) -> None:
        """Kill the postmaster; its children notice and leave without a word."""
        psutil.Process(self.pid).kill()

    def restart(self) -> float:
        """Start it again and wait until it answers; return how many seconds that took."""
        began = time.monotonic()
        while not self._is_back():
            if time.monotonic() - began > BACK_WITHIN_SECONDS:
                raise RuntimeError("PostgreSQL did not come back")
            # Until the last of the killed server's children is gone, a new one refuses to start.
            if self._later is None or self._later.poll() is not None:
                self._start()
            time.sleep(0.05)
        return time.monotonic() - began

    def _start(self) -> None:
        with Path(self._first.folder, "log").open("ab") as log:
            self._later = subprocess.Popen(
                self._command,
                cwd="/",
                user=self._user,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ending_with_parent(signal.SIGINT),  # noqa: PLW1509 - it takes no lock
            )
        self.pid = self._later.pid

    def _is_back(self) -> bool:
        if self._later is None or self._later.poll() is not None:
            return False
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self._later is not None and self._later.poll() is None:
            self._later.send_signal(signal.SIGINT)
            self._later.wait(timeout=30)
        self._first.stop()
