"""Where words that were searched for stand in a text as it was written.

What is compared is folded (see ``tokens``), what is shown is not: each folded letter remembers the stretch of
the text it came from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ticketing.core.tokens import digits_of, folded

Span = tuple[int, int]
_BEFORE, _SHOWN = 14, 60


def spans(text: str, phrases: Iterable[str]) -> list[Span]:
    """Return the stretches of ``text`` where the folded ``phrases`` stand, in order, none overlapping."""
    whole = folded(text)
    held = [phrase for phrase in phrases if phrase and phrase in whole]
    if not held:  # mostly; and folding at once costs a tenth of folding letter by letter
        return []
    plain, places = _by_letter(text)
    found = [
        (places[at][0], places[at + len(phrase) - 1][1])
        for phrase in held
        for at in _occurrences(plain, phrase)
    ]
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def pieces(text: str, phrases: Iterable[str]) -> list[tuple[str, bool]]:
    """Return ``text`` cut up: each piece, and whether it was searched for."""
    found, last = [], 0
    for start, end in spans(text, phrases):
        found += [(text[last:start], False), (text[start:end], True)]
        last = end
    return [piece for piece in [*found, (text[last:], False)] if piece[0]]


def excerpt(text: str, phrases: Iterable[str]) -> str:
    """Return the part of a long text around the first of the phrases, on one line; else nothing."""
    line = " ".join(text.split())
    found = spans(line, phrases)
    if not found:
        return ""
    start = max(found[0][0] - _BEFORE, 0)
    end = min(max(start + _SHOWN, found[0][1]), len(line))
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def holds_digits(phone: str, digits: str) -> bool:
    """Return whether a phone number has these digits, whatever stands between them."""
    return bool(digits) and digits in digits_of(phone)


def _occurrences(plain: str, phrase: str) -> Iterator[int]:
    at = plain.find(phrase)
    while at >= 0:
        yield at
        at = plain.find(phrase, at + len(phrase))


def _by_letter(text: str) -> tuple[str, list[Span]]:
    """The folded text, and of each of its characters the stretch it stands for."""
    plain: list[str] = []
    places: list[Span] = []
    for start, end in _letters(text):
        for char in unicodedata.normalize("NFKC", text[start:end]).casefold():
            kept = char if char.isalnum() else " "
            if kept == " " and (not plain or plain[-1] == " "):
                continue
            plain.append(kept)
            places.append((start, end))
    return "".join(plain), places


def _letters(text: str) -> Iterator[Span]:
    """Each character with the marks that belong to it: folded apart they would not be the same."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            yield start, at
            start = at
