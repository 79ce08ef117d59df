"""Decisions about the ways in: which requests resemble each other, what a rating link holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from ticketing.core.text import clean_line

RATING_LINK_LIFE = timedelta(days=30)
TRACK_TAIL_DIGITS = 4
MOST_SIMILAR = 3
# Two titles resemble each other when they share this part of the shorter one's pairs of characters.
_ALIKE = 0.5
_ALIKE_IN_CATEGORY = 0.2
_SALT = "rating-link"


@dataclass(frozen=True, slots=True)
class Known:
    """An open request a new one may resemble."""

    number: str
    title: str
    category: str


def similar(title: str, category: str, known: Iterable[Known]) -> list[Known]:
    """Return the requests that look like a new one, the most alike first, three at the most.

    Two titles are compared by their pairs of neighbouring characters; within one category less is enough.
    """
    scored = [(_likeness(title, one.title), one) for one in known]
    found = [
        (score, one)
        for score, one in scored
        if score >= (_ALIKE_IN_CATEGORY if one.category == category else _ALIKE)
    ]
    return [one for _score, one in sorted(found, key=lambda pair: -pair[0])][:MOST_SIMILAR]


def _likeness(left: str, right: str) -> float:
    ours, theirs = _pairs(left), _pairs(right)
    shorter = min(len(ours), len(theirs))
    return len(ours & theirs) / shorter if shorter else 0.0


def _pairs(text: str) -> set[str]:
    plain = "".join(char for char in clean_line(text).lower() if char.isalnum())
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


@dataclass(frozen=True, slots=True)
class RatingLink:
    """What a rating link opens: one cycle of one ticket, until a moment."""

    number: str
    cycle: int
    ends_at: datetime


def rating_token(secret: str, number: str, cycle: int, *, now: datetime) -> str:
    """Return the signed part of the link with which a company rates a reply without signing in."""
    ends_at = int((now + RATING_LINK_LIFE).timestamp())
    return str(URLSafeSerializer(secret, salt=_SALT).dumps([number, cycle, ends_at]))


def read_rating_token(secret: str, token: str) -> RatingLink | None:
    """Return what ``rating_token`` signed; None when it was forged or altered. It may have ended."""
    try:
        number, cycle, ends_at = URLSafeSerializer(secret, salt=_SALT).loads(token)
        return RatingLink(str(number), int(cycle), datetime.fromtimestamp(int(ends_at), UTC))
    except (BadData, ValueError, TypeError, OverflowError):
        return None


def fits_phone(typed: str, stored: str) -> bool:
    """Return whether ``typed`` is the stored phone number or its last four digits."""
    ours, theirs = _digits(typed), _digits(stored)
    if len(ours) < TRACK_TAIL_DIGITS or len(theirs) < TRACK_TAIL_DIGITS:
        return False
    return ours == theirs or (len(ours) == TRACK_TAIL_DIGITS and theirs.endswith(ours))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isdigit())
