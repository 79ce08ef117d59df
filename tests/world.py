"""A small world for tests: the demo district, its people, and tickets brought to any state by real actions."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.core.actor import Actor
from ticketing.core.db import Base, db
from ticketing.demo import load
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.filing import file
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import State

# Monday 23 November 2026, 10:00 in the district: inside working hours, no holiday near.
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# What holds no facts of the product itself.
_NOT_COMPARED = {"alembic_version"}


class World:
    """The district at one moment. People are known by the first part of their demo address: "clerk", "dept"."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.now = MONDAY_10
        self._actors: dict[str, Actor] = {}
        load.base(self.now)

    def actor(self, who: str) -> Actor:
        """Return the person as the deciding code sees it."""
        if who not in self._actors:
            user_id = db.session.scalars(select(User.id).where(User.email == f"{who}@demo.example")).one()
            self._actors[who] = identity.person(user_id).actor
        return self._actors[who]

    def later(self, **span: float) -> datetime:
        """Let time pass and return the new moment."""
        self.now += timedelta(**span)
        return self.now

    def file(self, who: str = "enterprise", **fields: Any) -> str:
        """File a request and return its number."""
        wanted = {"title": "车间用电增容", "description": "需要增容 500 kVA", "category": "PWR", "site": self.site}
        return file(self.actor(who), w.Filing(**(wanted | fields)), now=self.now).number

    @property
    def site(self) -> str:
        """A place in the territory of station S101."""
        found = db.session.execute(
            text("SELECT s.code FROM sites s JOIN units u ON u.id = s.unit_id WHERE u.code = 'S101' ORDER BY s.code")
        )
        return str(found.scalars().first())

    def do(self, who: str, number: str, wish: w.Wish) -> Ticket:
        """Do one action a minute after the last."""
        return perform(self.actor(who), number, wish, now=self.later(minutes=1))

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
        """Return the stored ticket, read anew."""
        db.session.expire_all()
        return db.session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def events(self, number: str) -> list[Event]:
        """Return the ticket's log."""
        wanted = select(Event).join(Ticket, Ticket.id == Event.ticket_id).where(Ticket.number == number)
        return list(db.session.scalars(wanted.order_by(Event.seq)))

    def fingerprint(self) -> str:
        """Return a hash over every row of every table: equal when nothing has changed."""
        db.session.rollback()
        found = hashlib.sha256()
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
            if table.name in _NOT_COMPARED:
                continue
            rows = db.session.execute(select(table).order_by(*table.primary_key.columns))
            for row in rows:
                found.update(repr(tuple(row)).encode())
        return found.hexdigest()


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
