"""Everything that hangs on one ticket, in one statement: parts, extensions, files, clocks, pauses, merges."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from ticketing.core.db import Base, db
from ticketing.core.json_rows import as_json, from_json
from ticketing.sla.models import Clock, ClockPause
from ticketing.tickets.models import Attachment, Event, Extension, Part, Supervision, Ticket
from ticketing.tickets.words import Action

# Whoever did one of these has handled the ticket, and does not call back about it.
HANDLING = (Action.CONTACT, Action.SUBMIT_REPLY, Action.ANSWER_NOW)
_OF_THE_TICKET: tuple[type[Base], ...] = (Part, Extension, Supervision, Attachment)
_TICKET = bindparam("ticket", type_=Integer())
_TABLES: tuple[type[Base], ...] = (*_OF_THE_TICKET, Clock, ClockPause)


@dataclass(slots=True)
class Hanging:
    """The rows are for reading only; each list is in the order of the rows' making."""

    parts: list[Part] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    clock_pauses: list[ClockPause] = field(default_factory=list)
    handled_by: set[int] = field(default_factory=set)
    merged_into: str | None = None
    merged_here: list[str] = field(default_factory=list)


def hanging_on(ticket: Ticket, *, with_clocks: bool = False) -> Hanging:
    """Return everything that hangs on ``ticket``; one statement however much that is.

    Its clocks too when asked for: to whoever changes them they come as rows of the session instead.
    """
    models = {model.__tablename__: model for model in _TABLES}
    found: dict[str, list[Any]] = {name: [] for name in models}
    hanging = Hanging()
    wanted = {"ticket": ticket.id, "into": ticket.merged_into_id}
    for what, told, number in db.session.execute(_everything(db.engine.dialect.name, with_clocks), wanted):
        if what in models:
            found[what].append(from_json(models[what], told))
        elif what == "handled":
            hanging.handled_by.add(int(told))
        elif int(told) == ticket.merged_into_id:
            hanging.merged_into = number
        else:
            hanging.merged_here.append(number)
    for name, rows in found.items():
        setattr(hanging, name, sorted(rows, key=attrgetter("id")))
    hanging.merged_here.sort()
    return hanging


@cache
def _everything(dialect: str, with_clocks: bool) -> Any:
    """The statement for a ticket and the one it went into. Building it costs more than running it."""
    models: tuple[type[Base], ...] = (*_OF_THE_TICKET, Clock) if with_clocks else _OF_THE_TICKET
    rows: list[Select[Any]] = [
        select(literal(model.__tablename__), as_json(model, dialect), cast(null(), Text)).where(
            model.__table__.c.ticket_id == _TICKET
        )
        for model in models
    ]
    pauses = (
        select(literal(ClockPause.__tablename__), as_json(ClockPause, dialect), cast(null(), Text))
        .join(Clock, Clock.id == ClockPause.clock_id)
        .where(Clock.ticket_id == _TICKET)
    )
    handled = select(literal("handled"), cast(Event.actor_id, Text), cast(null(), Text)).where(
        Event.ticket_id == _TICKET, Event.action.in_(HANDLING), Event.actor_id.is_not(None)
    )
    merged = select(literal("merged"), cast(Ticket.id, Text), Ticket.number).where(
        or_(Ticket.id == bindparam("into", type_=Integer()), Ticket.merged_into_id == _TICKET)
    )
    return union_all(*rows, pauses, handled, merged)
