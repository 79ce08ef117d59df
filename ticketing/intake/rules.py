"""Decisions about the ways in: what a rating link holds, whose phone it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

RATING_LINK_LIFE = timedelta(days=30)
TRACK_TAIL_DIGITS = 4
_SALT = "rating-link"


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
