"""A calendar changes while people work: nothing is lost, nothing is counted twice, nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.sla.test_calendar_import import CHRISTMAS_EVE, NOTICE
from tests.world import World
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.sla import queries
from ticketing.sla.actions import calendars
from ticketing.sla.rules.changes import Notice
from ticketing.sla.rules.notices import read_notice
from ticketing.tickets import ledger
from ticketing.tickets import wishes as w
from ticketing.tickets.actions import recounting
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.words import Action, State

TICKETS, COUNTERS = 24, 4


@pytest.fixture
def world(app):
    made = World(app)
    made.now = CHRISTMAS_EVE
    return made


def publish(world: World) -> None:
    notice = Notice(tuple(read_notice(NOTICE.splitlines())))
    today = local_date(world.now)
    calendars.publish(SYSTEM, calendars.draft("cn", notice, note="", today=today), now=world.now)


def together(world: World, *jobs: Callable[[], object]) -> list[object]:
    """Run all jobs at the same moment, each with a session of its own; return what they gave or raised."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        with world.app.app_context():
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


def test_counting_anew_and_working_go_on_together(world):
    numbers = [world.ticket(State.PROCESSING, kind="complaint") for _ in range(TICKETS)]
    worker, now = world.actor("dept"), world.later(minutes=1)
    publish(world)

    def count() -> None:
        while recounting.recount(now, 5):
            pass

    def work(mine: list[str]) -> None:
        for number in mine:
            perform(worker, number, w.RecordContact(outcome="reached", note="已联系"), now=now)

    jobs = [count] * COUNTERS + [partial(work, numbers[::2]), partial(work, numbers[1::2])]
    assert together(world, *jobs) == [None] * len(jobs)

    for number in numbers:
        actions = [event.action for event in world.events(number)]
        assert (actions.count(Action.RECOUNT), actions.count(Action.CONTACT)) == (1, 1)
        resolve = world.clocks(number)["resolve"]
        assert resolve.calendar_id == queries.current_calendar_id("cn")
        assert resolve.due_at == queries.recounted(resolve, queries.calendar("cn"), []).at
    assert queries.newest_versions() == {}
    assert list(ledger.verify()) == []


def test_of_two_who_publish_at_once_one_is_told(world):
    today = local_date(world.now)
    notices = [Notice(tuple(read_notice([f"2027-0{month}-01,holiday,x"]))) for month in (3, 4)]
    drafts = [calendars.draft("cn", notice, note="", today=today) for notice in notices]

    told = together(world, *(partial(calendars.publish, SYSTEM, draft, now=world.now) for draft in drafts))

    assert sorted(type(one).__name__ for one in told) == ["Calendar", "CalendarChanged"]
    assert [version.is_current for version in queries.versions("cn")] == [True, False]
