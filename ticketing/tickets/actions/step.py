"""One action on one ticket: begin (load, lock, check), the verb's lines, finish (clocks, event, outbox)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, insert, select
from sqlalchemy.orm import aliased

from ticketing.core import canonical, crash_points
from ticketing.core.actor import Actor
from ticketing.core.db import db, write_new
from ticketing.core.errors import ChangedMeanwhile, DomainError, NotFound
from ticketing.core.local_day import local_date
from ticketing.network.queries import Network, UnitInfo, hold_open, network
from ticketing.sla import queries as sla_queries
from ticketing.sla.actions.clocks import ClockBook, terms_for
from ticketing.sla.queries import LimitFor
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets import flow, ledger, rules
from ticketing.tickets.actions.joined import promised_since
from ticketing.tickets.actions.owed import follow_clocks, release
from ticketing.tickets.facts import Standing, actions_now, standing
from ticketing.tickets.models import Event, Ticket, TicketUnit
from ticketing.tickets.scope import visible
from ticketing.tickets.wishes import Wish
from ticketing.tickets.words import Action, State

SHOWN_CHANGES = 5
WORK_CLOCKS = (Metric.SIGN, *PROMISED)
_REMEMBERED = 512


@dataclass(slots=True)
class Step:
    """An action under way. The verb's lines change ``ticket`` and fill ``said``."""

    actor: Actor
    ticket: Ticket
    wish: Wish
    move: flow.Move
    place: Standing
    net: Network
    book: ClockBook
    now: datetime
    before: dict[str, Any]
    status_before: State
    said: dict[str, Any] = field(default_factory=dict)
    to: State | None = None
    takes_part: set[int] = field(default_factory=set)
    pause_reason: str = "awaiting_requester"
    resumed_at: datetime | None = None  # when the clocks run on, if that was before ``now``

    @property
    def today(self) -> date:
        """The district's date at ``now``."""
        return local_date(self.now)

    @property
    def unit(self) -> UnitInfo:
        """The unit that has the ticket before the action."""
        return self.place.unit

    def go(self, target: State) -> None:
        """Let the ticket stand in ``target`` afterwards; the table must allow it."""
        if target not in self.move.targets:
            raise AssertionError(f"{self.move.action} may not lead to {target}")
        self.to = target
        self.ticket.status = target

    def hand_to(self, unit: UnitInfo, *, starts_sign_clock: bool = True) -> None:
        """Give the ticket to ``unit``: it becomes the lead, nobody is named yet, its sign clock starts."""
        hold_open(unit)
        if unit.path in self.place.facts.co_paths:
            release(self.ticket, self.book, unit.id, self.now)
        self.ticket.unit_id = unit.id
        self.ticket.handler_id = None
        self.ticket.dispatched_at = self.now
        self.takes_part.add(unit.id)
        self.said["unit"] = unit.code
        if starts_sign_clock:
            self.start_clocks((Metric.SIGN,), unit)

    def start_clocks(self, metrics: tuple[Metric, ...], unit: UnitInfo, *, is_redo: bool = False) -> None:
        """Start clocks by the limits in force for this ticket in ``unit``."""
        ticket = self.ticket
        wanted = LimitFor(ticket.kind, ticket.level, ticket.category, unit.code)
        terms = terms_for(wanted, unit.calendar_name, metrics, self.today, is_redo=is_redo)
        self.book.start(terms, unit.id, self.now)

    def restart_promises(self) -> None:
        """Set the promises to the company anew, the request being of another sort; pauses still count."""
        ticket, unit = self.ticket, self.unit
        wanted = LimitFor(ticket.kind, ticket.level, ticket.category, unit.code)
        terms = terms_for(wanted, unit.calendar_name, PROMISED, self.today)
        self.book.relimit(terms, self.now, *PROMISED)
        missing = {metric: term for metric, term in terms.items() if not self.book.open(metric)}
        since = promised_since(ticket) if missing else {}
        for metric, term in missing.items():
            self.book.start({metric: term}, unit.id, since[metric])

    def redo(self, unit: UnitInfo) -> None:
        """Send the ticket round again: a new cycle, back at ``unit``, with fresh clocks.

        A unit that was closed meanwhile is represented by the one above it.
        """
        while not unit.is_active and unit.parent_id is not None:
            unit = self.net.parent(unit)
        self.book.meet({Metric.REVISIT}, self.now)
        self.book.cancel()
        self.ticket.cycle += 1
        self.book.cycle = self.ticket.cycle
        self.hand_to(unit, starts_sign_clock=False)
        self.start_clocks(WORK_CLOCKS, unit, is_redo=True)
        self.ticket.replied_at = None
        self.ticket.revisit_tries = 0
        self.go(State.DISPATCHED)


def locked(actor: Actor, number: str, *, missing: DomainError | None = None) -> Ticket:
    """Return the ticket, locked and fresh.

    Raises ``missing``, else NotFound, when it is absent or out of this person's sight.
    """
    ticket: Ticket | None = db.session.scalar(_locking(actor), {"number": rules.read_number(number)})
    if ticket is None:
        raise missing or NotFound(number=number)
    return ticket


@lru_cache(maxsize=_REMEMBERED)
def _locking(actor: Actor) -> Select[Any]:
    """The statement that locks one ticket. Building it costs more than running it."""
    found: Any = visible(actor).where(Ticket.number == bindparam("number")).with_for_update(of=Ticket)
    statement: Select[Any] = found.execution_options(populate_existing=True)
    return statement


def begin(
    actor: Actor, number: str, wish: Wish, now: datetime, also: frozenset[flow.Party] = frozenset()
) -> Step:
    """Load and lock the ticket and check that ``wish`` may be fulfilled.

    ``also``: what a higher feature vouches the person is to the ticket, besides.

    Raises NotFound, ChangedMeanwhile, NotPermitted, WrongState or another refusal of the rules.
    """
    ticket = locked(actor, number)
    net = network()
    clocks = sla_queries.clocks_of(ticket.id)
    place = standing(actor, ticket, net, clocks)
    if also:
        place = replace(place, held=place.held | also)
    try:
        _check_version(ticket, wish, actor)  # whoever looked at an older state is told so first
        move = flow.plan(wish.action, ticket.status, place.held)
        refusal = rules.obstacle(wish.action, place.facts, actor, place.held, now=now, today=local_date(now))
        if refusal is not None:
            raise refusal
    except DomainError as refused:
        refused.extra.setdefault("available_actions", _offered(actor, place, now))
        raise
    return Step(
        actor=actor,
        ticket=ticket,
        wish=wish,
        move=move,
        place=place,
        net=net,
        book=ClockBook(clocks, ticket.cycle),
        now=now,
        before=ledger.snapshot(ticket) if ticket.event_seq else {},
        status_before=ticket.status,
    )


def _offered(actor: Actor, place: Standing, now: datetime) -> list[str]:
    return [action.value for action in actions_now(actor, place, now, local_date(now))]


def _check_version(ticket: Ticket, wish: Wish, actor: Actor) -> None:
    """Raise ChangedMeanwhile when something happened since the version the person saw.

    A co-unit that acts on its own part is refused only for what concerns that part: the ticket's state, its
    own unit's part. That the lead wrote a note, or another co-unit finished, does not matter to it.
    """
    if wish.version is None or wish.version == ticket.version:
        return
    wanted = select(Event).where(Event.ticket_id == ticket.id).order_by(Event.seq.desc())
    is_own_part = wish.action in flow.ABOUT_A_PART
    latest = db.session.scalars(wanted.limit(None if is_own_part else SHOWN_CHANGES))
    since = [event for event in latest if event.data.get("set", {}).get("version", 0) > wish.version]
    if is_own_part:
        own = {grant.unit_code for grant in actor.grants} | {getattr(wish, "unit", "")}
        since = [event for event in since if _concerns(event, own)]
        if not since and wish.version < ticket.version:
            return
    changes = [
        {"seq": event.seq, "action": event.action.value, "at": event.at.isoformat()}
        for event in since[:SHOWN_CHANGES]
    ]
    raise ChangedMeanwhile(extra={"version": ticket.version, "changes": changes})


def _concerns(event: Event, units: set[str]) -> bool:
    """Whether an event may matter to the parts of ``units``: it moved the ticket, or one of these parts."""
    if {"status", "unit_id", "cycle"} & event.data["set"].keys():
        return True
    is_about_them = event.data.get("said", {}).get("unit") in units
    return event.action in flow.ABOUT_A_PART | {Action.INVITE} and is_about_them


def finish(step: Step) -> Event:
    """Set the state, let the right clocks run, and record the one event with its outbox row."""
    ticket = step.ticket
    if ticket.unit_id != step.place.unit.id and step.move.action not in flow.HANDS_OVER | flow.BY_RULE:
        raise AssertionError(f"{step.move.action} is no move: it may not change who has the ticket")
    _follow(step, step.to or step.status_before)
    ticket.version += 1
    ticket.last_action = step.move.action
    ticket.last_at = step.now
    apply_summary(ticket, step.book)
    if ticket.status is not step.status_before or step.takes_part:
        ticket.look_at = None if flow.is_ended(ticket.status) else step.now
    step.book.save(ticket.id)
    after = ledger.snapshot(ticket)
    data: dict[str, Any] = {
        "set": {name: after[name] for name in after if after[name] != step.before.get(name, ...)}
    }
    if step.said:
        data["said"] = {key: canonical.plain(value) for key, value in step.said.items()}
    clocks = step.book.changes()
    if clocks:
        data["clocks"] = clocks
    event = record(ticket, step.actor, step.move.action, step.status_before, data, step.now)
    publish(event, step.takes_part)
    if step.takes_part and step.place.hanging.merged_here:
        share_merged(ticket.id)
    return event


def share_merged(main_id: int) -> None:
    """Let the units of a ticket read those merged into it as well: there the rest of the story stands."""
    has = aliased(TicketUnit)
    joined = (
        select(Ticket.id, TicketUnit.unit_id)
        .join(TicketUnit, TicketUnit.ticket_id == Ticket.merged_into_id)
        .where(
            Ticket.merged_into_id == main_id,
            ~exists().where(has.ticket_id == Ticket.id, has.unit_id == TicketUnit.unit_id),
        )
    )
    db.session.execute(insert(TicketUnit).from_select(["ticket_id", "unit_id"], joined))


def apply_summary(ticket: Ticket, book: ClockBook) -> None:
    """Set the ticket's queue columns from its clocks."""
    found = book.summary()
    ticket.due_at = found.due_at
    ticket.due_metric = found.due_metric
    ticket.warn_at = found.warn_at
    ticket.late_at = found.late_at
    ticket.queue_at = found.due_at or found.waiting_due_at or ticket.received_at


def record(
    ticket: Ticket, actor: Actor, action: Action, source: State | None, data: dict[str, Any], now: datetime
) -> Event:
    """Return the next event of the ticket's chain; a new ticket is written. ``publish`` writes the event."""
    event = Event(
        seq=ticket.event_seq + 1,
        at=now,
        actor_id=actor.user_id,
        unit_id=_acting_unit(actor, ticket),
        action=action,
        from_status=source,
        to_status=ticket.status,
        data=data,
        hash="",
    )
    event.hash = ledger.digest(ticket.number, event, ticket.event_hash)
    ticket.event_seq = event.seq
    ticket.event_hash = event.hash
    if ticket not in db.session:
        write_new(ticket)
        crash_points.here("3 ticket written")
    event.ticket_id = ticket.id
    return event


def publish(event: Event, unit_ids: set[int]) -> None:
    """Write everything pending, the event and its outbox row, and give ``unit_ids`` sight of the ticket."""
    db.session.flush()
    crash_points.here("4 clocks written")
    ledger.append(event, unit_ids)
    crash_points.here("5 outbox written")


def _acting_unit(actor: Actor, ticket: Ticket) -> int | None:
    """The unit a staff member acts for: the one that has the ticket, when the person sits there."""
    units = [grant.unit_id for grant in actor.grants]
    if ticket.unit_id in units:
        return ticket.unit_id
    return units[0] if units else None


def _follow(step: Step, after: State) -> None:
    """Let the clocks follow the state: fulfil, void, pause or resume."""
    before, book = step.status_before, step.book
    if after in rules.PAUSED_IN and before not in rules.PAUSED_IN:
        book.pause(step.pause_reason, step.now)
    elif before in rules.PAUSED_IN and after not in rules.PAUSED_IN:
        book.resume(step.resumed_at or step.now)
        follow_clocks(step.ticket, book)
    if step.ticket.cycle == step.place.facts.cycle:
        book.meet(rules.promises(before, after), step.now)
    if after is State.REPLIED and before is not State.REPLIED:
        step.start_clocks((Metric.REVISIT,), step.net.centre)
    if after in rules.VOID_IN:
        book.cancel()
