"""How good the suggestions are, measured on requests that were kept aside when learning."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ticketing.core.tokens import folded
from ticketing.learning.rules.model import MIN_LESSONS, Lesson, Model, learn
from ticketing.learning.rules.reading import Cut

SHARE_KEPT_ASIDE = 5
"""One in so many is kept aside."""
MIN_HISTORY = MIN_LESSONS * SHARE_KEPT_ASIDE // (SHARE_KEPT_ASIDE - 1)
"""With fewer nothing is suggested: what cannot be measured is not shown."""
MOST_ASKED = 1_000
_SHARPNESSES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
_NOTHING = 1e-4
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class HitRate:
    """Of ``asked`` requests kept aside: how often the first guess was right, how often one of three."""

    asked: int = 0
    first: int = 0
    three: int = 0

    @property
    def first_percent(self) -> int:
        """The share of first guesses that were right, in whole percent, rounded down."""
        return self.first * 100 // self.asked if self.asked else 0

    @property
    def three_percent(self) -> int:
        """The share of requests for which one of three guesses was right, in whole percent, rounded down."""
        return self.three * 100 // self.asked if self.asked else 0


NOT_MEASURED = HitRate()


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model made of all lessons, and what models made of a part of them got right on the rest.

    ``latest``: the newest fifth, as the days bring it. ``fresh``: a fifth by title, none of which was seen
    when learning; it says what to expect of wording that is new.
    """

    model: Model
    lessons: int
    latest: HitRate
    fresh: HitRate


def learn_and_measure(lessons: Sequence[Lesson], cut: Cut, glossary: Mapping[str, str]) -> Learnt | None:
    """Return what the lessons, newest first, teach, with its hit rates; None when they are too few.

    How sharply scores become shares is chosen so that both parts kept aside are surprised least.
    """
    model = learn(lessons, cut, glossary)
    if model is None or len(lessons) < MIN_HISTORY:
        return None
    newest = max(1, len(lessons) // SHARE_KEPT_ASIDE)
    latest = _Exam.of(lessons[newest:], lessons[:newest], cut, glossary)
    aside = [is_kept_aside(lesson.text) for lesson in lessons]
    seen = [lesson for lesson, is_aside in zip(lessons, aside, strict=True) if not is_aside]
    unseen = [lesson for lesson, is_aside in zip(lessons, aside, strict=True) if is_aside]
    fresh = _Exam.of(seen, unseen, cut, glossary)
    model.sharpness = min(_SHARPNESSES, key=lambda one: latest.surprise(one) + fresh.surprise(one))
    return Learnt(model, len(lessons), latest.hit_rate(), fresh.hit_rate())


def is_kept_aside(text: str) -> bool:
    """Return whether the request is of the fifth kept aside by its title: the first line, without digits."""
    title = _DIGITS.sub("", folded(text.partition("\n")[0]))
    return hashlib.sha256(title.encode()).digest()[0] % SHARE_KEPT_ASIDE == 0


@dataclass(frozen=True, slots=True)
class _Exam:
    model: Model | None
    asked: Sequence[Lesson]

    @classmethod
    def of(
        cls, seen: Sequence[Lesson], asked: Sequence[Lesson], cut: Cut, glossary: Mapping[str, str]
    ) -> _Exam:
        return cls(learn(seen, cut, glossary), asked[:MOST_ASKED])

    def hit_rate(self) -> HitRate:
        if self.model is None:
            return HitRate()
        guesses = [[one.code for one in self.model.suggest(q.text, q.marks)] for q in self.asked]
        first = sum(guess[:1] == [q.label] for guess, q in zip(guesses, self.asked, strict=True))
        three = sum(q.label in guess for guess, q in zip(guesses, self.asked, strict=True))
        return HitRate(len(self.asked), first, three)

    def surprise(self, sharpness: float) -> float:
        if self.model is None or not self.asked:
            return 0.0
        beliefs = (max(self.model.belief(q, sharpness), _NOTHING) for q in self.asked)
        return -sum(map(math.log, beliefs)) / len(self.asked)
