"""Hashing and checking passwords: argon2id, upgraded as its parameters grow, never many at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST

from ticketing.accounts.rules import NO_PASSWORD, PASSWORD_MAX_BYTES
from ticketing.core.errors import TooMany
from ticketing.core.text import N_

# OWASP's second choice (19 MiB, more passes than the two asked): a worker stays small while people sign in.
_STRONG = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 2
_PATIENCE_SECONDS = 5


@dataclass(slots=True)
class _Kitchen:
    """The hasher in use, and the hash an unknown account is compared with."""

    hasher: PasswordHasher
    dummy: str


_kitchen = _Kitchen(_STRONG, "")
_slots = threading.BoundedSemaphore(_AT_ONCE)


def use_cheap() -> None:
    """Hash as cheaply as possible from now on; for tests only."""
    _kitchen.hasher = PasswordHasher.from_parameters(CHEAPEST)
    _kitchen.dummy = ""


def use_strong() -> None:
    """Hash as in production from now on."""
    _kitchen.hasher = _STRONG
    _kitchen.dummy = ""


def hash_of(password: str) -> str:
    """Return the hash to store."""
    with _one_slot():
        return _kitchen.hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Return whether ``password`` fits; an unknown account (None) costs the same time and says no."""
    with _one_slot():
        if not _kitchen.dummy:
            _kitchen.dummy = _kitchen.hasher.hash("nobody's password")
        known = stored if stored and stored != NO_PASSWORD else None
        try:
            _kitchen.hasher.verify(known or _kitchen.dummy, password[:PASSWORD_MAX_BYTES])
        except (VerificationError, InvalidHashError):
            return False
        return known is not None and len(password.encode()) <= PASSWORD_MAX_BYTES


def is_outdated(stored: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _kitchen.hasher.check_needs_rehash(stored)


class _one_slot:  # noqa: N801 - reads as the words of a with statement
    """One of the few places for hashing; asks to come back later rather than piling up memory."""

    def __enter__(self) -> None:
        if not _slots.acquire(timeout=_PATIENCE_SECONDS):
            raise TooMany(
                N_("现在登录的人较多，请稍后再试"), extra={"retry_after_seconds": _PATIENCE_SECONDS}
            )

    def __exit__(self, *_error: object) -> None:
        _slots.release()
