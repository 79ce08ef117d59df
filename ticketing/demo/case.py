"""One synthetic ticket in memory: row, log and clocks, as the service layer would have left them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ticketing.core import canonical
from ticketing.demo.clocks import Book, ClockRow
from ticketing.demo.district import District, Person
from ticketing.network.queries import UnitInfo
from ticketing.sla.queries import Term
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets import flow, ledger, rules
from ticketing.tickets.words import Action, State, SuspendReason

AWAITING = SuspendReason.AWAITING_REQUESTER.value
_TRACKED = frozenset(ledger.TRACKED)
_START: dict[str, Any] = {
    "cycle": 1,
    "version": 1,
    "handler_id": None,
    "dispatched_at": None,
    "replied_at": None,
    "closed_at": None,
    "due_at": None,
    "due_metric": None,
    "warn_at": None,
    "late_at": None,
    "return_count": 0,
    "extension_count": 0,
    "urge_count": 0,
    "revisit_tries": 0,
    "reply": None,
    "solved": None,
    "satisfaction": None,
    "suspend_reason": None,
    "resume_on": None,
    "merged_into_id": None,
    "merged_from_status": None,
    "look_at": None,
    "last_action": Action.SUBMIT,
    "urged_on": None,
    "event_seq": 0,
    "event_hash": "",
}


class Case:
    """A ticket that lives through its history. ``row`` has every column of the table."""

    def __init__(self, district: District, ticket_id: int, facts: dict[str, Any]) -> None:
        self.district = district
        self.row: dict[str, Any] = _START | {"id": ticket_id} | facts
        self.row["queue_at"] = self.row["received_at"]
        self.book = Book()
        self.events: list[dict[str, Any]] = []
        self.parts: list[dict[str, Any]] = []
        self.extensions: list[dict[str, Any]] = []
        self.supervisions: list[dict[str, Any]] = []
        self.unit_ids: set[int] = set()
        self.resumed_at: datetime | None = None
        self._touched: set[str] = set()
        self._old: dict[str, Any] = {}

    @property
    def status(self) -> State:
        """Where the ticket stands."""
        status: State = self.row["status"]
        return status

    @property
    def unit(self) -> UnitInfo:
        """The unit that has the ticket."""
        return self.district.net.by_id[self.row["unit_id"]]

    def put(self, **values: Any) -> None:
        """Change columns of the row."""
        self.row.update(values)
        self._touched.update(values)

    def hand_to(self, unit: UnitInfo, at: datetime, *, starts_sign_clock: bool = True) -> None:
        """Give the ticket to ``unit``; nobody is named yet, its sign clock starts, its own part is void."""
        for part in self.open_parts():
            if part["unit_id"] == unit.id:
                part.update(cancelled_at=at)
                self.book.cancel_one(part["clock_nth"])
        self.put(unit_id=unit.id, handler_id=None, dispatched_at=at)
        self.unit_ids.add(unit.id)
        if starts_sign_clock:
            self.start_clocks((Metric.SIGN,), unit, at)

    def start_clocks(
        self,
        metrics: tuple[Metric, ...],
        unit: UnitInfo,
        at: datetime,
        *,
        since: datetime | None = None,
        is_redo: bool = False,
    ) -> None:
        """Start clocks by the limits in force at ``at``, counting from ``since`` (default ``at``)."""
        terms = self.district.terms(self.row, metrics, unit, at, is_redo=is_redo)
        self.book.begin(terms, unit.id, since or at)

    def restart_promises(self, at: datetime) -> None:
        """Set the promises to the company anew: the request is of another sort."""
        terms = self.district.terms(self.row, PROMISED, self.unit, at, is_redo=False)
        self.book.relimit({metric: term for metric, (term, _hours) in terms.items()}, at, *PROMISED)
        missing = {metric: held for metric, held in terms.items() if not self.book.open(metric)}
        self.book.begin(missing, self.unit.id, self.row["received_at"])

    def record(
        self,
        action: Action,
        person: Person,
        at: datetime,
        *,
        to: State | None = None,
        said: dict[str, Any] | None = None,
    ) -> None:
        """Finish an action: the state, the clocks that follow it, the queue columns and one event.

        Raises AssertionError when the flow table knows no such step.
        """
        before, after = self.status, to or self.status
        move = flow.FLOW[action]
        if before not in move.sources or (to is not None and to not in move.targets):
            raise AssertionError(f"{action} does not lead from {before} to {after}")
        reason = said["reason_code"] if said and after is State.SUSPENDED and to else AWAITING
        self._follow(before, after, at, reason)
        self.put(status=after, version=self.row["version"] + 1, last_action=action, last_at=at)
        self.log(action, person, at, before, said)

    def log(
        self, action: Action, person: Person, at: datetime, source: State | None, said: dict[str, Any] | None
    ) -> None:
        """Append one event with everything that changed since the one before it."""
        row = self.row
        clocks = self.book.told_changes()
        if clocks:
            self._queue()
        told = f'"clocks":{clocks},' if clocks else ""
        if said:
            told += f'"said":{canonical.members(said.items())},'
        event = {
            "ticket_id": row["id"],
            "seq": row["event_seq"] + 1,
            "at": at,
            "actor_id": person.id,
            "unit_id": person.unit_id,
            "action": action,
            "from_status": source,
            "to_status": row["status"],
            "data": f'{{{told}"set":{self._changed()}}}',
        }
        event["hash"] = ledger.digest_told(
            ledger.Told(
                row["number"],
                event["seq"],
                at,
                action,
                source,
                row["status"],
                event["data"],
                person.id,
                person.unit_id,
            ),
            row["event_hash"],
        )
        row["event_seq"], row["event_hash"] = event["seq"], event["hash"]
        self.events.append(event)

    def open_parts(self) -> list[dict[str, Any]]:
        """Return the parts of the present cycle that are neither finished nor called off."""
        return [
            part
            for part in self.parts
            if part["cycle"] == self.row["cycle"] and not part["finished_at"] and not part["cancelled_at"]
        ]

    def cancel_parts(self, at: datetime, because: str = "") -> None:
        """Call off the open parts."""
        for part in self.open_parts():
            part.update(cancelled_at=at, cancelled_because=because or None)
            self.book.cancel_one(part["clock_nth"])

    def start_part_clock(self, unit: UnitInfo, limit: str, at: datetime) -> ClockRow:
        """Start the clock of a part of ``unit`` by its own calendar."""
        calendar_id, hours = self.district.calendar(unit.calendar_name)
        term = Term(Limit.parse(limit), calendar_id=calendar_id)
        return self.book.begin_one(Metric.PART, term, hours, unit.id, at)

    def restart_parts(self, at: datetime) -> list[str]:
        """Ask again for the parts the last reply called off; return the codes of their units."""
        handed_in = max(event["at"] for event in self.events if event["action"] is Action.SUBMIT_REPLY)
        called_off = [part for part in self.parts if part["cancelled_at"] == handed_in]
        units = [self.district.net.by_id[part["unit_id"]] for part in called_off]
        for part, unit in zip(called_off, units, strict=True):
            clock = self.start_part_clock(unit, part["limit"], at)
            part.update(clock_nth=clock.nth, due_at=clock.due_at, cancelled_at=None, cancelled_because=None)
        return [unit.code for unit in units]

    def _follow(self, before: State, after: State, at: datetime, pause_reason: str) -> None:
        book = self.book
        if after in rules.PAUSED_IN and before not in rules.PAUSED_IN:
            book.pause(pause_reason, at)
        elif before in rules.PAUSED_IN and after not in rules.PAUSED_IN:
            book.resume(self.resumed_at or at)
            for part in self.open_parts():
                clock = book.part(part["clock_nth"])
                part["due_at"] = clock.due_at if clock else part["due_at"]
            self.resumed_at = None
        if self.row["cycle"] == self._old["cycle"]:
            book.meet(rules.promises(before, after), at)
        if after is State.REPLIED and before is not State.REPLIED:
            self.start_clocks((Metric.REVISIT,), self.district.centre, at)
        if after in rules.VOID_IN:
            book.cancel()

    def _queue(self) -> None:
        found = self.book.summary()
        self.put(
            due_at=found.due_at,
            due_metric=found.due_metric,
            warn_at=found.warn_at,
            late_at=found.late_at,
            queue_at=found.due_at or found.waiting_due_at or self.row["received_at"],
        )

    def _changed(self) -> str:
        """Return the tracked columns that changed, as JSON; all of them the first time."""
        row, old = self.row, self._old
        if not old:
            old.update((name, row[name]) for name in ledger.TRACKED)
            self._touched.clear()
            return canonical.members(old.items())
        changed = {name: row[name] for name in self._touched if name in _TRACKED and old[name] != row[name]}
        old.update(changed)
        self._touched.clear()
        return canonical.members(changed.items())
