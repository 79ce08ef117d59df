"""A small world for tests: the demo district, its people, tickets brought to any state by real actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.kit.prints import print_of_rows
from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import DomainError
from ticketing.core.local_day import DISTRICT_ZONE, day_start, local_date
from ticketing.demo import load
from ticketing.network.models import Site, Unit
from ticketing.sla import queries
from ticketing.sla.models import Clock
from ticketing.sla.words import ClockState
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.filing import file
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.words import Action, State

# Monday 23 November 2026, 10:00 in the district: inside working hours, no holiday near.
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class World:
    """The district at one moment; people are known by the first part of their demo address: "clerk"."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.now = MONDAY_10
        self.step = timedelta(minutes=1)
        self._actors: dict[str, Actor] = {}
        load.base(self.now)

    def actor(self, who: str) -> Actor:
        """Return the person as the deciding code sees it."""
        if who not in self._actors:
            user_id = db.session.scalars(select(User.id).where(User.email == f"{who}@demo.example")).one()
            self._actors[who] = identity.person(user_id).actor
        return self._actors[who]

    def come_to_today(self) -> None:
        """Go to an hour ago, for pages read the real clock; at midnight no further, and in smaller steps."""
        now = clock.now()
        begun = now - day_start(local_date(now))
        self.now = now - min(begun, timedelta(hours=1))
        self.step = min(begun / 60, self.step)

    def later(self, **span: float) -> datetime:
        """Let time pass and return the new moment."""
        self.now += timedelta(**span)
        return self.now

    def file(self, who: str = "enterprise", **fields: Any) -> str:
        """File a request and return its number."""
        wanted = {
            "title": "车间用电增容",
            "description": "需要增容 500 kVA",
            "category": "PWR",
            "site": self.site,
        }
        return file(self.actor(who), w.Filing(**(wanted | fields)), now=self.now).number

    @property
    def site(self) -> str:
        """A place in the territory of station S101."""
        return self.site_of("S101")

    def site_of(self, unit: str) -> str:
        """A place in the territory of ``unit``."""
        wanted = select(Site.code).join(Unit, Unit.id == Site.unit_id).where(Unit.code == unit)
        return db.session.scalars(wanted.order_by(Site.code)).first() or ""

    def do(self, who: str, number: str, wish: w.Wish) -> Ticket:
        """Do one action a minute after the last."""
        self.now += self.step
        return perform(self.actor(who), number, wish, now=self.now)

    def act(self, who: str, number: str, action: str, **fields: Any) -> Ticket:
        """Do one action by its name in the contract, a minute after the last."""
        return self.do(who, number, w.WISHES[Action(action)](**fields))

    def refused(
        self, kind: type[DomainError], who: str, number: str, action: str, **fields: Any
    ) -> DomainError:
        """Try an action that is to be refused; prove that nothing changed and return the refusal."""
        before = self.fingerprint()
        with pytest.raises(DomainError) as caught:
            self.act(who, number, action, **fields)
        assert type(caught.value) is kind, f"{caught.value!r} instead of {kind.__name__}"
        assert self.fingerprint() == before, "a refusal changed a row"
        return caught.value

    def ticket(self, state: State, *, unit: str = "D-PWR", **fields: Any) -> str:
        """Return the number of a ticket in ``state``; from dispatching on it is with ``unit``."""
        people = WORKERS[unit]
        steps = _road(state, unit, people)
        number = self.file(draft=state is State.DRAFT, **fields)
        for who, wish in steps:
            self.do(who, number, wish)
        if state is State.MERGED:
            self.do("clerk", number, w.Merge(into=self.file()))
        return number

    def row(self, number: str) -> Ticket:
        """Return the stored ticket, read anew: SQLite shows a reader what was there when it began to read."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def clocks(self, number: str, *, cycle: int | None = None) -> dict[str, Clock]:
        """Return the ticket's latest clock of each metric, those called off left out."""
        ticket = self.row(number)
        return {
            clock.metric.value: clock
            for clock in queries.clocks_of(ticket.id)
            if clock.state is not ClockState.CANCELLED and clock.cycle == (cycle or ticket.cycle)
        }

    def due(self, number: str) -> dict[str, str]:
        """Return when the promises of the present cycle are due, in the district's time: "11-30 17:00"."""
        return {metric: local(clock.due_at) for metric, clock in self.clocks(number).items()}

    def states(self, number: str) -> dict[str, str]:
        """Return the states of the present cycle's clocks."""
        return {metric: clock.state.value for metric, clock in self.clocks(number).items()}

    def may(self, who: str, number: str) -> set[str]:
        """Return the actions offered to the person now."""
        found = view.view(self.actor(who), number, now=self.now, today=local_date(self.now))
        return {action.value for action in found.actions}

    def events(self, number: str) -> list[Event]:
        """Return the ticket's log."""
        wanted = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Ticket.number == number)
        return list(db.session.scalars(wanted.order_by(Event.seq)))

    def fingerprint(self) -> dict[str, str]:
        """Return a print of the rows of every table: equal when nothing has changed."""
        return print_of_rows()


def local(moment: datetime) -> str:
    """Return a moment as a person of the district writes it: "11-30 17:00"."""
    return f"{moment.astimezone(DISTRICT_ZONE):%m-%d %H:%M}"


# Who signs, handles and approves in a unit.
WORKERS = {
    "D-PWR": ("dept", "dept", "deptlead"),
    "D-HRS": ("dept2", "dept2", "dept2"),
    "S101": ("station", "station", "station"),
    "A1": ("area", "area", "area"),
    "C0": ("dispatcher", "dispatcher", "dispatcher"),
}


def _road(state: State, unit: str, people: tuple[str, str, str]) -> list[tuple[str, w.Wish]]:
    """The actions that bring a filed ticket to ``state``."""
    signer, handler, leader = people
    accept = ("clerk", w.Accept())
    dispatched = [accept, ("dispatcher", w.Dispatch(unit=unit))]
    processing = [*dispatched, (signer, w.Sign())]
    in_review = [*processing, (handler, w.SubmitReply(reply="已安排增容,周五前送电"))]
    replied = [*in_review, (leader, w.ApproveReply())]
    roads: dict[State, list[tuple[str, w.Wish]]] = {
        State.DRAFT: [],
        State.SUBMITTED: [],
        State.NEED_INFO: [("clerk", w.RequestInfo(message="请补充变压器容量"))],
        State.REJECTED: [("clerk", w.Reject(reason_code="out_of_scope", message="请向物业提出"))],
        State.ACCEPTED: [accept],
        State.DISPATCHED: dispatched,
        State.RETURN_REVIEW: [
            *dispatched,
            (signer, w.RequestReturn(reason_code="wrong_function", message="不属于我单位职能")),
        ],
        State.PROCESSING: processing,
        State.SUSPENDED: [
            *processing,
            ("supervisor", w.Suspend(reason_code="engineering", resume_on="2026-12-15")),
        ],
        State.REPLY_REVIEW: in_review,
        State.REPLIED: replied,
        State.CLOSED: [*replied, ("caller", w.Revisit(reached=True, solved="yes", satisfaction=5))],
        State.WITHDRAWN: [("enterprise", w.Withdraw(reason="已自行解决"))],
        State.MERGED: [],
    }
    return roads[state]
