"""When a life begins, how time passes in it, what happens how often, and how a fault is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ticketing.tickets.flow import FLOW
from ticketing.tickets.words import State

STARTS = (
    datetime(2026, 2, 13, 1, 0, tzinfo=UTC),  # before a working Saturday and the Spring Festival
    datetime(2026, 9, 18, 8, 30, tzinfo=UTC),  # a working Sunday and the National Day ahead
    datetime(2026, 11, 23, 2, 0, tzinfo=UTC),  # ordinary weeks, then a year without its notice
    datetime(2026, 11, 27, 9, 0, tzinfo=UTC),  # Friday at closing time
)
SPANS = tuple(timedelta(minutes=m) for m in (1, 10, 60, 300, 960, 1440, 2880, 10080, 30240))
TALK = frozenset({"message", "note", "urge", "supervise", "answer_supervision"})
WORK = frozenset({
    "contact", "claim", "assign", "invite", "finish_part", "approve_part", "send_back_part", "cancel_part",
    "request_extension", "decide_extension", "suspend", "resume",
})  # fmt: skip
MOVES = frozenset(action.value for action in FLOW) - TALK - WORK
FAR = (State.DISPATCHED, State.RETURN_REVIEW, State.PROCESSING, State.REPLIED, State.CLOSED)
SIDEWAYS = frozenset({"withdraw", "merge", "reject", "transfer", "answer_now", "up_report", "send_down"})
GROUPS = {"moves": MOVES, "on": MOVES - SIDEWAYS, "work": WORK, "talk": TALK}
# What happens, as often as it stands here. One rule draws from it: rules of their own would be left out of
# whole runs, and without the common ones nothing gets far.
HAPPENS = (
    *("file", "file for a company", "under way", "send with a key", "send with a key"),
    *["on"] * 7, *["moves"] * 2, *["work"] * 4,
    *("talk", "anything", "stale", "pause for no time"),
    *["time"] * 4, *["sweep"] * 2, "relay", "letters", "calendar",
)  # fmt: skip
FILING = frozenset({"file", "file for a company", "under way", "send with a key"})
STAFF_WHO_FILE = ("clerk", "station", "dispatcher", "dept", "area")


def must(holds: bool, otherwise: str) -> None:
    """Fail with the words of what does not hold."""
    if not holds:
        raise AssertionError(otherwise)


def none_of(problems: list[str]) -> None:
    """Fail with the problems there are."""
    must(not problems, "; ".join(problems))
