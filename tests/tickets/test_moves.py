"""Who has the ticket: returns and rulings, transfers, up and down the network, claiming and assigning."""

from __future__ import annotations

import pytest

from tests.world import local
from ticketing.core.errors import ChangedMeanwhile, Invalid, NotFound, NotPermitted, WrongState
from ticketing.core.local_day import local_date
from ticketing.network.queries import UnknownUnit, network
from ticketing.tickets.actions.handling import NotAHandler, PartsAreOpen
from ticketing.tickets.actions.parts import AlreadyInvited
from ticketing.tickets.actions.routing import NotBelow, OutsideYourArea, SameUnit
from ticketing.tickets.queries import view
from ticketing.tickets.rules import CentreMustRule, ReturnsAreOver, ReturnTooLate
from ticketing.tickets.words import State

RETURN = {"reason_code": "wrong_function", "message": "不属于我单位职能", "suggested_unit": "D-TAX"}


def unit_of(world, number):
    return network().by_id[world.row(number).unit_id].code


def seen_by(world, who, number):
    return view.view(world.actor(who), number, now=world.now, today=local_date(world.now))


def test_an_upheld_return_gives_the_next_unit_a_fresh_sign_clock_and_the_company_no_later_promise(world):
    number = world.ticket(State.DISPATCHED)
    promised = {metric: world.due(number)[metric] for metric in ("respond", "resolve")}
    world.later(hours=1)
    world.act("dept", number, "request_return", **RETURN)
    assert world.states(number) == dict.fromkeys(("sign", "respond", "resolve"), "running")
    world.later(hours=1)

    world.act("dispatcher", number, "rule_return", uphold=True, unit="D-TAX", message="同意")

    assert unit_of(world, number) == "D-TAX"
    assert world.row(number).status == "dispatched"
    assert world.clocks(number)["sign"].started_at == world.now
    assert local(world.clocks(number)["sign"].due_at) == "11-23 15:00"  # from 12:04, in the noon break
    assert {metric: world.due(number)[metric] for metric in promised} == promised
    assert "sign" not in world.may("dept", number)


def test_a_refused_return_keeps_the_sign_clock_as_it_stood(world):
    number = world.ticket(State.DISPATCHED)
    before = world.clocks(number)["sign"]
    stood = (before.nth, before.started_at, before.due_at)
    world.later(hours=1)
    world.act("dept", number, "request_return", **RETURN)

    world.act("dispatcher", number, "rule_return", uphold=False, message="请继续办理")

    after = world.clocks(number)["sign"]
    assert (after.nth, after.started_at, after.due_at) == stood
    assert after.state == "running"
    assert (unit_of(world, number), world.row(number).return_count) == ("D-PWR", 1)


def test_after_two_returns_the_centre_rules_and_there_is_no_third(world):
    number = world.ticket(State.ACCEPTED)
    world.act("area", number, "dispatch", unit="S102")
    world.act("s102-head", number, "request_return", **RETURN)
    assert "rule_return" in world.may("area", number)
    world.act("area", number, "rule_return", uphold=False, message="请继续办理")
    world.act("s102-head", number, "request_return", **RETURN)

    assert "rule_return" not in world.may("area", number)
    world.refused(CentreMustRule, "area", number, "rule_return", uphold=False, message="请办理")
    world.act("dispatcher", number, "rule_return", uphold=True, unit="D-PWR", message="由供电公司办理")

    assert world.events(number)[-1].data["said"]["is_final"] is True
    assert "request_return" not in world.may("dept", number)
    world.refused(ReturnsAreOver, "dept", number, "request_return", **RETURN)
    world.act("dept", number, "sign")
    world.refused(ReturnsAreOver, "dept", number, "request_return", **RETURN)


def test_a_return_is_asked_for_within_one_working_day_of_dispatch(world):
    number = world.ticket(State.PROCESSING)
    world.later(days=1, hours=6, minutes=50)
    assert local(world.now) < "11-24 17:00"
    assert "request_return" in world.may("dept", number)

    world.later(hours=1)

    assert "request_return" not in world.may("dept", number)
    world.refused(ReturnTooLate, "dept", number, "request_return", **RETURN)


def test_a_return_cannot_be_upheld_to_the_same_unit_nor_to_one_outside_the_area(world):
    number = world.ticket(State.ACCEPTED)
    world.act("area", number, "dispatch", unit="S102")
    world.act("s102-head", number, "request_return", **RETURN)

    world.refused(SameUnit, "area", number, "rule_return", uphold=True, unit="S102", message="同意")
    world.refused(OutsideYourArea, "area", number, "rule_return", uphold=True, unit="D-TAX", message="同意")
    world.refused(UnknownUnit, "dispatcher", number, "rule_return", uphold=True, unit="D-NIL", message="同意")
    world.act("area", number, "rule_return", uphold=True, unit="S103", message="同意")

    assert unit_of(world, number) == "S103"


@pytest.mark.parametrize("who", ["deptlead", "dispatcher"])
@pytest.mark.parametrize("state", [State.DISPATCHED, State.PROCESSING])
def test_a_transfer_changes_the_lead_and_not_the_promises(world, who, state):
    number = world.ticket(state)
    promised = {metric: world.due(number)[metric] for metric in ("respond", "resolve")}
    world.later(hours=2)

    world.act(who, number, "transfer", unit="D-HRS", message="经协商由人社办理")

    assert (unit_of(world, number), world.row(number).status) == ("D-HRS", "dispatched")
    assert world.clocks(number)["sign"].started_at == world.now
    assert {metric: world.due(number)[metric] for metric in promised} == promised
    assert world.row(number).handler_id is None
    assert "sign" in world.may("dept2", number)
    assert view.ticket(world.actor("dept"), number).number == number


def test_a_transfer_to_the_same_unit_is_refused(world):
    number = world.ticket(State.PROCESSING)

    world.refused(SameUnit, "deptlead", number, "transfer", unit="D-PWR", message="转办")


def test_up_the_network_and_down_again_everybody_keeps_reading(world):
    number = world.ticket(State.ACCEPTED)
    assert unit_of(world, number) == "S101"
    world.act("station", number, "up_report", message="超出站点能力")
    assert (unit_of(world, number), world.row(number).status) == ("A1", "dispatched")
    world.act("area", number, "sign")
    world.act("area", number, "up_report", message="涉及多个部门")
    assert unit_of(world, number) == "C0"
    world.act("dispatcher", number, "sign")

    world.act("dispatcher", number, "send_down", unit="D-PWR", message="请办理")

    assert (unit_of(world, number), world.row(number).status) == ("D-PWR", "dispatched")
    assert "sign" in world.may("dept", number)
    for who in ("station", "area", "dispatcher", "dept", "enterprise"):
        assert view.ticket(world.actor(who), number).number == number
    for who in ("station2", "dept2", "enterprise2", "policy"):
        with pytest.raises(NotFound):
            view.ticket(world.actor(who), number)
    assert set(world.states(number).values()) == {"running"}


def test_an_area_sends_down_inside_itself_only(world):
    number = world.ticket(State.ACCEPTED)
    world.act("station", number, "up_report", message="上报")
    world.act("area", number, "sign")

    world.refused(OutsideYourArea, "area", number, "send_down", unit="S201")
    world.refused(OutsideYourArea, "area", number, "send_down", unit="C0")
    world.refused(NotBelow, "area", number, "send_down", unit="A1")
    world.act("area", number, "send_down", unit="S102")

    assert unit_of(world, number) == "S102"


def test_an_area_dispatches_inside_itself_only(world):
    number = world.ticket(State.ACCEPTED)

    world.refused(OutsideYourArea, "area", number, "dispatch", unit="D-PWR")

    world.act("area", number, "dispatch", unit="S102")
    assert unit_of(world, number) == "S102"


def test_whom_a_change_meanwhile_took_the_right_from_is_told_of_the_change(world):
    number = world.ticket(State.ACCEPTED)
    seen = world.row(number).version
    world.act("dispatcher", number, "dispatch", unit="D-PWR")

    told = world.refused(ChangedMeanwhile, "area", number, "dispatch", unit="S102", version=seen)

    assert [change["action"] for change in told.extra["changes"]] == ["dispatch"]
    assert (told.extra["version"], told.extra["available_actions"]) == (seen + 1, [])
    world.refused(NotPermitted, "area", number, "dispatch", unit="S102", version=seen + 1)


def test_a_strangers_wish_does_not_even_find_the_ticket(world):
    number = world.ticket(State.PROCESSING)

    world.refused(NotFound, "enterprise2", number, "urge", message="请尽快")
    world.refused(NotFound, "station2", number, "note", body="备注")
    world.refused(NotFound, "clerk", "QS26-000-000-000", "note", body="备注")


# --- who handles ---


def test_claiming_and_assigning_name_the_handler(world):
    number = world.ticket(State.PROCESSING)
    world.act("d-pwr-handler", number, "claim")
    assert world.row(number).handler_id == world.actor("d-pwr-handler").user_id
    world.refused(WrongState, "d-pwr-handler", number, "claim")
    # Only the named handler replies from now on.
    world.refused(NotPermitted, "dept", number, "submit_reply", reply="已办好")

    world.act("deptlead", number, "assign", user="Dept@demo.example ")

    assert world.row(number).handler_id == world.actor("dept").user_id
    world.act("dept", number, "submit_reply", reply="已办好")


@pytest.mark.parametrize("user", ["dept2@demo.example", "deptlead@demo.example", "nobody@demo.example"])
def test_only_a_handler_of_the_unit_can_be_assigned(world, user):
    number = world.ticket(State.PROCESSING)

    refusal = world.refused(NotAHandler, "deptlead", number, "assign", user=user)

    assert set(refusal.fields) == {"user"}
    assert isinstance(refusal, Invalid)


def test_whoever_calls_first_becomes_the_handler_and_reaching_meets_the_promise(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="no_answer", note="无人接听")
    assert world.states(number)["respond"] == "running"
    assert world.row(number).handler_id == world.actor("dept").user_id

    world.act("dept", number, "contact", outcome="reached")
    met_at = world.clocks(number)["respond"].met_at
    world.act("dept", number, "contact", outcome="reached")

    assert world.states(number)["respond"] == "met"
    assert world.clocks(number)["respond"].met_at == met_at


# --- helping ---


def test_a_reply_waits_for_the_co_units_or_says_why_not(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实补贴")
    assert world.events(number)[-1].data["said"]["due_at"].startswith("2026-11-25T09:00")

    world.refused(PartsAreOpen, "dept", number, "submit_reply", reply="已办好")
    world.act("dept2", number, "finish_part", reply="补贴已核实")
    world.act("dept", number, "submit_reply", reply="已办好")

    assert world.row(number).status == "reply_review"


def test_a_reason_replaces_the_wait_and_calls_the_part_off(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实补贴")

    world.act("dept", number, "submit_reply", reply="已办好", reason="协办意见不影响结论")

    assert world.row(number).status == "reply_review"
    assert "finish_part" not in world.may("dept2", number)


def test_only_the_invited_unit_hands_its_part_in(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实")
    world.act("dept", number, "invite", unit="S101", due_limit="1wd", message="请到现场看看")

    world.refused(NotPermitted, "dept", number, "finish_part", reply="已核实")
    world.refused(AlreadyInvited, "dept", number, "invite", unit="D-HRS", due_limit="1wd", message="再请")
    world.refused(AlreadyInvited, "dept", number, "invite", unit="D-PWR", due_limit="1wd", message="自己")
    world.act("station", number, "finish_part", reply="现场已看")

    parts = {unit.code: part.reply for part, unit in seen_by(world, "dept", number).parts}
    assert parts == {"D-HRS": None, "S101": "现场已看"}
    assert world.refused(PartsAreOpen, "dept", number, "submit_reply", reply="已办好").fields
    assert seen_by(world, "enterprise", number).parts == []
