"""Is it alive, is it ready, how does it fare: for probes on this machine or in the allowed networks."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from sqlalchemy import Integer, column, func, select, table
from sqlalchemy.exc import SQLAlchemyError

from config import Config
from ticketing.core import clock
from ticketing.core.db import UtcDateTime, db
from ticketing.core.outbox import Outbox
from ticketing.web.guards import public

BEAT_SECONDS = 120
"""A worker that was silent for longer counts as gone."""

bp = Blueprint("health", __name__)
# Features stand above this kit: their tables are known here by name only.
_beats = table("worker_beats", column("beat_at", UtcDateTime()))
_events = table("events", column("id", Integer), column("at", UtcDateTime()))
_version = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. Ages in seconds; None: there is none."""

    has_database: bool
    is_migrated: bool = False
    worker_age: float | None = None
    unsent: int = 0
    oldest_unsent_age: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether requests can be answered; without a worker they can, only messages wait."""
        return self.has_database and self.is_migrated

    @property
    def has_worker(self) -> bool:
        """Whether a worker gave a sign of life lately."""
        return self.worker_age is not None and self.worker_age <= BEAT_SECONDS


@bp.before_request
def only_for_probes() -> None:
    config = cast(Config, current_app.config["TICKETING"])
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        abort(404)
    if not any(address in network for network in config.metrics_allow):
        abort(404)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return _json({"status": "alive"}, 200)


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    found = look(clock.now())
    word = "ready" if found.is_ready and found.has_worker else "degraded" if found.is_ready else "unready"
    body = {
        "status": word,
        "database": found.has_database,
        "migrated": found.is_migrated,
        "worker": {"alive": found.has_worker, "beat_age_seconds": found.worker_age},
        "outbox": {"unsent": found.unsent, "oldest_age_seconds": found.oldest_unsent_age},
    }
    return _json(body, 200 if found.is_ready else 503)


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    found = look(clock.now())
    figures = {
        "closed_loop_database_up": ("1 when the database answers", found.has_database),
        "closed_loop_migrated": ("1 when the database has the newest schema", found.is_migrated),
        "closed_loop_worker_up": ("1 when a worker gave a sign of life lately", found.has_worker),
        "closed_loop_worker_beat_age_seconds": ("Time since the newest sign of life", found.worker_age),
        "closed_loop_outbox_unsent": ("Events not yet relayed to inboxes", found.unsent),
        "closed_loop_outbox_oldest_age_seconds": ("Age of the oldest of them", found.oldest_unsent_age or 0),
    }
    lines = [
        f"# HELP {name} {help_text}\n# TYPE {name} gauge\n{name} {float(value):g}\n"
        for name, (help_text, value) in figures.items()
        if value is not None
    ]
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def look(now: datetime) -> Health:
    """Return the state of the database, the worker and the outbox at ``now``."""
    try:
        beat, unsent, oldest = db.session.execute(
            select(
                select(func.max(_beats.c.beat_at, type_=UtcDateTime())).scalar_subquery(),
                select(func.count()).select_from(Outbox).scalar_subquery(),
                select(_events.c.at)
                .join(Outbox, Outbox.event_id == _events.c.id)
                .order_by(Outbox.event_id)
                .limit(1)
                .scalar_subquery(),
            )
        ).one()
        head = db.session.scalar(select(_version.c.version_num))
    except SQLAlchemyError:
        db.session.rollback()
        return Health(has_database=False)
    return Health(
        has_database=True,
        is_migrated=head == _newest(),
        worker_age=_age(beat, now),
        unsent=unsent,
        oldest_unsent_age=_age(oldest, now),
    )


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())


def _newest() -> str | None:
    """Return the newest migration in the code, read once."""
    known: dict[str, str | None] = current_app.extensions.setdefault("health", {})
    if "head" not in known:
        migrate = cast(Any, current_app.extensions["migrate"]).migrate
        known["head"] = ScriptDirectory(cast(Migrate, migrate).directory).get_current_head()
    return known["head"]


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
