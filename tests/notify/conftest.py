"""The small world, for the tests of messages."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.world import World
from ticketing.core.db import db


@pytest.fixture
def world(app: Flask) -> World:
    """Return the demo district on a fresh database."""
    return World(app)


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """Return a recorder of the statements sent to the database."""

    @contextmanager
    def record() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        yield seen
        event.remove(db.engine, "before_cursor_execute", note)

    return record
