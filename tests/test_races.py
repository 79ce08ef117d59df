"""Many at once, with threads and connections of their own: one wins, the others are told, nothing is lost.

RACE_SECONDS sets how long the storm blows (usually 2), RACE_ROUNDS how often two meet (usually 5);
--log-cli-level=INFO shows its figures.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select

from tests.world import World
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import ChangedMeanwhile, DomainError, KeyReused, WrongState
from ticketing.core.idempotency import Answer, StoredAnswer, once
from ticketing.tickets import ledger
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.filing import file
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.actions.routing import CannotMerge
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import Action, State

SECONDS = float(os.environ.get("RACE_SECONDS", "2"))
THREADS = 50
ROUNDS = int(os.environ.get("RACE_ROUNDS", "5"))
log = logging.getLogger(__name__)
Job = Callable[[], Any]


def together(app: Flask, *jobs: Job) -> list[Any]:
    """Run all jobs at the same moment, each in a thread with its own session; return answers or errors."""
    start = threading.Barrier(len(jobs))

    def run(job: Job) -> Any:
        with app.app_context():
            start.wait(timeout=30)
            try:
                return job()
            except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
                return error
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def doing(world: World, who: str, number: str, action: str, **fields: Any) -> Job:
    """Return an action to be done later, by a person looked up now."""
    actor, wish, now = world.actor(who), w.WISHES[Action(action)](**fields), world.later(minutes=1)
    return lambda: perform(actor, number, wish, now=now).version


def assert_whole(world: World, *numbers: str) -> None:
    """Each ticket has one event for each change, and replays."""
    db.session.rollback()
    for number in numbers:
        assert world.row(number).version == len(world.events(number)), number
    assert list(ledger.verify()) == []


TRANSFER, WITHDRAW, RATE = (
    {"unit": "D-TAX", "message": "转办"}, {"reason": "已解决"}, {"solved": "no", "satisfaction": 1},
)  # fmt: skip
DUELS = [
    (State.SUBMITTED, ("clerk", "accept", {}), ("station", "accept", {})),
    (State.ACCEPTED, ("dispatcher", "dispatch", {"unit": "D-PWR"}), ("area", "dispatch", {"unit": "S102"})),
    (State.DISPATCHED, ("dept", "sign", {}), ("dispatcher", "transfer", TRANSFER)),
    (State.PROCESSING, ("dept", "claim", {}), ("d-pwr-handler", "claim", {})),
    (State.PROCESSING, ("dept", "submit_reply", {"reply": "好"}), ("enterprise", "withdraw", WITHDRAW)),
    (State.REPLIED, ("caller", "revisit", {"reached": False}), ("enterprise", "rate", RATE)),
]


@pytest.mark.parametrize(
    ("state", "one", "other"), DUELS, ids=[f"{one[1]}-{other[1]}" for _s, one, other in DUELS]
)
def test_of_two_who_saw_the_same_version_one_wins_and_the_other_is_told(world, state, one, other):
    number = world.ticket(state)
    for _round in range(ROUNDS):
        version = world.row(number).version
        jobs = [
            doing(world, who, number, action, version=version, **fields)
            for who, action, fields in (one, other)
        ]

        outcomes = together(world.app, *jobs)

        assert outcomes.count(version + 1) == 1, outcomes
        (refusal,) = [outcome for outcome in outcomes if outcome != version + 1]
        assert isinstance(refusal, ChangedMeanwhile), repr(refusal)
        assert refusal.extra["version"] == version + 1
        assert world.row(number).version == version + 1
        number = world.ticket(state)
    assert_whole(world, number)


def test_what_both_may_say_is_kept_from_both(world):
    number = world.ticket(State.PROCESSING)
    before = world.row(number).version

    outcomes = together(
        world.app,
        *(doing(world, who, number, "note", body=who) for who in ("dept", "clerk", "manager", "caller")),
    )

    assert sorted(outcomes) == list(range(before + 1, before + 5))
    assert {event.data["said"]["body"] for event in world.events(number)[-4:]} == {
        "dept",
        "clerk",
        "manager",
        "caller",
    }
    assert_whole(world, number)


def test_a_handful_of_clicks_make_one_ticket(world):
    actor, wish, now = world.actor("enterprise"), filing(world), world.now

    def send() -> Answer:
        return once(
            "user:1", "key-1", b"the form", lambda: Answer(201, file(actor, wish, now=now).number), now=now
        )

    answers = together(world.app, *[send] * 8)

    assert len(set(answers)) == 1, answers
    assert db.session.scalar(select(func.count(Ticket.id))) == 1
    assert answers[0].body == db.session.scalar(select(Ticket.number))


def test_one_key_with_two_bodies_makes_one_ticket_and_one_refusal(world):
    actor, wish, now = world.actor("enterprise"), filing(world), world.now

    def send(body: bytes) -> Job:
        return lambda: once(
            "user:1", "key-2", body, lambda: Answer(201, file(actor, wish, now=now).number), now=now
        )

    outcomes = together(world.app, send(b"one"), send(b"two"))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Answer", KeyReused.__name__]
    assert db.session.scalar(select(func.count(Ticket.id))) == 1
    assert db.session.scalar(select(func.count(StoredAnswer.id))) == 1


def test_two_tickets_merged_into_each_other_at_once(world):
    for _round in range(ROUNDS):
        one, other = world.file(), world.file()

        outcomes = together(
            world.app,
            doing(world, "clerk", one, "merge", into=other),
            doing(world, "dispatcher", other, "merge", into=one),
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == [CannotMerge.__name__, "int"], (
            outcomes
        )
        assert sorted(world.row(number).status for number in (one, other)) == ["merged", "submitted"]
        assert_whole(world, one, other)


def test_parting_while_somebody_joins_more(world):
    for _round in range(ROUNDS):
        one, other, third = world.file(), world.file(), world.file()
        world.act("clerk", one, "merge", into=other)

        outcomes = together(
            world.app,
            doing(world, "clerk", one, "unmerge"),
            doing(world, "dispatcher", third, "merge", into=other),
            doing(world, "clerk", other, "merge", into=third),
        )

        assert all(isinstance(outcome, int | CannotMerge | WrongState) for outcome in outcomes), outcomes
        assert_whole(world, one, other, third)


def filing(world: World) -> w.Filing:
    fields = {
        "title": "车间用电增容",
        "description": "需要增容 500 kVA",
        "category": "PWR",
        "site": world.site,
    }
    return w.Filing.model_validate(fields)


# What anybody may try in a state; several people, so that they meet.
STEPS: dict[State, list[tuple[str, str, dict[str, Any]]]] = {
    State.SUBMITTED: [
        ("clerk", "accept", {}), ("station", "accept", {}), ("enterprise", "urge", {"message": "请尽快"}),
    ],
    State.ACCEPTED: [("dispatcher", "dispatch", {"unit": "D-PWR"}), ("area", "dispatch", {"unit": "S102"})],
    State.DISPATCHED: [("dept", "sign", {}), ("dept", "claim", {}), ("s102-head", "sign", {})],
    State.PROCESSING: [
        ("dept", "contact", {"outcome": "reached"}), ("dept", "submit_reply", {"reply": "已办好"}),
        ("d-pwr-handler", "claim", {}), ("s102-head", "submit_reply", {"reply": "已办好"}),
        ("enterprise", "message", {"body": "有进展吗?"}),
    ],
    State.REPLY_REVIEW: [("deptlead", "approve_reply", {}), ("s102-head", "approve_reply", {})],
    State.REPLIED: [("caller", "revisit", {"reached": True, "solved": "yes", "satisfaction": 5})],
}  # fmt: skip


class Storm:
    """Fifty people who file, work on and close each other's tickets until the time is up."""

    def __init__(self, world: World) -> None:
        self.app = world.app
        people = {who for steps in STEPS.values() for who, _action, _fields in steps}
        self.actors: dict[str, Actor] = {who: world.actor(who) for who in people}
        self.wish = filing(world)
        self.began, self.start = time.monotonic(), world.now
        self.numbers: list[str] = []
        self.tally: Counter[str] = Counter()
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=time.monotonic() - self.began)

    def blow(self) -> None:
        threads = [threading.Thread(target=self._live, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _live(self, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() - self.began < SECONDS:
            with self.app.app_context():
                what = self._one_thing(chance)
                db.session.remove()
            with self._lock:
                self.tally[what] += 1

    def _one_thing(self, chance: random.Random) -> str:
        try:
            return self._file() if chance.random() < 0.07 else self._work(chance)
        except DomainError as refusal:
            return f"refused: {type(refusal).__name__}"
        except Exception as error:  # noqa: BLE001 - collected for the test
            self.errors.append(error)
            return f"error: {error!r}"

    def _file(self) -> str:
        number = file(self.actors["enterprise"], self.wish, now=self.now()).number
        self.numbers.append(number)
        return "filed"

    def _work(self, chance: random.Random) -> str:
        if not self.numbers:
            return "waited"
        number = chance.choice(self.numbers[-25:] if chance.random() < 0.7 else self.numbers)
        status, version = db.session.execute(
            select(Ticket.status, Ticket.version).where(Ticket.number == number)
        ).one()
        if status is State.SUBMITTED and chance.random() < 0.1:
            wish = w.Merge.model_validate({"into": chance.choice(self.numbers)})
            perform(self.actors["clerk"], number, wish, now=self.now())
            return "merged"
        if status not in STEPS:
            return "nothing to do"
        who, action, fields = chance.choice(STEPS[status])
        seen = version if chance.random() < 0.7 else None
        perform(self.actors[who], number, w.WISHES[Action(action)](version=seen, **fields), now=self.now())
        return action


@pytest.fixture
def many_connections(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each of fifty threads a connection: a served process has four threads, and few connections."""
    wide = create_engine(db.engine.url, **app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_size": THREADS})
    monkeypatch.setitem(db.engines, None, wide)
    yield
    db.session.remove()
    wide.dispose()


@pytest.fixture
def storm(world: World) -> Storm:
    made = Storm(world)
    db.session.rollback()
    return made


# Of the dozen sorts of actions; closing comes last, and a slow machine may not get there.
LEAST_SORTS = 5


@pytest.mark.slow
def test_fifty_at_once_lose_nothing(world, many_connections, storm, database):
    storm.blow()

    done = {
        what: count
        for what, count in storm.tally.items()
        if not what.startswith(("refused", "nothing", "waited"))
    }
    log.info(
        "%s, %d threads, %.0f s: %d actions, %s",
        database,
        THREADS,
        SECONDS,
        sum(done.values()),
        dict(storm.tally),
    )
    assert storm.errors == []
    tickets = db.session.execute(select(Ticket.number, Ticket.version, Ticket.status)).all()
    assert len(storm.numbers) == len(set(storm.numbers)) == len(tickets) == storm.tally["filed"]
    counted = select(Ticket.number, func.count(Event.id)).join(Event, Event.ticket_id == Ticket.id)
    events = dict(db.session.execute(counted.group_by(Ticket.number)).all())
    assert {number: version for number, version, _status in tickets} == events
    # Each success is one event; a merge is one in either ticket.
    assert sum(events.values()) == sum(done.values()) + done.get("merged", 0)
    assert sum(status is State.CLOSED for *_rest, status in tickets) == done.get("revisit", 0)
    assert len(done) >= LEAST_SORTS, "on so slow a machine too little happened"
    assert storm.tally["refused: ChangedMeanwhile"] + storm.tally["refused: WrongState"] > 0, (
        "nobody ever met"
    )
    assert list(ledger.verify()) == []
