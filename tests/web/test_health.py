"""The probes: for this machine and the allowed networks only, and honest about what is missing."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import text

from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.notify.models import WorkerBeat
from ticketing.tickets.words import State

PROBES = ("/healthz", "/readyz", "/metrics")


@pytest.mark.parametrize("path", PROBES)
def test_a_stranger_finds_nothing(client, path):
    assert client.get(path).status_code == 200
    assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404


def test_an_allowed_network_is_let_in(make_app):
    app = make_app(metrics_allow=(ip_network("192.0.2.0/24"),))

    for address, status in (("192.0.2.7", 200), ("127.0.0.1", 404)):
        assert app.test_client().get("/readyz", environ_base={"REMOTE_ADDR": address}).status_code == status


def test_without_a_worker_it_is_degraded_and_with_one_ready(client, world):
    assert client.get("/readyz").json["status"] == "degraded"
    now = clock.now()

    with transaction():
        db.session.add(WorkerBeat(name="here", started_at=now, beat_at=now - timedelta(seconds=5)))

    found = client.get("/readyz").json
    assert found["status"] == "ready"
    assert 4 < found["worker"]["beat_age_seconds"] < 60


def test_what_waits_in_the_outbox_is_counted(client, world):
    world.now = clock.now() - timedelta(hours=1)
    world.ticket(State.SUBMITTED)
    world.now = clock.now()
    world.ticket(State.SUBMITTED)

    found = client.get("/readyz").json["outbox"]
    lines = dict(
        line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#")
    )

    assert found["unsent"] == 2
    assert 3500 < found["oldest_age_seconds"] < 3700
    assert lines["closed_loop_outbox_unsent"] == "2"
    assert lines["closed_loop_database_up"] == "1"
    assert float(lines["closed_loop_outbox_oldest_age_seconds"]) > 3500


def test_an_old_schema_is_not_ready(client):
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["migrated"] is False


def test_a_lost_database_is_told(client):
    with transaction():
        db.session.execute(text("DROP TABLE alembic_version"))

    assert client.get("/readyz").json["database"] is False
    assert client.get("/healthz").status_code == 200
    assert "closed_loop_database_up 0" in client.get("/metrics").text
