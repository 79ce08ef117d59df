"""Drops what is kept for people only for a while: failures, forms, sessions that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from ticketing.accounts import rules
from ticketing.accounts.models import KeptForm, SignInFailure, UserSession
from ticketing.core.db import db, transaction

FAILURE_LIFE = timedelta(days=1)


def forget_old(now: datetime, *, session_life: timedelta) -> int:
    """Drop outdated rows and return how many.

    A session goes a day after its end (or after ``session_life`` without use), so that a form posted too late
    can still be kept for its owner. A failure goes after a day, unless it still locks somebody.
    """
    gone_by = now - rules.KEPT_FORM_LIFE
    outdated = (
        (KeptForm, KeptForm.kept_at <= gone_by),
        (
            SignInFailure,
            (SignInFailure.first_at <= now - FAILURE_LIFE)
            & or_(SignInFailure.locked_until.is_(None), SignInFailure.locked_until <= now),
        ),
        (
            UserSession,
            or_(UserSession.ended_at <= gone_by, UserSession.last_seen_at <= gone_by - session_life),
        ),
    )
    with transaction():
        results = [db.session.execute(delete(table).where(which)) for table, which in outdated]
    return sum(result.rowcount for result in results)  # type: ignore[attr-defined] # a DELETE counts its rows
