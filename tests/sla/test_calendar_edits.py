"""Any number of calendar edits: what is over never changes, what is open changes only with an event."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.world import World
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.sla import queries
from ticketing.sla.actions import calendars
from ticketing.sla.models import Clock
from ticketing.sla.rules.calendars import Era, Window
from ticketing.sla.rules.changes import Change, Hours, NothingChanges, SpecialDay, off, working
from ticketing.sla.rules.deadlines import elapsed
from ticketing.sla.rules.limits import Limit
from ticketing.tickets import ledger
from ticketing.tickets.actions import recounting
from ticketing.tickets.words import Action, State

EDITS = int(os.environ.get("SLA_CALENDAR_EDITS", "8"))
OPEN_STATES = (State.SUBMITTED, State.DISPATCHED, State.PROCESSING, State.SUSPENDED, State.REPLIED)
OVER = (State.CLOSED, State.REJECTED, State.WITHDRAWN)
START = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def world(app):
    made = World(app)
    made.now = START
    return made


def hours(dice: random.Random) -> tuple[Window, ...]:
    cuts = sorted(dice.sample(range(16, 40), 4))
    return tuple(
        (time(one // 2, one % 2 * 30), time(two // 2, two % 2 * 30))
        for one, two in ((cuts[0], cuts[1]), (cuts[2], cuts[3]))
    )


def drawn(dice: random.Random, today: date) -> Change:
    on = today + timedelta(days=dice.randrange(6))
    weekdays = frozenset(dice.sample(range(7), dice.randint(4, 7)))
    changes: list[Change] = [
        SpecialDay(on, off("停")),
        SpecialDay(on, working("班")),
        SpecialDay(on, working("短", hours(dice))),
        Hours(Era(on, hours(dice), weekdays)),
    ]
    return dice.choice(changes)


def spent(clock: Clock, now: datetime) -> timedelta:
    pauses = queries.paused_stretches(queries.pauses_of([clock.id])[clock.id], now)
    calendar = queries.calendar_by_id(clock.calendar_id)
    return elapsed(clock.started_at, now, Limit.parse(clock.limit), calendar, pauses)


def facts(world: World, numbers: list[str]) -> dict[tuple[str, int], tuple[object, ...]]:
    found: dict[tuple[str, int], tuple[object, ...]] = {}
    for number in numbers:
        for clock in queries.clocks_of(world.row(number).id):
            found[number, clock.nth] = (clock.due_at, clock.state, clock.calendar_id, clock.warn_at)
    return found


def told_now(world: World, numbers: list[str]) -> set[tuple[str, str, datetime]]:
    """What the events of this very moment say has moved."""
    return {
        (number, one["metric"], datetime.fromisoformat(one["new"]))
        for number in numbers
        for event in world.events(number)[-1:]
        if event.action is Action.RECOUNT and event.at == world.now
        for one in event.data["said"]["moved"]
    }


def edit(world: World, change: Change, is_open: list[str]) -> int:
    """Make one edit, check all that must hold, and return how many promises it moved."""
    today = local_date(world.now)
    midnight = queries.calendar("cn").midnight(today)

    def ran() -> dict[str, list[timedelta]]:
        return {number: [spent(c, midnight) for c in world.clocks(number).values()] for number in is_open}

    before, ran_before = facts(world, is_open), ran()
    draft = calendars.draft("cn", change, note="", today=today)
    foretold = {(shift.number, shift.metric.value, shift.new) for shift in draft.shifts()}
    calendars.publish(SYSTEM, draft, now=world.now)
    while recounting.recount(world.now):
        pass
    db.session.expire_all()

    after, told = facts(world, is_open), told_now(world, is_open)
    assert told == foretold
    changed = {key[0] for key in before if before[key][0] != after[key][0]}
    assert {number for number, _metric, _new in told} == changed
    assert ran() == ran_before
    return len(told)


def test_open_promises_change_only_with_an_event_and_what_is_over_never(world):
    dice = random.Random("edits")
    is_open = [world.ticket(state) for state in OPEN_STATES for _ in range(2)]
    is_over = [world.ticket(state) for state in OVER]
    ended = facts(world, is_over)
    made = moved = 0
    for _ in range(EDITS):
        with suppress(NothingChanges):
            moved += edit(world, drawn(dice, local_date(world.now)), is_open)
            made += 1
        assert facts(world, is_over) == ended
        world.later(hours=dice.choice([1, 2, 9]))
        is_open.append(world.ticket(dice.choice(OPEN_STATES[:3])))

    assert made > EDITS // 2
    assert moved > made
    assert queries.newest_versions() == {}
    assert list(ledger.verify()) == []
