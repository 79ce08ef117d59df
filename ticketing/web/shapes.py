"""The shapes that all parts of the API share: queries, answers, moments, pages of a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

from ticketing.core.local_day import DISTRICT_ZONE, day_start
from ticketing.core.paging import DEFAULT_LIMIT, MAX_LIMIT, decode, encode
from ticketing.core.text import N_, clean_line

Item = TypeVar("Item")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+ -]\d\d:\d\d)", re.ASCII)
_YEARS = range(2000, 2101)
_START = datetime(2000, 1, 1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)


class Query(BaseModel):
    """Base of what may stand behind the question mark; other names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True, validate_by_name=False)


class Answer(BaseModel):
    """Base of what the API answers."""

    model_config = ConfigDict(frozen=True, validate_by_alias=False, validate_by_name=True)


class Listed(Answer, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description=N_("这一页的内容"))
    next_cursor: str | None = Field(description=N_("下一页的游标；最后一页为 null"))


class Paged(Query):
    """A list that is read page by page."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description=N_("一页最多几项"))
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description=N_("上一页给出的 next_cursor")
    )


def in_district(moment: datetime) -> str:
    """Return a moment as RFC 3339 text with the district's offset."""
    return moment.astimezone(DISTRICT_ZONE).isoformat()


Moment = Annotated[datetime, PlainSerializer(in_district, when_used="json")]


def _split(value: object) -> object:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        return [part for one in value for part in str(one).split(",")]
    return value


Many = Annotated[list[Item], Field(max_length=50), BeforeValidator(_split)]
"""Several values: the name repeated, or one value with commas."""
Word = Annotated[str, BeforeValidator(lambda value: clean_line(value) if isinstance(value, str) else value)]


def _bound(step: timedelta) -> Callable[[object], object]:
    """Return a reader of a day or a moment; a day stands for its midnight in the district, plus ``step``."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        found = _MOMENT.fullmatch(value)
        moment: datetime | None = None
        try:
            if found:  # an offset's "+" that was not escaped arrives as a blank
                moment = datetime.fromisoformat(found[1] + found[2].replace(" ", "+"))
            elif _DAY.fullmatch(value):
                moment = day_start(date.fromisoformat(value) + step)
        except (ValueError, OverflowError):
            pass
        if moment is None or moment.year not in _YEARS:
            raise PydanticCustomError("datetime_or_date", "no day or moment")
        return moment

    return read


_BOUND_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
    "examples": ["2026-11-01", "2026-11-01T09:00:00+08:00"],
}


def _as_bound(schema: dict[str, Any]) -> None:
    kept = {name: schema[name] for name in ("description",) if name in schema}
    schema.clear()
    schema.update(_BOUND_SCHEMA | kept)


Since = Annotated[datetime | None, BeforeValidator(_bound(timedelta())), Field(json_schema_extra=_as_bound)]
"""The first moment of a span: a day (its start in the district) or a moment with offset."""
Until = Annotated[datetime | None, BeforeValidator(_bound(_ONE_DAY)), Field(json_schema_extra=_as_bound)]
"""The moment before which a span ends: a day counts whole, a moment is itself outside."""


def page_of(rows: Sequence[Item], query: Paged) -> tuple[list[Item], str | None]:
    """Return one page of a catalogue read whole, and the cursor of the next one."""
    first = decode(query.cursor)[1] if query.cursor else 0
    last = first + query.limit
    return list(rows[first:last]), encode(_START, last) if last < len(rows) else None
