"""Reads of what was learnt: the newest model of each kind, remembered in the process until the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ticketing.core.db import db
from ticketing.learning.models import LearntModel
from ticketing.learning.rules.measuring import HitRate
from ticketing.learning.rules.model import Model, read_model
from ticketing.learning.words import Target


@dataclass(frozen=True, slots=True)
class Known:
    """The newest model of a kind, and how good it is."""

    version: int
    learnt_at: datetime
    lessons: int
    latest: HitRate
    fresh: HitRate
    model: Model


_FACTS = (
    LearntModel.digest, LearntModel.id, LearntModel.version, LearntModel.learnt_at, LearntModel.lessons,
    LearntModel.asked, LearntModel.first, LearntModel.three,
    LearntModel.fresh_asked, LearntModel.fresh_first, LearntModel.fresh_three,
)  # fmt: skip
_NEWEST = {
    target: select(*_FACTS).where(LearntModel.target == target).order_by(LearntModel.version.desc()).limit(1)
    for target in Target
}
_remembered: dict[Target, tuple[str, Model]] = {}


def newest(target: Target) -> Known | None:
    """Return the newest model of ``target``; None when nothing was learnt yet. One small statement."""
    row: Any = db.session.execute(_NEWEST[target]).first()
    if row is None:
        return None
    digest, row_id, version, learnt_at, lessons, *rates = row
    kept = _remembered.get(target)
    if kept is None or kept[0] != digest:
        data = db.session.scalars(select(LearntModel.data).where(LearntModel.id == row_id)).one()
        kept = _remembered[target] = (digest, read_model(data))
    return Known(version, learnt_at, lessons, HitRate(*rates[:3]), HitRate(*rates[3:]), kept[1])
