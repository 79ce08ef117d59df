"""Is it alive, is it ready, how does it fare: for probes on this machine or in the allowed networks."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from sqlalchemy import ColumnElement, Integer, ScalarSelect, String, column, func, select, table
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
_beats = table("worker_beats", column("name", String), column("beat_at", UtcDateTime()))
_events = table("events", column("id", Integer), column("at", UtcDateTime()))
_deliveries = table("deliveries", column("state", String), column("send_at", UtcDateTime()))
_clocks = table("clocks", column("state", String), column("next_step_at", UtcDateTime()))
_orphans = table("orphan_looks", column("looked_at", UtcDateTime()), column("left", Integer))
_version = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. Ages in seconds; None: there is none."""

    has_database: bool
    is_migrated: bool = False
    workers: Mapping[str, float] = field(default_factory=dict)
    unsent: int = 0
    oldest_unsent_age: float | None = None
    waiting: int = 0
    dead: int = 0
    oldest_waiting_age: float | None = None
    oldest_step_age: float | None = None
    orphans: int | None = None
    orphan_look_age: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether requests can be answered; without a worker they can, only messages wait."""
        return self.has_database and self.is_migrated

    @property
    def worker_age(self) -> float | None:
        """The time since the newest sign of life of any worker."""
        return min(self.workers.values(), default=None)

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
        "workers": [{"name": name, "beat_age_seconds": age} for name, age in found.workers.items()],
        "outbox": {"unsent": found.unsent, "oldest_age_seconds": found.oldest_unsent_age},
        "deliveries": {
            "waiting": found.waiting,
            "dead": found.dead,
            "oldest_due_age_seconds": found.oldest_waiting_age,
        },
        "clocks": {"oldest_due_step_age_seconds": found.oldest_step_age},
        "orphans": {"left": found.orphans, "look_age_seconds": found.orphan_look_age},
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
        "closed_loop_deliveries_waiting": ("Messages that wait to be sent", found.waiting),
        "closed_loop_deliveries_dead": ("Messages that were given up", found.dead),
        "closed_loop_deliveries_oldest_due_age_seconds": (
            "How long the oldest due message waits",
            found.oldest_waiting_age or 0,
        ),
        "closed_loop_clocks_oldest_due_step_age_seconds": (
            "How long the oldest due step of a clock waits",
            found.oldest_step_age or 0,
        ),
        "closed_loop_orphans": (
            "Open tickets nobody could act on and nobody could be named for, at the last look",
            found.orphans or 0,
        ),
        "closed_loop_orphans_look_age_seconds": ("Time since that look", found.orphan_look_age),
    }
    lines = [
        f"# HELP {name} {help_text}\n# TYPE {name} gauge\n{name} {float(value):g}\n"
        for name, (help_text, value) in figures.items()
        if value is not None
    ]
    lines += _by_worker(found.workers)
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _by_worker(workers: Mapping[str, float]) -> list[str]:
    """The age of each worker's sign of life, told apart by label."""
    if not workers:
        return []
    name = "closed_loop_worker_last_beat_age_seconds"
    lines = [f"# HELP {name} Time since the last sign of life of each worker\n# TYPE {name} gauge\n"]
    for worker, age in workers.items():
        label = worker.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        lines.append(f'{name}{{worker="{label}"}} {age:g}\n')
    return lines


def look(now: datetime) -> Health:
    """Return the state of the database, the workers and of what waits for them at ``now``."""
    try:
        unsent, oldest, waiting, dead, message, step, orphans, looked_at = db.session.execute(
            select(
                select(func.count()).select_from(Outbox).scalar_subquery(),
                select(_events.c.at)
                .join(Outbox, Outbox.event_id == _events.c.id)
                .order_by(Outbox.event_id)
                .limit(1)
                .scalar_subquery(),
                select(func.count()).where(_deliveries.c.state == "waiting").scalar_subquery(),
                select(func.count()).where(_deliveries.c.state == "dead").scalar_subquery(),
                _earliest(_deliveries.c.send_at, _deliveries.c.state == "waiting", now),
                _earliest(_clocks.c.next_step_at, _clocks.c.state == "running", now),
                select(_orphans.c.left).scalar_subquery(),
                select(_orphans.c.looked_at).scalar_subquery(),
            )
        ).one()
        beats = db.session.execute(select(_beats.c.name, _beats.c.beat_at).order_by(_beats.c.name)).all()
        head = db.session.scalar(select(_version.c.version_num))
    except SQLAlchemyError:
        db.session.rollback()
        return Health(has_database=False)
    return Health(
        has_database=True,
        is_migrated=head == _newest(),
        workers={name: _age(at, now) or 0.0 for name, at in beats},
        unsent=unsent,
        oldest_unsent_age=_age(oldest, now),
        waiting=waiting,
        dead=dead,
        oldest_waiting_age=_age(message, now),
        oldest_step_age=_age(step, now),
        orphans=orphans,
        orphan_look_age=_age(looked_at, now),
    )


def _earliest(
    moment: ColumnElement[datetime], which: ColumnElement[bool], now: datetime
) -> ScalarSelect[datetime]:
    """The earliest moment that has passed."""
    return select(func.min(moment, type_=UtcDateTime())).where(which, moment <= now).scalar_subquery()


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
