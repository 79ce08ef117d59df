"""`flask worker` as a process of its own: it relays, shows signs of life, stops in time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from tests.kit.nursery import Nursery, nursery
from tests.kit.site import Site
from ticketing import worker
from ticketing.accounts.models import KeptForm, SignInFailure, UserSession
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.core.idempotency import StoredAnswer
from ticketing.notify.models import InboxEntry, WorkerBeat
from ticketing.tickets.models import Event
from ticketing.tickets.words import Action

pytestmark = pytest.mark.slow


@pytest.fixture
def start(site: Site) -> Iterator[Nursery]:
    """Return a starter of worker processes on the database under test; all are gone afterwards."""
    with nursery(site) as starter:
        yield starter


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        db.session.rollback()
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen in time")


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(InboxEntry)) or 0


def beats() -> int:
    return db.session.scalar(select(func.count()).select_from(WorkerBeat)) or 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_relays_what_happens_and_stops_when_asked(world, start, site, number):
    process = start()
    wait_for(beats)
    ticket = world.file()

    wait_for(entries)

    asked_at = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=5) == 0
    assert time.monotonic() - asked_at < 5
    log = (site.config.var_dir / "worker.log").read_text(encoding="utf-8")
    assert ticket in log
    assert "林知夏" not in log
    assert "@" not in log


def test_two_workers_tell_everybody_once(world, start):
    numbers = [world.file() for _ in range(12)]
    start()
    start()

    wait_for(lambda: db.session.scalar(text("SELECT count(*) FROM outbox")) == 0)

    # The workers live today and may find, besides, that what was filed is late.
    filed = select(Event.id).where(Event.action == Action.SUBMIT)
    per_event = db.session.execute(
        select(func.count(), func.count(func.distinct(InboxEntry.event_id))).where(
            InboxEntry.event_id.in_(filed)
        )
    ).one()
    assert per_event[1] == len(numbers)
    assert per_event[0] == 3 * len(numbers)


def test_it_outlives_connections_cut_by_a_database_restart(world, start, database):
    if database == "sqlite":
        pytest.skip("an embedded database does not restart")
    process = start()
    wait_for(beats)
    db.session.rollback()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    db.session.execute(text(f"{cut} AND pid <> pg_backend_pid()"))
    db.session.rollback()
    db.engine.dispose()  # ours rested too short a time to be asked whether they live
    world.file()

    wait_for(entries)

    assert process.poll() is None


def test_a_worker_does_its_share_at_once(app):
    now = clock.now()
    ringing = worker.scheduler(worker.Worker(app, "here:1", now))
    ringing.start(paused=True)

    first = {job.id: job.next_run_time for job in ringing.get_jobs()}
    ringing.shutdown()

    assert first["sweep-1"] == first["relay-1"] == now
    assert first["clean-1"] > now


def test_a_refusing_database_is_logged_without_its_values(app, caplog):
    def refused(_worker: worker.Worker) -> None:
        raise OperationalError("INSERT", {"phone": "13800001234"}, RuntimeError("gone: 13800001234"))

    caplog.set_level("WARNING")
    worker.Worker(app, "here:1", clock.now()).run(refused)

    assert "refused: the database refused: RuntimeError" in caplog.text
    assert "13800001234" not in caplog.text


def test_the_nightly_clean_up_drops_the_old_and_keeps_the_new(world, site):
    now = clock.now()
    old, new = now - timedelta(hours=25), now - timedelta(hours=23)
    user_id = world.actor("dept").user_id
    assert user_id is not None
    with transaction():
        for at, name in ((old, "old"), (new, "new")):
            db.session.add(
                StoredAnswer(principal="user:1", key=name, request_hash="", status=200, body="", stored_at=at)
            )
            db.session.add(KeptForm(user_id=user_id, path=f"/{name}", fields="[]", kept_at=at))
            db.session.add(SignInFailure(subject=name, failures=1, first_at=at, locked_until=None))
            db.session.add(WorkerBeat(name=name, started_at=at, beat_at=at))
            db.session.add(
                UserSession(user_id=user_id, token_hash=name, created_at=old, last_seen_at=at, ended_at=at)
            )
        db.session.add(
            UserSession(
                user_id=user_id, token_hash="idle", created_at=old, last_seen_at=now - timedelta(days=16)
            )
        )
        db.session.add(UserSession(user_id=user_id, token_hash="used", created_at=old, last_seen_at=old))

    worker.Worker(site.app, "here:1", now).run(worker.clean)

    db.session.rollback()
    assert db.session.scalars(select(StoredAnswer.key)).all() == ["new"]
    assert db.session.scalars(select(KeptForm.path)).all() == ["/new"]
    assert db.session.scalars(select(SignInFailure.subject)).all() == ["new"]
    assert db.session.scalars(select(WorkerBeat.name)).all() == ["new"]
    assert sorted(db.session.scalars(select(UserSession.token_hash))) == ["new", "used"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_night_sqlite_notes_how_its_tables_are_filled(world, site):
    world.file()

    worker.Worker(site.app, "here:1", world.now).run(worker.clean)

    db.session.rollback()
    noted = text("SELECT count(*) FROM sqlite_stat1 WHERE idx = 'ix_tickets_open_queue'")
    assert db.session.scalar(noted) == 1
