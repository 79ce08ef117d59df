"""The event log: each ticket's events are numbered, hashed one onto the other, and can be replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ARRAY, Integer, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from ticketing.core import canonical
from ticketing.core.canonical import plain
from ticketing.core.db import db, write
from ticketing.core.outbox import Outbox
from ticketing.sla.models import Clock
from ticketing.tickets.models import Event, Ticket, TicketUnit
from ticketing.tickets.words import Action, State

# The columns an event may set. Text and contact stay out, so that personal data can be purged later without
# breaking the chain; the queue columns are included, so that a replay proves the whole row.
TRACKED = (
    "status", "cycle", "version", "kind", "level", "category", "channel", "enterprise_id", "is_confidential",
    "site_id", "origin_unit_id", "unit_id", "handler_id", "received_at", "dispatched_at", "replied_at",
    "closed_at", "due_at", "due_metric", "warn_at", "late_at", "queue_at", "return_count", "extension_count",
    "urge_count", "urged_on", "revisit_tries", "solved", "satisfaction", "suspend_reason", "resume_on",
    "merged_into_id", "merged_from_status",
)  # fmt: skip
_CLOCK_FIELDS = ("metric", "cycle", "state", "limit", "started_at", "due_at", "met_at")
_BATCH = 500


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """Return the tracked columns of a ticket as JSON holds them."""
    return {name: plain(getattr(ticket, name)) for name in TRACKED}


def digest(number: str, event: Event, previous: str) -> str:
    """Return the hash of ``event`` chained to the hash of the one before it ("" for the first)."""
    facts = {
        "ticket": number,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "unit": event.unit_id,
        "action": event.action.value,
        "from": plain(event.from_status),
        "to": event.to_status.value,
        "data": event.data,
        "previous": previous,
    }
    return hashlib.sha256(canonical.encode(facts).encode()).hexdigest()


class Told(NamedTuple):
    """An event as it is written among many: ``data`` is canonical JSON already."""

    number: str
    seq: int
    at: datetime
    action: Action
    from_status: State | None
    to_status: State
    data: str
    actor_id: int | None = None
    unit_id: int | None = None


def digest_told(event: Told, previous: str) -> str:
    """Return what ``digest`` does, for an event whose data is not to be encoded once more."""
    number, seq, at, action, before, after, data, actor, unit = event
    source = "null" if before is None else f'"{before}"'
    text = (
        f'{{"action":"{action}","actor":{_id(actor)},"at":"{canonical.moment(at)}","data":{data},'
        f'"from":{source},"previous":"{previous}","seq":{seq},"ticket":"{number}","to":"{after}",'
        f'"unit":{_id(unit)}}}'
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _id(known: int | None) -> str:
    return "null" if known is None else str(known)


_COLUMNS = (
    "ticket_id", "seq", "at", "actor_id", "unit_id", "action", "from_status", "to_status", "data", "hash",
)  # fmt: skip
_EVENTS, _OUTBOX = cast(Table, Event.__table__), cast(Table, Outbox.__table__)
_SIGHT = cast(Table, TicketUnit.__table__)
_WRITTEN = insert(_EVENTS).values({name: bindparam(name) for name in _COLUMNS}).returning(_EVENTS.c.id)
_NEW = _WRITTEN.cte("new_event")
_WRITTEN_AND_OUT = insert(_OUTBOX).from_select(["event_id"], select(_NEW.c.id)).returning(_OUTBOX.c.event_id)

_UNIT = func.unnest(bindparam("units", type_=ARRAY(Integer()))).column_valued("unit_id")
_SEEN = (
    postgresql.insert(_SIGHT)
    .from_select(["ticket_id", "unit_id"], select(bindparam("ticket_id", type_=Integer()), _UNIT))
    .on_conflict_do_nothing()
)
_WRITTEN_OUT_AND_SEEN = _WRITTEN_AND_OUT.add_cte(_SEEN.cte("seen"))
# SQLite takes three statements.
_OUT, _SEEN_TOO = insert(_OUTBOX), sqlite.insert(_SIGHT).on_conflict_do_nothing()


def append(event: Event, unit_ids: Collection[int] = ()) -> None:
    """Write ``event`` and its outbox row, give it its id, and give ``unit_ids`` sight of the ticket.

    One statement on PostgreSQL. A unit that sees the ticket already goes on seeing it.
    """
    row: dict[str, Any] = {name: getattr(event, name) for name in _COLUMNS}
    if db.engine.dialect.name == "postgresql":
        statement = _WRITTEN_OUT_AND_SEEN if unit_ids else _WRITTEN_AND_OUT
        event.id = write(statement, row | {"units": sorted(unit_ids)}).scalar_one()
        return
    event.id = write(_WRITTEN, row).scalar_one()
    write(_OUT, {"event_id": event.id})
    seen = [{"ticket_id": event.ticket_id, "unit_id": unit_id} for unit_id in sorted(unit_ids)]
    if seen:
        write(_SEEN_TOO, seen)


def problems(ticket: Ticket, events: Iterable[Event], clocks: Iterable[Clock]) -> list[str]:
    """Return what is wrong with one ticket's log, in English for the operator; empty when whole."""
    found: list[str] = []
    row: dict[str, Any] = {}
    held: dict[str, dict[str, Any]] = {}
    previous, seq = "", 0
    for event in events:
        seq += 1
        if event.seq != seq:
            found.append(f"event {seq} is missing")
            seq = event.seq
        if event.hash != digest(ticket.number, event, previous):
            found.append(f"event {event.seq} does not match its hash")
        previous = event.hash
        row.update(event.data.get("set", {}))
        for nth, state in event.data.get("clocks", {}).items():
            held.setdefault(nth, {}).update(state)
    if (ticket.event_seq, ticket.event_hash) != (seq, previous):
        found.append("the last events are missing")
    return found + _differences(row, snapshot(ticket)) + _clock_differences(held, clocks)


def _differences(replayed: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} is {stored[name]!r}, its events say {replayed.get(name)!r}"
        for name in TRACKED
        if replayed.get(name) != stored[name]
    ]


def _clock_differences(replayed: Mapping[str, Mapping[str, Any]], clocks: Iterable[Clock]) -> list[str]:
    found, seen = [], set()
    for clock in clocks:
        seen.add(str(clock.nth))
        said = replayed.get(str(clock.nth), {})
        found += [
            f"clock {clock.nth} {name} differs from its events"
            for name in _CLOCK_FIELDS
            if said.get(name) != plain(getattr(clock, name))
        ]
    return found + [f"clock {nth} is missing" for nth in replayed if nth not in seen]


def verify() -> Iterator[tuple[str, list[str]]]:
    """Yield the number and the problems of every ticket whose log is not whole. Reads in batches."""
    last_id = 0
    while True:
        wanted = select(Ticket).where(Ticket.id > last_id).order_by(Ticket.id).limit(_BATCH)
        tickets = list(db.session.scalars(wanted))
        if not tickets:
            return
        last_id = tickets[-1].id
        ids = [ticket.id for ticket in tickets]
        events = _grouped(select(Event).where(Event.ticket_id.in_(ids)).order_by(Event.ticket_id, Event.seq))
        clocks = _grouped(select(Clock).where(Clock.ticket_id.in_(ids)).order_by(Clock.nth))
        for ticket in tickets:
            log = events.get(ticket.id, [])
            if ticket.status is State.DRAFT and ticket.event_seq == 0 and not log:
                continue  # a draft that was never sent has no history yet
            wrong = problems(ticket, log, clocks.get(ticket.id, []))
            if wrong:
                yield ticket.number, wrong
        db.session.expunge_all()


def _grouped(wanted: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.scalars(wanted):
        found.setdefault(row.ticket_id, []).append(row)
    return found
