"""What is learnt from answered requests, and how it suggests: naive Bayes with words people can read.

A word speaks for a label as much as it is more frequent there than everywhere:
``log(P(word | label) / P(word))``. Rare pairs are drawn towards "no more frequent than elsewhere", so that a
word seen twice decides little. Words that stand everywhere weigh nothing; no list of stop words is needed.

A word is learnt only when requests of MIN_COMPANIES different companies hold it: what one company alone
writes (a name, a project, a secret) can neither decide nor be shown to another.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ticketing.learning.rules.reading import Cut, words_cut, words_in

MIN_COMPANIES = 5
MIN_LESSONS = 100
MIN_OF_LABEL = 3
MAX_WORDS = 6_000
GLOSSARY_TIMES = 10
MARK_COUNTS = 5
"""A fact beside the text weighs like so many words: a category says more of the department than any word."""
MOST_SUGGESTED = 3
MOST_WORDS_SHOWN = 4
_DRAWN = 3.0
"""How many requests' worth a pair never seen counts as ordinary."""
_TELLING = math.log(1.5)
"""A word decides when it is at least one and a half times as frequent with the label."""
_LEAST_WEIGHT = -1.0
"""A word that was never seen with a label speaks against it only so much, however long the history is: else a
dozen ordinary words in new wording outweigh the category."""
_LEAST_SHARE = 0.05
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Lesson:
    """One request whose label was confirmed. ``company`` tells companies apart and is not learnt.

    ``marks`` are facts beside the text that may decide, too: each a word that no text can hold, as ``=PWR``.
    """

    text: str
    label: str
    company: int
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One candidate: its code, its share of the belief (0 to 1), and the words of the text that decided."""

    code: str
    share: float
    words: tuple[str, ...]


@dataclass(slots=True)
class Model:
    """How often each word stands with each label, in how many requests. Immutable once learnt."""

    labels: dict[str, int]
    words: dict[str, dict[str, int]]
    sharpness: float = 1.0
    _total: int = field(init=False)
    _seen: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._total = sum(self.labels.values())
        self._seen = {word: sum(counts.values()) for word, counts in self.words.items()}

    def suggest(
        self, text: str, marks: Sequence[str] = (), *, most: int = MOST_SUGGESTED
    ) -> list[Suggestion]:
        """Return up to ``most`` candidates, the likeliest first; none when nothing known speaks for any."""
        said = self._said(text, marks)
        if not said:
            return []
        shares = self._shares(said, self.sharpness)
        ranked = sorted(shares, key=lambda label: (-shares[label], label))[:most]
        found = [Suggestion(label, shares[label], self._telling(label, said)) for label in ranked]
        return [one for one in found if one.words and one.share >= _LEAST_SHARE]

    def belief(self, lesson: Lesson, sharpness: float) -> float:
        """Return the share that the lesson's own label would get with this ``sharpness``."""
        return self._shares(self._said(lesson.text, lesson.marks), sharpness).get(lesson.label, 0.0)

    def rarity(self, word: str) -> int:
        """Return in how many of the requests learnt from ``word`` stands; 0 when it is not known."""
        return self._seen.get(word, 0)

    def known_in(self, text: str) -> list[str]:
        """Return the learnt words of ``text``, the rarest first."""
        return sorted(words_in(text, self.words), key=lambda word: (self._seen[word], word))

    def _said(self, text: str, marks: Sequence[str]) -> list[str]:
        return [*(mark for mark in marks if mark in self.words), *words_in(text, self.words)]

    def _shares(self, said: Sequence[str], sharpness: float) -> dict[str, float]:
        scores = {label: self._score(label, said) for label in self.labels}
        best = max(scores.values())
        parts = {label: math.exp((score - best) * sharpness) for label, score in scores.items()}
        total = sum(parts.values())
        return {label: part / total for label, part in parts.items()}

    def _score(self, label: str, said: Sequence[str]) -> float:
        prior = math.log(self.labels[label] / self._total)
        return prior + sum(
            self._weight(word, label) * (MARK_COUNTS if word[0] == "=" else 1) for word in said
        )

    def _weight(self, word: str, label: str) -> float:
        usual = self._seen[word] / self._total
        among = self.labels[label]
        here = self.words[word].get(label, 0)
        return max(math.log((here + _DRAWN * usual) / (among + _DRAWN) / usual), _LEAST_WEIGHT)

    def _telling(self, label: str, said: Sequence[str]) -> tuple[str, ...]:
        weights = {word: self._weight(word, label) for word in said}
        strong = [word for word in said if weights[word] >= _TELLING]
        return tuple(
            sorted(strong, key=lambda word: (-round(weights[word], 1), -len(word), word))[:MOST_WORDS_SHOWN]
        )

    def stored(self) -> dict[str, Any]:
        """Return the model as plain data for the database; ``read_model`` takes it back."""
        return {"labels": self.labels, "words": self.words, "sharpness": self.sharpness}


def read_model(data: dict[str, Any]) -> Model:
    """Return the model that ``Model.stored`` wrote."""
    return Model(data["labels"], data["words"], data["sharpness"])


def learn(lessons: Sequence[Lesson], cut: Cut, glossary: Mapping[str, str] = _NONE) -> Model | None:
    """Return what the lessons teach; None when there are too few of them, or all have one label.

    ``cut`` divides a text into words and is needed for the vocabulary only. ``glossary``: what the district's
    own catalogue says of a label; its words are public, known from the first day. Same lessons, same model.
    """
    labels = Counter(lesson.label for lesson in lessons)
    kept = {label: count for label, count in sorted(labels.items()) if count >= MIN_OF_LABEL}
    if sum(kept.values()) < MIN_LESSONS or len(kept) < 2:  # noqa: PLR2004 - nothing to choose from
        return None
    usable = [lesson for lesson in lessons if lesson.label in kept]
    public = {label: sorted(words_cut(text, cut)) for label, text in glossary.items() if label in kept}
    known = {*vocabulary(usable, cut), *(word for held in public.values() for word in held)}
    words: dict[str, Counter[str]] = {word: Counter() for word in sorted(known)}
    for label, held in public.items():
        for word in held:
            words[word][label] += GLOSSARY_TIMES
    for lesson in usable:
        for word in (*lesson.marks, *words_in(lesson.text, words)):
            words.setdefault(word, Counter())[lesson.label] += 1
    return Model(kept, {word: dict(counts) for word, counts in words.items() if counts})


def vocabulary(lessons: Iterable[Lesson], cut: Cut) -> list[str]:
    """Return the words that requests of enough different companies hold, MAX_WORDS of the most frequent."""
    companies: dict[str, set[int]] = {}
    times: Counter[str] = Counter()
    for lesson in lessons:
        for word in words_cut(lesson.text, cut):
            times[word] += 1
            seen = companies.setdefault(word, set())
            if len(seen) < MIN_COMPANIES:
                seen.add(lesson.company)
    shared = [word for word, seen in companies.items() if len(seen) >= MIN_COMPANIES]
    return sorted(sorted(shared), key=lambda word: -times[word])[:MAX_WORDS]
