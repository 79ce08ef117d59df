"""Marks of what seldom changes: while the mark is the same, what a process remembers of it is true.

A trigger of the database gives a new random mark with every change of the tables a mark stands for, however
it was made, so a process of any host that sees an old mark sees the old rows, and none can meet a mark twice.
"""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import GIVEN_MARKS, Model, db, read

NETWORK = "network"
"""Of units and categories."""


class Mark(Model):
    """The present mark of one thing, by its name."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(40))


NETWORK_MARK = select(Mark.value).where(Mark.name == NETWORK).scalar_subquery()
_NETWORK = select(Mark.value).where(Mark.name == NETWORK)


def give(mark: str | None) -> None:
    """Keep the mark of the network that was read along with who is asking, until a transaction begins."""
    db.session().info[GIVEN_MARKS] = mark


def of_network() -> str | None:
    """Return the present mark of the network: the one given, else asked of the database."""
    given: str | None = db.session().info.get(GIVEN_MARKS)
    return given or read(_NETWORK).scalar()
