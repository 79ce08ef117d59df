"""Text made searchable: the same folding and the same short tokens on every database.

A text holds a phrase when the folded text holds the folded phrase as a plain substring. Folding is NFKC and
case folding; letters and digits count, every run of anything else (punctuation, symbols, spaces, emoji) is
one gap.

Each letter or digit starts one token: itself and the next from U+2E80 on (Chinese, kana, hangul), itself and
the next two below (Latin, digits); a token ends at a gap at the latest. An index of tokens narrows to a few
texts and never loses one that holds the phrase; the substring in the stored text decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_QUERY_CHARS = 200
MAX_PHRASES = 16
_WIDE = "\u2e80"
_GAP = re.compile(r"[\W_]+")
_TOKEN = re.compile(f"(?=([{_WIDE}-\U0010ffff]\\w?|\\w{{1,3}}))")
_WIDE_LENGTH, _NARROW_LENGTH = 2, 3


@dataclass(frozen=True, slots=True)
class Query:
    """What a text must hold: all ``phrases``; hence all ``tokens``, and tokens that begin as ``starts`` say.

    There are ``starts`` only when there is not one whole token. No character of any of them needs escaping.
    """

    phrases: tuple[str, ...]
    tokens: tuple[str, ...]
    starts: tuple[str, ...]

    @property
    def to_compare(self) -> tuple[str, ...]:
        """The phrases that tokens alone do not prove."""
        return tuple(one for one in self.phrases if not (one in self.tokens and _is_full(one)))


def folded(text: str) -> str:
    """Return ``text`` as it is compared: folded, with single spaces for gaps and none at the ends."""
    return _GAP.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def body(fields: Iterable[str]) -> str:
    """Return the folded ``fields`` one to a line: no phrase reaches from one into the next."""
    return "\n".join(filter(None, map(folded, fields)))


def tokens(text: str) -> list[str]:
    """Return the different tokens of a folded text, sorted."""
    return sorted(set(_TOKEN.findall(text)))


def phrases(query: str) -> list[str]:
    """Return the folded words of what somebody typed: those between spaces that have a letter or digit.

    The first MAX_QUERY_CHARS characters count, and MAX_PHRASES different words.
    """
    found = dict.fromkeys(folded(word) for word in query[:MAX_QUERY_CHARS].split())
    return [phrase for phrase in found if phrase][:MAX_PHRASES]


def read_query(text: str) -> Query | None:
    """Return what somebody typed as a query; None when there is nothing to look for in it."""
    wanted = phrases(text)
    if not wanted:
        return None
    whole: set[str] = set()
    starts: set[str] = set()
    for phrase in wanted:
        *before, last = phrase.split(" ")
        whole.update(token for run in before for token in tokens(run))
        full = [token for token in tokens(last) if _is_full(token)]
        whole.update(full)
        if not full:
            starts.add(last)
    return Query(tuple(wanted), tuple(sorted(whole)), () if whole else tuple(sorted(starts)))


def _is_full(token: str) -> bool:
    """Whether the token ends by its length, not at the end of the run: more text would not change it."""
    return len(token) == (_WIDE_LENGTH if token[0] >= _WIDE else _NARROW_LENGTH)
