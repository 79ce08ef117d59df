"""The sweep over clocks: each step once, in order, none after closure, nothing of it when it breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from tests.escalation.kit import at, count, rows, short, swept
from ticketing.core.db import db, transaction
from ticketing.core.outbox import Outbox
from ticketing.escalation.actions import firing
from ticketing.escalation.actions.sweep import sweep
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock, LimitRule
from ticketing.sla.rules.steps import Audience
from ticketing.sla.words import ClockState
from ticketing.tickets import ledger
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, State

FRIDAY = at("2026-12-04 10:00")


def test_steps_fire_when_their_share_of_open_time_is_spent_and_not_a_second_before(world):
    number = world.file()  # Monday 10:00: to be called by Tuesday 17:00, 13 open hours
    half = at("2026-11-24 09:30")

    assert swept(half - timedelta(seconds=1)) == []
    first = swept(half)
    assert swept(half) == []
    second = swept(at("2026-11-24 14:24"))

    assert short(first) == ["respond 50"]
    assert short(second) == ["respond 80"]
    assert [(row.step, row.due_moment) for row in rows(number)] == [
        ("50", half),
        ("80", at("2026-11-24 14:24")),
    ]


def test_every_step_of_a_promise_in_order_with_a_wider_audience_each_time(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="reached")
    resolve = world.clocks(number)["resolve"]
    found = []
    for hours in range(24 * 12):
        found += swept(world.now + timedelta(hours=hours))

    steps = [one for one in found if one.metric == "resolve" and one.step != "notice"]
    told = [(one.step, [word.value for word in one.audience]) for one in steps]
    assert told[:6] == [
        ("50", ["handler"]),
        ("80", ["handler", "unit_leader"]),
        ("100", ["handler", "unit_leader"]),
        ("100+24h", ["unit_leader", "parent"]),
        ("100+48h", ["parent", "supervision"]),
        ("100+72h", ["supervision", "district_leader"]),
    ]
    assert [one.due_moment for one in found if one.step == "100+48h"] == [
        resolve.due_at + timedelta(hours=48)
    ]
    assert not any(one.is_late for one in found)


def test_who_is_told_is_who_has_to_act_then_who_answers_for_it(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    by_step = {
        one.step: set(one.notified) for one in swept(at("2026-12-10 10:00")) if one.metric == "resolve"
    }
    people = {
        name: world.actor(name).user_id
        for name in ("dept", "deptlead", "dispatcher", "supervisor", "manager", "clerk", "enterprise")
    }

    assert by_step["50"] == {people["dept"]}
    assert {people["dept"], people["deptlead"]} <= by_step["80"]
    assert people["dispatcher"] in by_step["100+24h"]
    assert people["supervisor"] in by_step["100+48h"]
    assert people["manager"] in by_step["100+72h"]
    assert not any({people["clerk"], people["enterprise"]} & told for told in by_step.values())


def test_what_was_missed_is_written_in_order_and_only_the_last_is_news(world):
    number = world.file()

    fired = [one for one in swept(at("2026-11-26 18:00")) if one.metric == "respond"]

    assert [one.step for one in fired] == ["50", "80", "100", "100+24h", "100+48h"]
    assert [one.is_late for one in fired] == [True, True, True, True, False]
    assert [one.due_moment for one in fired] == sorted(one.due_moment for one in fired)
    stored = [row for row in rows(number) if row.metric == "respond"]
    assert [(row.step, row.is_late, row.fired_at) for row in stored] == [
        (one.step, one.is_late, at("2026-11-26 18:00")) for one in fired
    ]


def test_each_step_is_an_event_of_the_chain_with_an_outbox_row(world):
    number = world.ticket(State.PROCESSING)
    before = world.row(number).version

    fired = swept(FRIDAY)

    events = [event for event in world.events(number) if event.action is Action.ESCALATE]
    out = set(db.session.scalars(select(Outbox.event_id)))
    assert len(events) == len(fired) > 5
    assert {event.id for event in events} <= out
    assert events[0].data["said"] == {
        "metric": "respond",
        "step": "50",
        "audience": ["handler"],
        "late": True,
        "moment": at("2026-11-24 09:30").isoformat(),
        "responsible": "D-PWR",
        "deadline": at("2026-11-24 17:00").isoformat(),
    }
    assert [row.event_id for row in rows(number)] == [event.id for event in events]
    assert world.row(number).version == before
    assert list(ledger.verify()) == []


def test_a_form_open_since_before_the_warning_still_counts(world):
    number = world.ticket(State.PROCESSING)
    seen = world.row(number).version
    swept(FRIDAY)
    world.now = FRIDAY

    world.act("dept", number, "submit_reply", reply="已送电", version=seen)

    assert world.row(number).status is State.REPLY_REVIEW
    assert list(ledger.verify()) == []


@pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN, State.REJECTED, State.MERGED])
def test_nothing_fires_once_it_is_over(world, state):
    number = world.ticket(state)

    fired = swept(at("2027-01-20 10:00"))

    assert [one for one in fired if one.ticket == number] == []
    assert {clock.next_step_at for clock in sla.clocks_of(world.row(number).id)} == {None}


def test_nothing_fires_while_it_waits_and_what_is_left_is_left(world):
    number = world.ticket(State.NEED_INFO)  # paused on Monday at 10:01, after one minute
    assert swept(at("2027-01-20 10:00")) == []
    world.now = at("2026-11-30 10:01")
    world.act("enterprise", number, "supply_info", message="500 kVA")
    assert world.clocks(number)["respond"].next_step_at == at("2026-12-01 09:31")

    fired = swept(at("2026-12-01 09:31"))

    assert short(fired) == ["respond 50"]


def test_an_overdue_clock_that_is_stopped_rises_no_further_meanwhile(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="reached")
    due = world.clocks(number)["resolve"].due_at
    swept(due + timedelta(hours=25))
    world.now = due + timedelta(hours=30)
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2026-12-15")

    assert [one for one in swept(world.now + timedelta(days=10)) if one.metric == "resolve"] == []


def test_more_time_moves_the_steps_that_are_still_to_come(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="reached")
    world.now = at("2026-11-27 14:00")
    swept(world.now)
    world.act("dept", number, "request_extension", days=5, reason="等待设备")
    world.act("deptlead", number, "decide_extension", approve=True)
    due = world.clocks(number)["resolve"].due_at

    fired = [one for one in swept(due + timedelta(hours=1)) if one.metric == "resolve"]

    assert due == at("2026-12-07 17:00")
    assert [one.step for one in fired] == ["80", "100"]
    assert [row.step for row in rows(number) if row.metric == "resolve"] == ["50", "80", "100"]
    assert fired[-1].due_moment == due


def test_a_redo_fires_its_steps_anew_in_its_own_cycle(world):
    number = world.ticket(State.REPLIED)
    swept(world.now)
    world.act("enterprise", number, "rate", solved="no", satisfaction=1)

    swept(at("2026-12-20 10:00"))

    found = [(row.cycle, row.metric, row.step) for row in rows(number)]
    assert len(found) == len(set(found))
    assert {cycle for cycle, _metric, step in found if step == "100"} == {2}


def test_the_call_back_is_the_centres_whoever_had_the_ticket(world):
    number = world.ticket(State.REPLIED)

    fired = [one for one in swept(at("2026-12-10 10:00")) if one.metric == "revisit"]

    assert fired
    assert world.actor("caller").user_id in fired[0].notified
    assert world.actor("deptlead").user_id not in {user_id for one in fired for user_id in one.notified}
    assert [row.step for row in rows(number)][:1] == ["50"]


def test_the_steps_of_a_clock_are_those_of_its_rule_when_it_started(world):
    with transaction():
        own = [
            {"percent": 30, "audience": ["supervision"]},
            {"percent": 100, "audience": ["district_leader"]},
        ]
        db.session.execute(update(LimitRule).values(steps=own))
    number = world.file()
    with transaction():
        db.session.execute(update(LimitRule).values(steps=None))

    fired = [one for one in swept(at("2026-12-20 10:00")) if one.step != "notice"]

    assert {one.step for one in fired if one.ticket == number} == {"30", "100"}
    assert {one.audience for one in fired} == {(Audience.SUPERVISION,), (Audience.DISTRICT_LEADER,)}
    assert all(clock.rule_id for clock in sla.clocks_of(world.row(number).id))


def test_a_clock_of_which_nobody_knows_where_it_stands_is_not_lost(world):
    """As after an upgrade from a release without steps; what has fired does not fire again."""
    number = world.file()
    swept(at("2026-11-24 10:00"))
    with transaction():
        running = Clock.state == ClockState.RUNNING
        as_before = update(Clock).where(running).values(next_step=None, next_step_at=Clock.started_at)
        db.session.execute(as_before)

    again = swept(at("2026-11-24 10:00"))
    then = swept(at("2026-11-24 17:00"))

    assert again == []
    assert short(then) == ["respond 80", "respond 100"]
    assert [row.step for row in rows(number)] == ["50", "80", "100"]


def test_a_thousand_sweeps_of_a_still_state_add_nothing(world):
    world.ticket(State.PROCESSING)
    swept(FRIDAY)
    before = world.fingerprint()

    assert [one for _ in range(1_000) for one in sweep(FRIDAY)] == []
    assert world.fingerprint() == before


def test_small_passes_come_to_the_same(world):
    numbers = [world.file() for _ in range(7)]
    fired = swept(FRIDAY, limit=2)

    assert len(fired) == len(rows())
    assert {one.ticket for one in fired} == set(numbers)
    assert len({(one.ticket, one.metric, one.step) for one in fired}) == len(fired)


def test_a_pass_that_breaks_leaves_nothing_behind(world, monkeypatch):
    world.ticket(State.PROCESSING)
    before = world.fingerprint()

    def broken(volley: firing.Volley) -> list[firing.Fired]:
        _fire(volley)
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(firing.Volley, "fire", broken)
        with pytest.raises(OSError, match="power"):
            sweep(FRIDAY)
    assert world.fingerprint() == before
    fired = swept(FRIDAY)

    assert len(fired) == count()
    assert list(ledger.verify()) == []


_fire = firing.Volley.fire


def test_a_running_clock_of_an_ended_ticket_is_put_aside_not_fired(world):
    """It cannot be; were it there, it must not stop the others."""
    number = world.ticket(State.CLOSED)
    other = world.file()
    with transaction():
        db.session.execute(
            text(
                "UPDATE clocks SET state = 'running', next_step = 0, next_step_at = started_at "
                "WHERE ticket_id = :id"
            ),
            {"id": world.row(number).id},
        )

    fired = swept(FRIDAY)

    assert {one.ticket for one in fired} == {other}
    assert db.session.scalar(select(Ticket.event_seq).where(Ticket.number == number)) == len(
        world.events(number)
    )
