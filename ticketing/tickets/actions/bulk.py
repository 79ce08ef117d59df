"""One wish for many tickets: each goes through the one door, in a transaction of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ticketing.core import idempotency
from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.idempotency import Answer
from ticketing.core.text import N_
from ticketing.tickets import rules
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.wishes import Wish

MOST_PICKED = 100
PATIENCE_SECONDS = 15.0
"""No further ticket is begun after this; half of what a request may take before its server ends it."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A ticket somebody chose, in the version on the page it was chosen from."""

    number: str
    version: int | None = None


class NoTimeLeft(DomainError):
    """The others took so long that this one was not begun."""

    sentence = N_("前面的诉求用时较长，这一件还没有办，请再办一次")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket: done, or why not; a refusal has changed nothing."""

    pick: Pick
    refusal: DomainError | None = None

    @property
    def is_done(self) -> bool:
        """Whether the wish was fulfilled, now or the first time it was sent."""
        return self.refusal is None


def perform_many(
    actor: Actor,
    picks: Sequence[Pick],
    wish: Wish,
    key: str,
    *,
    now: datetime,
    patience_seconds: float = PATIENCE_SECONDS,
) -> list[Outcome]:
    """Do what ``wish`` asks for to each of ``picks``, in their order, and return what became of each.

    Each stands by itself: the same rules, its own version, transaction and event. ``key`` belongs to the
    form; sent again with it, what was done stays done once and the rest is tried. So a process killed
    half-way leaves nothing to repair.
    """
    began, outcomes = time.monotonic(), []
    for pick in _each_once(picks):
        is_late = time.monotonic() - began >= patience_seconds
        refusal = NoTimeLeft() if is_late else _refusal(actor, pick, wish, key, now)
        outcomes.append(Outcome(pick, refusal))
    return outcomes


def _each_once(picks: Sequence[Pick]) -> Iterator[Pick]:
    """The picks under their usual numbers, the first of each."""
    seen: set[str] = set()
    for pick in picks:
        number = rules.read_number(pick.number) or pick.number
        if number not in seen:
            seen.add(number)
            yield Pick(number, pick.version)


def _refusal(actor: Actor, pick: Pick, wish: Wish, key: str, now: datetime) -> DomainError | None:
    """Why this ticket was refused; None when it is done."""
    if rules.read_number(pick.number) is None:
        return NotFound(number=pick.number)
    asked = wish.model_copy(update={"version": pick.version})
    told = json.dumps([asked.action, pick.number, asked.model_dump(mode="json")], sort_keys=True)

    def make() -> Answer:
        perform(actor, pick.number, asked, now=now)
        return Answer(200, "")

    own_key = f"many {key} {asked.action} {pick.number} {pick.version}"
    try:
        idempotency.once(f"user:{actor.user_id}", own_key, told.encode(), make, now=now)
    except DomainError as refused:
        return refused
    return None
