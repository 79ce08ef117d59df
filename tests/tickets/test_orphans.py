"""Nobody's ticket does not exist: what nobody can act on is found and goes to the duty officer, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from tests.duty.test_absences import enter
from tests.network.test_actions import wish_of
from tests.test_races import doing, together
from tests.tickets.desk import statements
from tests.world import World
from ticketing.accounts.actions.people import set_active, set_memberships
from ticketing.accounts.models import Membership, StaffChange
from ticketing.core.actor import SYSTEM, Role
from ticketing.core.db import db, transaction
from ticketing.core.local_day import local_date
from ticketing.network import actions as network_actions
from ticketing.network.actions import StillHolding
from ticketing.network.models import Unit
from ticketing.network.queries import UnknownUnit, network
from ticketing.sla.words import Metric
from ticketing.tickets import ledger
from ticketing.tickets.actions.handing_over import follow_changes, hand_over, look
from ticketing.tickets.models import OrphanLook, Ticket
from ticketing.tickets.queries import audience, orphans
from ticketing.tickets.words import Action, State


def on_duty(world: World, code: str, who: str | None) -> None:
    user_id = world.actor(who).user_id if who else None
    with transaction():
        db.session.execute(update(Unit).where(Unit.code == code).values(duty_user_id=user_id))


def leave(world: World, who: str) -> None:
    set_active(world.actor("admin"), world.actor(who).user_id or 0, is_active=False, now=world.now)


def claimed(world: World, who: str = "d-pwr-handler") -> str:
    number = world.ticket(State.PROCESSING)
    world.act(who, number, "claim")
    return number


def handler_of(world: World, number: str) -> int | None:
    return world.row(number).handler_id


def left(world: World) -> int:
    found = orphans.count(local_date(world.now))
    db.session.rollback()
    return found


def test_tickets_of_a_disabled_person_go_to_the_duty_officer_with_an_event_and_a_message(world):
    on_duty(world, "D-PWR", "dept")
    numbers = [claimed(world), claimed(world)]
    other = claimed(world, "d-pwr-handler2")
    version = world.row(numbers[0]).version
    leave(world, "d-pwr-handler")
    assert left(world) == 2

    assert follow_changes(world.later(seconds=5)) == 2

    assert {handler_of(world, number) for number in numbers} == {world.actor("dept").user_id}
    assert handler_of(world, other) == world.actor("d-pwr-handler2").user_id
    event = world.events(numbers[0])[-1]
    assert event.action is Action.HAND_OVER
    assert event.data["said"] == {
        "why": "disabled",
        "handler_id": world.actor("dept").user_id,
        "was": world.actor("d-pwr-handler").user_id,
    }
    told = audience.told(audience.occasions([event.id]))[event.id]
    assert {world.actor("dept").user_id, world.actor("deptlead").user_id} <= set(told)
    assert world.row(numbers[0]).version == version
    assert left(world) == 0
    assert db.session.scalar(select(func.count()).select_from(StaffChange)) == 0
    assert follow_changes(world.later(seconds=5)) == look(world.now) == 0
    assert list(ledger.verify()) == []


def test_a_role_taken_away_or_another_unit_does_it_too(world):
    on_duty(world, "D-PWR", "dept")
    number, moved = claimed(world), claimed(world, "d-pwr-handler2")
    tax = network().by_code["D-TAX"].id
    pwr = network().by_code["D-PWR"].id
    admin, now = world.actor("admin"), world.now
    set_memberships(admin, world.actor("d-pwr-handler").user_id or 0, [(Role.AUDITOR, pwr)], now=now)
    set_memberships(admin, world.actor("d-pwr-handler2").user_id or 0, [(Role.HANDLER, tax)], now=now)

    assert follow_changes(world.now) == 2

    assert {handler_of(world, one) for one in (number, moved)} == {world.actor("dept").user_id}
    assert world.events(number)[-1].data["said"]["why"] == "elsewhere"


def test_away_with_a_deputy_it_stays_without_one_it_goes(world):
    on_duty(world, "D-PWR", "dept")
    stays, goes = claimed(world), claimed(world, "d-pwr-handler2")
    enter(world, "deptlead", "d-pwr-handler", "d-pwr-lead")
    enter(world, "deptlead", "d-pwr-handler2", after=2)

    assert look(world.now) == 0
    assert look(world.later(days=2)) == 1

    assert handler_of(world, stays) == world.actor("d-pwr-handler").user_id
    assert handler_of(world, goes) == world.actor("dept").user_id
    assert world.events(goes)[-1].data["said"]["why"] == "absent"


@pytest.mark.parametrize("state", [State.DISPATCHED, State.PROCESSING, State.REPLY_REVIEW])
def test_in_a_unit_with_nobody_left_the_officer_above_can_do_every_step(world, state):
    number = world.ticket(state, unit="S101")
    leave(world, "station")
    assert look(world.now) == 1
    assert handler_of(world, number) == world.actor("area").user_id

    if state is State.DISPATCHED:
        world.act("area", number, "sign")
    if state is not State.REPLY_REVIEW:
        world.act("area", number, "submit_reply", reply="已办好")
    world.act("area", number, "approve_reply")

    assert world.row(number).status is State.REPLIED
    assert world.row(number).unit_id == network().by_code["S101"].id  # the unit stays
    assert look(world.now) == 0
    assert list(ledger.verify()) == []


def test_without_any_officer_it_stays_on_the_list_and_is_tried_again(world):
    number = world.ticket(State.PROCESSING, unit="S101")
    with transaction():
        db.session.execute(update(Unit).values(duty_user_id=None))
        db.session.execute(delete(Membership).where(Membership.role == Role.DISPATCHER))
    leave(world, "station")

    assert look(world.now) == 0
    assert [row.number for row in orphans.listed(SYSTEM, local_date(world.now))] == [number]
    assert db.session.scalars(select(OrphanLook.left)).one() == 1
    on_duty(world, "A1", "area")
    assert look(world.now) == 1
    assert left(world) == 0


def test_the_list_is_read_in_as_many_statements_however_many_have_left(world):
    numbers = [world.ticket(State.PROCESSING, unit="S101"), claimed(world), claimed(world, "d-pwr-handler2")]

    def listed() -> tuple[list[str], int]:
        with statements(world.app) as sent:
            rows = orphans.listed(SYSTEM, local_date(world.now))
        return [row.number for row in rows], len(sent)

    leave(world, "d-pwr-handler")
    first, before = listed()
    leave(world, "d-pwr-handler2")
    leave(world, "station")
    second, after = listed()

    assert first == [numbers[1]]
    assert set(second) == set(numbers)
    assert after == before


def test_who_sees_which_orphans(world):
    number = world.ticket(State.PROCESSING, unit="S101")
    tax = claimed(world)
    leave(world, "station")
    leave(world, "d-pwr-handler")

    def seen(who: str) -> set[str]:
        return {row.number for row in orphans.listed(world.actor(who), local_date(world.now))}

    for who in ("dispatcher", "supervisor", "admin"):
        assert seen(who) == {number, tax}
    assert seen("deptlead") == {tax}
    assert seen("area") == {number}
    for who in ("dept", "dept2", "station2", "enterprise", "clerk"):
        assert seen(who) == set()


def test_several_workers_move_each_ticket_once(world):
    on_duty(world, "D-PWR", "dept")
    numbers = [claimed(world) for _ in range(6)]
    leave(world, "d-pwr-handler")
    now = world.now

    moved = together(world.app, *[lambda: hand_over(now, 2)] * 4)
    while hand_over(now, 2):
        pass

    assert all(isinstance(one, int) for one in moved), moved
    handed = [sum(e.action is Action.HAND_OVER for e in world.events(number)) for number in numbers]
    assert handed == [1] * 6
    assert list(ledger.verify()) == []


def test_a_look_costs_by_people_and_units_not_by_what_is_open(world, statements):
    on_duty(world, "D-PWR", "dept")

    def cost() -> int:
        db.session.rollback()
        with statements() as seen:
            assert look(world.now) == 0
        return len(seen)

    claimed(world)
    few = cost()
    with transaction():
        ticket = db.session.scalars(select(Ticket)).first()
        assert ticket is not None
    for _ in range(5):
        claimed(world)

    assert cost() == few


def test_a_closed_ticket_that_comes_back_to_a_closed_unit_goes_to_the_one_above(world):
    number = world.ticket(State.CLOSED, unit="S101")
    with transaction():
        db.session.execute(update(Unit).where(Unit.code == "S101").values(is_active=False))

    world.act("enterprise", number, "reopen", reason="又坏了")

    assert world.row(number).unit_id == network().by_code["A1"].id


def test_a_unit_is_not_closed_under_a_ticket_that_is_on_its_way_to_it(world):
    for _round in range(4):
        number = world.ticket(State.ACCEPTED)
        closing = wish_of(world, "S102", is_active=False)
        admin = world.actor("admin")

        outcomes: list[Any] = together(
            world.app,
            doing(world, "dispatcher", number, "dispatch", unit="S102"),
            lambda: network_actions.edit_unit(admin, "S102", closing),  # noqa: B023 - called in this round
        )

        refused = [type(one) for one in outcomes if isinstance(one, Exception)]
        assert refused in ([UnknownUnit], [StillHolding]), outcomes
        unit = network().by_code["S102"]
        assert unit.is_active is (world.row(number).unit_id == unit.id)
        if not unit.is_active:
            with transaction():
                db.session.execute(update(Unit).where(Unit.code == "S102").values(is_active=True))
        else:
            world.act("dispatcher", number, "transfer", unit="D-TAX", message="转办")
        world.later(minutes=1)


def test_what_is_due_first_stands_first_and_last_what_waits_without_a_clock(world):
    later, waiting, first = (claimed(world) for _ in range(3))
    with transaction():
        for number, due_at in ((later, world.now), (waiting, None), (first, world.now - timedelta(hours=1))):
            due = update(Ticket).where(Ticket.number == number)
            db.session.execute(due.values(due_at=due_at, due_metric=Metric.RESOLVE if due_at else None))
    leave(world, "d-pwr-handler")

    rows = orphans.listed(SYSTEM, local_date(world.now))

    assert [row.number for row in rows] == [first, later, waiting]


def test_the_hour_passes_and_nothing_is_open(world):
    assert look(world.now + timedelta(hours=1)) == 0
    assert left(world) == 0
