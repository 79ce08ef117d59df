"""Makes PDF of a Typst template and data, in a process of its own: what it needs goes when it ends.

The data reach the template as JSON; nothing of it is ever read as Typst. Fonts come from the package beside
the compiler, none from the system, and nothing is fetched. Compiling takes some 200 MB for a moment, which a
web worker would keep for good; so a child does it, with limits on time and memory, one at a time a process.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ticketing.core.errors import Invalid, TooMany
from ticketing.core.text import N_

MOST_DATA_BYTES = 1 << 20
MOST_SECONDS = 30
WAIT_SECONDS = 20
_MOST_MEMORY_BYTES = 2 << 30
_child = Path(__file__).with_name("typeset_child.py")
_turn = threading.BoundedSemaphore(1)
_log = logging.getLogger(__name__)


class TooLongToPrint(Invalid):
    """More text than a document takes."""

    sentence = N_("内容太长，无法生成 PDF")


class PrinterIsBusy(TooMany):
    """Others are having documents made."""

    sentence = N_("正在生成其他文件，请稍后再试")


class CannotPrint(RuntimeError):
    """The compiler failed: a mistake of ours, for the log."""


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return ``template`` filled with ``data`` as PDF; to be called outside any transaction.

    Raises TooLongToPrint, PrinterIsBusy, or CannotPrint when the compiler fails.
    """
    text = json.dumps(data, ensure_ascii=False).encode()
    if len(text) > MOST_DATA_BYTES:
        raise TooLongToPrint
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise PrinterIsBusy(extra={"retry_after_seconds": WAIT_SECONDS})
    try:
        command = [sys.executable, "-I", str(_child), str(template), str(_MOST_MEMORY_BYTES)]
        made = subprocess.run(  # noqa: S603 - our own interpreter and script
            command, input=text, capture_output=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise CannotPrint(f"typesetting took longer than {MOST_SECONDS} s") from slow
    finally:
        _turn.release()
    if made.returncode or not made.stdout.startswith(b"%PDF"):
        _log.error("typesetting failed: %s", made.stderr.decode(errors="replace")[-300:])
        raise CannotPrint("the typesetter gave no PDF")
    return made.stdout
