"""Suggestions for one text: categories and lead departments, with the words that decided and the hit rate.

A suggestion never decides: whoever shows it offers a button that fills a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ticketing.learning import queries as learning
from ticketing.learning.rules.measuring import NOT_MEASURED, HitRate
from ticketing.learning.rules.model import Suggestion
from ticketing.learning.words import Target
from ticketing.network import queries as network
from ticketing.network.queries import CategoryInfo, Network, UnitInfo
from ticketing.tickets.queries.lessons import marks

_LIKELY, _POSSIBLE = 0.6, 0.25


class Belief(StrEnum):
    """How sure a suggestion is, in words people use."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True)
class Offer:
    """One candidate. ``words`` stand in the text; none when only the category decided."""

    code: str
    of: CategoryInfo | UnitInfo
    share: float
    words: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The share of the belief, in whole percent; never all of it."""
        return min(round(self.share * 100), 99)

    @property
    def belief(self) -> Belief:
        """The share as a word."""
        if self.share >= _LIKELY:
            return Belief.LIKELY
        return Belief.POSSIBLE if self.share >= _POSSIBLE else Belief.PERHAPS


@dataclass(frozen=True, slots=True)
class Guess:
    """What is suggested for a text, the likeliest first, and how often such suggestions were right."""

    offers: tuple[Offer, ...] = ()
    latest: HitRate = NOT_MEASURED
    fresh: HitRate = NOT_MEASURED


NOTHING = Guess()


def categories(text: str, known: list[CategoryInfo] | None = None) -> Guess:
    """Return the categories ``text`` sounds like; nothing when it says little or little was learnt.

    ``known``: the catalogue, when the caller has it already.
    """
    catalogue = {one.code: one for one in known or network.categories()}
    return _guess(Target.CATEGORY, text, (), catalogue)


def departments(text: str, category: str, net: Network) -> Guess:
    """Return the departments that led requests like ``text`` in ``category``; closed units are left out."""
    open_units = {unit.code: unit for unit in net.by_id.values() if unit.is_active}
    return _guess(Target.DEPARTMENT, text, marks(category), open_units)


def _guess(
    target: Target,
    text: str,
    facts: tuple[str, ...],
    named: Mapping[str, CategoryInfo] | Mapping[str, UnitInfo],
) -> Guess:
    known = learning.newest(target)
    if known is None:
        return NOTHING
    found = (one for one in known.model.suggest(text, facts) if one.code in named)
    offers = tuple(_offer(one, named[one.code]) for one in found)
    return Guess(offers, known.latest, known.fresh)


def _offer(one: Suggestion, of: CategoryInfo | UnitInfo) -> Offer:
    words = tuple(word for word in one.words if not word.startswith("="))
    return Offer(one.code, of, one.share, words)
