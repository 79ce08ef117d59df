"""Reading a text for learnt words: by the same few lines when learning and when suggesting.

Only here is decided what may be a word at all: two or more Chinese characters, or a word of Latin letters.
Whatever holds a digit (a number, a phone, a credit code) is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable

from ticketing.core.tokens import folded

MAX_CHARS = 2_000
"""What a text says after that many characters decides nothing: a suggestion takes milliseconds at most."""
LONGEST_WORD = 6
_RUN = re.compile(r"[a-z]{2,20}(?![a-z0-9])|[\u4e00-\u9fff]{2,}")
_WORD = re.compile(rf"[a-z]{{2,20}}|[\u4e00-\u9fff]{{2,{LONGEST_WORD}}}")
Cut = Callable[[str], Iterable[str]]


def words_in(text: str, known: Container[str]) -> list[str]:
    """Return the different ``known`` words of ``text``, each once, as they come up; the longest one wins."""
    found: dict[str, None] = {}
    for run in _RUN.findall(folded(text[:MAX_CHARS])):
        if run[0].isascii():
            if run in known:
                found[run] = None
            continue
        at, end = 0, len(run)
        while at < end - 1:
            at += _word_at(run, at, known, found)
    return list(found)


def _word_at(run: str, at: int, known: Container[str], found: dict[str, None]) -> int:
    """Note the longest known word that starts at ``at``; return how far to go on."""
    for length in range(min(LONGEST_WORD, len(run) - at), 1, -1):
        word = run[at : at + length]
        if word in known:
            found[word] = None
            return length
    return 1


def words_cut(text: str, cut: Cut) -> set[str]:
    """Return the different words of ``text`` as a dictionary cuts it: what a vocabulary is made of."""
    return {word for word in cut(folded(text[:MAX_CHARS])) if _WORD.fullmatch(word)}
