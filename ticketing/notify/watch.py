"""Wakes the open streams of a process when something entered an inbox: one look a second for all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event, Thread

from flask import Flask
from sqlalchemy.exc import DBAPIError

from ticketing.core.db import db
from ticketing.notify.queries import news

LOOK_SECONDS = 1.0
THREAD_NAME = "inbox watch"
_log = logging.getLogger(__name__)


class Watch:
    """The streams of one process. The look-out runs while there is any."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = Condition()
        self._streams: dict[int, set[Event]] = {}
        self._is_running = False

    @contextmanager
    def stream(self, user_id: int) -> Iterator[Event]:
        """Give one stream of a person its bell."""
        bell = Event()
        with self._lock:
            self._streams.setdefault(user_id, set()).add(bell)
            if not self._is_running:
                self._is_running = True
                Thread(target=self._look_out, name=THREAD_NAME, daemon=True).start()
        try:
            yield bell
        finally:
            with self._lock:
                self._streams[user_id].discard(bell)
                if not self._streams[user_id]:
                    del self._streams[user_id]
                self._lock.notify_all()

    def count(self, user_id: int) -> int:
        """Return how many streams a person has here."""
        with self._lock:
            return len(self._streams.get(user_id, ()))

    def _look_out(self) -> None:
        seen: set[int] | None = None
        while True:
            try:
                found = self._recent(max(seen) if seen else 0, is_first=seen is None)
            except DBAPIError as error:
                _log.warning("the database refused: %s", type(error.orig).__name__)
            else:
                self._wake({owner for entry_id, owner in found if seen is not None and entry_id not in seen})
                seen = {entry_id for entry_id, _owner in found} or seen or {0}
            with self._lock:
                self._lock.wait_for(lambda: not self._streams, LOOK_SECONDS)
                if not self._streams:
                    self._is_running = False
                    return

    def _recent(self, after: int, *, is_first: bool) -> list[tuple[int, int]]:
        with self._app.app_context():
            try:
                return news.recent(news.newest() if is_first else after)
            finally:
                db.session.remove()

    def _wake(self, owners: set[int]) -> None:
        with self._lock:
            for owner in owners:
                for bell in self._streams.get(owner, ()):
                    bell.set()
