"""Marks of what seldom changes: while the mark is the same, what a process remembers of it is true.

A trigger of the database gives a new random mark with every change of the tables a mark stands for, however
it was made, so a process of any host that sees an old mark sees the old rows, and none can meet a mark twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from sqlalchemy import ScalarSelect, String, bindparam, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ticketing.core.db import GIVEN_MARKS, IS_WRITING, Model, db, read

NETWORK, LIMITS, DUTY = "network", "limits", "duty"
"""Of units and categories; of limit rules and calendars; of duty officers, absences and people's names."""
_MARKED = frozenset({"units", "categories", "limit_rules", "calendars", "users", "absences"})


class Mark(Model):
    """The present mark of one thing, by its name."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(40))


def _of(name: str) -> ScalarSelect[str]:
    return select(Mark.value).where(Mark.name == name).scalar_subquery()


NETWORK_MARK, DUTY_MARK = _of(NETWORK), _of(DUTY)
ALL: Sequence[str] = (NETWORK, LIMITS, DUTY)
ALL_MARKS = tuple(_of(name).label(f"mark_of_{name}") for name in ALL)
"""Columns other statements carry along, in the order of ALL."""
_ALL = select(*ALL_MARKS)
_ASKED = select(Mark.value).where(Mark.name == bindparam("name"))


def give(given: Mapping[str, str | None]) -> None:
    """Keep marks another statement carried along: until a transaction begins, or to the end of this one."""
    db.session().info[GIVEN_MARKS] = dict(given)


def of(name: str) -> str | None:
    """Return the present mark of one thing: the one given, else asked for; in a transaction, all at once."""
    session = db.session()
    given: Mapping[str, str | None] = session.info.get(GIVEN_MARKS) or {}
    if not given and session.info.get(IS_WRITING):
        given = dict(zip(ALL, read(_ALL).one(), strict=True))
        give(given)
    return given.get(name) or read(_ASKED, {"name": name}).scalar()


@event.listens_for(Session, "after_flush")
def _forget_own_changes(session: Session, _context: object) -> None:
    """What a transaction was given is old once it has changed such a thing itself."""
    if session.info.get(GIVEN_MARKS):
        changed = chain(session.new, session.dirty, session.deleted)
        if any(row.__table__.name in _MARKED for row in changed):
            session.info.pop(GIVEN_MARKS)
