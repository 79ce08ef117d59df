"""Writes what fires: for many tickets at once, each step its row, its event and its outbox row.

The tickets are locked by the caller, inside one transaction. Their versions stay as they are, so that the
form somebody has open still counts; their event logs are chained as by any other action.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from ticketing.core import crash_points, many
from ticketing.core.outbox import Outbox
from ticketing.escalation.models import Escalation
from ticketing.escalation.rules import Due
from ticketing.network.queries import Network, UnitInfo
from ticketing.sla.rules.steps import LADDER, Audience
from ticketing.sla.words import Metric
from ticketing.tickets import ledger
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries.audience import Crowd, Ladder, crowd, ladder_stake, part_stake
from ticketing.tickets.words import Action, State


@dataclass(slots=True)
class Held:
    """One locked ticket: what of it is needed, and what is to fire on it."""

    id: int
    number: str
    status: State
    cycle: int
    unit_id: int
    handler_id: int | None
    event_seq: int
    event_hash: str
    due: list[Due] = field(default_factory=list)
    # The deadline each clock's steps are about, by clock.
    deadlines: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fired:
    """One step that fired; moments in UTC."""

    ticket: str
    metric: Metric | None
    step: str
    cycle: int
    audience: tuple[Audience, ...]
    due_moment: datetime
    fired_at: datetime
    is_late: bool
    notified: tuple[int, ...]


@dataclass(slots=True)
class _Row:
    """What the ledger reads of an event."""

    seq: int
    at: datetime
    action: Action
    from_status: State
    to_status: State
    data: dict[str, Any]
    actor_id: int | None = None
    unit_id: int | None = None


def fire(tickets: Iterable[Held], net: Network, now: datetime) -> list[Fired]:
    """Write every due step of ``tickets`` in the order of their moments; return what fired."""
    firing = [ticket for ticket in tickets if ticket.due]
    if not firing:
        return []
    batch = _Batch(net, _ladder(_crowd(firing, net, now)), now)
    for ticket in firing:
        for due in sorted(ticket.due, key=lambda one: one.moment):
            batch.add(ticket, due)
    batch.write(firing)
    return batch.fired


# Of the people last read. They seldom change between two batches, and who is told depends on them alone.
_kept: list[Ladder] = []


def _ladder(around: Crowd) -> Ladder:
    for kept in _kept:
        if kept.still_counts(around):
            return kept
    _kept[:] = [Ladder(around)]
    return _kept[0]


def _crowd(tickets: list[Held], net: Network, now: datetime) -> Crowd:
    places = {(ticket.status, ticket.unit_id): ticket for ticket in tickets}
    stakes = [ladder_stake(t.status, net.by_id[t.unit_id], None) for t in places.values()]
    helping = {due.unit_id for ticket in tickets for due in ticket.due if due.unit_id is not None}
    stakes += [part_stake(net.by_id[unit_id]) for unit_id in sorted(helping)]
    return crowd([*stakes, ladder_stake(State.REPLIED, net.centre, None)], now)


class _Batch:
    """Rows of several tables, in the order in which they fire."""

    def __init__(self, net: Network, ladder: Ladder, now: datetime) -> None:
        self.fired: list[Fired] = []
        self._net = net
        self._ladder = ladder
        self._now = now
        self._events: list[many.Row] = []
        self._rows: list[many.Row] = []

    def add(self, ticket: Held, due: Due) -> None:
        """Add one step: its event, chained to the ticket's last one, and its row."""
        unit = self._responsible(ticket, due)
        words, people = self._told(ticket, due, unit)
        data = {"said": _said(ticket, due, words, unit)}
        ticket.event_seq += 1
        event = _Row(ticket.event_seq, self._now, Action.ESCALATE, ticket.status, ticket.status, data)
        ticket.event_hash = ledger.digest(ticket.number, cast(Event, event), ticket.event_hash)
        self._events.append({
            "ticket_id": ticket.id, "seq": event.seq, "at": self._now, "actor_id": None, "unit_id": None,
            "action": Action.ESCALATE, "from_status": ticket.status, "to_status": ticket.status, "data": data,
            "hash": ticket.event_hash,
        })  # fmt: skip
        self._rows.append({
            "ticket_id": ticket.id, "clock_id": due.clock_id, "metric": due.metric, "step": due.step,
            "cycle": ticket.cycle, "level": max(words or due.audience, key=LADDER.index),
            "due_moment": due.moment, "fired_at": self._now, "is_late": due.is_late, "notified": people,
        })  # fmt: skip
        self.fired.append(
            Fired(
                ticket=ticket.number,
                metric=due.metric,
                step=due.step,
                cycle=ticket.cycle,
                audience=tuple(words),
                due_moment=due.moment,
                fired_at=self._now,
                is_late=due.is_late,
                notified=tuple(people),
            )
        )

    def _told(self, ticket: Held, due: Due, unit: UnitInfo) -> tuple[list[Audience], list[int]]:
        """The words that reach anybody and whom they mean; of a part that is late the lead hears as well."""
        lead = ladder_stake(ticket.status, self._net.by_id[ticket.unit_id], ticket.handler_id)
        if due.metric is not Metric.PART:
            stake = ladder_stake(ticket.status, unit, ticket.handler_id)
            return self._ladder.told(stake, due.audience)
        return self._ladder.told_of_a_part(part_stake(unit), lead, due.audience, due.step)

    def _responsible(self, ticket: Held, due: Due) -> UnitInfo:
        """The unit whose people the words mean: the one that has the ticket, or owes a part of it.

        For call-backs it is the centre.
        """
        if due.unit_id is not None:
            return self._net.by_id[due.unit_id]
        return self._net.centre if due.metric is Metric.REVISIT else self._net.by_id[ticket.unit_id]

    def write(self, tickets: list[Held]) -> None:
        """Write all rows: five statements, however many steps."""
        ids = many.next_ids(Event, len(self._events))
        many.add(Event, [{"id": new, **row} for new, row in zip(ids, self._events, strict=True)])
        many.add(Outbox, [{"event_id": new} for new in ids])
        many.add(Escalation, [{**row, "event_id": new} for new, row in zip(ids, self._rows, strict=True)])
        crash_points.here("9 escalations written")
        many.change(
            Ticket,
            [{"id": t.id, "event_seq": t.event_seq, "event_hash": t.event_hash} for t in tickets],
        )


def _said(ticket: Held, due: Due, words: list[Audience], unit: UnitInfo) -> dict[str, Any]:
    """What the event tells: pages and messages make words of it."""
    deadline = ticket.deadlines.get(due.clock_id) if due.clock_id is not None else None
    said = {
        "metric": due.metric.value if due.metric else None,
        "step": due.step,
        "audience": [word.value for word in words or due.audience],
        "late": due.is_late,
        "moment": due.moment.isoformat(),
        "responsible": unit.code,
    }
    return said | ({"deadline": deadline.isoformat()} if deadline else {})
