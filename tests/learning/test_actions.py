"""Models are kept in versions; one worker a day takes to learning."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from tests.learning.kit import history
from ticketing.core.db import db
from ticketing.learning import actions, queries
from ticketing.learning.cutting import cut
from ticketing.learning.models import LearningDay, LearntModel
from ticketing.learning.rules.measuring import Learnt, learn_and_measure
from ticketing.learning.words import Target

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    done = learn_and_measure(history(rounds=12), cut, {})
    assert done is not None
    return done


def test_the_newest_version_is_the_one_that_suggests(app, learnt):
    assert queries.newest(Target.CATEGORY) is None

    versions = [
        actions.keep(Target.CATEGORY, learnt, now=NOW + timedelta(days=day))
        for day in range(actions.KEPT_VERSIONS + 2)
    ]

    assert versions == [1, 2, 3, 4, 5, 6, 7]
    assert db.session.scalar(select(func.count(LearntModel.id))) == actions.KEPT_VERSIONS
    known = queries.newest(Target.CATEGORY)
    assert known is not None
    assert (known.version, known.learnt_at, known.lessons) == (7, NOW + timedelta(days=6), learnt.lessons)
    assert (known.latest, known.fresh) == (learnt.latest, learnt.fresh)
    assert known.model.suggest("变压器") == learnt.model.suggest("变压器")
    assert queries.newest(Target.DEPARTMENT) is None


def test_a_model_is_read_once_and_then_remembered(app, learnt, statements):
    actions.keep(Target.CATEGORY, learnt, now=NOW)
    queries.newest(Target.CATEGORY)

    with statements() as seen:
        queries.newest(Target.CATEGORY)

    assert len([one for one in seen if one.startswith("SELECT")]) == 1
    assert not any("learnt_models.data" in one for one in seen)


def test_one_of_many_workers_takes_the_day(app):
    took: list[bool] = []
    at_once = Barrier(4)

    def work() -> None:
        with app.app_context():
            at_once.wait()
            took.append(actions.take_day(TODAY, now=NOW))

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert sorted(took) == [False, False, False, True]
    assert actions.take_day(TODAY + timedelta(days=1), now=NOW)


def test_days_long_past_are_forgotten(app):
    actions.take_day(TODAY, now=NOW)
    actions.take_day(TODAY + timedelta(days=31), now=NOW)

    assert list(db.session.scalars(select(LearningDay.day))) == [TODAY + timedelta(days=31)]
