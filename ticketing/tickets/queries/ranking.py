"""A page of what was found, best first: what weighs most, and the latest received among equals.

Each level of ``searchable`` is a list of its own in the order of receipt, read from where the page begins; a
level is asked only when those before it do not fill the page. Words in a few texts are looked up at once;
others in one stretch of time after another, the latest first, until the page is full; those in every
twentieth text are found by reading the latest. Where nobody knows whether they are few, up to a hundred are
counted first. So a word of a million texts costs as little as a rare one, and a page goes on after the level
and the place where the last one ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.tokens import Word
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import commonness
from ticketing.tickets.queries.commonness import Known, shares
from ticketing.tickets.queries.conditions import Filters, conditions, moment_given, sight
from ticketing.tickets.queries.search import Index, shape_of, values
from ticketing.tickets.searchable import ID_MASK, LEVELS

_REMEMBERED = 512
# So many hits are looked up at once; of words in such a part of all texts the latest are read instead.
_FEW, _COMMON = 300, 0.05
# Where nobody knows how many there are, so many are counted, and are then looked up at once; where so few are
# expected, in the whole index.
_COUNTED, _RARE = 100, 2_000
# The tokens of ``searchable.STRETCHES``, back from a place: some days by 18 hours, then a month or two by 6
# days, then all years by 49. The limit tells the planner that they are few.
_STRETCHES = """
    SELECT letter_and_number::tsquery AS mark FROM (
        SELECT {start} AS latest, min(fresh) AS first FROM ticket_texts
    ) AS ends, LATERAL (
        SELECT 1 AS part, n, 'v' || n FROM generate_series(
            latest >> 46, GREATEST(((latest >> 49) - 1) << 3, first >> 46), -1) AS n
        UNION ALL SELECT 2, n, 'w' || n FROM generate_series(
            (latest >> 49) - 2, GREATEST(((latest >> 52) - 1) << 3, first >> 49), -1) AS n
        UNION ALL SELECT 3, n, 'y' || n FROM generate_series((latest >> 52) - 2, first >> 52, -1) AS n
    ) AS stretches (part, n, letter_and_number) ORDER BY part, n DESC LIMIT 1000
"""
_ALL_TIME = """
    SELECT ('y' || n)::tsquery AS mark
    FROM (SELECT max(fresh) AS latest, min(fresh) AS first FROM ticket_texts) AS ends,
        LATERAL generate_series(latest >> 52, first >> 52, -1) AS n
"""
_NOW, _UNTIL = moment_given("now"), moment_given("until")
# It stands in the statement: only so does the planner know how few rows are wanted.
_MOST = bindparam("most", type_=Integer(), literal_execute=True)
# Level and freshness: the place of a hit in the list.
Place = tuple[int, int]


class Way(StrEnum):
    """How the hits of one level are found."""

    AT_ONCE = "at once"
    COUNTED = "counted first"
    BY_STRETCH = "by stretch"
    BY_READING = "by reading"


_IN_STRETCHES = frozenset({Way.COUNTED, Way.BY_STRETCH})
Ways = tuple[Way, ...]
"""Of each level."""
Plan = tuple[tuple[int, Way], ...]
"""The levels that are asked for, in order, and how."""
# SQLite reads hits in the order of receipt, and no more than are wanted.
_AS_ONE_LIST: Ways = (Way.AT_ONCE,) * len(LEVELS)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks for which words among which tickets; ``is_ranked``: the best first, else the latest."""

    actor: Actor
    wanted: Filters
    words: Sequence[Word]
    is_ranked: bool = True


def places(asked: Asked, *, limit: int, after: Place | None, moments: dict[str, datetime]) -> list[Place]:
    """Return the places of the first ``limit`` hits behind ``after``; ``moments``: ``now`` and ``until``."""
    level, fresh = after or (LEVELS[0], None)
    actor, words = asked.actor, asked.words
    index = Index(actor, shape_of(words))
    chosen, given, found = _chosen(index, words)
    if found == []:
        return []
    # Unranked, all that holds the words is one list.
    first = level if asked.is_ranked else LEVELS[-1]
    plan = tuple(zip(LEVELS, chosen, strict=True))[first - 1 :]
    wanted = replace(asked.wanted, text="")
    page = _page
    if {way for _level, way in plan} == {Way.AT_ONCE} and not index.is_sqlite:
        page, index = _few, _read_by_key(index, is_found=found is not None)
    statement = page(index, actor, wanted, plan, is_begun=fresh is not None, is_ranked=asked.is_ranked)
    given |= {**moments, "most": limit, "fresh": fresh, "found": found}
    return [(row.level, row.fresh) for row in db.session.execute(statement, given)]


def _chosen(index: Index, words: Sequence[Word]) -> tuple[Ways, dict[str, Any], list[int] | None]:
    """How each level is asked, what for, and all the tickets there are when that was found out already."""
    if index.is_sqlite:
        return _AS_ONE_LIST, values(words), None
    known = commonness.known()
    chosen, given = ways(words, known), values(words, known.shares)
    # What the last level has is all there is; how often several words stand together nobody knows.
    if chosen[-1] is Way.AT_ONCE or not (known.shares and (len(words) > 1 or chosen[-1] is Way.COUNTED)):
        return chosen, given, None
    expected = known.total * math.prod(shares(words, LEVELS[-1], known.shares, known.least))
    found = list(db.session.scalars(_first_found(index, is_rare=expected <= _RARE), given))
    if len(found) <= _COUNTED:
        return _AS_ONE_LIST, given, found
    return (*chosen[:-1], Way.BY_STRETCH), given, None


@lru_cache(maxsize=_REMEMBERED)
def _page(
    index: Index, actor: Actor, wanted: Filters, plan: Plan, *, is_begun: bool, is_ranked: bool
) -> Select[Any]:
    """The statement of one page. Building it costs more than running it, so each process remembers it."""
    narrowing = _narrowing(actor, wanted)
    levels: list[CTE] = []
    for level, way in plan:
        begins_here = is_begun and not levels
        hits = _level(index, level, way, narrowing, is_begun=begins_here, is_ranked=is_ranked)
        levels.append(_unless_full(hits, levels).cte(f"level_{level}"))
    found = union_all(*(select(one) for one in levels)).subquery()
    return select(found).order_by(found.c.level, found.c.fresh.desc()).limit(_MOST)


@lru_cache(maxsize=_REMEMBERED)
def _few(
    index: Index, actor: Actor, wanted: Filters, plan: Plan, *, is_begun: bool, is_ranked: bool
) -> Select[Any]:
    """The same of words that are in a few texts: all are read once, and each is put on its level."""
    last, narrowing = LEVELS[-1], _narrowing(actor, wanted)
    names = {level: literal_column(str(level), Integer) for level in LEVELS}
    # Most hits are in nothing secret: their tickets are read only where more is asked of them.
    ticket = Ticket if narrowing else None
    better = [(and_(*index.held(level, ticket, is_walk=True)), names[level]) for level in LEVELS[:-1]]
    level = case(*better, else_=names[last]) if is_ranked else names[last]
    hits: Any = select(level.label("level"), index.fresh.label("fresh")).select_from(index.joined(ticket))
    found = hits.where(*index.held(last, ticket, is_walk=True), *narrowing).subquery()
    listed = select(found)
    if is_begun:
        first, fresh = plan[0][0], bindparam("fresh", type_=BigInteger)
        listed = listed.where(or_(found.c.level > first, and_(found.c.level == first, found.c.fresh < fresh)))
    return listed.order_by(found.c.level, found.c.fresh.desc()).limit(_MOST)


def _narrowing(actor: Actor, wanted: Filters) -> list[ColumnElement[bool]]:
    """The conditions on the ticket of a hit."""
    parts = (sight(actor, wanted, is_open=True), *conditions(wanted, actor, _NOW, _UNTIL))
    return [one for one in parts if not one.compare(true())]


def ways(words: Sequence[Word], known: Known) -> Ways:
    """Return how PostgreSQL is best asked for each level, by how common the tokens of the words are."""
    return tuple(_way(words, level, known) for level in LEVELS)


def _way(words: Sequence[Word], level: int, known: Known) -> Way:
    if known.total * min(shares(words, level, known.shares, known.least)) <= _FEW:
        return Way.AT_ONCE
    held = shares(words, level, known.shares, 0.0)
    if known.shares and known.total * min(held) <= _FEW:
        return Way.COUNTED
    return Way.BY_READING if level < LEVELS[-1] and math.prod(held) > _COMMON else Way.BY_STRETCH


@lru_cache(maxsize=_REMEMBERED)
def _first_found(index: Index, *, is_rare: bool) -> Select[Any]:
    """The statement for as many texts that have the words anywhere as tell whether they are few."""
    marks = text(_ALL_TIME).columns(column("mark", TSQUERY)).cte("all_time").prefix_with("MATERIALIZED")
    return index.first_found(None if is_rare else marks, _COUNTED + 1)


@lru_cache(maxsize=_REMEMBERED)
def _read_by_key(index: Index, *, is_found: bool) -> Index:
    """The texts that have the tokens, or those ``found`` before, as rows to be read one by one."""
    found = bindparam("found", type_=ARRAY(Integer))
    return index.read_by_key(found) if is_found else index.looked_up_one_by_one()


def ticket_of(place: Place) -> int:
    """Return the ticket's id."""
    return place[1] & ID_MASK


def _level(
    index: Index,
    level: int,
    way: Way,
    narrowing: list[ColumnElement[bool]],
    *,
    is_begun: bool,
    is_ranked: bool,
) -> Select[Any]:
    """The hits of one level: every word held in fields of it or better, not all of them in better ones.

    ``is_begun``: only those behind the place where the page before ended. Not ``is_ranked``: those of better
    levels as well.
    """
    stretches = _stretches(is_begun=is_begun)
    if way is Way.COUNTED:
        counted = index.how_many(level, _COUNTED + 1).cte(f"count_{level}").prefix_with("MATERIALIZED")
        stretches = _as_many_as_needed(stretches, counted)
    if way in _IN_STRETCHES:
        index = index.looked_up_in(stretches, level)
    elif not index.is_sqlite and way is Way.AT_ONCE:
        index = index.looked_up(level)
    is_last = level == LEVELS[-1]
    needs_ticket = bool(narrowing) or (is_last and index.asks_for_rights)
    rows: Any = select(literal_column(str(level), Integer).label("level"), index.fresh.label("fresh"))
    hits: Select[Any] = rows.select_from(index.joined(Ticket if needs_ticket else None))
    held = index.held(level, Ticket, is_walk=not index.is_sqlite)
    hits = hits.where(*held, *narrowing)
    if is_ranked:
        hits = hits.where(index.held_nowhere_better(level, Ticket))
    if is_begun:
        hits = hits.where(index.fresh < bindparam("fresh", type_=BigInteger))
    hits = hits.order_by(index.fresh.desc())
    if way not in _IN_STRETCHES:
        return hits
    # The latest stretch first, and no more of them than are needed.
    there = hits.limit(_MOST).lateral(f"hits_{level}")
    found: Select[Any] = select(there.c.level, there.c.fresh).select_from(stretches.join(there, true()))
    return found


@cache
def _stretches(*, is_begun: bool) -> CTE:
    """The stretches of time from the latest text, or from the place where the page before ended."""
    start = "CAST(:fresh AS bigint)" if is_begun else "max(fresh)"
    found = text(_STRETCHES.format(start=start)).columns(column("mark", TSQUERY))
    return found.cte("stretches_left" if is_begun else "stretches").prefix_with("MATERIALIZED")


def _as_many_as_needed(stretches: CTE, counted: CTE) -> CTE:
    """All time as one stretch for a few texts, no stretch for none, else ``stretches``."""
    count = counted.c.count
    few = select(counted.c.tokens.label("mark")).where(count.between(1, _COUNTED))
    many = select(stretches.c.mark).join(counted, count > _COUNTED)
    return union_all(few, many).cte(f"stretches_of_{counted.name}")


def _unless_full(hits: Select[Any], before: list[CTE]) -> Select[Any]:
    """As many hits as the levels before leave room for; none are looked for when there is none."""
    if not before:
        return hits.limit(_MOST)
    room: Any = _MOST
    for one in before:
        room -= select(func.count()).select_from(one).scalar_subquery()
    return select(hits.subquery()).limit(room)
