"""Writes what fires: for many tickets at once, each step its row, its event and its outbox row.

The tickets are locked by the caller, inside one transaction. Their versions stay as they are, so that the
form somebody has open still counts; their event logs are chained as by any other action.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ticketing.core import crash_points, many
from ticketing.core.canonical import Encoded, encode, value
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

AT_ONCE = 200
"""Tickets written by one set of statements, which PostgreSQL works on while the next set is made."""


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


class Fired(NamedTuple):
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


class _Told(NamedTuple):
    """The words that reach anybody, whom they mean, and how both stand in the rows."""

    words: tuple[Audience, ...]
    people: tuple[int, ...]
    level: Audience
    responsible: str
    said: str
    notified: Encoded


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


class Volley:
    """What fires together. All it needs is read when it is made; ``fire`` only writes."""

    def __init__(self, tickets: Iterable[Held], net: Network, now: datetime) -> None:
        """Read whom the steps may mean, and take the ids of their events."""
        self._tickets = [ticket for ticket in tickets if ticket.due]
        self._net = net
        self._now = now
        self._known: dict[tuple[object, ...], _Told] = {}
        if self._tickets:
            self._ladder = _ladder(_crowd(self._tickets, net, now))
            self._ids = iter(many.next_ids(Event, sum(len(ticket.due) for ticket in self._tickets)))

    def fire(self) -> list[Fired]:
        """Write every due step, each ticket's in the order of their moments; return what fired."""
        fired: list[Fired] = []
        for begin in range(0, len(self._tickets), AT_ONCE):
            some = self._tickets[begin : begin + AT_ONCE]
            rows = _Rows()
            for ticket in some:
                ticket.due.sort(key=_moment)
                fired += [self._add(ticket, due, rows) for due in ticket.due]
            rows.write()
            crash_points.here("9 escalations written")
            many.change(
                Ticket, [{"id": t.id, "event_seq": t.event_seq, "event_hash": t.event_hash} for t in some]
            )
        return fired

    def _add(self, ticket: Held, due: Due, rows: _Rows) -> Fired:
        """Add one step: its event, chained to the ticket's last one, and its row."""
        told, now, status, event_id = self._told(ticket, due), self._now, ticket.status, next(self._ids)
        data = _data(ticket, due, told)
        seq = ticket.event_seq = ticket.event_seq + 1
        event = ledger.Told(ticket.number, seq, now, Action.ESCALATE, status, status, data)
        ticket.event_hash = ledger.digest_told(event, ticket.event_hash)
        rows.events.append({
            "id": event_id, "ticket_id": ticket.id, "seq": seq, "at": now, "actor_id": None, "unit_id": None,
            "action": Action.ESCALATE, "from_status": status, "to_status": status, "data": data,
            "hash": ticket.event_hash,
        })  # fmt: skip
        rows.escalations.append({
            "ticket_id": ticket.id, "clock_id": due.clock_id, "metric": due.metric, "step": due.step,
            "cycle": ticket.cycle, "level": told.level, "due_moment": due.moment, "fired_at": now,
            "is_late": due.is_late, "event_id": event_id, "notified": told.notified,
        })  # fmt: skip
        return Fired(
            ticket.number,
            due.metric,
            due.step,
            ticket.cycle,
            told.words,
            due.moment,
            now,
            due.is_late,
            told.people,
        )

    def _told(self, ticket: Held, due: Due) -> _Told:
        """Whom the step tells: found once for steps and tickets that stand alike."""
        part = (due.unit_id, due.step) if due.unit_id is not None else None
        alike = (ticket.status, ticket.unit_id, ticket.handler_id, due.metric, due.audience, part)
        found = self._known.get(alike)
        if found is None:
            found = self._known[alike] = self._meant(ticket, due)
        return found

    def _meant(self, ticket: Held, due: Due) -> _Told:
        """The words that reach anybody and whom they mean; of a part that is late the lead hears as well."""
        unit = self._responsible(ticket, due)
        lead = ladder_stake(ticket.status, self._net.by_id[ticket.unit_id], ticket.handler_id)
        if due.metric is not Metric.PART:
            stake = ladder_stake(ticket.status, unit, ticket.handler_id)
            words, people = self._ladder.told(stake, due.audience)
        else:
            words, people = self._ladder.told_of_a_part(part_stake(unit), lead, due.audience, due.step)
        said = [word.value for word in words or due.audience]
        return _Told(
            words=tuple(words),
            people=tuple(people),
            level=max(words or due.audience, key=LADDER.index),
            responsible=value(unit.code),
            said=encode(said),
            notified=Encoded(encode(people)),
        )

    def _responsible(self, ticket: Held, due: Due) -> UnitInfo:
        """The unit whose people the words mean: the one that has the ticket, or owes a part of it.

        For call-backs it is the centre.
        """
        if due.unit_id is not None:
            return self._net.by_id[due.unit_id]
        return self._net.centre if due.metric is Metric.REVISIT else self._net.by_id[ticket.unit_id]


@dataclass(slots=True)
class _Rows:
    """Rows of two tables, in the order in which they fire."""

    events: list[many.Row] = field(default_factory=list)
    escalations: list[many.Row] = field(default_factory=list)

    def write(self) -> None:
        """Write all rows: three statements, however many steps."""
        many.add(Event, self.events)
        many.add(Outbox, [{"event_id": row["id"]} for row in self.events])
        many.add(Escalation, self.escalations)


def _moment(due: Due) -> datetime:
    return due.moment


def _data(ticket: Held, due: Due, told: _Told) -> Encoded:
    """What the event tells, as canonical JSON: pages and messages make words of it."""
    at = ticket.deadlines.get(due.clock_id) if due.clock_id is not None else None
    deadline = f'"deadline":"{at.isoformat()}",' if at else ""
    return Encoded(
        f'{{"said":{{"audience":{told.said},{deadline}"late":{value(due.is_late)},'
        f'"metric":{value(due.metric)},"moment":"{due.moment.isoformat()}",'
        f'"responsible":{told.responsible},"step":{value(due.step)}}}}}'
    )
