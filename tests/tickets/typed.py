"""What people type with each action, by chance: mostly what is right, now and then what is refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.world import World
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.tickets import wishes as w
from ticketing.tickets.words import Action, Kind, Level

UNITS = ("D-PWR", "D-HRS", "D-TAX", "S101", "S102", "A1", "C0")
HANDLERS = {
    "D-PWR": "d-pwr-handler", "D-HRS": "dept2", "D-TAX": "d-tax-handler", "S101": "station",
    "S102": "s102-head", "A1": "area", "C0": "c0-handler",
}  # fmt: skip
# Offered, and still refused now and then for what was typed: a unit, a person, a number, a length of time.
MAY_BE_REFUSED = {
    "merge", "dispatch", "request_extension", "submit_reply", "rule_return", "transfer", "send_down",
    "invite", "assign", "cancel_part",
}  # fmt: skip
_TEXT = "因现场条件"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who types: about which ticket, in which world, with which other tickets at hand."""

    world: World
    number: str
    chance: random.Random
    numbers: Sequence[str]

    @property
    def unit(self) -> str:
        return self.chance.choice(UNITS)

    @property
    def days(self) -> int:
        return self.chance.randint(1, 5)

    @property
    def verdict(self) -> dict[str, Any]:
        return {
            "solved": self.chance.choice(["yes", "partly", "no"]),
            "satisfaction": self.chance.randint(1, 5),
        }


def typed(
    world: World, number: str, action: str, chance: random.Random, numbers: Sequence[str]
) -> dict[str, Any]:
    """Return the fields of one action on ``number``; ``numbers`` are the tickets it could be joined to."""
    desk = _Desk(world, number, chance, numbers)
    seen = {"version": world.row(number).version} if chance.random() < 0.5 else {}
    fill = _FIELDS.get(action)
    return seen | (fill(desk) if fill else _said(action))


def _said(action: str) -> dict[str, Any]:
    """The one text an action asks for, under its own name."""
    fields = w.WISHES[Action(action)].model_fields
    return {name: _TEXT for name in ("message", "reply", "reason", "body") if name in fields}


def _accept(desk: _Desk) -> dict[str, Any]:
    chance = desk.chance
    return chance.choice([{}, {}, {"kind": chance.choice(list(Kind))}, {"level": chance.choice(list(Level))}])


def _dispatch(desk: _Desk) -> dict[str, Any]:
    return {"unit": desk.unit, "co_units": desk.chance.sample(UNITS, desk.chance.choice([0, 0, 1]))}


def _assign(desk: _Desk) -> dict[str, Any]:
    unit = network().by_id[desk.world.row(desk.number).unit_id]
    return {"user": f"{HANDLERS.get(unit.code, 'dept')}@demo.example"}


def _extension(desk: _Desk) -> dict[str, Any]:
    is_urgent = desk.world.row(desk.number).level is Level.URGENT
    return {"reason": _TEXT} | ({"hours": desk.days} if is_urgent else {"days": desk.days})


def _suspend(desk: _Desk) -> dict[str, Any]:
    return {
        "reason_code": desk.chance.choice(["season", "awaiting_requester"]),
        "resume_on": local_date(desk.world.now) + timedelta(days=desk.days),
    }


_FIELDS: dict[str, Callable[[_Desk], dict[str, Any]]] = {
    "accept": _accept,
    "reject": lambda desk: {"reason_code": "abuse", "message": _TEXT},
    "dispatch": _dispatch,
    "request_return": lambda desk: {"reason_code": "unclear_duty", "message": _TEXT},
    "rule_return": lambda desk: {"uphold": desk.chance.random() < 0.5, "unit": desk.unit, "message": _TEXT},
    "transfer": lambda desk: {"unit": desk.unit, "message": _TEXT},
    "send_down": lambda desk: {"unit": desk.unit},
    "contact": lambda desk: {"outcome": desk.chance.choice(["reached", "no_answer"])},
    "submit_reply": lambda desk: {"reply": _TEXT, "reason": desk.chance.choice(["", _TEXT])},
    "revisit": lambda desk: desk.chance.choice([{"reached": False}, desk.verdict | {"reached": True}]),
    "rate": lambda desk: desk.verdict,
    "assign": _assign,
    "cancel_part": lambda desk: {"unit": desk.unit, "message": _TEXT},
    "invite": lambda desk: {"unit": desk.unit, "due_limit": "2wd", "message": _TEXT},
    "request_extension": _extension,
    "decide_extension": lambda desk: {"approve": desk.chance.random() < 0.7, "message": _TEXT},
    "suspend": _suspend,
    "supervise": lambda desk: {"demand": _TEXT, "due_limit": "1wd"},
    "merge": lambda desk: {"into": desk.chance.choice(desk.numbers)},
}
