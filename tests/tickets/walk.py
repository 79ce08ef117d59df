"""A walk through the life cycle: somebody does something allowed, and what must always hold is checked."""

from __future__ import annotations

import random
from collections import Counter

from sqlalchemy import select

from tests.tickets.holding import problems
from tests.tickets.typed import MAY_BE_REFUSED, typed
from tests.world import World
from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.errors import DomainError, Invalid, WrongState
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.tickets import rules
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.routing import OutsideYourArea
from ticketing.tickets.facts import standing
from ticketing.tickets.flow import parties
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, Kind, Level

PEOPLE = (
    "enterprise", "clerk", "dispatcher", "station", "area", "dept", "deptlead", "dept2", "supervisor",
    "caller", "manager", "s102-head", "d-pwr-handler", "d-tax-liaison", "d-tax-handler", "d-tax-lead",
)  # fmt: skip
# Talk is cheap and would fill the walk; ends are final.
SELDOM = {
    "note",
    "message",
    "urge",
    "supervise",
    "withdraw",
    "merge",
    "transfer",
    "answer_now",
    "cancel_part",
}
LIVE = 4
# A ticket has changed when one of these has; its clocks show in when it is due.
_MARKS = (Ticket.version, Ticket.event_seq, Ticket.status, Ticket.due_at, Ticket.queue_at, Ticket.unit_id)


class Walk:
    """Some tickets of one company and everybody who may do something with them; ``chance`` decides."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.numbers: list[str] = []
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._seen: dict[str, tuple[object, ...]] = {}

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
        wish = w.WISHES[Action(action)].model_validate(
            typed(self.world, number, action, self.chance, self.numbers)
        )
        before = self.world.row(number).version
        print_of_all = (
            self.world.fingerprint() if action in {"merge", "dispatch", "request_extension"} else None
        )
        try:
            self.world.do(who, number, wish)
        except (Invalid, WrongState, OutsideYourArea) as refusal:
            self._allowed_refusal(action, refusal)
            assert print_of_all in (None, self.world.fingerprint())
            return
        self.done[action] += 1
        assert self.world.row(number).version == before + 1
        for touched in {number, *self._touched(number)}:
            found = problems(self.world, touched)
            assert found == [], f"{who} {action} {touched}: {found}"

    def _allowed_refusal(self, action: str, refusal: DomainError) -> None:
        """What an offered action may still be refused for: what was typed."""
        assert action in MAY_BE_REFUSED, f"{action}: {refusal!r}"
        self.refused[action] += 1

    def _touched(self, number: str) -> list[str]:
        """Return the other tickets an action changed: it is theirs, too, when two are joined or part."""
        held = db.session.execute(select(Ticket.number, *_MARKS).where(Ticket.number.in_(self.numbers)))
        now = {number: tuple(marks) for number, *marks in held}
        touched = [other for other, marks in now.items() if self._seen.get(other) != marks]
        self._seen = now
        return touched
