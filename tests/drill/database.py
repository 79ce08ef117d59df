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
            first = psutil.Process(line.info.backend_pid).parent()
        assert first is not None
        self._command, self._user = first.cmdline(), first.username()
        # From here on the server is a child of ours: killed, it is gone, and not a zombie of its launcher
        # that the next one would take for a living server.
        first.send_signal(signal.SIGINT)
        while Path(self._data, "postmaster.pid").exists():
            time.sleep(0.02)
        self._server = self._start()
        self.restart()

    @property
    def _data(self) -> str:
        return str(self._command[self._command.index("-D") + 1])

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._server.pid

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection that commits each statement."""
        return psycopg.connect(self._first.dsn(NAME), autocommit=True)

    def kill(self) -> None:
        """Kill the postmaster; its children notice and leave without a word."""
        self._server.kill()

    def restart(self) -> float:
        """Start it again if it is dead, wait until it answers; return how many seconds that took."""
        began = time.monotonic()
        while not self._is_back():
            if time.monotonic() - began > BACK_WITHIN_SECONDS:
                log = self._log.read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not come back\n{log[-2000:]}")
            # Until the last of the killed server's children is gone, a new one refuses to start.
            if self._server.poll() is not None:
                self._server = self._start()
            time.sleep(0.05)
        return time.monotonic() - began

    @property
    def _log(self) -> Path:
        return self._first.folder / "log"

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd="/",
                user=self._user,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ending_with_parent(signal.SIGINT),  # noqa: PLW1509 - it takes no lock
            )

    def _is_back(self) -> bool:
        if self._server.poll() is not None:
            return False
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=30)
        self._first.stop()
