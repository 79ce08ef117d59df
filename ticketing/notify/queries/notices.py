"""Reads of notices: what a person's inbox says that is of no ticket, and what a message tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from ticketing.core.actor import Actor
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.core.notices import Notice, NoticeReader
from ticketing.notify.models import DeliveryNotice

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as its reader may know it. ``sentence`` is a message id, filled by ``facts``."""

    id: int
    about: str
    title: str
    sentence: str
    facts: dict[str, Any]
    path: str
    at: datetime
    is_new: bool


def _wanted() -> Select[Any]:
    return select(
        Notice.id, Notice.about, Notice.title, Notice.sentence, Notice.facts, Notice.path, Notice.at,
        NoticeReader.read_at.is_(None),
    ).join(NoticeReader, NoticeReader.notice_id == Notice.id)  # fmt: skip


def latest(actor: Actor) -> list[Told]:
    """Return the person's latest notices, the newest first."""
    wanted = _wanted().where(NoticeReader.user_id == actor.user_id)
    return [Told(*row) for row in db.session.execute(wanted.order_by(Notice.id.desc()).limit(SHOWN))]


def path_of(actor: Actor, notice_id: int) -> str:
    """Return where a notice of the person's leads; raise NotFound when it is none."""
    wanted = select(Notice.path).join(NoticeReader, NoticeReader.notice_id == Notice.id)
    found = db.session.scalar(wanted.where(Notice.id == notice_id, NoticeReader.user_id == actor.user_id))
    if found is None:
        raise NotFound
    return found


def of_message(delivery_id: int, user_id: int) -> list[Told]:
    """Return the notices a message to a person tells of, the oldest first."""
    wanted = (
        _wanted()
        .join(DeliveryNotice, DeliveryNotice.notice_id == Notice.id)
        .where(DeliveryNotice.delivery_id == delivery_id, NoticeReader.user_id == user_id)
    )
    return [Told(*row) for row in db.session.execute(wanted.order_by(Notice.id))]
