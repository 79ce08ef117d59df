"""Who writes to a SQLite file takes a turn: there is one writer at a time.

Left to themselves the others ask again and again, in no order and with ever longer naps: some ask in vain
until their patience ends, and the file lies idle while all are asleep. Here they wait in line.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_in_this_process = threading.Lock()


@contextmanager
def turn(database: str | None) -> Iterator[None]:
    """Wait for the turn to write to the file ``database`` and hold it; without a file, among threads alone.

    The lock of a process that dies is free at once. It lies on a file beside the database: to open and close
    the database itself would take its own locks from SQLite.
    """
    with _in_this_process:
        if not database or database == ":memory:":
            yield
            return
        with Path(f"{database}-turn").open("ab") as beside:
            fcntl.flock(beside, fcntl.LOCK_EX)
            yield
