"""The workers' signs of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from ticketing.core.db import db, transaction
from ticketing.notify.models import WorkerBeat

BEAT_LIFE = timedelta(days=1)


def beat(name: str, started_at: datetime, *, now: datetime) -> None:
    """Note that the worker process called ``name`` is alive."""
    with transaction():
        db.session.merge(WorkerBeat(name=name, started_at=started_at, beat_at=now))


def forget_old_beats(now: datetime) -> int:
    """Drop workers that have been silent for a day; return how many."""
    with transaction():
        gone = delete(WorkerBeat).where(WorkerBeat.beat_at < now - BEAT_LIFE).returning(WorkerBeat.name)
        return len(db.session.scalars(gone).all())
