"""What must hold of every ticket after every step, whoever took it: the invariants, by their names."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from tests.world import World
from ticketing.core.db import db
from ticketing.core.outbox import Outbox
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.deadlines import allowance, due_after_pauses, elapsed
from ticketing.sla.rules.limits import Limit, LimitUnit
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import flow, ledger, rules
from ticketing.tickets.flow import FLOW
from ticketing.tickets.models import Event, Extension, Part, Ticket, TicketUnit
from ticketing.tickets.words import OPEN, Action, ExtensionState, State

# Events that leave the ticket's version as it was: nobody's half-written answer is refused because of them.
_SILENT = {Action.ESCALATE, Action.RECOUNT, Action.HAND_OVER}


def problems(world: World, number: str, *, relayed: Collection[int] = ()) -> list[str]:
    """Everything that must hold of a ticket and does not; ``relayed`` are the events people were told of."""
    ticket = world.row(number)
    clocks = sla.clocks_of(ticket.id)
    events = world.events(number)
    found = []
    if ticket.status is not State.DRAFT:
        found += [f"I7/I8 {problem}" for problem in ledger.problems(ticket, events, clocks)]
        found += _log(ticket, events, relayed)
    found += _owner(ticket) + _clocks(ticket, clocks) + _queue(ticket, clocks) + _joined(ticket)
    return found + _starts(ticket, clocks) + _parts(ticket, clocks)


def _log(ticket: Ticket, events: list[Event], relayed: Collection[int]) -> list[str]:
    found = []
    steps = [event for event in events if event.action not in _SILENT]
    if ticket.version != len(steps) + drafted(events):
        found.append(f"I20 version {ticket.version}, {len(steps)} steps")
    waiting = select(Outbox.event_id).join(Event, Event.id == Outbox.event_id)
    out = set(db.session.scalars(waiting.where(Event.ticket_id == ticket.id)))
    if out != {event.id for event in events} - set(relayed):
        found.append(f"I15 {len(out)} of {len(events)} events wait to be told, not those that should")
    return found + [problem for event in events for problem in _listed(event)]


def _listed(event: Event) -> list[str]:
    """What is wrong with where an event came from and led to."""
    if event.action in _SILENT:
        stays = event.from_status == event.to_status
        return [] if stays and event.to_status in OPEN else [f"I5 {event.action} in {event.to_status}"]
    found = []
    move = FLOW[event.action]
    is_own = event.from_status is None or event.from_status in move.sources
    leads = event.to_status in move.targets or event.to_status == event.from_status
    is_other_side = event.action in {Action.MERGE, Action.UNMERGE} and "into" not in event.data["said"]
    if not ((is_own and leads) or is_other_side):
        found.append(f"I5 {event.action} from {event.from_status} to {event.to_status}")
    if event.to_status is State.CLOSED and event.from_status is not State.REPLIED and not is_other_side:
        found.append(f"I5 closed from {event.from_status}")
    return found


def drafted(events: list[Event]) -> int:
    """A draft has its first version before its first event."""
    return 1 if events and events[0].from_status is State.DRAFT else 0


def was_sent(ticket: Ticket) -> bool:
    """Whether the district ever got it; a draft may be withdrawn before."""
    sent = select(Event.id).where(Event.ticket_id == ticket.id, Event.action == Action.SUBMIT)
    return db.session.scalar(sent) is not None


def _owner(ticket: Ticket) -> list[str]:
    unit = network().by_id[ticket.unit_id]
    keeps = select(TicketUnit.unit_id).where(TicketUnit.ticket_id == ticket.id)
    found = [] if unit.is_active else [f"I2 {unit.code} is not active"]
    if was_sent(ticket) and ticket.unit_id not in set(db.session.scalars(keeps)):
        found.append("I2 the unit that has it may not read it")
    if ticket.return_count > 2:
        found.append("I14 returned more than twice")
    return found


def _clocks(ticket: Ticket, clocks: list[Clock]) -> list[str]:
    running = [clock for clock in clocks if clock.state is ClockState.RUNNING]
    paused = [clock for clock in clocks if clock.state is ClockState.PAUSED]
    is_waiting, is_suspended = ticket.status in rules.PAUSED_IN, ticket.status is State.SUSPENDED
    wrong = {
        "I4 clocks run on after the end": ticket.status not in OPEN and (running or paused),
        "I3 nothing runs": ticket.status in OPEN and not running and not paused,
        "I3 the wrong clocks are paused": running if is_waiting else paused,
        "I3 a day to resume": ticket.status in OPEN and is_suspended is (ticket.resume_on is None),
        "I3 an earlier cycle's clock runs on": any(clock.cycle != ticket.cycle for clock in running + paused),
        "I14 other days than granted": not _are_granted(ticket, running + paused),
    }
    found = [f"{what} in {ticket.status}" for what, is_so in wrong.items() if is_so]
    return found + [problem for clock in running for problem in _recomputed(clock)]


def _starts(ticket: Ticket, clocks: list[Clock]) -> list[str]:
    """In the first round a promise counts from receipt, or from where the earliest one joined to it began."""
    if ticket.cycle > 1:
        return []
    joined = db.session.scalars(select(Ticket).where(Ticket.merged_into_id == ticket.id)).all()
    begun = {Metric.RESPOND: [ticket.received_at], Metric.RESOLVE: [ticket.received_at]}
    for other in joined:
        for clock in _open_when_joined(other):
            begun.get(clock.metric, []).append(clock.started_at)
    return [
        f"I18 {clock.metric} counts from {clock.started_at}, not {min(begun[clock.metric])}"
        for clock in clocks
        if clock.metric in begun and _is_open(clock) and clock.started_at != min(begun[clock.metric])
    ]


def _open_when_joined(ticket: Ticket) -> list[Clock]:
    wanted = select(Event).where(Event.ticket_id == ticket.id, Event.action == Action.MERGE)
    into = [one for one in db.session.scalars(wanted.order_by(Event.seq)) if "into" in one.data["said"]]
    return [clock for clock in sla.clocks_of(ticket.id) if clock.nth in into[-1].data["said"]["clocks"]]


def _parts(ticket: Ticket, clocks: list[Clock]) -> list[str]:
    """Each part that is owed has an open clock, due when it is, and no other part's clock is open."""
    wanted = select(Part).where(
        Part.ticket_id == ticket.id, Part.finished_at.is_(None), Part.cancelled_at.is_(None)
    )
    owed = [part for part in db.session.scalars(wanted) if part.cycle == ticket.cycle]
    due = {clock.nth: clock.due_at for clock in clocks if clock.metric is Metric.PART and _is_open(clock)}
    found = [] if due == {part.clock_nth: part.due_at for part in owed} else ["I19 parts and their clocks"]
    units = [part.unit_id for part in owed]
    if len(set(units)) < len(units) or ticket.unit_id in units:
        found.append("I19 a unit owes a part twice, or owes itself one")
    if owed and ticket.status not in flow.IN_PARTS:
        found.append(f"I19 a part is owed in {ticket.status}")
    return found


def _is_open(clock: Clock) -> bool:
    return clock.state in {ClockState.RUNNING, ClockState.PAUSED}


def _are_granted(ticket: Ticket, clocks: list[Clock]) -> bool:
    granted = select(func.sum(Extension.days)).where(
        Extension.ticket_id == ticket.id,
        Extension.cycle == ticket.cycle,
        Extension.state == ExtensionState.APPROVED,
    )
    extra = sum(clock.extra_days for clock in clocks if clock.metric is Metric.RESOLVE)
    return extra in {0, db.session.scalar(granted) or 0}


def _recomputed(clock: Clock) -> list[str]:
    """A running clock is due when the pure function of start, limit, calendar and pauses says."""
    pauses = sla.pauses_of([clock.id])[clock.id]
    over = [(pause.paused_at, pause.resumed_at) for pause in pauses if pause.resumed_at]
    limit, calendar = Limit.parse(clock.limit), sla.calendar_by_id(clock.calendar_id)
    due = due_after_pauses(clock.started_at, limit, calendar, over, clock.extra_days).at
    found = [] if due == clock.due_at else [f"I10 {clock.metric} is due {clock.due_at}, recomputed {due}"]
    whole = allowance(clock.started_at, limit, calendar, clock.extra_days)
    spent = elapsed(clock.started_at, clock.due_at, limit, calendar, over)
    # A paused clock of calendar days is due at a closing time, not the moment its allowance is spent.
    if spent < whole or (spent > whole and limit.unit is not LimitUnit.CALENDAR_DAYS):
        found.append(f"I9 {clock.metric} is due after {spent} of {whole}")
    longer = Limit(limit.amount + 1, limit.unit)
    if due_after_pauses(clock.started_at, longer, calendar, over, clock.extra_days).at < due:
        found.append(f"I12 {clock.metric} would be due earlier with more time")
    return found if len(over) == len(pauses) else [*found, f"I9 {clock.metric} runs with a pause still open"]


def _queue(ticket: Ticket, clocks: list[Clock]) -> list[str]:
    """The queue's columns, worked out again from the clocks of the promises."""
    clocks = [clock for clock in clocks if clock.metric is not Metric.PART]
    running = sorted((c for c in clocks if c.state is ClockState.RUNNING), key=lambda clock: clock.due_at)
    waiting = sorted(clock.due_at for clock in clocks if clock.state is ClockState.PAUSED)
    resolve = [clock for clock in running if clock.metric is Metric.RESOLVE]
    first = running[0].due_at if running else None
    wanted = {
        "due_at": first,
        "warn_at": resolve[0].warn_at if resolve else None,
        "late_at": resolve[0].due_at if resolve else None,
    }
    found = [f"queue {name}" for name, value in wanted.items() if getattr(ticket, name) != value]
    if ticket.due_metric not in ({clock.metric for clock in running if clock.due_at == first} or {None}):
        found.append("queue due_metric")
    if ticket.status is not State.DRAFT and ticket.queue_at != (
        first or (waiting or [ticket.received_at])[0]
    ):
        found.append("queue queue_at")
    return found


def _joined(ticket: Ticket) -> list[str]:
    if ticket.merged_into_id is None:
        return []
    target = db.session.get_one(Ticket, ticket.merged_into_id)
    is_deep = target.merged_into_id is not None or target.id == ticket.id
    return (
        ["I17 joined to a joined ticket"] if is_deep or target.enterprise_id != ticket.enterprise_id else []
    )
