"""Twice is impossible: the database itself refuses a second row for the same step."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.escalation.kit import at, count, rows, swept
from ticketing.core.db import db, transaction
from ticketing.escalation.models import Escalation
from ticketing.tickets import ledger


def copied(**values):
    """Write what fired first once more, some values changed."""
    known = dict(db.session.execute(select(Escalation.__table__).limit(1)).mappings().one())
    known.pop("id")
    with transaction():
        db.session.execute(insert(Escalation.__table__).values(known | values))


@pytest.mark.parametrize("values", [{}, {"clock_id": None}])
def test_the_same_step_of_the_same_cycle_cannot_be_written_twice(world, values):
    world.file()
    swept(at("2026-11-24 10:00"))
    if values:  # as for a cause that no clock measures
        with transaction():
            db.session.execute(update(Escalation).values(values))

    with pytest.raises(IntegrityError):
        copied(**values)

    db.session.rollback()
    assert count() == 1


def test_a_sweep_that_would_fire_again_writes_nothing(world):
    number = world.file()
    swept(at("2026-11-24 10:00"))
    with transaction():  # as if the clock had forgotten where it stands
        db.session.execute(text("UPDATE clocks SET next_step = 0, next_step_at = started_at"))

    with pytest.raises(IntegrityError):
        swept(at("2026-11-24 10:00"))

    db.session.rollback()
    assert [row.step for row in rows(number)] == ["50"]
    assert list(ledger.verify()) == []
