"""What was found on a page, marked: in the row, and in words when it stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from ticketing.core import marking
from ticketing.core.actor import Actor
from ticketing.core.tokens import Word, folded, read_query
from ticketing.tickets.queries import found
from ticketing.tickets.queries.found import Behind
from ticketing.tickets.queries.listing import TicketRow
from ticketing.web.texts import gettext as _

_REMEMBERED = 2048
_MARK = Markup("<mark>{}</mark>")


@dataclass(frozen=True, slots=True)
class Find:
    """One row as found: its words marked, and ``why`` it is here when they do not say so."""

    title: Markup
    number: Markup
    company: Markup
    why: tuple[Markup, ...]


def finds(actor: Actor, text: str, rows: Sequence[TicketRow]) -> dict[int, Find]:
    """Return how the rows of a page show what was searched for; one statement when some need a word more."""
    words = read_query(text)
    if not words:
        return {}
    unseen = {row.id: missing for row in rows if (missing := _unseen(row, words))}
    hidden = found.behind(actor, list(unseen))
    phrases = tuple(word.phrase for word in words)
    return {
        row.id: Find(
            marked(row.title, phrases),
            marked(row.number, phrases),
            marked(row.enterprise, phrases),
            _why(hidden[row.id], unseen[row.id]) if row.id in hidden else (),
        )
        for row in rows
    }


@lru_cache(maxsize=_REMEMBERED)
def marked(text: str, phrases: tuple[str, ...]) -> Markup:
    """Return ``text`` escaped, with the phrases in it marked. A page may have a company many times."""
    return Markup().join(
        _MARK.format(piece) if is_found else escape(piece)
        for piece, is_found in marking.pieces(text, phrases)
    )


def _unseen(row: TicketRow, words: Sequence[Word]) -> list[Word]:
    """The words that do not stand in the row."""
    shown = [folded(one) for one in (row.title, row.number, row.number.replace("-", ""), row.enterprise)]
    return [word for word in words if not any(word.phrase in one for one in shown)]


def _why(behind: Behind, words: Sequence[Word]) -> tuple[Markup, ...]:
    """Where the words are: the text first, else a file, else the phone; each place once."""
    told: list[Markup] = []
    for word in words:
        one = _where(behind, word, tuple(other.phrase for other in words))
        if one is not None and one not in told:
            told.append(one)
    return tuple(told)


def _where(behind: Behind, word: Word, phrases: tuple[str, ...]) -> Markup | None:
    part = marking.excerpt(behind.text, [word.phrase])
    if part:
        return marked(part, phrases)
    for name in behind.files:
        if word.phrase in folded(name):
            return Markup("{}{}").format(_("附件："), marked(name, phrases))
    if marking.holds_digits(behind.phone, word.digits):
        return Markup("{}{}").format(_("联系电话里有 "), _MARK.format(word.digits))
    return None
