"""A walk through the life cycle: somebody does something allowed, and what must always hold is checked."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from tests.world import World
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.errors import DomainError, Invalid, WrongState
from ticketing.core.local_day import local_date
from ticketing.core.outbox import Outbox
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.sla.models import Clock
from ticketing.sla.rules.deadlines import due_after_pauses
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import ledger, rules
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.routing import OutsideYourArea
from ticketing.tickets.facts import standing
from ticketing.tickets.flow import FLOW, parties
from ticketing.tickets.models import Event, Extension, Ticket, TicketUnit
from ticketing.tickets.words import OPEN, Action, ExtensionState, Kind, Level, State

PEOPLE = (
    "enterprise", "clerk", "dispatcher", "station", "area", "dept", "deptlead", "dept2", "supervisor",
    "caller", "manager", "s102-head", "d-pwr-handler", "d-tax-liaison", "d-tax-handler", "d-tax-lead",
)  # fmt: skip
UNITS = ("D-PWR", "D-HRS", "D-TAX", "S101", "S102", "A1", "C0")
# Talk is cheap and would fill the walk; ends are final.
SELDOM = {"note", "message", "urge", "supervise", "withdraw", "merge", "transfer", "answer_now"}
HANDLERS = {
    "D-PWR": "d-pwr-handler", "D-HRS": "dept2", "D-TAX": "d-tax-handler", "S101": "station",
    "S102": "s102-head", "A1": "area", "C0": "c0-handler",
}  # fmt: skip
LIVE = 4
# Offered, and still refused now and then for what was typed: a unit, a person, a number, a length of time.
TYPED = {
    "merge", "dispatch", "request_extension", "submit_reply", "rule_return", "transfer", "send_down",
    "invite", "assign",
}  # fmt: skip


class Walk:
    """Some tickets of one company and everybody who may do something with them; ``chance`` decides."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.numbers: list[str] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def step(self) -> None:
        """Let some time pass and do one thing; then check what it touched."""
        self.world.later(minutes=self.chance.choice((1, 10, 60, 300, 1500)))
        if len(self.numbers) < LIVE:
            self._file()
            return
        number = self.chance.choice(self.numbers)
        found = self._somebody(number)
        if found is None:
            self.numbers.remove(number)
            return
        who, action = found
        self._act(who, number, action)

    def _file(self) -> None:
        kind, level = self.chance.choice(list(Kind)), self.chance.choice([Level.NORMAL, *Level])
        self.numbers.append(self.world.file(kind=kind, level=level, draft=self.chance.random() < 0.1))
        self.done["file"] += 1
        assert problems(self.world, self.numbers[-1]) == []

    def _somebody(self, number: str) -> tuple[str, str] | None:
        """Somebody who may do something now, and what: rather what was seldom done, so that all is seen."""
        ticket, now = self.world.row(number), self.world.now
        place = standing(SYSTEM, ticket, network(), sla.clocks_of(ticket.id))
        choices: list[tuple[str, str]] = []
        for who in PEOPLE:
            actor = self.world.actor(who)
            held = parties(actor, place.facts)
            offered = rules.available(place.facts, actor, held, now=now, today=local_date(now))
            choices += [(who, action.value) for action in offered]
        return min(choices, key=self._weight, default=None)

    def _weight(self, choice: tuple[str, str]) -> float:
        _who, action = choice
        return self.done[action] + self.chance.random() * 6 + (12 if action in SELDOM else 0)

    def _act(self, who: str, number: str, action: str) -> None:
        wish = w.WISHES[Action(action)].model_validate(self._fields(action, number))
        before = self.world.row(number).version
        print_of_all = (
            self.world.fingerprint() if action in {"merge", "dispatch", "request_extension"} else None
        )
        try:
            self.world.do(who, number, wish)
        except (Invalid, WrongState, OutsideYourArea) as refusal:
            self._allowed_refusal(action, refusal)
            assert print_of_all in {None, self.world.fingerprint()}
            return
        self.done[action] += 1
        assert self.world.row(number).version == before + 1
        for touched in {number, *self._touched(number)}:
            found = problems(self.world, touched)
            assert found == [], f"{who} {action} {touched}"

    def _allowed_refusal(self, action: str, refusal: DomainError) -> None:
        """What an offered action may still be refused for: what was typed."""
        assert action in TYPED, f"{action}: {refusal!r}"
        self.refused[action] += 1

    def _touched(self, number: str) -> list[str]:
        wanted = select(Ticket.number).where(Ticket.number.in_(self.numbers))
        return list(db.session.scalars(wanted)) if self.done["merge"] else []

    def _fields(self, action: str, number: str) -> dict[str, Any]:
        chance, world = self.chance, self.world
        seen = {"version": world.row(number).version} if chance.random() < 0.5 else {}
        text, unit = "因现场条件", chance.choice(UNITS)
        days = chance.randint(1, 5)
        is_urgent = world.row(number).level is Level.URGENT
        fields: dict[str, dict[str, Any]] = {
            "accept": chance.choice(
                [{}, {"kind": chance.choice(list(Kind))}, {"level": chance.choice(list(Level))}]
            ),
            "request_info": {"message": text},
            "supply_info": {"message": text},
            "reject": {"reason_code": "abuse", "message": text},
            "answer_now": {"reply": text},
            "dispatch": {"unit": unit, "co_units": chance.sample(UNITS, chance.choice([0, 0, 1]))},
            "request_return": {"reason_code": "unclear_duty", "message": text},
            "rule_return": {"uphold": chance.random() < 0.5, "unit": unit, "message": text},
            "transfer": {"unit": unit, "message": text},
            "up_report": {"message": text},
            "send_down": {"unit": unit},
            "contact": {"outcome": chance.choice(["reached", "no_answer"])},
            "submit_reply": {"reply": text, "reason": chance.choice(["", text])},
            "send_back": {"message": text},
            "revisit": chance.choice([{"reached": False}, verdict(chance) | {"reached": True}]),
            "rate": verdict(chance),
            "assign": {"user": f"{HANDLERS[network().by_id[world.row(number).unit_id].code]}@demo.example"},
            "invite": {"unit": unit, "due_limit": "2wd", "message": text},
            "finish_part": {"reply": text},
            "request_extension": {"reason": text} | ({"hours": days} if is_urgent else {"days": days}),
            "decide_extension": {"approve": chance.random() < 0.7, "message": text},
            "suspend": {
                "reason_code": chance.choice(["season", "awaiting_requester"]),
                "resume_on": local_date(world.now) + timedelta(days=days),
            },
            "message": {"body": text},
            "note": {"body": text},
            "urge": {"message": text},
            "supervise": {"demand": text, "due_limit": "1wd"},
            "answer_supervision": {"reply": text},
            "reopen": {"reason": text},
            "withdraw": {"reason": text},
            "merge": {"into": chance.choice(self.numbers)},
        }
        return seen | fields.get(action, {})


def verdict(chance: random.Random) -> dict[str, Any]:
    return {"solved": chance.choice(["yes", "partly", "no"]), "satisfaction": chance.randint(1, 5)}


def problems(world: World, number: str) -> list[str]:
    """Everything that must hold of a ticket and does not, by the names of the invariants."""
    ticket = world.row(number)
    clocks = sla.clocks_of(ticket.id)
    events = world.events(number)
    found = []
    if ticket.status is not State.DRAFT:
        found += [f"I7/I8 {problem}" for problem in ledger.problems(ticket, events, clocks)]
        found += _log(ticket, events)
    found += _owner(ticket) + _clocks(ticket, clocks) + _queue(ticket, clocks) + _joined(ticket)
    return found


def _log(ticket: Ticket, events: list[Event]) -> list[str]:
    found = []
    if ticket.version != len(events) + drafted(events):
        found.append(f"I20 version {ticket.version}, {len(events)} events")
    sent = db.session.scalar(
        select(func.count(Outbox.event_id))
        .join(Event, Event.id == Outbox.event_id)
        .where(Event.ticket_id == ticket.id)
    )
    if sent != len(events):
        found.append(f"I15 {sent} outbox rows for {len(events)} events")
    for event in events:
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
    return found if len(over) == len(pauses) else [*found, f"I9 {clock.metric} runs with a pause still open"]


def _queue(ticket: Ticket, clocks: list[Clock]) -> list[str]:
    """The queue's columns, worked out again from the clocks."""
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
