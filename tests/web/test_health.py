"""The probes: for this machine and the allowed networks only, and honest about what is missing."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import text

from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.notify.models import Delivery, WorkerBeat
from ticketing.notify.words import Channel
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


def test_each_worker_and_the_oldest_work_are_told(client, world):
    now = clock.now()
    world.now = now - timedelta(days=40)
    world.ticket(State.PROCESSING)
    clerk = world.actor("clerk").user_id
    with transaction():
        for name, age in (("a:1", 5), ('b "2"', 300)):
            db.session.add(WorkerBeat(name=name, started_at=now, beat_at=now - timedelta(seconds=age)))
        for place, minutes in enumerate((10, -10)):
            db.session.add(
                Delivery(
                    address=f"email:{place}", channel=Channel.EMAIL, user_id=clerk, destination="mail",
                    message_id=f"<{place}@x>", created_at=now, send_at=now - timedelta(minutes=minutes),
                    give_up_at=now,
                )
            )  # fmt: skip

    found = client.get("/readyz").json
    text = client.get("/metrics").text

    assert found["status"] == "ready"
    assert [worker["name"] for worker in found["workers"]] == ["a:1", 'b "2"']
    assert found["deliveries"]["waiting"] == 2
    assert 590 < found["deliveries"]["oldest_due_age_seconds"] < 700
    assert found["clocks"]["oldest_due_step_age_seconds"] > 86400
    assert 'closed_loop_worker_last_beat_age_seconds{worker="b \\"2\\""} 30' in text
    assert "closed_loop_deliveries_dead 0" in text
