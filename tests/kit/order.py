"""The order of a run: what takes long begins first, so that both processes end together."""

from __future__ import annotations

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests before short ones, in each of the halves that two processes begin with."""
    long = [item for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")]
    is_long = {id(item) for item in long}
    short = [item for item in items if id(item) not in is_long]
    middle = (len(items) + 1) // 2 - len(long[::2])
    items[:] = [*long[::2], *short[:middle], *long[1::2], *short[middle:]]


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what lives as long as the run: modules and 8,000 tests."""
    gc.collect()
    gc.freeze()
