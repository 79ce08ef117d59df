"""An account of its own of the steps that fall due: from the event log and plain arithmetic, nothing else.

The drill's limits are minutes of the 24-hour clock, so that a step at a share of the limit falls exactly
that share of the minutes after the start. No code is shared with the product.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SHARES = (50, 80, 100)
ENDED = {"met", "breached", "cancelled"}
OVERDUE_FOR = timedelta(seconds=120)
"""A step that was due for so long before its clock ended had to fire, whatever was killed."""
UNDER_WAY_FOR = timedelta(seconds=5)
"""How long an action may wait for a sweep that holds its ticket, after it has read the time."""
SIMILAR, SIMILAR_FROM = "similar-5", 5
_MINUTES = re.compile(r"([0-9]+)min")


@dataclass
class Run:
    """One clock, as the log tells it."""

    ticket_id: int
    nth: int
    metric: str
    start: datetime
    minutes: int
    known_at: datetime
    ended_at: datetime | None = None

    def moment(self, share: int) -> datetime:
        """When the step at ``share`` percent falls due."""
        return self.start + timedelta(minutes=self.minutes) * share / 100

    def must_fire(self, share: int, horizon: datetime) -> bool:
        """Whether the step had to fire by ``horizon``."""
        at = self.moment(share)
        return at <= horizon if self.ended_at is None else at + OVERDUE_FOR < self.ended_at

    def may_fire(self, share: int) -> bool:
        """Whether the clock still ran at the step's moment."""
        return self.ended_at is None or self.moment(share) <= self.ended_at + UNDER_WAY_FOR


@dataclass(frozen=True)
class Counted:
    """The figures of escalation, and a line for each fault."""

    due: int
    fired: int
    missed: list[str]
    doubled: list[str]
    early: list[str]
    wrong: list[str]
    late_seconds: list[float]


def runs(events: Iterable[Mapping[str, Any]]) -> dict[tuple[int, int], Run]:
    """Return every clock by ticket and number; ``events`` in their order."""
    found: dict[tuple[int, int], Run] = {}
    for event in events:
        for nth, state in event["data"].get("clocks", {}).items():
            key = (event["ticket_id"], int(nth))
            if key not in found:
                minutes = _MINUTES.fullmatch(state["limit"])
                assert minutes is not None, state
                start = datetime.fromisoformat(state["started_at"])
                found[key] = Run(*key, state["metric"], start, int(minutes[1]), event["at"])
            if state["state"] in ENDED:
                found[key].ended_at = event["at"]
    return found


def count(
    clocks: Mapping[tuple[int, int], Run], rows: Iterable[Mapping[str, Any]], horizon: datetime
) -> Counted:
    """Compare what fell due until ``horizon`` with what fired."""
    found = Counted(0, 0, [], [], [], [], [])
    fired: dict[tuple[int, int, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["nth"] is not None:
            fired.setdefault((row["ticket_id"], row["nth"], row["step"]), []).append(row)
    due = 0
    for key, run in clocks.items():
        for share in SHARES:
            here = fired.pop((*key, str(share)), [])
            name = f"{run.metric} {share} % of ticket {run.ticket_id}"
            due += run.must_fire(share, horizon)
            if not here and run.must_fire(share, horizon):
                found.missed.append(name)
            if len(here) > 1:
                found.doubled.append(name)
            for row in here:
                _judge(run, share, row, name, found)
    found.wrong.extend(f"{step} of clock {nth} of ticket {ticket}" for ticket, nth, step in fired)
    return Counted(
        due,
        len(found.late_seconds),
        found.missed,
        found.doubled,
        found.early,
        found.wrong,
        found.late_seconds,
    )


def _judge(run: Run, share: int, row: Mapping[str, Any], name: str, found: Counted) -> None:
    moment = run.moment(share)
    found.late_seconds.append((row["fired_at"] - max(moment, run.known_at)).total_seconds())
    if row["fired_at"] < moment or not run.may_fire(share):
        found.early.append(name)
    elif row["due_moment"] != moment:
        found.wrong.append(f"{name}: {row['due_moment']} instead of {moment}")


def similar(
    tickets: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]], at_once: int
) -> tuple[int, list[str], list[str], list[str]]:
    """Count the cause of many alike: due, missed, doubled, early.

    The fifth of a company's requests of one category within thirty days, and each after it, escalates: those
    count that were received before it and are stored when it is looked at. Of up to ``at_once`` under way
    together one that was received first may be stored last.
    """
    known = sorted(tickets, key=lambda one: one["id"])
    fired = Counter(row["ticket_id"] for row in rows if row["step"] == SIMILAR)
    received: dict[tuple[int, str], list[datetime]] = {}
    for ticket in known:
        received.setdefault((ticket["enterprise_id"], ticket["category"]), []).append(ticket["received_at"])
    everybody = {kind: sorted(moments) for kind, moments in received.items()}
    stored: dict[tuple[int, str], list[datetime]] = {}
    due, missed, early = 0, [], []
    for ticket in known:
        kind, at = (ticket["enterprise_id"], ticket["category"]), ticket["received_at"]
        here = stored.setdefault(kind, [])
        insort(here, at)
        if bisect_right(everybody[kind], at) < SIMILAR_FROM and fired[ticket["id"]]:
            early.append(f"{SIMILAR} of ticket {ticket['id']}")
        if bisect_right(here, at) >= SIMILAR_FROM + at_once and ticket["status"] != "closed":
            due += 1
            if not fired[ticket["id"]]:
                missed.append(f"{SIMILAR} of ticket {ticket['id']}")
    doubled = [f"{SIMILAR} of ticket {ticket_id}" for ticket_id, times in fired.items() if times > 1]
    return due, missed, doubled, early
