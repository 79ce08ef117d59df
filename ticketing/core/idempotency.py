"""One POST, one effect: the first answer to a key is stored with its effect and given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, Text, UniqueConstraint, and_, bindparam, delete, insert, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core import crash_points, marks
from ticketing.core.db import Model, db, read, transaction, write
from ticketing.core.errors import DomainError, Invalid, KeyReused
from ticketing.core.text import N_

MAX_KEY_CHARS = 255
ANSWER_LIFE = timedelta(hours=24)
_TRIES = 3


class StoredAnswer(Model):
    """The answer given to one key of one person."""

    __tablename__ = "stored_answers"
    __table_args__ = (UniqueConstraint("principal", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(MAX_KEY_CHARS))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    location: Mapped[str] = mapped_column(String(300), default="")
    stored_at: Mapped[datetime]


_NAMES = ("principal", "key", "request_hash", "status", "body", "location", "stored_at")
_STORE = insert(StoredAnswer.__table__).inline()  # type: ignore[arg-type] # it is a table
_ASKED = select(literal_column("1").label("once")).subquery("asked")
_KNOWN = select(
    StoredAnswer.request_hash, StoredAnswer.status, StoredAnswer.body, StoredAnswer.location, *marks.ALL_MARKS
).select_from(
    _ASKED.outerjoin(
        StoredAnswer,
        and_(StoredAnswer.principal == bindparam("principal"), StoredAnswer.key == bindparam("key")),
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a POST answered: an HTTP status, a body, and where the new thing is."""

    status: int
    body: str
    location: str = ""


def once(
    principal: str, key: str | None, request: bytes, make: Callable[[], Answer], *, now: datetime
) -> Answer:
    """Run ``make`` unless ``principal`` used ``key`` before; then give the first answer again.

    Effect and answer are committed together; a refusal stores nothing, so a corrected request may use the
    key. When ``make`` loses a race for a unique value it runs again. Raises KeyReused when the key came with
    another body, Invalid when it is too long.
    """
    if key and (len(key) > MAX_KEY_CHARS or not key.isascii() or not key.isprintable()):
        raise Invalid(N_("幂等键是 1 至 255 个可见的 ASCII 字符"))
    crash_points.here("1 request parsed")
    digest = hashlib.sha256(request).hexdigest()
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction():
                answer = _answer(principal, key, digest, make, now)
                crash_points.here("6 about to commit")
        except IntegrityError:
            # A twin was faster; ours was rolled back whole. The next try finds its answer, if it is one.
            if not tries_left:
                raise
        except DomainError:
            # The twin did it while ours waited for the row: refused to the second is what the first has done.
            stored = _stored(principal, key, digest) if key else None
            if stored is None:
                raise
            return stored
        else:
            crash_points.here("7 committed, not answered")
            return answer
    raise AssertionError("unreachable")


def _answer(
    principal: str, key: str | None, digest: str, make: Callable[[], Answer], now: datetime
) -> Answer:
    stored = _stored(principal, key, digest) if key else None
    if stored:
        return stored
    answer = make()
    db.session.flush()
    if key:
        row = (principal, key, digest, answer.status, answer.body, answer.location, now)
        write(_STORE, dict(zip(_NAMES, row, strict=True)))
    crash_points.here("2 answer stored")
    return answer


def _stored(principal: str, key: str, digest: str) -> Answer | None:
    row = read(_KNOWN, {"principal": principal, "key": key}).one()
    marks.give(dict(zip(marks.ALL, row[4:], strict=True)))
    if row.request_hash is None:
        return None
    if row.request_hash != digest:
        raise KeyReused
    return Answer(row.status, row.body, row.location)


def is_used(principal: str, key: str | None) -> bool:
    """Return whether ``principal`` had something done under ``key``."""
    used = select(StoredAnswer.id).where(StoredAnswer.principal == principal, StoredAnswer.key == key)
    return key is not None and db.session.scalar(used) is not None


def forget_old(now: datetime) -> int:
    """Drop the answers that are older than a day and return how many; their keys may be used again."""
    with transaction():
        gone = delete(StoredAnswer).where(StoredAnswer.stored_at <= now - ANSWER_LIFE)
        return db.session.execute(gone).rowcount  # type: ignore[no-any-return,attr-defined] # a DELETE counts
