"""How common words are among all texts, as PostgreSQL last found out."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import text

from ticketing.core.db import db
from ticketing.core.tokens import Word
from ticketing.tickets.searchable import LEVELS, WEIGHTS, up_to

_TRUE_FOR_SECONDS = 3600
# What one more token nobody knows leaves of the texts that have the others.
_EACH_FURTHER = 1 / 8
_STATISTICS = text(
    "SELECT GREATEST(reltuples, 0) AS total, most_common_elems::text::text[] AS tokens, "
    "most_common_elem_freqs AS shares FROM pg_class, pg_stats "
    "WHERE oid = 'ticket_texts'::regclass AND tablename = relname AND attname = 'grams'"
)


@dataclass(frozen=True, slots=True)
class Known:
    """How many texts there are, the shares of common tokens among them, and what is taken for all others."""

    total: float
    least: float
    shares: Mapping[str, float]


def known() -> Known:
    """Return what is known, looked up once an hour by each process."""
    return _looked_up(str(db.engine.url), int(time.monotonic() // _TRUE_FOR_SECONDS))


@lru_cache(maxsize=4)
def _looked_up(_database: str, _hour: int) -> Known:
    """Before PostgreSQL looked through the texts any word may be common."""
    row = db.session.execute(_STATISTICS).first()
    if row is None or not row.tokens:
        return Known(math.inf, 1.0, {})
    shares = row.shares[: len(row.tokens)]
    return Known(row.total, min(shares) / 2, dict(zip(row.tokens, shares, strict=True)))


def shares(words: Sequence[Word], level: int, known: Mapping[str, float], least: float) -> list[float]:
    """Return about what part of all texts hold each word in fields of ``level``, by how common tokens are.

    ``known``: the shares of common tokens; ``least`` is taken for one that is not known, and less for more.
    In the fields of the last level, which mostly are empty, one that is not known counts for nothing.
    """
    weights = [WEIGHTS[field] for field in up_to(level, is_staff=True)]
    return [
        min(
            sum(
                _share(word, weight.letter, known, least if weight.level < LEVELS[-1] else 0.0)
                for weight in weights
            ),
            1.0,
        )
        for word in words
    ]


def _share(word: Word, letter: str, known: Mapping[str, float], least: float) -> float:
    shares = [known[letter + token] for token in word.tokens if letter + token in known]
    unknown = len(word.tokens) - len(shares)
    if unknown or not word.tokens:
        shares.append(least * _EACH_FURTHER ** max(unknown - 1, 0))
    return min(shares)
