"""The worker learns once a day, in a process that ends with it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.kit.site import SECRET, Site
from tests.tickets.history import filled
from ticketing import worker
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.learning.models import LearningDay, LearntModel

pytestmark = pytest.mark.slow


@pytest.fixture
def at_work(site: Site, monkeypatch: pytest.MonkeyPatch) -> worker.Worker:
    """A worker whose children find the database under test."""
    monkeypatch.setenv("TICKETING_VAR", str(site.config.var_dir))
    monkeypatch.setenv("DATABASE_URL", site.config.database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    return worker.Worker(site.app, "here:1", clock.now())


def count(what: type[LearntModel | LearningDay]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(what)) or 0


def test_it_learns_once_a_day_and_not_at_all_without_a_history(world, at_work):
    at_work.run(worker.learn)
    assert count(LearningDay) == 0
    filled(world)

    at_work.run(worker.learn)
    assert (count(LearningDay), count(LearntModel)) == (1, 2)

    at_work.run(worker.learn)
    assert (count(LearningDay), count(LearntModel)) == (1, 2)


def test_a_worker_that_is_asked_to_stop_stops_learning(world, at_work):
    filled(world)
    at_work.stopping.set()

    at_work.run(worker.learn)

    assert count(LearntModel) == 0
