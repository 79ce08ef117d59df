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


def test_a_sent_ticket_whose_whole_history_is_gone_is_named(world):
    number = world.ticket(State.SUBMITTED)
    with transaction():
        db.session.execute(text("DELETE FROM outbox"))
        if db.engine.dialect.name == "sqlite":
            for (trigger,) in db.session.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
            ).all():
                db.session.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            db.session.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        db.session.execute(text("DELETE FROM events"))
        db.session.execute(text("UPDATE tickets SET event_seq = 0, event_hash = ''"))

    code, output = run(world)

    assert code == 1
    assert number in output
