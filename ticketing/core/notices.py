"""News that is of no ticket: written with what happened, in its transaction; the worker carries it to people.

A notice is for people named when it is written. It says what happened as a sentence of the catalogue with
facts, what it is about by number and title, and where that is found; so whoever carries it need know nothing
of the feature it comes from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.core.db import JsonB, Model, db


class Notice(Model):
    """One piece of news. ``sentence`` is a message id, ``facts`` fill it, ``path`` is a page of ours."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    sentence: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonB)
    path: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class NoticeReader(Model):
    """Somebody a notice is for, in the inbox at once; the worker carries it to the ways out."""

    __tablename__ = "notice_readers"
    __table_args__ = (
        Index(
            "ix_notice_readers_waiting",
            "notice_id",
            postgresql_where=text("carried_at IS NULL"),
            sqlite_where=text("carried_at IS NULL"),
        ),
        Index("ix_notice_readers_user_id", "user_id", "notice_id"),
    )

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    carried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


def give_notice(
    about: tuple[str, str, str],
    sentence: str,
    facts: Mapping[str, str],
    readers: Collection[int],
    now: datetime,
) -> None:
    """Write news for ``readers``, ids of people, inside ``transaction()``; nobody to tell writes nothing.

    ``about``: the number, title and path of what it is about.
    """
    if not readers:
        return
    number, title, path = about
    notice = Notice(about=number, title=title, path=path, sentence=sentence, facts=dict(facts), at=now)
    db.session.add(notice)
    db.session.flush()
    rows = [{"notice_id": notice.id, "user_id": user_id} for user_id in sorted(readers)]
    db.session.execute(insert(NoticeReader), rows)
