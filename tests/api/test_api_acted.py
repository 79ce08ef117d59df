"""The answer to an action is what a reading right after it gives, for every action."""

from __future__ import annotations

import pytest

from tests.tickets.desk import world_now
from tests.tickets.test_matrix import SCENES, wish
from tests.tickets.test_statements import ACTS, SECOND
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
