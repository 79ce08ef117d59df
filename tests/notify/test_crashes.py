"""The worker killed at every point of handing a letter over: nothing lost, the same id again."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, update

from tests.kit.nursery import Nursery, nursery
from tests.kit.site import Site
from tests.notify.sinks import MailSink
from ticketing.core import clock
from ticketing.core.db import db, transaction
from ticketing.core.outbox import Outbox
from ticketing.notify.models import Delivery, WorkerBeat
from ticketing.notify.words import DeliveryState

pytestmark = pytest.mark.slow
POINTS = ("10 message leased", "11 letter handed over, not confirmed", "12 letter confirmed, not marked")


@pytest.fixture
def start(site: Site, mail: MailSink) -> Iterator[Nursery]:
    """Return a starter of workers that send to the sink; all are gone afterwards."""
    outlet = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "noreply@loop.example",
    }
    with nursery(site, **outlet) as starter:
        yield starter


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        db.session.rollback()
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen in time")


def unsent() -> int:
    wanted = select(func.count()).select_from(Delivery).where(Delivery.state != DeliveryState.SENT)
    return db.session.scalar(wanted) or 0


def end_leases() -> None:
    """Let the time of a lease pass."""
    with transaction():
        held = update(Delivery).where(Delivery.state == DeliveryState.LEASED)
        db.session.execute(held.values(lease_until=clock.now()))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_sender_loses_nothing_and_repeats_with_the_same_id(world, mail, start, point):
    world.now = clock.now()
    world.file()
    process = start(CRASH_AT=point)

    assert process.wait(timeout=30) == -signal.SIGKILL
    end_leases()
    start()
    wait_for(lambda: db.session.scalar(select(func.count()).select_from(Delivery)) == 3 and not unsent())

    wanted = set(db.session.scalars(select(Delivery.message_id)))
    seen = Counter(mail.ids)
    assert set(seen) == wanted, "a letter was lost"
    assert sum(seen.values()) - len(wanted) <= (0 if point == POINTS[0] else 1)
    copies = {
        name: {raw for raw, other in zip(mail.raw, mail.ids, strict=True) if other == name} for name in seen
    }
    assert all(len(found) == 1 for found in copies.values()), "a copy differs from the first"


def test_two_workers_send_every_letter_once(world, mail, start):
    world.now = clock.now()
    workers = [start(), start()]
    wait_for(lambda: db.session.scalar(select(func.count()).select_from(WorkerBeat)) == 2)
    for _ in range(10):
        world.file()
        time.sleep(0.1)

    wait_for(lambda: not db.session.scalar(select(func.count()).select_from(Outbox)) and not unsent())
    for process in workers:
        process.terminate()

    assert [process.wait(timeout=15) for process in workers] == [0, 0]
    assert set(Counter(mail.ids).values()) == {1}
    assert len(mail.ids) == db.session.scalar(select(func.count()).select_from(Delivery))
