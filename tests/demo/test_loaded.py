"""One loaded district, read by many: whole logs, consistent clocks, texts that are found."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.demo.conftest import NOW
from ticketing.accounts.models import User
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.outbox import Outbox
from ticketing.demo import load, synthetic
from ticketing.notify.models import InboxEntry
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.models import Clock, ClockPause
from ticketing.sla.queries import calendar_by_id, paused_stretches
from ticketing.sla.rules.deadlines import due_after_pauses
from ticketing.sla.rules.lights import warn_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState
from ticketing.tickets import ledger
from ticketing.tickets.actions import indexing
from ticketing.tickets.actions.step import apply_summary
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries import search
from ticketing.tickets.searchable import Field
from ticketing.tickets.words import ENDED, State


@pytest.fixture
def site(sites, database):
    """Return the application with three hundred tickets; they are made once in this process."""
    found = sites.on(database)

    def make() -> None:
        load.base(NOW)
        synthetic.make(300, seed=3, days=60, now=NOW)

    found.reset_to("three_hundred", make)
    return found


def all_of(model) -> list:
    return list(db.session.scalars(select(model)))


def clocks_by_ticket() -> dict[int, list[Clock]]:
    found: dict[int, list[Clock]] = {}
    for clock in db.session.scalars(select(Clock).order_by(Clock.ticket_id, Clock.nth)):
        found.setdefault(clock.ticket_id, []).append(clock)
    return found


def test_three_hundred_tickets_have_whole_logs_and_stand_in_every_state(app):
    assert list(ledger.verify()) == []
    assert {ticket.status for ticket in all_of(Ticket)} == set(State)
    open_share = sum(ticket.status not in ENDED for ticket in all_of(Ticket)) / 300
    assert 0.3 < open_share < 0.5


def test_a_changed_row_is_found(app):
    ticket = next(ticket for ticket in all_of(Ticket) if ticket.event_seq)
    log = db.session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.seq)).all()
    clocks = clocks_by_ticket()[ticket.id]
    db.session.expunge_all()

    ticket.urge_count += 1

    assert ledger.problems(ticket, log, clocks) == [
        f"urge_count is {ticket.urge_count}, its events say {ticket.urge_count - 1}"
    ]


def test_ended_tickets_have_no_open_clock_and_open_ones_show_their_earliest(app):
    clocks = clocks_by_ticket()
    open_states = {ClockState.RUNNING, ClockState.PAUSED}

    for ticket in all_of(Ticket):
        held = clocks.get(ticket.id, [])
        if ticket.status in ENDED:
            assert not [clock for clock in held if clock.state in open_states]
        shown: Any = SimpleNamespace(received_at=ticket.received_at)
        apply_summary(shown, ClockBook(held, ticket.cycle))
        for name in ("due_at", "due_metric", "warn_at", "late_at", "queue_at"):
            assert getattr(ticket, name) == getattr(shown, name), (ticket.number, name)


def test_every_deadline_follows_from_start_limit_calendar_and_pauses(app):
    pauses: dict[int, list[ClockPause]] = {}
    for pause in all_of(ClockPause):
        pauses.setdefault(pause.clock_id, []).append(pause)

    for clock in all_of(Clock):
        if clock.state is ClockState.PAUSED or clock.state is ClockState.CANCELLED:
            continue
        calendar, limit = calendar_by_id(clock.calendar_id), Limit.parse(clock.limit)
        stretches = paused_stretches(pauses.get(clock.id, []), NOW)
        due = due_after_pauses(clock.started_at, limit, calendar, stretches, clock.extra_days).at
        assert clock.due_at == due
        assert clock.warn_at == warn_at(clock.started_at, due, limit, calendar)
        if clock.state is not ClockState.RUNNING:
            assert (clock.state is ClockState.MET) == (clock.met_at <= clock.due_at)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nothing_lies_in_the_future_or_out_of_order(app):
    last: dict[int, datetime] = {}

    for event in db.session.scalars(select(Event).order_by(Event.ticket_id, Event.seq)):
        assert last.get(event.ticket_id, NOW - timedelta(days=90)) <= event.at <= NOW
        last[event.ticket_id] = event.at
    assert max(ticket.received_at for ticket in all_of(Ticket)) <= NOW


def test_a_load_leaves_the_search_index_that_a_rebuild_would_write(app):
    kept = ", ".join([*Field, "grams"])

    def index() -> set[tuple]:
        return {tuple(row) for row in db.session.execute(text(f"SELECT {kept} FROM ticket_texts"))}

    loaded = index()
    indexing.rebuild()

    assert loaded == index()
    assert len(loaded) == sum(ticket.status is not State.DRAFT for ticket in all_of(Ticket))


def test_nobody_is_told_of_old_histories_but_the_demo_accounts_have_some_mail(app):
    assert db.session.scalar(select(func.count()).select_from(Outbox)) == 0
    owners = select(User.email, func.count()).join(InboxEntry, InboxEntry.user_id == User.id)
    mail = dict(db.session.execute(owners.group_by(User.email)).all())
    assert all(email.endswith("@demo.example") for email in mail)
    assert {f"{name}@demo.example" for name in ("enterprise", "clerk", "dispatcher", "station")} <= set(mail)
    assert max(mail.values()) <= 12


def test_synthetic_tickets_are_found_by_their_words(app):
    ticket = next(t for t in all_of(Ticket) if t.status is not State.DRAFT and len(t.title) > 6)

    found = db.session.scalars(select(Ticket.id).where(search.matches(ticket.title[:6], SYSTEM))).all()

    assert ticket.id in found
