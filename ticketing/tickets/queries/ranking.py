"""A page of what was found, best first: what weighs most, and the latest received among equals.

Each level of ``searchable`` is a list of its own in the order of receipt, read off the index from where the
page begins; a level is asked only when those before it do not fill the page. So a word of a million texts
costs as little as a rare one, and a page goes on after the level and the place where the last one ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
    true,
    union_all,
)

from ticketing.core.actor import Actor
from ticketing.core.db import UtcDateTime, db
from ticketing.core.tokens import Word
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries.conditions import Filters, conditions, sight
from ticketing.tickets.queries.search import Index, shape_of, share, values
from ticketing.tickets.searchable import ID_MASK, LEVELS

_REMEMBERED = 512
# So few hits are looked up in any case; a page wants so many.
_FEW, _ENOUGH = 2_000, 50
_STATISTICS = text(
    "SELECT GREATEST(reltuples, 0) AS total, most_common_elems::text::text[] AS tokens, "
    "most_common_elem_freqs AS shares FROM pg_class, pg_stats "
    "WHERE oid = 'ticket_texts'::regclass AND tablename = relname AND attname = 'grams'"
)
_NOW = bindparam("now", type_=UtcDateTime())
_UNTIL = bindparam("until", type_=UtcDateTime())
# It stands in the statement: only so does the planner know how few rows are wanted.
_MOST = bindparam("most", type_=Integer(), literal_execute=True)
# Level and freshness: the place of a hit in the list.
Place = tuple[int, int]


def places(
    actor: Actor,
    wanted: Filters,
    words: Sequence[Word],
    *,
    limit: int,
    after: Place | None,
    moments: dict[str, datetime],
) -> list[Place]:
    """Return the places of the best ``limit`` hits behind ``after``; ``moments``: ``now`` and ``until``."""
    level, fresh = after or (LEVELS[0], None)
    index = Index(actor, shape_of(words))
    walked = () if index.is_sqlite else common(words, moments["now"])
    statement = _page(index, actor, replace(wanted, text=""), level, fresh is not None, walked)
    given = {**values(words), **moments, "most": limit, "fresh": fresh}
    return [(row.level, row.fresh) for row in db.session.execute(statement, given)]


@lru_cache(maxsize=_REMEMBERED)
def _page(
    index: Index, actor: Actor, wanted: Filters, first: int, has_cursor: bool, walked: tuple[int, ...]
) -> Select[Any]:
    """The statement of one page. Building it costs more than running it, so each process remembers it."""
    parts = (sight(actor, wanted, is_open=True), *conditions(wanted, actor, _NOW, _UNTIL))
    narrowing = [one for one in parts if not one.compare(true())]
    levels: list[CTE] = []
    for level in LEVELS[first - 1 :]:
        is_begun = has_cursor and level == first
        hits = _level(index, level, narrowing, is_walk=level in walked, is_begun=is_begun)
        best = hits.limit(_MOST)
        levels.append(_unless_full(best, levels).cte(f"level_{level}"))
    found = union_all(*(select(one) for one in levels)).subquery()
    return select(found).order_by(found.c.level, found.c.fresh.desc()).limit(_MOST)


def common(words: Sequence[Word], now: datetime) -> tuple[int, ...]:
    """Return the levels at which the words are so common that reading the latest rows finds enough.

    PostgreSQL's planner takes words it does not know for common ones and would read every row for them.
    """
    total, least, known = _statistics(str(db.engine.url), now.replace(minute=0, second=0, microsecond=0))
    if total < _FEW:
        return ()
    shares = {level: share(words, level, known, least) for level in LEVELS[:-1]}
    return tuple(level for level, part in shares.items() if part * total > max(_FEW, _ENOUGH / part))


@lru_cache(maxsize=4)
def _statistics(_database: str, _hour: datetime) -> tuple[float, float, dict[str, float]]:
    """How many texts there are, the share taken for unknown tokens, and those of the tokens it knows."""
    row = db.session.execute(_STATISTICS).first()
    if row is None or not row.tokens:
        return 0.0, 0.0, {}
    shares = row.shares[: len(row.tokens)]
    return row.total, min(shares) / 2, dict(zip(row.tokens, shares, strict=True))


def ticket_of(place: Place) -> int:
    """Return the ticket's id."""
    return place[1] & ID_MASK


def _level(
    index: Index, level: int, narrowing: list[ColumnElement[bool]], *, is_walk: bool, is_begun: bool
) -> Select[Any]:
    """The hits of one level: every word held in fields of it or better, not all of them in better ones.

    ``is_begun``: only those behind the place where the page before ended.
    """
    is_last, is_read = level == LEVELS[-1], not (is_walk or index.is_sqlite)
    if is_read:
        index = index.looked_up(level)
    needs_ticket = bool(narrowing) or (is_last and index.asks_for_rights)
    rows: Any = select(literal_column(str(level), Integer).label("level"), index.fresh.label("fresh"))
    hits: Select[Any] = rows.select_from(index.joined(Ticket if needs_ticket else None))
    held = index.held(level, Ticket, is_walk=is_walk or is_read)
    hits = hits.where(*held, index.held_nowhere_better(level, Ticket), *narrowing)
    if is_begun:
        hits = hits.where(index.fresh < bindparam("fresh", type_=BigInteger))
    return hits.order_by(index.fresh.desc())


def _unless_full(hits: Select[Any], before: list[CTE]) -> Select[Any]:
    """As many hits as the levels before leave room for; none are looked for when there is none."""
    if not before:
        return hits
    room: Any = _MOST
    for one in before:
        room -= select(func.count()).select_from(one).scalar_subquery()
    return select(hits.subquery()).limit(room)
