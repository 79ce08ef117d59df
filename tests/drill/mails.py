"""Compares what people were to be told with the letters that lie in the sink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.drill.load import CALM
from tests.drill.sink import Taken

MOST_LINES = 30
"""A letter about more events than this names the last ones only."""
BEFORE_SECONDS = 2.0
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Posted:
    """The figures of messages, and a line for each fault."""

    letters: int = 0
    copies: int = 0
    repeated: int = 0
    altered: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)


def count(rows: Mapping[str, Rows], taken: Sequence[Taken], sender_ends: Sequence[float]) -> Posted:
    """Judge the letters; ``sender_ends``: when a sender or the database under it was killed."""
    posted = Posted(letters=len(rows["deliveries"]), copies=len(taken), kills=len(sender_ends))
    by_id: dict[str, list[Taken]] = {}
    for letter in taken:
        by_id.setdefault(str(letter.mail["Message-ID"]), []).append(letter)
    known = {row["message_id"]: row for row in rows["deliveries"]}
    posted.strange.extend(f"nobody knows letter {name}" for name in by_id.keys() - known.keys())
    for name, row in known.items():
        copies = by_id.get(name, [])
        if row["state"] != "sent" or not copies:
            posted.lost.append(
                f"letter {row['id']} to {row['address']} is {row['state']}: {len(copies)} came"
            )
        _judge_copies(row, copies, sender_ends, posted)
    _judge_audience(rows, posted)
    _judge_texts(rows, by_id, posted)
    return posted


def _judge_copies(
    row: Mapping[str, Any], copies: Sequence[Taken], sender_ends: Sequence[float], posted: Posted
) -> None:
    """A repeat is allowed only when between the two a sender, or the database it told, was killed."""
    posted.repeated += max(len(copies) - 1, 0)
    posted.altered += max(len({copy.raw for copy in copies}) - 1, 0)
    if {copy.to for copy in copies} - {(row["email"],)}:
        posted.strange.append(f"letter {row['id']} went to somebody else")
    for first, second in pairwise(copies):
        if not any(first.at - BEFORE_SECONDS <= at <= second.at for at in sender_ends):
            posted.unexplained.append(f"letter {row['id']} came again after {second.at - first.at:.1f} s")


def _judge_audience(rows: Mapping[str, Rows], posted: Posted) -> None:
    """Every event must reach whom it reached in the calm before; an escalation whom it says it told."""
    reached: dict[int, set[str]] = {}
    for row in rows["delivery_events"]:
        reached.setdefault(row["event_id"], set()).add(row["address"])
    told = {row["event_id"]: {f"email:{user}" for user in row["notified"]} for row in rows["escalations"]}
    usual: dict[object, set[str]] = {}
    for event in rows["events"]:
        if f" {CALM}-" in event["title"] and event["id"] not in told:
            usual.setdefault(_sort(event), reached.get(event["id"], set()))
    for event in rows["events"]:
        wanted = told.get(event["id"], usual.get(_sort(event)))
        found = reached.get(event["id"], set())
        if wanted is None:
            posted.strange.append(f"event {event['id']}, {event['action']}, has no like in the calm")
        elif wanted - found:
            posted.lost.append(f"event {event['id']}, {event['action']}: {sorted(wanted - found)} not told")
        elif found - wanted:
            posted.strange.append(f"event {event['id']}, {event['action']}: {sorted(found - wanted)} told")


def _sort(event: Mapping[str, Any]) -> object:
    """Events of one sort are told to the same people."""
    return event["action"], event["from_status"], event["actor_id"], event["enterprise_id"], event["unit_id"]


def _judge_texts(rows: Mapping[str, Rows], by_id: Mapping[str, Sequence[Taken]], posted: Posted) -> None:
    """A letter must name the ticket of each event it tells of."""
    numbers = {event["id"]: event["number"] for event in rows["events"]}
    told: dict[int, list[str]] = {}
    for row in sorted(rows["delivery_events"], key=lambda one: one["event_id"]):
        told.setdefault(row["delivery_id"], []).append(numbers[row["event_id"]])
    for row in rows["deliveries"]:
        for letter in by_id.get(row["message_id"], [])[:1]:
            text = f"{letter.mail['Subject']}\n{letter.mail.get_content()}"
            missing = [number for number in told.get(row["id"], [])[-MOST_LINES:] if number not in text]
            if missing:
                posted.lost.append(f"letter {row['id']} does not name {', '.join(missing)}")


def inboxes(rows: Mapping[str, Rows]) -> list[str]:
    """Return the events that somebody was written to about, who has no entry of it in the inbox, or two."""
    entered = Counter((row["event_id"], row["user_id"]) for row in rows["inbox"])
    found = [
        f"event {event}: {times} entries for {user}" for (event, user), times in entered.items() if times > 1
    ]
    for row in rows["delivery_events"]:
        user = int(row["address"].partition(":")[2])
        if (row["event_id"], user) not in entered:
            found.append(f"event {row['event_id']} is not in the inbox of {user}")
    return found
