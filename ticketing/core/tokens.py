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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ticketing.core.text import N_

MAX_QUERY_CHARS = 200
MAX_PHRASES = 16
# One letter stands in too many texts to look it up; three digits are the shortest piece of a phone number.
MIN_QUERY_CHARS = 2
MIN_PHONE_DIGITS = 3
NO_WORD = N_("里面没有可以查找的字或数字")
TOO_SHORT = N_("太短了，请至少连着写两个字或数字")
_WIDE = "\u2e80"
_GAP = re.compile(r"[\W_]+")
_TOKEN = re.compile(f"(?=([{_WIDE}-\U0010ffff]\\w?|\\w{{1,3}}))")
_WIDE_LENGTH, _NARROW_LENGTH = 2, 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word a text must hold: its folded ``phrase``; hence all ``tokens``, or one begun as ``start``.

    There is a ``start`` only when there is no whole token. ``digits``: the word as a piece of a phone number,
    empty when it cannot be one. No character of any of them needs escaping.
    """

    phrase: str
    tokens: tuple[str, ...]
    start: str = ""
    digits: str = ""


def folded(text: str) -> str:
    """Return ``text`` as it is compared: folded, with single spaces for gaps and none at the ends."""
    return _GAP.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def of_line(line: str) -> frozenset[str]:
    """Return the tokens of one line of a folded text; none reaches into the next line."""
    return frozenset(_TOKEN.findall(line))


class Folder(NamedTuple):
    """Folds texts and finds their tokens. One that remembers is for those who meet the same texts often."""

    folded: Callable[[str], str] = folded
    of_line: Callable[[str], frozenset[str]] = of_line

    @classmethod
    def remembering(cls, most: int) -> Folder:
        """Return one that keeps its latest answers, ``most`` of each kind."""
        return cls(lru_cache(most)(folded), lru_cache(most)(of_line))

    def body(self, fields: Iterable[str]) -> str:
        """Return the folded ``fields`` one to a line: no phrase reaches from one into the next."""
        return "\n".join(filter(None, map(self.folded, fields)))

    def tokens(self, text: str) -> list[str]:
        """Return the different tokens of a folded text, sorted."""
        return sorted(frozenset[str]().union(*map(self.of_line, text.split("\n"))))


FOLDER = Folder()


def body(fields: Iterable[str]) -> str:
    """Return the folded ``fields`` one to a line: no phrase reaches from one into the next."""
    return FOLDER.body(fields)


def tokens(text: str) -> list[str]:
    """Return the different tokens of a folded text, sorted."""
    return FOLDER.tokens(text)


def digits_of(text: str) -> str:
    """Return the digits of a phone number, whatever stands between them."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if "0" <= char <= "9")


def phrases(query: str) -> list[str]:
    """Return the folded words of what somebody typed: those between spaces that have a letter or digit.

    The first MAX_QUERY_CHARS characters count, and MAX_PHRASES different words.
    """
    found = dict.fromkeys(folded(word) for word in query[:MAX_QUERY_CHARS].split())
    return [phrase for phrase in found if phrase][:MAX_PHRASES]


def read_query(text: str) -> tuple[Word, ...]:
    """Return the words somebody typed; none when there is nothing to look for, or only single letters."""
    wanted = [_word(phrase) for phrase in phrases(text)]
    if all(len(word.phrase) < MIN_QUERY_CHARS for word in wanted):
        return ()
    return tuple(wanted)


def whole_tokens(run: str) -> list[str]:
    """Return the tokens every text has in which ``run`` stands, whatever follows it there."""
    return [token for token in tokens(run) if _is_full(token)]


def unfit(text: str) -> str | None:
    """Return the sentence on why nothing can be looked for, when something was typed; None when it can."""
    if not text.strip() or read_query(text):
        return None
    return TOO_SHORT if phrases(text) else NO_WORD


def _word(phrase: str) -> Word:
    *before, last = phrase.split(" ")
    whole = {token for run in before for token in tokens(run)} | set(whole_tokens(last))
    run = phrase.replace(" ", "")
    is_phone = len(run) >= MIN_PHONE_DIGITS and run.isascii() and run.isdecimal()
    return Word(phrase, tuple(sorted(whole)), "" if whole else last, run if is_phone else "")


def _is_full(token: str) -> bool:
    """Whether the token ends by its length, not at the end of the run: more text would not change it."""
    return len(token) == (_WIDE_LENGTH if token[0] >= _WIDE else _NARROW_LENGTH)
