"""How a ticket finds its handler when the unit signs for it: by turn, by load, never somebody away."""

from __future__ import annotations

from tests.duty.test_absences import enter
from tests.test_races import doing, together
from tests.world import World
from ticketing.core.db import db, transaction
from ticketing.duty.actions import set_way
from ticketing.duty.words import Way
from ticketing.network.models import Unit
from ticketing.tickets import ledger
from ticketing.tickets.words import State

HANDLERS = ("dept", "d-pwr-handler", "d-pwr-handler2")


def way(world: World, chosen: Way) -> None:
    set_way(world.actor("deptlead"), "D-PWR", chosen)


def signed(world: World) -> str | None:
    """Sign for a new ticket; return who handles it."""
    number = world.ticket(State.DISPATCHED)
    world.act("dept", number, "sign")
    return handler(world, number)


def handler(world: World, number: str) -> str | None:
    named = world.row(number).handler_id
    return next(
        (who for who in (*HANDLERS, "d-pwr-liaison", "deptlead") if world.actor(who).user_id == named), None
    )


def test_nobody_until_claimed_is_what_a_unit_has_that_says_nothing(world):
    assert signed(world) is None
    way(world, Way.NOBODY)
    assert signed(world) is None


def test_by_turn_each_gets_one_before_anybody_gets_a_second(world):
    way(world, Way.TURN)

    got = [signed(world) for _ in range(6)]

    assert set(got[:3]) == set(HANDLERS)
    assert got[3:] == got[:3]


def test_who_is_named_already_stays_named(world):
    way(world, Way.TURN)
    number = world.ticket(State.DISPATCHED)
    world.act("d-pwr-handler2", number, "claim")

    world.act("dept", number, "sign")

    assert handler(world, number) == "d-pwr-handler2"
    assert "way" not in world.events(number)[-1].data["said"]


def test_by_load_the_least_busy_gets_it_and_the_event_says_how(world):
    way(world, Way.LOAD)
    for who in ("dept", "dept", "d-pwr-handler"):
        number = world.ticket(State.DISPATCHED)
        world.act(who, number, "claim")

    assert [signed(world) for _ in range(3)] == ["d-pwr-handler2", "d-pwr-handler", "d-pwr-handler2"]
    number = world.ticket(State.PROCESSING)
    assert world.events(number)[-1].data["said"]["way"] == "load"
    assert list(ledger.verify()) == []


def test_whoever_is_away_gets_nothing(world):
    way(world, Way.TURN)
    enter(world, "deptlead", "dept", "d-pwr-handler")
    enter(world, "deptlead", "d-pwr-handler2")

    assert {signed(world) for _ in range(3)} == {"d-pwr-handler"}


def test_with_all_of_them_away_the_duty_officer_gets_it(world):
    way(world, Way.LOAD)
    with transaction():
        unit = db.session.query(Unit).filter_by(code="D-PWR").one()
        unit.duty_user_id = world.actor("d-pwr-liaison").user_id
    for who in HANDLERS:
        enter(world, "deptlead", who)

    assert signed(world) == "d-pwr-liaison"


def test_two_at_the_same_moment_are_not_both_one_persons(world):
    for chosen in (Way.TURN, Way.LOAD):
        way(world, chosen)
        for _round in range(4):
            one, other = world.ticket(State.DISPATCHED), world.ticket(State.DISPATCHED)

            together(world.app, doing(world, "dept", one, "sign"), doing(world, "dept", other, "sign"))

            assert handler(world, one) != handler(world, other), chosen
    assert list(ledger.verify()) == []
