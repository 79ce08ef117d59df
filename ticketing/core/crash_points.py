"""Places where a process can be made to kill itself, for drills.

CRASH_AT names one, CRASH_SKIP says how often it is passed over first. Nothing happens unless the variable is set when the process starts.
"""

from __future__ import annotations

import os
import signal
from itertools import count

_AT = os.environ.get("CRASH_AT", "")
_SKIP = int(os.environ.get("CRASH_SKIP") or 0)
_passed = count()


def here(name: str) -> None:
    """Kill this process outright when it was told to die here, the first times left out."""
    if _AT and name == _AT and next(_passed) >= _SKIP:
        os.kill(os.getpid(), signal.SIGKILL)
