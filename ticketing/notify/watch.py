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
from ticketing.notify.queries.news import Came, Mark

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
        seen: set[Came] | None = None
        after: Mark | None = None
        while True:
            try:
                after, found = self._recent(after)
            except DBAPIError as error:
                _log.warning("the database refused: %s", type(error.orig).__name__)
            else:
                self._wake({one.owner for one in found - seen} if seen is not None else set())
                seen = found
            with self._lock:
                self._lock.wait_for(lambda: not self._streams, LOOK_SECONDS)
                if not self._streams:
                    self._is_running = False
                    return

    def _recent(self, after: Mark | None) -> tuple[Mark, set[Came]]:
        with self._app.app_context():
            try:
                after = news.mark() if after is None else after
                found = news.recent(after)
                return news.beyond(after, found), found
            finally:
                db.session.remove()

    def _wake(self, owners: set[int]) -> None:
        with self._lock:
            for owner in owners:
                for bell in self._streams.get(owner, ()):
                    bell.set()
