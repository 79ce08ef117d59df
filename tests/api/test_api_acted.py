"""The answer to an action is what a reading right after it gives, for every action."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tickets.desk import world_now
from tests.tickets.test_matrix import SCENES, wish
from tests.tickets.test_statements import ACTS, SECOND
from ticketing.core.local_day import local_date
from ticketing.duty.actions import AbsenceWish, cancel_absence, enter_absence
from ticketing.tickets.words import Action, State


@pytest.fixture
def world(app):
    """The district at the present moment, as the API reads the clock."""
    return world_now(app)


def test_the_answer_to_every_action_is_the_ticket_as_it_is_then(by, world):
    for state, who, action in ACTS:
        number, target = world.ticket(state), world.file()
        same_when_read(by, who, number, wish(action, SCENES[0], target))
    for before, first, action, second in SECOND:
        number = world.ticket(State.PROCESSING)
        asked = wish(before, SCENES[0], "")
        if before is Action.INVITE:
            asked = asked.model_copy(update={"unit": "D-HRS"})
        world.do(first, number, asked)
        same_when_read(by, second, number, wish(action, SCENES[0], ""))


def same_when_read(by, who, number, asked) -> None:
    caller = getattr(by, who)
    fields = asked.model_dump(mode="json", exclude_unset=True, exclude={"action", "version"})
    done = caller.act(number, str(asked.action), **fields)
    assert done.status_code == 200, (asked.action, done.text)
    assert done.get_json() == caller.get(f"/tickets/{number}").get_json(), asked.action


def test_a_note_beside_parts_and_files_is_answered_with_them(by, world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-FIN", due_limit="2wd", message="请核实")

    done = by.dept.act(number, "note", body="内部备注").get_json()

    assert [unit["code"] for unit in done["co_units"]] == ["D-FIN"]
    assert done == by.dept.get(f"/tickets/{number}").get_json()


def test_whoever_names_a_handler_who_is_away_reads_so_in_the_answer_and_is_not_refused(by, world):
    number, today = world.ticket(State.PROCESSING), local_date(world.now)
    dept, deputy = world.actor("dept"), world.actor("deptlead")
    away = AbsenceWish(dept.user_id, today, today + timedelta(days=2), deputy.user_id)
    absence = enter_absence(dept, away, now=world.now)

    done = by.deptlead.act(number, "assign", user="dept@demo.example")

    told = {"until": f"{today + timedelta(days=2)}", "deputy": deputy.name}
    assert (done.status_code, done.json["handler"], done.json["handler_away"]) == (200, dept.name, told)
    assert by.clerk.get(f"/tickets/{number}").json["handler_away"] == told
    company = by.enterprise
    assert company.get(f"/tickets/{number}").json["handler_away"] is None
    assert company.act(number, "message", body="请问何时送电").json["handler_away"] is None
    cancel_absence(dept, absence, now=world.now)
    assert by.clerk.get(f"/tickets/{number}").json["handler_away"] is None
    assert by.deptlead.act(number, "note", body="已回岗").json["handler_away"] is None
