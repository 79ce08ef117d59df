"""Learning from the district's own history: once a day, in a process that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ticketing.learning import actions as learning
from ticketing.learning.rules.measuring import Learnt, learn_and_measure
from ticketing.learning.rules.reading import Cut
from ticketing.learning.words import Target
from ticketing.tickets.queries import lessons


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of learning one kind of suggestion; ``learnt`` is None when there was too little to learn."""

    target: Target
    version: int
    learnt: Learnt | None


def train(cut: Cut, *, now: datetime, most: int = lessons.MOST_LESSONS) -> Iterator[Trained]:
    """Learn every kind of suggestion from the newest ``most`` confirmed requests and keep what came of it.

    ``cut`` divides a text into words. With too little history nothing is kept.
    """
    for target in Target:
        known = lessons.lessons(target, most=most)
        learnt = learn_and_measure(known, cut, lessons.glossary(target))
        version = learning.keep(target, learnt, now=now) if learnt else 0
        yield Trained(target, version, learnt)
