"""A small load generator: a fixed number of keep-alive connections, each asking as fast as it is answered."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

CONNECTIONS = 16


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Figures:
    """What one run gave: requests a second, milliseconds, and answers that were not expected.

    ``web_ms`` and ``database_ms``: processor time a request, where somebody read it.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    answers: int
    wrong: int
    body_bytes: int
    web_ms: float = 0.0
    database_ms: float = 0.0


def run(port: int, make: Callable[[int], Ask], *, seconds: float, connections: int = CONNECTIONS) -> Figures:
    """Ask for ``seconds`` over ``connections``; ``make(n)`` gives the n-th request."""
    numbers = count()
    until = time.perf_counter() + seconds
    spent: list[list[float]] = [[] for _ in range(connections)]
    wrong = [0] * connections
    sizes = [0] * connections

    def one(place: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < until:
            ask = make(next(numbers))
            began = time.perf_counter()
            line.request(ask.method, ask.path, body=ask.body, headers=ask.headers)
            answer = line.getresponse()
            body = answer.read()
            spent[place].append(time.perf_counter() - began)
            sizes[place] = len(body)
            if answer.status not in {200, 201, 303}:
                wrong[place] += 1
        line.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=one, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    all_spent = sorted(second for part in spent for second in part)
    return Figures(
        rate=len(all_spent) / took,
        p50_ms=1000 * _at(all_spent, 0.50),
        p99_ms=1000 * _at(all_spent, 0.99),
        answers=len(all_spent),
        wrong=sum(wrong),
        body_bytes=max(sizes),
    )


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
