"""Reads database, ledger and sink at the end, and says what was lost, doubled, missed or half written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from tests.drill import mails, steps
from tests.drill.ledger import FILE, Client, Entry
from tests.drill.mails import Posted
from tests.drill.scene import Scene
from tests.drill.steps import Counted

REPLAYED = 100
APPROVE = "approve_reply"
"""What it tells are the words of another call."""
CLIENTS_AT_ONCE = 8
QUERIES = {
    "tickets": """SELECT id, number, title, status, enterprise_id, category, received_at, event_seq
        FROM tickets""",
    "events": """SELECT e.id, e.ticket_id, e.seq, e.at, e.actor_id, e.unit_id, e.action, e.from_status,
        e.data, t.number, t.title, t.enterprise_id FROM events e JOIN tickets t ON t.id = e.ticket_id
        ORDER BY e.ticket_id, e.seq""",
    "clocks": "SELECT ticket_id, nth FROM clocks",
    "escalations": """SELECT x.id, x.ticket_id, c.nth, x.step, x.due_moment, x.fired_at, x.event_id,
        x.notified FROM escalations x LEFT JOIN clocks c ON c.id = x.clock_id ORDER BY x.id""",
    "deliveries": """SELECT d.id, d.address, d.state, d.message_id, d.attempts, u.email
        FROM deliveries d JOIN users u ON u.id = d.user_id""",
    "delivery_events": "SELECT event_id, address, delivery_id FROM delivery_events",
    "inbox": "SELECT event_id, user_id FROM inbox_entries",
    "answers": "SELECT key, status, body FROM stored_answers",
    "outbox": "SELECT event_id FROM outbox",
}
DUE_STEPS = "SELECT count(*) FROM clocks WHERE state = 'running' AND next_step_at <= now()"
DUE_LOOKS = "SELECT count(*) FROM tickets WHERE look_at <= now()"
UNSENT = "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'leased')"
UNTOLD = "SELECT count(*) FROM outbox"
IN_HASTE = """UPDATE deliveries SET send_at = now(), lease_until = CASE WHEN state = 'leased' THEN now() END
    WHERE state IN ('waiting', 'leased')"""


@dataclass
class Calls:
    """What became of the calls of one group, and a line for each fault."""

    asked: int = 0
    acknowledged: int = 0
    unknown: int = 0
    tries: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """Everything that was found."""

    groups: Mapping[str, Calls]
    half_written: list[str]
    escalated: Counted
    posted: Posted
    replayed: int

    @property
    def faults(self) -> list[str]:
        """One line for each fault."""
        found = [f"half written: {one}" for one in self.half_written]
        for group in self.groups.values():
            for kind, lines in (("lost", group.lost), ("doubled", group.doubled), ("refused", group.refused)):
                found += [f"request {kind}: {one}" for one in lines]
        for kind in ("missed", "doubled", "early", "wrong"):
            found += [f"escalation {kind}: {one}" for one in getattr(self.escalated, kind)]
        for kind in ("lost", "strange", "unexplained"):
            found += [f"message {kind}: {one}" for one in getattr(self.posted, kind)]
        return found


def settle(scene: Scene, *, within: float, haste: bool = False) -> datetime:
    """Wait until nothing is left to do; return the moment up to which every step must have fired.

    ``haste``: do not wait for the ends of leases and for letters that wait for others.
    """
    until = time.monotonic() + within
    while True:
        horizon = datetime.now(UTC)
        if haste or not _left(scene):
            scene.flask("sla", "sweep")
        if haste:
            _hasten(scene)
        if not _left(scene) or time.monotonic() > until:
            return horizon
        time.sleep(0.5)


def _left(scene: Scene) -> int:
    """How much is left to do."""
    with scene.database.connect() as line:
        rows = [line.execute(query).fetchone() for query in (DUE_LOOKS, DUE_STEPS, UNTOLD, UNSENT)]
    return sum(row[0] for row in rows if row is not None)


def _hasten(scene: Scene) -> None:
    with scene.database.connect() as line:
        line.execute(IN_HASTE)


def judge(
    scene: Scene, entries: Mapping[str, Entry], client: Client, horizon: datetime, kills: Sequence[float]
) -> Verdict:
    """Read everything and compare."""
    with scene.database.connect() as line:
        reader = line.cursor(row_factory=dict_row)
        rows = {name: reader.execute(query).fetchall() for name, query in QUERIES.items()}
    effects = _effects(rows["events"])
    groups: dict[str, Calls] = {}
    for entry in entries.values():
        _judge_call(groups.setdefault(entry.call.group, Calls()), entry, effects)
    half = _half_written(rows, entries, effects)
    replayed = _replay(entries, client, half)
    whole = scene.flask("ledger", "verify")
    if whole.returncode:
        half.append(f"ledger verify: {whole.stdout[-500:]} {whole.stderr[-500:]}")
    ends = [*kills, *(end.at for end in scene.ends if end.name.startswith("worker"))]
    posted = mails.count(rows, scene.sink.taken, ends)
    return Verdict(groups, half, _escalated(rows, horizon), posted, replayed)


def _effects(events: Sequence[Mapping[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Count what is in the log: filings by title, other actions by ticket and by what was said."""
    found: Counter[tuple[str, str, str]] = Counter()
    for event in events:
        if event["action"] == FILE:
            found[FILE, "", event["title"].rpartition(" ")[2]] += 1
            continue
        said = {} if event["action"] == APPROVE else event["data"].get("said", {})
        texts = [said[name] for name in ("body", "note", "reply") if said.get(name)]
        found[event["action"], event["number"], texts[0] if texts else ""] += 1
    return found


def _key(entry: Entry) -> tuple[str, str, str]:
    call = entry.call
    if call.number is None:
        return FILE, "", call.mark
    has_text = any(value == call.mark for value in call.body.values())
    return call.action, call.number, call.mark if has_text else ""


def _judge_call(group: Calls, entry: Entry, effects: Mapping[tuple[str, str, str], int]) -> None:
    """Acknowledged: exactly once. Not known: at most once. Refused: it should not have been."""
    times = effects.get(_key(entry), 0)
    name = f"{entry.call.mark} {entry.call.action}"
    group.asked += 1
    group.tries += 1 + len(entry.trouble)
    group.acknowledged += entry.is_acknowledged
    group.unknown += entry.status is None
    if entry.is_acknowledged and not times:
        group.lost.append(name)
    if times > 1:
        group.doubled.append(f"{name}: {times} times")
    if entry.is_refused:
        group.refused.append(f"{name}: {entry.status} {entry.answer[:200]} after {entry.trouble}")


def _half_written(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    entries: Mapping[str, Entry],
    effects: Mapping[tuple[str, str, str], int],
) -> list[str]:
    """Effects without their answer and the other way round; tickets without their clocks, events, entries."""
    answers = {row["key"] for row in rows["answers"]}
    asked = sum(1 for event in rows["events"] if event["actor_id"] is not None)
    found = [f"outbox still has event {row['event_id']}" for row in rows["outbox"]]
    for mark, entry in entries.items():
        if (mark in answers) != bool(effects.get(_key(entry), 0)):
            found.append(
                f"{mark}: the answer is stored: {mark in answers}, the effect is not, or the reverse"
            )
    found += [f"nobody asked for {key}" for key in answers - entries.keys()]
    if asked != sum(effects.get(_key(entry), 0) for entry in entries.values()):
        found.append(f"{asked} events by people, which nobody asked for in this number")
    return found + _half_tickets(rows, entries) + mails.inboxes(rows)


def _half_tickets(rows: Mapping[str, Sequence[Mapping[str, Any]]], entries: Mapping[str, Entry]) -> list[str]:
    found = []
    seqs: dict[int, list[int]] = {}
    for event in rows["events"]:
        seqs.setdefault(event["ticket_id"], []).append(event["seq"])
    clocks = {(row["ticket_id"], row["nth"]) for row in rows["clocks"]}
    for ticket in rows["tickets"]:
        name, mark = ticket["number"], ticket["title"].rpartition(" ")[2]
        if seqs.get(ticket["id"], []) != list(range(1, ticket["event_seq"] + 1)):
            found.append(f"{name}: its events do not follow each other")
        if not {(ticket["id"], 1), (ticket["id"], 2)} <= clocks:
            found.append(f"{name}: a clock is missing")
        if mark not in entries:
            found.append(f"{name}: nobody filed it")
        elif entries[mark].is_acknowledged and entries[mark].number != name:
            found.append(f"{name}: the client was told of {entries[mark].number}")
    return found


def _replay(entries: Mapping[str, Entry], client: Client, half: list[str]) -> int:
    """Ask again what was acknowledged, under the same key: the first answer comes again, byte for byte."""
    done = [entry for entry in entries.values() if entry.is_acknowledged]
    chosen = done[:: max(len(done) // REPLAYED, 1)]
    client.hang_up()  # the line has rested longer than the server keeps one
    for entry in chosen:
        status, answer = client.send(entry.call)
        if (status, answer) != (entry.status, entry.answer):
            half.append(f"{entry.call.mark} answered otherwise when asked again: {status} {answer[:200]}")
    return len(chosen)


def _escalated(rows: Mapping[str, Sequence[Mapping[str, Any]]], horizon: datetime) -> Counted:
    """The steps of clocks, and the cause of many alike; each with an event of its own."""
    found = steps.count(steps.runs(rows["events"]), rows["escalations"], horizon)
    due, missed, doubled, early = steps.similar(rows["tickets"], rows["escalations"], CLIENTS_AT_ONCE)
    found.missed.extend(missed)
    found.doubled.extend(doubled)
    found.early.extend(early)
    told = Counter(row["event_id"] for row in rows["escalations"])
    spoken = {event["id"] for event in rows["events"] if event["action"] == "escalate"}
    found.doubled.extend(
        f"event {event} stands for {times} steps" for event, times in told.items() if times > 1
    )
    found.wrong.extend(f"event {event} without its step, or the reverse" for event in spoken ^ told.keys())
    strange = {row["step"] for row in rows["escalations"] if row["nth"] is None} - {steps.SIMILAR}
    found.wrong.extend(f"no step named {step} was to be" for step in strange)
    alike = sum(1 for row in rows["escalations"] if row["step"] == steps.SIMILAR)
    return Counted(
        found.due + due, found.fired + alike, found.missed, found.doubled, found.early, found.wrong,
        found.late_seconds,
    )  # fmt: skip
