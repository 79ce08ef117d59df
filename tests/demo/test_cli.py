"""The command that fills a database: all of it or nothing, once or again."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.meetings.models import MeetingTask
from ticketing.meetings.queries import listing
from ticketing.meetings.words import Phase
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.network.words import UnitKind
from ticketing.tickets import ledger
from ticketing.tickets.models import Ticket


@pytest.fixture
def site(sites, database):
    """Return the application on an empty database."""
    found = sites.on(database)
    found.reset()
    return found


def load(app, *options: str):
    return app.test_cli_runner().invoke(args=["demo", "load", *options])


def count(model) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_load_makes_district_and_tickets_and_says_so(app):
    result = load(app, "--tickets", "30", "--seed", "9", "--days", "20")

    assert result.exit_code == 0
    assert result.output == "30 tickets over 20 days.\n"
    assert count(Unit) > 50
    assert 30 <= count(Ticket) <= 34


def test_load_if_empty_leaves_what_is_there_and_load_again_adds_tickets_only(app):
    load(app, "--tickets", "5")
    tickets, users = count(Ticket), count(User)

    result = load(app, "--tickets", "5", "--if-empty")

    assert result.exit_code == 0
    assert (count(Ticket), count(User)) == (tickets, users)

    load(app, "--tickets", "5")

    assert count(Ticket) >= tickets + 5
    assert count(User) == users


def test_a_real_district_is_left_alone(app):
    with transaction():
        db.session.add(Unit(code="X0", name="某区企业服务中心", kind=UnitKind.CENTRE, path="X0"))

    result = load(app, "--tickets", "5")

    assert result.exit_code == 1
    assert "Nothing was changed" in result.output
    assert (count(Unit), count(Ticket), count(User)) == (1, 0, 0)


def test_no_tickets_can_be_asked_for(app):
    assert load(app, "--tickets", "0").exit_code == 0
    assert count(Unit) > 50
    assert count(Ticket) == 0


def test_there_are_meetings_of_every_sort_and_the_log_is_whole(app):
    load(app, "--tickets", "200")
    load(app, "--tickets", "5")
    now = clock.now()
    with app.test_request_context():
        actor = identity.person_by_email("dispatcher@demo.example").actor
        found = listing.planned(actor, network(), now)
        tasks = db.session.execute(select(MeetingTask.part_id, MeetingTask.done_at)).all()

        assert [row.phase for row in found] == [Phase.TO_WRITE, Phase.COMING]
        assert len(listing.issued(actor, network(), cursor=None, limit=5, now=now).rows) == 1
        assert [task for task in tasks if task.part_id or task.done_at]
        assert list(ledger.verify()) == []
