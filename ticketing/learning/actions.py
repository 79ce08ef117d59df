"""Keeping what was learnt, and taking turns at learning."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from ticketing.core.db import db, transaction
from ticketing.learning.models import LearningDay, LearntModel
from ticketing.learning.rules.measuring import Learnt
from ticketing.learning.words import Target

KEPT_VERSIONS = 5
_DAYS_KEPT = timedelta(days=30)


def keep(target: Target, learnt: Learnt, *, now: datetime) -> int:
    """Store a new version and drop all but the last KEPT_VERSIONS; return its number."""
    data = learnt.model.stored()
    written = json.dumps(data, ensure_ascii=False, sort_keys=True)
    with transaction():
        last = db.session.scalar(select(func.max(LearntModel.version)).where(LearntModel.target == target))
        version = (last or 0) + 1
        row = LearntModel(
            target=target,
            version=version,
            learnt_at=now,
            lessons=learnt.lessons,
            asked=learnt.latest.asked,
            first=learnt.latest.first,
            three=learnt.latest.three,
            fresh_asked=learnt.fresh.asked,
            fresh_first=learnt.fresh.first,
            fresh_three=learnt.fresh.three,
            digest=hashlib.sha256(f"{target} {version} {now.isoformat()} {written}".encode()).hexdigest(),
            data=data,
        )
        db.session.add(row)
        db.session.flush()
        old = (LearntModel.target == target) & (LearntModel.version <= version - KEPT_VERSIONS)
        db.session.execute(delete(LearntModel).where(old))
    return version


def take_day(day: date, *, now: datetime) -> bool:
    """Take to learning on ``day``; return False when a worker has done so before."""
    try:
        with transaction():
            if db.session.get(LearningDay, day) is not None:
                return False
            db.session.execute(delete(LearningDay).where(LearningDay.day < day - _DAYS_KEPT))
            db.session.add(LearningDay(day=day, taken_at=now))
    except IntegrityError:  # a twin was faster
        return False
    return True
