"""Which requests of a company resemble each other: by their titles, and by what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from ticketing.core.text import clean_line
from ticketing.tickets.words import OPEN, State

MOST_SIMILAR = 3
# A request that was closed so lately may be the same matter again: it can be opened anew.
RECENT = timedelta(days=30)
# Two titles resemble each other when they share this part of the shorter one's pairs of characters.
_ALIKE = 0.5
_ALIKE_IN_CATEGORY = 0.2


class Titled(Protocol):
    """What is compared."""

    @property
    def title(self) -> str:
        """What it is about, in one line."""

    @property
    def category(self) -> str:
        """The code of its category."""


One = TypeVar("One", bound=Titled)


@dataclass(frozen=True, slots=True)
class Known:
    """A request a new one may resemble: open, or closed lately."""

    number: str
    title: str
    category: str
    status: State
    received_at: datetime
    unit: str = ""
    unit_en: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still goes on, so that words can be added to it."""
        return self.status in OPEN


def similar(title: str, category: str, known: Iterable[One]) -> list[One]:
    """Return the requests that look like a new one, the most alike first, three at the most.

    Two titles are compared by their pairs of neighbouring characters; within one category less is enough.
    """
    scored = [(_likeness(title, one.title), one) for one in known]
    found = [
        (score, one)
        for score, one in scored
        if score >= (_ALIKE_IN_CATEGORY if one.category == category else _ALIKE)
    ]
    return [one for _score, one in sorted(found, key=lambda pair: -pair[0])][:MOST_SIMILAR]


def _likeness(left: str, right: str) -> float:
    ours, theirs = _pairs(left), _pairs(right)
    shorter = min(len(ours), len(theirs))
    return len(ours & theirs) / shorter if shorter else 0.0


def _pairs(text: str) -> set[str]:
    plain = "".join(char for char in clean_line(text).lower() if char.isalnum())
    return {plain[at : at + 2] for at in range(len(plain) - 1)}
