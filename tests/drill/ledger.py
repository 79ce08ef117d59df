"""The client's own account of what it asked and what it was told, on disk before and after every call."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ANSWER_WITHIN_SECONDS = 20
PAUSE_SECONDS = 0.1
FILE = "submit"
"""The action of filing, as the event log names it."""


@dataclass(frozen=True)
class Call:
    """One thing asked for. ``mark`` is its Idempotency-Key, and stands in its text if it has any.

    ``number``: the ticket; None for filing one. ``group``: which part of the drill it belongs to.
    """

    mark: str
    group: str
    who: str
    action: str
    number: str | None
    body: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is sent."""
        if self.number is None:
            return "/api/v1/tickets"
        return f"/api/v1/tickets/{self.number}/actions/{self.action}"


@dataclass
class Entry:
    """What became of a call. ``status`` None: its client never learned it."""

    call: Call
    asked_at: float
    status: int | None = None
    answer: str = ""
    answered_at: float = 0.0
    trouble: list[str] = field(default_factory=list)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the client was told that it is done."""
        return self.status in {200, 201}

    @property
    def is_refused(self) -> bool:
        """Whether the client was told that it will not be done."""
        return self.status is not None and not self.is_acknowledged

    @property
    def number(self) -> str | None:
        """The ticket it is about, as far as the client knows."""
        if self.call.number is not None or not self.is_acknowledged:
            return self.call.number
        return str(json.loads(self.answer)["number"])


class Ledger:
    """Lines of JSON, each on disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._turn = threading.Lock()

    def write(self, **line: Any) -> None:
        """Put one line on disk."""
        raw = json.dumps({"at": time.time(), **line}, ensure_ascii=False).encode() + b"\n"
        with self._turn:
            os.write(self._file, raw)
            os.fsync(self._file)

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)

    def read(self) -> dict[str, Entry]:
        """Return what became of every call, by its mark."""
        found: dict[str, Entry] = {}
        for raw in self.path.read_text(encoding="utf-8").splitlines():
            line = json.loads(raw)
            if "call" in line:
                call = Call(**line["call"])
                found[call.mark] = Entry(call, line["at"])
            elif "trouble" in line:
                found[line["mark"]].trouble.append(line["trouble"])
            else:
                entry = found[line["mark"]]
                entry.status, entry.answer, entry.answered_at = line["status"], line["answer"], line["at"]
        return found


class Client:
    """Asks over one connection, tells the ledger, and asks again under the same key when it does not know."""

    def __init__(self, port: int, tokens: Mapping[str, str], ledger: Ledger) -> None:
        self._port = port
        self._tokens = tokens
        self._ledger = ledger
        self._line: http.client.HTTPConnection | None = None

    def announce(self, call: Call) -> None:
        """Write down that this will be asked."""
        self._ledger.write(call=asdict(call))

    def ask(self, call: Call) -> Entry | None:
        """Ask once and write down what came of it; None when that is not known."""
        try:
            status, answer = self.send(call)
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            self._ledger.write(mark=call.mark, trouble=type(error).__name__)
            return None
        if status >= 500:
            self._ledger.write(mark=call.mark, trouble=str(status))
            return None
        self._ledger.write(mark=call.mark, status=status, answer=answer)
        return Entry(call, 0.0, status, answer)

    def send(self, call: Call) -> tuple[int, str]:
        """Send a call and return what was answered; the ledger hears nothing of it."""
        line = self._line or http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=ANSWER_WITHIN_SECONDS
        )
        self._line = line
        headers = {
            "Authorization": f"Bearer {self._tokens[call.who]}",
            "Content-Type": "application/json",
            "Idempotency-Key": call.mark,
        }
        line.request("POST", call.path, json.dumps(call.body).encode(), headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode()

    def insist(self, call: Call, *, patience: float, gives_up: random.Random | None = None) -> Entry | None:
        """Ask until it is known what became of it, or patience ends; None then.

        ``gives_up``: draws whether the client goes away after the first time it does not know.
        """
        until = time.monotonic() + patience
        while True:
            found = self.ask(call)
            if found is not None:
                return found
            if time.monotonic() > until or (gives_up is not None and gives_up.random() < 0.15):
                return None
            time.sleep(PAUSE_SECONDS)

    def hang_up(self) -> None:
        """Close the connection; the next call opens another."""
        if self._line is not None:
            self._line.close()
            self._line = None
