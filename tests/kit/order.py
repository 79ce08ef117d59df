"""The order of a run: what takes long begins first, so that all processes end together."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import islice

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long tests before short ones, in each of the parts that the processes of xdist begin with.

    The first process looks at all pages: one browser is started, and its windows serve them all. The others
    begin with what waits for processes, and then take from the first what is left.
    """
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    looked_at, waited_for, short = [], [], []
    for item in items:
        if item.get_closest_marker("browser"):
            looked_at.append(item)
        elif item.get_closest_marker("slow"):
            waited_for.append(item)
        else:
            short.append(item)
    if processes == 1:
        items[:] = [*looked_at, *waited_for, *short]
    else:
        items[:] = in_parts([looked_at, *dealt(waited_for, processes - 1)], short)


def dealt(items: list[pytest.Item], hands: int) -> Iterable[list[pytest.Item]]:
    """Deal the tests like cards."""
    return (items[nth::hands] for nth in range(hands))


def in_parts(heads: list[list[pytest.Item]], rest: list[pytest.Item]) -> Iterable[pytest.Item]:
    """Yield equal parts, as ``--dist worksteal`` deals them out: each begins with its head."""
    filling = iter(rest)
    left = len(rest) + sum(map(len, heads))
    for nth, head in enumerate(heads):
        size = left // (len(heads) - nth)
        left -= size
        yield from head
        yield from islice(filling, max(0, size - len(head)))
    yield from filling


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what lives as long as the run: modules and all tests."""
    gc.collect()
    gc.freeze()
