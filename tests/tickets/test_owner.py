"""Who has a ticket: five moves change it and nothing else; senders keep reading, clocks never stop."""

from __future__ import annotations

import pytest

from tests.tickets.test_matrix import SCENES, _scene_ticket, wish
from tests.world import World
from ticketing.core.db import db, transaction
from ticketing.core.errors import DomainError
from ticketing.core.local_day import local_date
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.tickets import flow
from ticketing.tickets import wishes as w
from ticketing.tickets.actions import handling, perform
from ticketing.tickets.queries import view
from ticketing.tickets.words import Action, State

WITH_A_UNIT = ("dispatched", "return_review", "processing", "suspended", "reply_review", "replied", "closed")
REASON = "专业性强，需上级协调"


class _TriedOnly(Exception):
    """Undoes an action that was allowed."""


def owner_after(world: World, who: str, number: str, asked: w.Wish) -> str:
    """The unit that would have the ticket after an action."""
    code = ""
    try:
        with transaction():
            ticket = perform.perform(world.actor(who), number, asked, now=world.now)
            code = network().by_id[ticket.unit_id].code
            raise _TriedOnly
    except _TriedOnly:
        return code


@pytest.mark.parametrize("state", ["accepted", *WITH_A_UNIT])
def test_no_action_but_the_five_moves_changes_who_has_a_ticket(world, state):
    """Each is done by all who may, and a refusal is a failure here; that nobody else may: see test_matrix."""
    scene = SCENES[0]
    number = _scene_ticket(world, scene, State(state))
    before = network().by_id[world.row(number).unit_id].code
    target = world.file()

    done = {
        (action, owner_after(world, who, number, wish(action, scene, target)))
        for action in w.WISHES
        for who in scene.allowed(action.value, state)
    }

    assert done, "nobody may do anything"
    assert {action for action, owner in done if owner != before} <= flow.HANDS_OVER


def test_the_moves_are_the_five_of_the_house_and_the_rest_is_named():
    assert {
        *(Action.DISPATCH, Action.UP_REPORT, Action.SEND_DOWN, Action.TRANSFER, Action.RULE_RETURN)
    } == flow.HANDS_OVER
    assert not flow.HANDS_OVER & flow.BY_RULE
    assert all(State.DISPATCHED in flow.FLOW[action].targets for action in flow.HANDS_OVER)


def test_the_engine_itself_stops_an_action_that_would_change_the_owner_on_the_side(world, monkeypatch):
    number = world.ticket(State.PROCESSING)
    other = network().by_code["D-TAX"].id
    before = world.fingerprint()

    def steal(step) -> None:
        step.ticket.unit_id = other

    monkeypatch.setitem(perform.EFFECTS, Action.NOTE, steal)

    with pytest.raises(AssertionError, match="is no move"):
        world.act("dept", number, "note", body="内部")
    assert world.fingerprint() == before
    assert handling.EFFECTS[Action.NOTE] is not steal


def sees(world: World, who: str, number: str) -> bool:
    try:
        view.view(world.actor(who), number, now=world.now, today=local_date(world.now))
    except DomainError:
        return False
    return True


def test_each_move_keeps_the_reason_the_senders_sight_and_the_running_clocks(world):
    number = world.ticket(State.ACCEPTED)
    promised = {metric: world.due(number)[metric] for metric in ("respond", "resolve")}
    moves: list[tuple[str, str, dict, str, str]] = [
        ("station", "up_report", {"message": REASON}, "A1", "station"),
        ("area", "sign", {}, "A1", "station"),
        ("area", "send_down", {"unit": "S102", "message": "请就近办理"}, "S102", "area"),
        ("dispatcher", "transfer", {"unit": "D-PWR", "message": REASON}, "D-PWR", "s102-head"),
        ("dept", "request_return", {"reason_code": "wrong_function", "message": REASON}, "D-PWR", "dept"),
        ("dispatcher", "rule_return", {"uphold": True, "unit": "D-HRS", "message": REASON}, "D-HRS", "dept"),
    ]
    for who, action, fields, unit, sender in moves:
        world.act(who, number, action, **fields)

        assert network().by_id[world.row(number).unit_id].code == unit, action
        assert sees(world, sender, number), action
        said = world.events(number)[-1].data.get("said", {})
        assert said.get("message", "") == fields.get("message", ""), action
        assert {metric: world.due(number)[metric] for metric in promised} == promised, action
        assert world.states(number)["resolve"] == "running", action


def test_the_reason_of_a_return_is_more_than_a_word_and_its_basis_is_kept(world):
    number = world.ticket(State.DISPATCHED)
    basis = "《供电营业规则》第 47 条"

    with pytest.raises(ValueError, match="at least 4"):
        w.RequestReturn(reason_code="wrong_function", message="不办")
    world.act("dept", number, "request_return", reason_code="wrong_function", message=REASON, basis=basis)

    assert world.events(number)[-1].data["said"]["basis"] == basis


def test_what_was_closed_comes_back_to_an_open_unit(world):
    number = world.ticket(State.CLOSED)
    joined = world.ticket(State.DISPATCHED)
    world.do("clerk", joined, w.Merge(into=world.file()))
    with transaction():
        db.session.query(Unit).filter(Unit.code == "D-PWR").one().is_active = False

    world.act("enterprise", number, "reopen", reason="问题又出现")
    world.act("clerk", joined, "unmerge")

    for one in (number, joined):
        assert network().by_id[world.row(one).unit_id].code == "C0"


def test_a_draft_is_taken_in_by_the_rules_of_the_day_it_is_sent(world):
    number = world.file(draft=True)
    with transaction():
        db.session.query(Unit).filter(Unit.code == "S101").one().is_active = False

    world.act("enterprise", number, "submit")

    assert network().by_id[world.row(number).unit_id].code == "A1"
    said = world.events(number)[0].data["said"]
    assert (said["unit"], said["rule"]["code"]) == ("A1", "R2")


def test_filing_and_dispatching_keep_the_rule_that_decided(world):
    number = world.ticket(State.ACCEPTED)
    other = world.ticket(State.ACCEPTED)
    world.act("dispatcher", number, "dispatch", unit="D-PWR")
    world.act("dispatcher", other, "dispatch", unit="D-TAX")

    filed, followed, not_followed = (
        world.events(number)[0].data["said"]["rule"],
        world.events(number)[-1].data["said"]["rule"],
        world.events(other)[-1].data["said"]["rule"],
    )

    assert filed == {
        "why": "rule", "code": "R1", "version": 1, "name": "属地服务站先接",
        "name_en": "The place's own station first",
    }  # fmt: skip
    assert (followed["code"], followed["proposed"], followed["is_followed"]) == ("R5", ["D-PWR"], True)
    assert not_followed["is_followed"] is False


def test_an_area_dispatches_inside_its_own_area_only(world):
    number = world.ticket(State.ACCEPTED)

    for unit in ("S201", "D-PWR", "C0"):
        with pytest.raises(DomainError):
            world.act("area", number, "dispatch", unit=unit)
    world.act("area", number, "dispatch", unit="S102")

    assert network().by_id[world.row(number).unit_id].code == "S102"
