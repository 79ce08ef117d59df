"""What of a ticket is searched, how much a hit there weighs, and who may be told of it.

A row of ``ticket_texts`` has one column for each field, folded, and all their tokens in ``grams``, each begun
by its field's letter: so the index answers "in the title" as well as "anywhere".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ticketing.core import tokens
from ticketing.core.tokens import FOLDER, Folder

_ID_BITS = 30


class Field(StrEnum):
    """The columns of ``ticket_texts``. Names of a confidential request stand in the two hidden ones."""

    HEAD = "head"
    COMPANY = "company"
    BODY = "body"
    FILES = "files"
    INNER = "inner_files"
    HIDDEN = "hidden"
    INNER_HIDDEN = "inner_hidden"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Weight:
    """One field: the letter of its tokens, its ``level`` (1 weighs most), and who is never told of a hit.

    ``is_inner``: the company. ``is_secret``: whoever may not read the requester's contact.
    """

    letter: str
    level: int
    is_inner: bool = False
    is_secret: bool = False


WEIGHTS: dict[Field, Weight] = {
    Field.HEAD: Weight("t", 1),
    Field.COMPANY: Weight("c", 2),
    Field.BODY: Weight("d", 3),
    Field.FILES: Weight("f", 4),
    Field.INNER: Weight("i", 4, is_inner=True),
    Field.HIDDEN: Weight("s", 4, is_secret=True),
    Field.INNER_HIDDEN: Weight("z", 4, is_inner=True, is_secret=True),
    Field.PHONE: Weight("p", 4, is_secret=True),
}
LEVELS = (1, 2, 3, 4)
STRETCHES: dict[str, int] = {"v": _ID_BITS + 16, "w": _ID_BITS + 19, "y": _ID_BITS + 22}
"""How many bits of ``freshness`` are left out in the number of a stretch of time, by its tokens' letter.

Each text has one token for each: the 18 hours, the 6 and the 49 days it was received in. With one of them,
words are looked up in one stretch alone, and a page of the latest reads no text of years ago.
"""


def up_to(level: int, *, is_staff: bool) -> tuple[Field, ...]:
    """Return the fields that weigh ``level`` or more and of which such a person can be told."""
    return tuple(
        field
        for field, weight in WEIGHTS.items()
        if weight.level <= level and (is_staff or not weight.is_inner)
    )


def freshness(received_at: datetime, ticket_id: int) -> int:
    """Return the key that puts tickets in the order of receipt, and of their ids within one second.

    It ends with the id: ``ticket_of`` gives it back. Good until 2106 and for a thousand million tickets.
    """
    if ticket_id >> _ID_BITS:
        raise OverflowError(f"no room for ticket {ticket_id}")
    return int(received_at.timestamp()) << _ID_BITS | ticket_id


ID_MASK = (1 << _ID_BITS) - 1


@dataclass(frozen=True, slots=True)
class Document:
    """What is searched of one ticket. ``files`` and ``inner_files`` are the names of its attachments."""

    ticket_id: int
    received_at: datetime
    number: str
    title: str
    description: str
    enterprise: str
    phone: str
    is_confidential: bool
    files: tuple[str, ...] = ()
    inner_files: tuple[str, ...] = ()

    def texts(self, folder: Folder = FOLDER) -> dict[Field, str]:
        """Return the folded text of each field."""
        company = folder.body((self.enterprise,))
        files, inner = folder.body(self.files), folder.body(self.inner_files)
        found = dict.fromkeys(Field, "") | {
            Field.HEAD: folder.body((self.title, self.number, self.number.replace("-", ""))),
            Field.BODY: folder.body((self.description,)),
            Field.PHONE: tokens.digits_of(self.phone),
        }
        if self.is_confidential:
            return found | {Field.HIDDEN: f"{company}\n{files}".strip(), Field.INNER_HIDDEN: inner}
        return found | {Field.COMPANY: company, Field.FILES: files, Field.INNER: inner}

    def row(self, folder: Folder = FOLDER) -> dict[str, str | int]:
        """Return the row of ``ticket_texts``; tokens are separated by spaces, as both databases read them."""
        texts = self.texts(folder)
        grams = [
            WEIGHTS[field].letter + token
            for field, text in texts.items()
            if text
            for token in folder.tokens(text)
        ]
        fresh = freshness(self.received_at, self.ticket_id)
        stretches = (f"{letter}{fresh >> bits}" for letter, bits in STRETCHES.items())
        row: dict[str, str | int] = {field.value: text for field, text in texts.items()}
        return row | {
            "ticket_id": self.ticket_id,
            "fresh": fresh,
            "grams": " ".join((*grams, *stretches)),
        }


def rank(words: Iterable[tokens.Word], texts: dict[Field, str], told: Iterable[Field]) -> int | None:
    """Return the level of a text for the words: the last of each word's best; None when one is missing."""
    known = tuple(told)
    found = [
        min((WEIGHTS[field].level for field in known if holds(texts[field], field, word)), default=0)
        for word in words
    ]
    return max(found) if found and all(found) else None


def holds(text: str, field: Field, word: tokens.Word) -> bool:
    """Return whether the folded ``text`` of a field holds the word."""
    if field is Field.PHONE:
        return bool(word.digits) and word.digits in text
    return word.phrase in text
