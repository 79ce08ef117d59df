"""The relay: each event reaches exactly the people the flow table names, once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ticketing.accounts.models import User
from ticketing.core.db import db, transaction
from ticketing.core.outbox import Outbox
from ticketing.notify.actions import relay as actions
from ticketing.notify.models import InboxEntry
from ticketing.tickets.models import Event, Ticket, TicketUnit
from ticketing.tickets.words import Action, State


def emails(number: str, action: Action) -> set[str]:
    """Return who has an entry about the last such event of a ticket: the first part of each address."""
    last = (
        select(func.max(Event.id))
        .join(Ticket, Ticket.id == Event.ticket_id)
        .where(Ticket.number == number, Event.action == action)
    )
    found = select(User.email).join(InboxEntry, InboxEntry.user_id == User.id)
    return {
        email.partition("@")[0]
        for email in db.session.scalars(found.where(InboxEntry.event_id == last.scalar_subquery()))
    }


def waiting() -> int:
    return db.session.scalar(select(func.count()).select_from(Outbox)) or 0


def test_filing_tells_the_clerks_and_the_station_and_not_the_company(world):
    number = world.file()

    assert actions.relay(world.now) == 1

    assert emails(number, Action.SUBMIT) == {"clerk", "c0-clerk2", "station"}
    assert waiting() == 0


def test_a_dispatch_tells_the_company_and_the_unit_but_not_the_one_who_dispatched(world):
    number = world.ticket(State.DISPATCHED)

    actions.relay(world.now)

    company = {"enterprise", "enterprise-staff", "enterprise-finance"}
    assert emails(number, Action.DISPATCH) == company | {"dept", "d-pwr-liaison"}


def test_an_entry_knows_its_event_its_ticket_and_when(world):
    number = world.file()
    later = world.later(hours=1)

    actions.relay(later)

    entry = db.session.scalars(select(InboxEntry)).first()
    assert entry is not None
    assert (entry.ticket_id, entry.entered_at, entry.read_at) == (world.row(number).id, later, None)
    assert entry.event_id == world.events(number)[-1].id


def test_nothing_waiting_is_nothing_to_do(world):
    assert actions.relay(world.now) == 0


def test_the_oldest_come_first_and_the_limit_holds(world):
    numbers = [world.file() for _ in range(3)]

    assert actions.relay(world.now, limit=2) == 2

    assert emails(numbers[1], Action.SUBMIT)
    assert not emails(numbers[2], Action.SUBMIT)
    assert waiting() == 1


def test_relaying_an_event_again_adds_nobody(world):
    number = world.file()
    actions.relay(world.now)
    before = db.session.scalar(select(func.count()).select_from(InboxEntry))
    with transaction():
        db.session.add(Outbox(event_id=world.events(number)[-1].id))

    assert actions.relay(world.now) == 1

    assert db.session.scalar(select(func.count()).select_from(InboxEntry)) == before


def test_a_late_relay_tells_those_who_stood_there_at_the_event(world):
    number = world.ticket(State.DISPATCHED)
    world.act("dispatcher", number, "transfer", unit="D-HRS", message="由人社局主办")

    while actions.relay(world.now):
        pass

    assert "dept" in emails(number, Action.DISPATCH)
    assert "dept2" not in emails(number, Action.DISPATCH)
    assert "dept2" in emails(number, Action.TRANSFER)
    assert "dept" not in emails(number, Action.TRANSFER)


def test_a_co_unit_is_told_of_its_part(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请协助")

    while actions.relay(world.now):
        pass

    assert "dept2" in emails(number, Action.INVITE)
    assert "dept" not in emails(number, Action.INVITE)


def test_whoever_may_no_longer_read_the_ticket_is_not_told(world):
    number = world.ticket(State.DISPATCHED)
    with transaction():
        mine = db.session.scalars(
            select(TicketUnit).where(TicketUnit.ticket_id == world.row(number).id)
        ).all()
        lead = world.row(number).unit_id
        for row in mine:
            if row.unit_id == lead:
                db.session.delete(row)

    actions.relay(world.now)

    assert "dept" not in emails(number, Action.DISPATCH)
    assert "enterprise" in emails(number, Action.DISPATCH)


def test_people_who_left_are_not_told(world):
    number = world.file()
    with transaction():
        db.session.scalars(select(User).where(User.email == "clerk@demo.example")).one().is_active = False

    actions.relay(world.now)

    assert "clerk" not in emails(number, Action.SUBMIT)
    assert "station" in emails(number, Action.SUBMIT)


def test_the_acting_person_is_not_told(world):
    number = world.ticket(State.PROCESSING)

    while actions.relay(world.now):
        pass

    assert "dept" not in emails(number, Action.SIGN)
    assert "d-pwr-handler" in emails(number, Action.SIGN)


def test_many_events_take_few_statements(world, statements):
    for _ in range(5):
        world.ticket(State.PROCESSING)

    with statements() as seen:
        relayed = actions.relay(world.now)

    assert relayed == 20
    assert len(seen) <= 16


def test_what_cannot_be_written_leaves_the_event_waiting(world, monkeypatch):
    world.file()

    def fail(*_args: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(actions, "_enter", fail)
    with pytest.raises(RuntimeError):
        actions.relay(world.now)

    assert waiting() == 1
    assert db.session.scalar(select(func.count()).select_from(InboxEntry)) == 0
