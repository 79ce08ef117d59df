"""The sweep: whatever is due now fires, once, in order, whoever runs it and however often."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import exists, literal, select

from ticketing.core.db import db, transaction
from ticketing.escalation.actions import clocks
from ticketing.escalation.actions.firing import Fired, Held, fire
from ticketing.network.queries import network
from ticketing.sla.models import Clock

BATCH = 500
_log = logging.getLogger(__name__)
_ANYTHING = select(exists(select(literal(1)).select_from(Clock).where(clocks.IS_DUE)))


def sweep(now: datetime, limit: int = BATCH) -> list[Fired]:
    """Fire what is due at ``now`` on up to ``limit`` clocks; return it in order, empty when nothing is due.

    Any number may run at once: each takes rows of its own, and a step is written once or not at all.
    """
    while _is_anything_due(now):
        held: dict[int, Held] = {}
        with transaction():
            claimed = clocks.claim(now, limit, held)
            fired = fire(held.values(), network(), now) if held else []
        if fired or not claimed:
            _log.info("%d steps fired on %d tickets", len(fired), len(held))
            return fired
    return []


def _is_anything_due(now: datetime) -> bool:
    """Ask without a lock: most of the time there is nothing to do."""
    found = db.session.scalar(_ANYTHING, {"now": now})
    db.session.rollback()
    return bool(found)
