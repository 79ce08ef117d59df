"""Open pages hear what is new: by asking, or over a stream that replays what was missed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.kit.entering import client_of
from tests.meetings import kit
from tests.tickets.desk import statements, visits, world_now
from ticketing.accounts.models import UserSession
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.core.notices import NoticeReader, give_notice
from ticketing.notify import watch
from ticketing.notify.actions import relay
from ticketing.notify.models import InboxEntry
from ticketing.notify.queries import news
from ticketing.notify.web import live
from ticketing.tickets.models import TicketUnit
from ticketing.tickets.words import State


def relay_all() -> None:
    while relay.relay(clock.now()):
        pass


def test_news_counts_what_is_unread_and_what_came_since(app, world):
    today = world_now(app)
    today.ticket(State.DISPATCHED)
    relay_all()
    client = visits(app)("enterprise")
    unread = client.get("/inbox/news?since=0").get_json()

    assert unread["unread"] == unread["fresh"] > 0
    later = int((clock.now() + timedelta(minutes=1)).timestamp())
    assert client.get(f"/inbox/news?since={later}").json == {"unread": unread["unread"], "fresh": 0}
    for odd in ("-1", "x", "9" * 40, ""):
        assert client.get(f"/inbox/news?since={odd}").status_code == 200
    assert visits(app)("enterprise2").get("/inbox/news").json == {"unread": 0, "fresh": 0}


def test_pages_offer_the_news_line_and_say_when_they_were_made(app, world):
    page = visits(app)("dept").get("/tickets/queue").text

    assert "data-since=" in page
    assert "data-stream" not in page
    assert "data-fresh=" in page


def test_where_no_stream_is_served_the_browser_is_told_to_stop_asking(app, world):
    answer = visits(app)("dept").get("/inbox/stream")

    assert (answer.status_code, answer.data) == (204, b"")


def end_sessions() -> None:
    """Sign everybody out."""
    with transaction():
        db.session.execute(update(UserSession).values(ended_at=clock.now()))


class Listener:
    """One open stream, read in a thread of its own."""

    def __init__(self, client, last: int | None = None) -> None:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self.answer = client.get("/inbox/stream", headers=headers, buffered=False)
        self.said: list[str] = []
        self._more = threading.Condition()
        self.is_over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for part in self.answer.response:
            with self._more:
                self.said.append(part if isinstance(part, str) else part.decode())
                self._more.notify_all()
        with self._more:
            self.is_over = True
            self._more.notify_all()

    def wait(self, wanted, seconds: float = 5) -> bool:
        with self._more:
            return bool(self._more.wait_for(lambda: wanted(self), seconds))

    def end(self) -> None:
        """Read to the end, which has been brought about."""
        self._thread.join(5)
        assert self.is_over
        self.answer.close()

    @property
    def events(self) -> list[dict]:
        text = "".join(self.said)
        return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]

    @property
    def ids(self) -> list[int]:
        return [int(line[4:]) for line in "".join(self.said).splitlines() if line.startswith("id: ")]


@pytest.fixture
def listen(make_app, world, monkeypatch) -> Iterator:
    monkeypatch.setattr(live, "PING_SECONDS", 0.2)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    app = make_app(serves_stream=True, has_stream=True)
    with app.app_context():
        clients = {who: client_of(app, who) for who in ("dept", "enterprise2")}
    opened: list[Listener] = []

    def start(who: str = "dept", last: int | None = None) -> Listener:
        opened.append(Listener(clients[who], last))
        return opened[-1]

    start.client = clients["dept"]  # type: ignore[attr-defined]
    yield start
    end_sessions()
    for one in opened:
        one.end()
    wait_for(lambda: not any(thread.name == watch.THREAD_NAME for thread in threading.enumerate()))


def wait_for(condition, seconds: float = 5) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)


def test_a_stream_tells_of_what_enters_the_inbox_and_pings_meanwhile(app, listen):
    today = world_now(app)
    mine, other = listen(), listen("enterprise2")
    assert mine.wait(lambda it: ": ping\n\n" in it.said)

    number = today.ticket(State.DISPATCHED)
    relay_all()

    assert mine.wait(lambda it: it.events)
    assert {event["number"] for event in mine.events} == {number}
    assert mine.events[0]["unread"] > 0
    assert mine.said[0] == "retry: 3000\n\n"
    assert other.events == []


def test_a_notice_wakes_its_readers_streams_and_so_does_reading_it_elsewhere(app, listen):
    today = world_now(app)
    mine, other = listen(), listen("enterprise2")
    assert mine.wait(lambda it: ": ping\n\n" in it.said)

    with transaction():
        about = ("HS1", "增容协调", "/meetings/HS1")
        give_notice(about, "联席会商取消：%(because)s", {}, [today.actor("dept").user_id or 0], clock.now())

    assert mine.wait(lambda it: it.events)
    assert mine.events == [{"unread": 1}]
    assert mine.ids == []  # whoever comes back asks anew: there is nothing to go on from
    with transaction():
        db.session.execute(update(NoticeReader).values(read_at=clock.now()))
    assert mine.wait(lambda it: len(it.events) == 2)
    assert mine.events[-1] == {"unread": 0}
    assert other.events == []


def test_the_look_out_rings_for_a_notice_and_only_at_its_readers(app, world, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    ours, others = world.actor("dept").user_id or 0, world.actor("station").user_id or 0
    looking = watch.Watch(app)

    def is_heard() -> bool:
        with transaction():
            give_notice(("HS1", "", "/"), "x", {}, [ours], world.now)
        return bell.wait(0.1)

    with looking.stream(ours) as bell, looking.stream(others) as other:
        wait_for(is_heard)  # what was there at the first look is no news
        assert not other.is_set()


def test_a_look_is_one_statement_for_entries_and_notices(app, world):
    calling = kit.called(world, world.ticket(State.DISPATCHED), units=("D-PWR",))
    relay_all()
    before = news.mark()
    assert before.entry > 0
    assert before.notice > 0
    assert news.beyond(before, set()) == before
    known = news.recent(before)
    # What was written earlier may be committed later: the latest are looked at again.
    assert {one.is_notice for one in known} == {True, False}

    with transaction():
        give_notice((calling, "", "/"), "x", {}, [world.actor("dept").user_id or 0], world.now)
    with statements(app) as sent:
        found = news.recent(before)

    assert len([one for one in sent if one.startswith("SELECT")]) == 1
    (new,) = found - known
    assert (new.is_notice, new.owner) == (True, world.actor("dept").user_id)
    assert news.beyond(before, found) == before._replace(notice=new.id)


def test_a_browser_that_comes_back_gets_what_it_missed(app, listen):
    today = world_now(app)
    today.ticket(State.DISPATCHED)
    relay_all()
    with transaction():  # long ago: not a matter of entries that are committed late
        db.session.query(InboxEntry).update({"entered_at": today.now - timedelta(hours=1)})
    mine = today.actor("dept").user_id
    ids = [row.id for row in db.session.query(InboxEntry).filter_by(user_id=mine).order_by(InboxEntry.id)]
    assert ids

    missed, up_to_date = listen(last=ids[0] - 1), listen(last=ids[-1])

    assert missed.wait(lambda it: len(it.ids) == len(ids))
    assert missed.ids == ids
    assert up_to_date.wait(lambda it: len(it.said) >= 3)
    assert up_to_date.ids == []


def test_what_may_no_longer_be_read_is_not_told(app, listen):
    today = world_now(app)
    today.ticket(State.DISPATCHED)
    relay_all()
    with transaction():
        db.session.query(TicketUnit).delete()

    stream = listen(last=0)

    assert stream.wait(lambda it: len(it.said) >= 3)
    assert stream.events == []


def test_a_stream_ends_with_its_session(app, listen):
    stream = listen()
    assert stream.wait(lambda it: it.said)
    end_sessions()

    assert stream.wait(lambda it: it.is_over)


def test_whoever_opens_very_many_streams_is_told_to_ask_instead(app, listen, monkeypatch):
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    first = listen()
    assert first.wait(lambda it: it.said)

    assert listen.client.get("/inbox/stream").status_code == 204
