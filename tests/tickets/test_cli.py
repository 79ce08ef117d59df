"""`ledger verify`: quiet when the log is whole, loud and specific when somebody meddled."""

from __future__ import annotations

from sqlalchemy import text

from tests.world import World
from ticketing.core.db import db, transaction
from ticketing.tickets.words import State


def run(world: World) -> tuple[int, str]:
    db.session.rollback()
    result = world.app.test_cli_runner().invoke(args=["ledger", "verify"])
    return result.exit_code, result.output


def test_an_untouched_log_is_verified(world):
    world.ticket(State.CLOSED)
    world.ticket(State.SUSPENDED)
    world.ticket(State.DRAFT)

    assert run(world) == (0, "2 tickets verified\n")


def test_a_ticket_changed_behind_the_log_s_back_is_named(world):
    number, other = world.ticket(State.PROCESSING), world.ticket(State.CLOSED)
    with transaction():
        db.session.execute(text("UPDATE tickets SET satisfaction = 1 WHERE number = :n"), {"n": other})

    code, output = run(world)

    assert code == 1
    assert f"{other}  satisfaction is 1, its events say 5" in output
    assert number not in output
    assert "1 of 2 tickets are not whole" in output
