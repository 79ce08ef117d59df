"""More time: how often, how much, by whom, until when; the original promise stays on record."""

from __future__ import annotations

import pytest

from tests.world import local
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.tickets.rules import (
    DistrictMustDecide,
    ExtensionPending,
    ExtensionTooLate,
    NoExtension,
    NothingPending,
)
from ticketing.tickets.words import State


def ask(world, number, **fields):
    world.act("dept", number, "request_extension", **({"days": 5, "reason": "等待设备"} | fields))


def test_an_approved_extension_moves_the_promise_and_keeps_the_original(world):
    number = world.ticket(State.PROCESSING)
    respond = world.due(number)["respond"]
    ask(world, number)
    assert world.due(number)["resolve"] == "11-30 17:00"

    world.act("deptlead", number, "decide_extension", approve=True, message="同意")

    resolve, ticket = world.clocks(number)["resolve"], world.row(number)
    assert (local(resolve.due_at), local(resolve.original_due_at)) == ("12-07 17:00", "11-30 17:00")
    assert (resolve.extra_days, ticket.extension_count) == (5, 1)
    assert world.due(number)["respond"] == respond
    assert ticket.late_at == resolve.due_at
    assert ticket.warn_at == resolve.warn_at
    assert local(resolve.warn_at) > "11-30"
    assert world.events(number)[-1].data["said"]["due_at"] == resolve.due_at.isoformat()


def test_a_refused_extension_moves_nothing_and_may_be_asked_for_again(world):
    number = world.ticket(State.PROCESSING)
    ask(world, number)
    world.act("deptlead", number, "decide_extension", approve=False, message="请抓紧")

    assert world.due(number)["resolve"] == "11-30 17:00"
    assert world.row(number).extension_count == 0
    ask(world, number, days=1)


def test_one_request_at_a_time_and_nothing_to_decide_without_one(world):
    number = world.ticket(State.PROCESSING)
    world.refused(NothingPending, "deptlead", number, "decide_extension", approve=True)
    ask(world, number)

    world.refused(ExtensionPending, "dept", number, "request_extension", days=1, reason="再等")
    assert "request_extension" not in world.may("dept", number)


@pytest.mark.parametrize(
    ("kind", "most"), [("help", 1), ("suggestion", 1), ("complaint", 2), ("violation_report", 2)]
)
def test_each_kind_has_its_number_of_extensions_of_five_days(world, kind, most):
    number = world.ticket(State.PROCESSING, kind=kind)
    world.refused(Invalid, "dept", number, "request_extension", days=6, reason="等待设备")
    world.refused(Invalid, "dept", number, "request_extension", hours=8, reason="等待设备")
    for _ in range(most):
        ask(world, number)
        world.act("supervisor", number, "decide_extension", approve=True)

    world.refused(NoExtension, "dept", number, "request_extension", days=1, reason="等待设备")
    assert world.clocks(number)["resolve"].extra_days == 5 * most


@pytest.mark.parametrize("kind", ["consult", "praise"])
def test_a_question_or_praise_has_no_extension(world, kind):
    number = world.ticket(State.PROCESSING, kind=kind)

    world.refused(NoExtension, "dept", number, "request_extension", days=1, reason="等待设备")


def test_the_second_extension_of_a_complaint_is_the_district_s(world):
    number = world.ticket(State.PROCESSING, kind="complaint")
    ask(world, number)
    world.act("deptlead", number, "decide_extension", approve=True)
    ask(world, number)

    assert "decide_extension" not in world.may("deptlead", number)
    world.refused(DistrictMustDecide, "deptlead", number, "decide_extension", approve=True)
    world.act("supervisor", number, "decide_extension", approve=True)

    # 10 working days from Monday 11-23 end on 12-07; ten more on 12-21.
    assert world.due(number)["resolve"] == "12-21 17:00"


def test_an_urgent_ticket_is_extended_in_hours(world):
    number = world.ticket(State.PROCESSING, level="urgent")
    assert world.due(number)["resolve"] == "11-24 10:00"
    world.refused(Invalid, "dept", number, "request_extension", days=1, reason="等待设备")
    world.refused(Invalid, "dept", number, "request_extension", hours=25, reason="等待设备")
    ask(world, number, days=0, hours=10)

    world.act("deptlead", number, "decide_extension", approve=True)

    resolve = world.clocks(number)["resolve"]
    assert (local(resolve.due_at), local(resolve.original_due_at)) == ("11-24 20:00", "11-24 10:00")
    world.refused(NoExtension, "dept", number, "request_extension", hours=1, reason="等待设备")


def test_a_major_case_gets_thirty_days_in_all(world):
    number = world.ticket(State.PROCESSING, level="major")
    ask(world, number, days=20)
    world.act("deptlead", number, "decide_extension", approve=True)

    refusal = world.refused(Invalid, "dept", number, "request_extension", days=11, reason="专家论证")
    assert refusal.facts == {"most": 10}
    ask(world, number, days=10)
    world.act("supervisor", number, "decide_extension", approve=True)

    assert world.clocks(number)["resolve"].extra_days == 30
    world.refused(NoExtension, "dept", number, "request_extension", days=1, reason="专家论证")


def test_time_is_asked_for_and_granted_before_it_is_up(world):
    number, late = world.ticket(State.PROCESSING), world.ticket(State.PROCESSING)
    ask(world, number)
    due = world.clocks(number)["resolve"].due_at
    world.now = due
    world.later(minutes=-1)

    # act() lets a minute pass: exactly at the due moment it is too late.
    world.refused(ExtensionTooLate, "deptlead", number, "decide_extension", approve=True)
    world.refused(ExtensionTooLate, "dept", late, "request_extension", days=1, reason="等待设备")
    assert "decide_extension" not in world.may("deptlead", number)


def test_the_last_minute_is_early_enough(world):
    number = world.ticket(State.PROCESSING)
    world.now = world.clocks(number)["resolve"].due_at
    world.later(minutes=-3)

    ask(world, number)
    world.act("deptlead", number, "decide_extension", approve=True)

    assert world.due(number)["resolve"] == "12-07 17:00"


def test_a_co_unit_neither_asks_for_nor_grants_time(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实")
    world.refused(NotPermitted, "dept2", number, "request_extension", days=1, reason="等待")
    ask(world, number)

    world.refused(NotPermitted, "dept2", number, "decide_extension", approve=True)


def test_an_extension_survives_a_pause(world):
    number = world.ticket(State.PROCESSING)
    ask(world, number)
    world.act("deptlead", number, "decide_extension", approve=True)
    world.act("supervisor", number, "suspend", reason_code="season", resume_on="2026-12-15")
    world.later(days=7, minutes=-1)

    world.act("supervisor", number, "resume")

    assert world.due(number)["resolve"] == "12-14 17:00"
