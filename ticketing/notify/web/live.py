"""What open pages ask: how much is new, again and again or over a stream that stays open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import Flask, Response, current_app, jsonify, request, session
from flask.typing import ResponseReturnValue

from config import Config
from ticketing.accounts.queries import identity
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.notify.queries import inbox as inboxes
from ticketing.notify.queries import news as queries
from ticketing.notify.watch import Watch
from ticketing.notify.web.base import bp
from ticketing.web.guards import current_actor, signed_in

PING_SECONDS = 15.0
RETRY_MS = 3000
MOST_STREAMS = 8
"""Streams of one person in one process; whoever opens more is told to ask instead."""
_MAX_ID = 2**31 - 1
_NO_STREAM = ("", 204)  # tells an EventSource to stop asking
_LATEST = 253_402_300_799  # the end of the year 9999


@bp.get("/inbox/news")
@signed_in
def news() -> ResponseReturnValue:
    since = request.args.get("since", default=0, type=int)
    moment = datetime.fromtimestamp(min(max(since, 0), _LATEST), UTC)
    found = queries.news(current_actor(), moment)
    return jsonify(unread=found.unread, fresh=found.fresh)


@bp.get("/inbox/stream")
@signed_in
def stream() -> ResponseReturnValue:
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined] # noqa: SLF001 - the documented way
    config: Config = app.config["TICKETING"]
    token, user_id = session.get("_user_id"), current_actor().user_id
    if not config.serves_stream or user_id is None or not isinstance(token, str):
        return _NO_STREAM
    watch: Watch = app.extensions.setdefault("inbox_watch", Watch(app))
    if watch.count(user_id) >= MOST_STREAMS:
        return _NO_STREAM
    db.session.rollback()
    life = app.config["PERMANENT_SESSION_LIFETIME"]
    reader = _Reader(
        app, watch, user_id, lambda: identity.person_by_session(token, now=clock.now(), life=life), _last()
    )
    answer = Response(reader.lines(), content_type="text/event-stream; charset=utf-8")
    answer.headers |= {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return answer


def _last() -> int | None:
    """The id after which the browser missed what came, if it has been here before."""
    given = request.headers.get("Last-Event-ID", "")
    return int(given) if given.isascii() and given.isdigit() and int(given) <= _MAX_ID else None


@dataclass(slots=True)
class _Reader:
    """One open stream. Whose it is and what may be read is asked anew each time something is sent."""

    app: Flask
    watch: Watch
    user_id: int
    who: Callable[[], identity.SignedIn | None]
    last: int | None
    unread: int | None = None
    known: set[int] = field(default_factory=set)

    def lines(self) -> Iterator[str]:
        with self.watch.stream(self.user_id) as bell:
            yield f"retry: {RETRY_MS}\n\n"
            while (told := self._look()) is not None:
                yield told
                bell.wait(PING_SECONDS)
                bell.clear()

    def _look(self) -> str | None:
        """What to send now: news, or a ping; None when the person is no longer signed in."""
        with self.app.app_context():
            try:
                found = self.who()
                return None if found is None else self._news(found)
            finally:
                db.session.remove()

    def _news(self, person: identity.SignedIn) -> str:
        actor, before = person.actor, self.unread
        self.unread = person.carried.get("unread")
        after = queries.newest() if self.last is None else self.last
        is_first = self.last is None
        self.last = after
        found = [] if is_first else queries.arrived(actor, after, clock.now(), self.known)
        if not found:
            # What is of no ticket has no entry: it shows in the count, which came along with the person.
            return ": ping\n\n" if before in {None, self.unread} else _event({"unread": self.unread})
        self.last = max(after, *(one.id for one in found))
        self.known = {one for one in self.known if one > self.last - queries.OVERLAP_IDS}
        self.known |= {one.id for one in found}
        self.unread = inboxes.unread(actor)
        return "".join(
            f"id: {one.id}\n{_event({'number': one.number, 'unread': self.unread})}" for one in found
        )


def _event(data: dict[str, object]) -> str:
    return f"event: news\ndata: {json.dumps(data)}\n\n"
