"""What a process remembers of the network is never older than the database."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from ticketing.core import marks
from ticketing.core.db import db, transaction
from ticketing.network.models import Unit
from ticketing.network.queries import categories, network
from ticketing.sla.queries import LimitFor, UnknownCalendar, terms
from ticketing.sla.words import Metric


def test_a_change_of_a_unit_is_seen_however_it_was_made(world):
    before, mark = network(), marks.of(marks.NETWORK)

    with db.engine.begin() as elsewhere:
        elsewhere.execute(text("UPDATE units SET name = 'renamed by hand' WHERE code = 'S101'"))
    db.session.rollback()

    assert marks.of(marks.NETWORK) != mark
    assert before.by_code["S101"].name != "renamed by hand" == network().by_code["S101"].name
    assert network() is network()


def test_a_change_of_a_category_is_seen_however_it_was_made(world):
    assert {one.code: one.name for one in categories()}["PWR"] != "renamed by hand"

    with db.engine.begin() as elsewhere:
        elsewhere.execute(text("UPDATE categories SET name = 'renamed by hand' WHERE code = 'PWR'"))
    db.session.rollback()

    assert {one.code: one.name for one in categories()}["PWR"] == "renamed by hand"


def test_what_was_read_in_a_transaction_that_came_to_nothing_is_not_remembered(world):
    def fail_halfway() -> None:
        with transaction():
            db.session.execute(text("UPDATE units SET name = 'never' WHERE code = 'S101'"))
            assert network().by_code["S101"].name == "never"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    assert network().by_code["S101"].name != "never"


def test_a_mark_read_with_the_person_does_not_outlive_the_next_change(world):
    marks.give({marks.NETWORK: marks.of(marks.NETWORK)})
    network()

    with transaction():
        db.session.execute(text("UPDATE units SET name = 'new' WHERE code = 'S101'"))

    assert network().by_code["S101"].name == "new"


def test_a_change_of_a_limit_or_a_calendar_is_seen_however_it_was_made(world):
    wanted = LimitFor("consult", "normal", "PWR", "D-PWR")
    before = terms(wanted, "cn", world.now.date())[Metric.RESOLVE]

    with db.engine.begin() as elsewhere:
        elsewhere.execute(text('UPDATE limit_rules SET "limit" = \'77wd\' WHERE "limit" IS NOT NULL'))
        elsewhere.execute(text("UPDATE calendars SET name = 'other' WHERE name = 'cn'"))
    db.session.rollback()

    assert str(before.limit) != "77wd" == str(terms(wanted, None, world.now.date())[Metric.RESOLVE].limit)
    with pytest.raises(UnknownCalendar):
        terms(wanted, "cn", world.now.date())


def test_what_a_transaction_was_given_is_old_once_it_has_changed_that_itself(world):
    with transaction():
        marks.give({name: marks.of(name) for name in marks.ALL})
        before = network().by_code["S101"].name
        db.session.scalars(select(Unit).where(Unit.code == "S101")).one().name = "new"
        db.session.flush()

        assert before != "new" == network().by_code["S101"].name
