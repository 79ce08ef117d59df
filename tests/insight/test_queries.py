"""What is counted, by hand: a handful of requests whose figures can be told on the fingers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import World
from ticketing.core.errors import NotPermitted
from ticketing.core.local_day import day_end, local_date
from ticketing.insight import queries
from ticketing.insight.queries import By, Scope
from ticketing.insight.rules import Period, Rate, Tally
from ticketing.network.queries import network
from ticketing.tickets.words import State

EVERYTHING = Scope(None)


def tally(world: World, *, by: By = By.UNIT) -> dict[str, Tally]:
    start, end = world.now - timedelta(days=2), world.now + timedelta(days=2)
    found = queries.rates(EVERYTHING, start, end, by, net=network(), now=world.now)
    return {group.key: group.tally for group in found}


def total(world: World) -> Tally:
    return sum(tally(world).values(), Tally())


def test_what_is_merged_withdrawn_or_rejected_is_received_but_not_assessed(world):
    for state in (State.CLOSED, State.PROCESSING, State.MERGED, State.WITHDRAWN, State.REJECTED, State.DRAFT):
        world.ticket(state)

    found = total(world)

    # The one merged brought along the one it was merged into.
    assert (found.received, found.assessed, found.closed, found.open) == (6, 3, 1, 2)
    assert found.closure == Rate(1, 3)


def test_clocks_tell_what_was_in_time(world):
    world.ticket(State.CLOSED)
    late = world.ticket(State.DISPATCHED)
    world.later(days=30)

    start, end = world.now - timedelta(days=40), world.now
    found = queries.rates(EVERYTHING, start, end, By.UNIT, net=network(), now=world.now)[0].tally

    assert found.sign_on_time == Rate(1, 2)
    assert found.on_time == Rate(1, 2)
    assert found.response == Rate(1, 2)
    assert world.row(late).status is State.DISPATCHED


def test_a_clock_that_still_has_time_is_not_counted(world):
    world.ticket(State.PROCESSING)

    assert total(world).on_time == Rate(0, 0)
    assert total(world).sign_on_time == Rate(1, 1)


@pytest.mark.parametrize(
    ("solved", "satisfaction", "resolution", "satisfied", "redo"),
    [
        ("yes", 5, Rate(1, 1), Rate(1, 1), Rate(0, 1)),
        ("partly", 3, Rate(0.5, 1), Rate(1, 1), Rate(0, 1)),
        ("no", 2, Rate(0, 1), Rate(0, 1), Rate(1, 1)),
        ("yes", 1, Rate(1, 1), Rate(0, 1), Rate(1, 1)),
    ],
)
def test_the_company_s_verdict(world, solved, satisfaction, resolution, satisfied, redo):
    number = world.ticket(State.REPLIED)
    world.act("caller", number, "revisit", reached=True, solved=solved, satisfaction=satisfaction)

    found = total(world)

    assert (found.resolution, found.satisfaction, found.redo) == (resolution, satisfied, redo)


def test_returns_over_what_was_dispatched(world):
    number = world.ticket(State.RETURN_REVIEW)
    world.act("dispatcher", number, "rule_return", uphold=True, unit="D-HRS", message="转人社局")
    world.ticket(State.PROCESSING)
    world.ticket(State.ACCEPTED)

    assert total(world).returns == Rate(1, 2)


def test_hours_to_closure_are_listed_in_order(world):
    world.ticket(State.CLOSED)
    slow = world.ticket(State.REPLIED)
    world.later(hours=10)
    world.act("caller", slow, "revisit", reached=True, solved="yes", satisfaction=4)

    start = world.now - timedelta(days=2)
    found = queries.rates(EVERYTHING, start, world.now, By.UNIT, net=network(), now=world.now)

    assert [round(hours, 1) for hours in found[0].hours] == [0.1, 10.1]


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (By.UNIT, {"C0", "D-PWR"}),
        (By.AREA, {"A1", "C0"}),
        (By.CATEGORY, {"PWR", "FIN"}),
        (By.CHANNEL, {"platform", "phone"}),
        (By.KIND, {"help", "consult"}),
        (By.DAY, {"2026-11-23"}),
        (By.MONTH, {"2026-11"}),
    ],
)
def test_every_way_to_tell_apart_covers_everything(world, by, keys):
    world.ticket(State.CLOSED)
    world.file(
        "clerk", category="FIN", kind="consult", site=None, enterprise={"name": "澄砚光电"},
        contact={"name": "林先生", "phone": "13900000000"},
    )  # fmt: skip

    found = tally(world, by=by)

    assert set(found) == keys
    assert sum(found.values(), Tally()) == total(world)


def test_a_day_begins_at_the_district_s_midnight(world):
    world.now = world.now.replace(hour=15, minute=30)
    world.file()
    world.later(hours=1)
    world.file()

    assert set(tally(world, by=By.DAY)) == {"2026-11-23", "2026-11-24"}


def test_figures_agree_with_the_rates(world):
    for state in (State.CLOSED, State.PROCESSING, State.WITHDRAWN):
        world.ticket(state)
    today = local_date(world.now)
    period = Period.ending(today, 7)
    wanted = queries.scope(world.actor("manager"), network())

    found = queries.figures(world.actor("manager"), wanted, period, now=world.now, day_end=day_end(world.now))

    expected = total(world)
    assert (found.now.received, found.now.assessed, found.now.closed) == (3, 2, 1)
    assert (found.closed_now, found.closed_before, found.before) == (1, 0, Tally())
    assert found.received_by_day == {today.isoformat(): 3}
    assert found.closed_by_day == {today.isoformat(): 1}
    assert found.by_category == {"PWR": 3}
    assert sum((one.tally for one in found.units.values()), Tally()).on_time == expected.on_time
    assert (found.open, found.overdue) == (1, 0)


def test_the_period_before_is_counted_apart(world):
    world.ticket(State.CLOSED)
    world.later(days=7)
    world.file()
    period = Period.ending(local_date(world.now), 7)
    manager = world.actor("manager")

    found = queries.figures(manager, EVERYTHING, period, now=world.now, day_end=day_end(world.now))

    assert (found.now.received, found.before.received, found.before.closed) == (1, 1, 1)
    assert (found.closed_now, found.closed_before) == (0, 1)


def test_overdue_is_what_is_past_a_deadline_now(world):
    world.ticket(State.DISPATCHED)
    world.later(days=20)
    world.file()
    manager = world.actor("manager")

    found = queries.figures(
        manager,
        EVERYTHING,
        Period.ending(local_date(world.now), 7),
        now=world.now,
        day_end=day_end(world.now),
    )

    assert (found.open, found.overdue) == (2, 1)
    burning = next(one for one in found.units.values() if one.overdue)
    assert network().by_id[burning.unit_id].code == "D-PWR"
    assert burning.overdue_share == 1


@pytest.mark.parametrize(
    ("who", "sees", "codes"),
    [
        ("manager", {"D-PWR", "S101", "S201"}, ()),
        ("supervisor", {"D-PWR", "S101", "S201"}, ()),
        ("area", {"S101"}, ("A1",)),
        ("station", {"S101"}, ("S101",)),
        ("deptlead", {"D-PWR"}, ("D-PWR",)),
        ("dept2", set(), ("D-HRS",)),
    ],
)
def test_people_count_their_own_units_and_those_below(world, who, sees, codes):
    world.file()
    world.file(site="PK04")
    world.ticket(State.PROCESSING)
    net = network()
    wanted = queries.scope(world.actor(who), net)

    found = queries.rates(
        wanted, world.now - timedelta(days=1), world.now + timedelta(days=1), By.UNIT, net=net, now=world.now
    )

    assert {group.key for group in found} == sees
    assert wanted.codes == codes


@pytest.mark.parametrize("who", ["enterprise", "admin", "policy"])
def test_whoever_reads_no_tickets_has_no_figures(world, who):
    with pytest.raises(NotPermitted):
        queries.scope(world.actor(who), network())


def test_one_unit_of_one_s_own_may_be_looked_at_alone_and_no_other(world):
    net = network()

    assert queries.scope(world.actor("area"), net, "S101").codes == ("S101",)
    for code in ("S201", "C0", "NO-SUCH"):
        with pytest.raises(NotPermitted):
            queries.scope(world.actor("area"), net, code)
