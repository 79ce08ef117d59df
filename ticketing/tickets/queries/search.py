"""Finding tickets by what people type: a number, a company, words of the text, a file's name, a phone.

Tokens in ``ticket_texts`` narrow (FTS5 on SQLite, a GIN index on PostgreSQL), plain substrings decide: both
databases give what ``core.tokens`` calls holding a phrase. What a reader may not know is not searched for
that reader: a hit would tell it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.tokens import Word, folded, read_query, whole_tokens
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import commonness
from ticketing.tickets.rules import read_number
from ticketing.tickets.scope import contact_is_seen, reads_all
from ticketing.tickets.searchable import ID_MASK, LEVELS, WEIGHTS, Field, up_to

_FIELDS = {field: column(field.value, Text) for field in Field}
_GIN = table(
    "ticket_texts", column("ticket_id", Integer), column("fresh"), column("grams"), *_FIELDS.values()
)
_FTS = table("ticket_texts", column("rowid", Integer), *(column(field.value, Text) for field in Field))
# These stand in nearly every text, for nearly every company is called so: looking them up narrows nothing and
# costs most. The phrase they belong to is compared all the same.
_EVERYWHERE = frozenset({"苏州", "有限", "限公", "公司"})
# So many tokens of a long word narrow as well as all of them, and each is another look into the index.
_RAREST = 2
# So many texts are looked up by their tokens; of what more hold, tickets are read in their order instead.
# That takes longer where each is asked for its units; a company's are few.
_MANY, _MANY_IN_UNITS = 12_000, 25_000
# A few letters may stand before a number: QS, No, 工单编号QS.
_NUMBER = re.compile(r"\D{0,6}[0-9]{11}")
_NUMBER_CHARS = 64
Shape = tuple[bool, ...]


def matches(text: str, actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a ticket is the number typed, or holds every word of ``text``.

    Searched is what ``searchable`` names, as far as ``actor`` may know it. A text without two letters or
    digits together finds nothing; a draft is found by its number only.
    """
    number = whole_number(text)
    if number:
        return Ticket.number == number
    words = read_query(text)
    if not words:
        return false()
    if _is_sqlite():
        return Ticket.id.in_(_held(Index(actor, shape_of(words), tuple(values(words).items()))))
    known = commonness.known()
    index = Index(actor, shape_of(words), tuple(values(words, known.shares).items()))
    most = 0 if actor.enterprise_id else _MANY if reads_all(actor) else _MANY_IN_UNITS
    if known.total * math.prod(commonness.shares(words, LEVELS[-1], known.shares, known.least)) <= most:
        # An array, so that the planner begins with it.
        ids = _held(index.looked_up_one_by_one(), is_walk=True)
        return Ticket.id == any_(func.array(ids.scalar_subquery()))
    # Of what many texts hold enough stands among the first tickets, in whatever order they are read.
    texts = index.joined(None)
    is_there = index.held(LEVELS[-1], Ticket, is_walk=True)
    return exists().select_from(texts).where(index.ticket_id == Ticket.id, *is_there)


def _held(index: Index, *, is_walk: bool = False) -> Select[Any]:
    """The ids of the tickets that hold the words."""
    read = aliased(Ticket) if index.asks_for_rights else None
    wanted: Select[Any] = select(index.ticket_id).select_from(index.joined(read))
    return wanted.where(*index.held(LEVELS[-1], read or Ticket, is_walk=is_walk))


def whole_number(text: str) -> str | None:
    """Return the ticket number when ``text`` is one and nothing else."""
    plain = folded(text[:_NUMBER_CHARS]).replace(" ", "")
    return read_number(plain) if len(text) <= _NUMBER_CHARS and _NUMBER.fullmatch(plain) else None


def shape_of(words: Sequence[Word]) -> Shape:
    """Return what the statement for some words depends on: of each, whether it can be a piece of a phone."""
    return tuple(bool(word.digits) for word in words)


def values(words: Sequence[Word], known: Mapping[str, float] | None = None) -> dict[str, str]:
    """Return what the places of an ``Index`` are filled with for these words.

    ``known``: how common tokens are; then only the rarest of a word are looked up.
    """
    found = {f"word{place}": word.phrase for place, word in enumerate(words)}
    found |= {f"digits{place}": word.digits for place, word in enumerate(words)}
    write = _for_fts if _is_sqlite() else _for_gin
    return found | {
        f"tokens{code}": _tokens(words, fields, write, known) for code, fields in _FIELD_SETS.items()
    }


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@dataclasses.dataclass(frozen=True)
class Index:
    """The search index as one person may ask it for words of a shape.

    Their ``values`` stand in the conditions, or else are given when the statement runs.
    """

    actor: Actor
    shape: Shape
    given: tuple[tuple[str, str], ...] | None = None
    is_sqlite: bool = dataclasses.field(default_factory=_is_sqlite)
    rows: Any = None

    @property
    def _rows(self) -> Any:
        if self.rows is not None:
            return self.rows
        return _FTS if self.is_sqlite else _GIN

    def looked_up(self, level: int) -> Index:
        """Return the same for the texts alone that have the tokens, found before anything else is asked.

        Else PostgreSQL, which does not know how rare they are, may begin with all tickets of a station.
        """
        found = self._having_tokens(level).cte(f"texts_{level}").prefix_with("MATERIALIZED")
        return dataclasses.replace(self, rows=found)

    def how_many(self, level: int, most: int) -> Select[Any]:
        """The ``count`` of texts that have the tokens, ``most`` at most, seen or not; and the ``tokens``."""
        found = self._having_tokens(level).limit(literal_column(str(most))).subquery()
        tokens = self._wanted(self._fields_up_to(level)).label("tokens")
        counted: Select[Any] = select(func.count().label("count"), tokens).select_from(found)
        return counted

    def first_found(self, stretches: CTE | None, most: int) -> Select[Any]:
        """The tickets of the first ``most`` texts that have the tokens, seen by the reader or not.

        By stretches of time it costs little where there are many, without them where there are few.
        """
        if stretches is None:
            found: Select[Any] = select(self._having_tokens(LEVELS[-1]).subquery().c.ticket_id)
        else:
            there = self._in_stretch(stretches, LEVELS[-1]).lateral("texts_there")
            found = select(there.c.ticket_id).select_from(stretches.join(there, true()))
        return found.limit(literal_column(str(most)))

    def looked_up_one_by_one(self) -> Index:
        """Return the same for the texts alone that have the tokens, each of which is then read by its key.

        An array of ids: the planner always takes it for a short one, whatever it knows of the tokens.
        """
        found = select(self._rows.c.ticket_id).where(self._narrows(self._fields))
        return self.read_by_key(func.array(found.scalar_subquery()))

    def read_by_key(self, ids: ColumnElement[Any]) -> Index:
        """Return the same for the texts of some tickets alone."""
        one = func.unnest(ids).table_valued("id", name="one").render_derived()
        texts = _GIN.alias("texts")
        found = select(texts).select_from(one.join(texts, texts.c.ticket_id == one.c.id))
        return dataclasses.replace(self, rows=found.subquery("texts_found"))

    def looked_up_in(self, stretches: CTE, level: int) -> Index:
        """Return the same for the texts of one stretch of time, each row of ``stretches`` its ``mark``.

        To stand in a LATERAL beside ``stretches``.
        """
        found = self._in_stretch(stretches, level)
        return dataclasses.replace(self, rows=found.subquery(f"texts_{level}"))

    def _in_stretch(self, stretches: CTE, level: int) -> Select[Any]:
        """The texts of a stretch that have the tokens. OFFSET 0 has PostgreSQL find them before the rest."""
        found = self._having_tokens(level, stretches.c.mark).correlate(stretches)
        return found.offset(literal_column("0"))

    def _having_tokens(self, level: int, mark: ColumnElement[Any] | None = None) -> Select[Any]:
        kept = [column for column in self._rows.c if column.name != "grams"]
        found = select(*kept)
        if mark is not None:
            # A condition of its own, before that of the words: so PostgreSQL goes from text to text of the
            # stretch that may have them, skipping all others, and ends where the stretch does.
            found = found.where(self._has(mark))
        return found.where(self._narrows(self._fields_up_to(level)))

    @cached_property
    def _fields(self) -> tuple[Field, ...]:
        """What may be asked for: nothing secret where the reader may know no ticket's contact."""
        is_trusted = not contact_is_seen(self.actor).compare(false())
        known = up_to(LEVELS[-1], is_staff=self.actor.enterprise_id is None)
        return tuple(field for field in known if is_trusted or not WEIGHTS[field].is_secret)

    def _fields_up_to(self, level: int) -> tuple[Field, ...]:
        return tuple(field for field in self._fields if WEIGHTS[field].level <= level)

    @property
    def asks_for_rights(self) -> bool:
        """Whether some fields are asked for only where the ticket lets the reader know them."""
        return any(WEIGHTS[field].is_secret for field in self._fields)

    @property
    def fresh(self) -> ColumnElement[int]:
        """The key of a row, in the order of receipt."""
        rows = self._rows.c
        found: ColumnElement[int] = rows.rowid if self.is_sqlite else rows.fresh
        return found

    @property
    def ticket_id(self) -> ColumnElement[int]:
        """The ticket of a row."""
        rows = self._rows.c
        found: ColumnElement[int] = (
            rows.rowid.op("&")(literal_column(str(ID_MASK), Integer)) if self.is_sqlite else rows.ticket_id
        )
        return found

    def joined(self, ticket: Any) -> FromClause:
        """The rows, with the ticket of each when ``ticket`` (the model or an alias) is given."""
        if ticket is None:
            rows: FromClause = self._rows
            return rows
        together: FromClause = self._rows.join(ticket, ticket.id == self.ticket_id)
        return together

    def held(self, level: int, ticket: Any, *, is_walk: bool = False) -> list[ColumnElement[bool]]:
        """The conditions of holding every word in fields that weigh ``level`` or more.

        ``is_walk``: substrings alone, for rows that are read in their order until enough are found.
        """
        fields = self._fields_up_to(level)
        found = [self._holds(place, fields, ticket) for place in range(len(self.shape))]
        return found if is_walk else [*found, self._narrows(fields)]

    def held_nowhere_better(self, level: int, ticket: Any) -> ColumnElement[bool]:
        """The condition of not holding every word already in fields that weigh more than ``level``."""
        fields = self._fields_up_to(level - 1)
        if not fields:
            return true()
        return or_(*(~self._holds(place, fields, ticket) for place in range(len(self.shape))))

    def _holds(self, place: int, fields: Iterable[Field], ticket: Any) -> ColumnElement[bool]:
        """The condition of holding the word in the place in one of the fields."""
        known = [field for field in fields if self.shape[place] or field is not Field.PHONE]
        plain = [self._contains(field, place) for field in known if not WEIGHTS[field].is_secret]
        secret = [self._contains(field, place) for field in known if WEIGHTS[field].is_secret]
        if secret:
            plain.append(and_(or_(*secret), self._lets_know(ticket)))
        return or_(*plain)

    def _lets_know(self, ticket: Any) -> ColumnElement[bool]:
        """Whether the reader may know what is secret; where no ``ticket`` is read, that is looked up."""
        if ticket is not None:
            return contact_is_seen(self.actor, ticket)
        asked = aliased(Ticket)
        is_it = asked.id == self.ticket_id
        return exists().select_from(asked).where(is_it, contact_is_seen(self.actor, asked))

    def _contains(self, field: Field, place: int) -> ColumnElement[bool]:
        find = func.instr if self.is_sqlite else func.strpos
        wanted = self._typed(f"digits{place}" if field is Field.PHONE else f"word{place}")
        is_held: ColumnElement[bool] = find(self._rows.c[field.value], wanted) > literal_column("0")
        return is_held

    def _narrows(self, fields: Sequence[Field]) -> ColumnElement[bool]:
        """The condition on tokens."""
        if self.is_sqlite:
            wanted = self._typed(f"tokens{_code(fields)}")
            return literal_column("ticket_texts").op("MATCH", is_comparison=True)(wanted)
        return self._has(self._wanted(fields))

    def _wanted(self, fields: Sequence[Field]) -> ColumnElement[Any]:
        """The tokens as a query of PostgreSQL.

        Where what was typed stands in the statement, the planner knows how common each token is. Else it is
        out of its sight: the statistics of all tokens would be gone through, and a plan made, each time.
        """
        wanted = self._typed(f"tokens{_code(fields)}", literal_execute=bool(self.given))
        query: ColumnElement[Any] = cast(wanted, TSQUERY)
        return query if self.given else select(query).scalar_subquery()

    def _has(self, query: ColumnElement[Any]) -> ColumnElement[bool]:
        is_match: ColumnElement[bool] = self._rows.c.grams.op("@@", is_comparison=True)(query)
        return is_match

    def _typed(self, name: str, *, literal_execute: bool = False) -> BindParameter[str]:
        if self.given is None:
            return bindparam(name, type_=Text, literal_execute=literal_execute)
        value = dict(self.given)[name]
        return bindparam(name, value, Text, unique=True, literal_execute=literal_execute)


def _commonness(token: str, letter: str, known: Mapping[str, float]) -> tuple[float, float]:
    """How common a token is in a field, and of equals in any other: what is rare there is so here too."""
    anywhere = max(known.get(weight.letter + token, 0.0) for weight in WEIGHTS.values())
    return known.get(letter + token, 0.0), anywhere


class _Writer:
    """How a database writes which tokens it wants."""

    def __init__(self, both: str, either: str, quote: str, star: str) -> None:
        self._both, self._either, self._quote, self._star = both, either, quote, star

    def token(self, token: str) -> str:
        return f"{self._quote}{token}{self._quote}"

    def begun(self, start: str) -> str:
        return self.token(start) + self._star

    def all(self, terms: Iterable[str]) -> str:
        return f"({self._both.join(terms)})"

    def any(self, terms: Iterable[str]) -> str:
        return f"({self._either.join(terms)})"


_for_fts = _Writer(" AND ", " OR ", '"', " *")
_for_gin = _Writer(" & ", " | ", "'", ":*")


def _code(fields: Iterable[Field]) -> str:
    return "".join(WEIGHTS[field].letter for field in fields)


# Every choice of fields an index can be asked for: those of a level, for a company, for staff with and
# without a right to contacts.
_FIELD_SETS = {
    _code(fields): fields
    for level in LEVELS
    for is_staff in (True, False)
    for known in (up_to(level, is_staff=is_staff),)
    for fields in (known, tuple(field for field in known if not WEIGHTS[field].is_secret))
}


def _tokens(
    words: Sequence[Word], fields: Sequence[Field], write: _Writer, known: Mapping[str, float] | None
) -> str:
    """What a text has among its tokens that holds the words in these fields, as the database reads it."""
    worth = [word for word in words if word.tokens]
    worth = worth or [word for word in words if len(word.start) > 1]
    return write.all(
        write.any(
            write.all(_terms(word, field, write, known))
            for field in fields
            if word.digits or field is not Field.PHONE
        )
        for word in worth
    )


def _terms(word: Word, field: Field, write: _Writer, known: Mapping[str, float] | None) -> list[str]:
    """The tokens a field has when it holds the word, as few as narrow."""
    letter = WEIGHTS[field].letter
    if field is Field.PHONE:
        whole = whole_tokens(word.digits)
    else:
        whole = [token for token in word.tokens if token not in _EVERYWHERE] or list(word.tokens)
    if known is not None:
        whole = sorted(whole, key=lambda token: _commonness(token, letter, known))[:_RAREST]
    return [write.token(letter + token) for token in whole] or [write.begun(letter + word.start)]
