"""Places where a process can be made to kill itself, for drills. Without orders nothing happens there.

CRASH_AT names one place, CRASH_SKIP says how often it is passed over first. Or CRASH_ORDERS names a folder: a
file with the name of a place in it is an order; who takes it away dies, so that each kills just one process.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path

_AT = os.environ.get("CRASH_AT", "")
_SKIP = int(os.environ.get("CRASH_SKIP") or 0)
_ORDERS = os.environ.get("CRASH_ORDERS", "")
_passed = count()


def here(name: str) -> None:
    """Kill this process outright when it was told to die here."""
    if (_AT and name == _AT and next(_passed) >= _SKIP) or (_ORDERS and _took(name)):
        os.kill(os.getpid(), signal.SIGKILL)


def _took(name: str) -> bool:
    """Whether there is an order to die here and this process is the one to take it."""
    try:
        Path(_ORDERS, name).unlink()
    except FileNotFoundError:
        return False
    return True
