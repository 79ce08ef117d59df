"""Many rows in one statement: what was given is what is stored, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from ticketing.accounts.models import Enterprise
from ticketing.core import many
from ticketing.core.db import db, transaction
from ticketing.sla.models import LimitRule
from ticketing.sla.words import Metric

NOW = datetime(2026, 11, 28, 1, 2, 3, 456789, tzinfo=UTC)
ODD = ['a"b', "back\\slash", "{1,2}", "NULL", "", "行一\n行二\t，完", "it's :fine %s"]


def test_odd_texts_nothing_and_moments_come_back_as_they_were(app):
    with transaction():
        ids = many.next_ids(Enterprise, len(ODD))
        given = [
            {"id": new, "uscc": None, "name": text, "is_verified": place % 2 == 0, "created_at": NOW,
             "site_code": None if place else "PK01"}
            for place, (new, text) in enumerate(zip(ids, ODD, strict=True))
        ]  # fmt: skip
        many.add(Enterprise, given)
        many.add(Enterprise, [])

    stored = db.session.execute(select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id))
    assert [{name: getattr(row, name) for name in given[0]} for row in stored.scalars()] == given


def test_words_dates_and_documents_are_stored_and_changed(app):
    steps = [{"percent": 50, "audience": ['"', "\\", "中"]}]
    same = {"level": "*", "category_code": "*", "unit_code": "*", "version": 1, "steps": steps}
    sign = {"metric": Metric.SIGN, "kind": "a", "limit": None, "starts_on": date(2030, 1, 1)}
    resolve = {"metric": Metric.RESOLVE, "kind": "b", "limit": "5wd", "starts_on": date(2030, 1, 2)}
    with transaction():
        ids = many.next_ids(LimitRule, 2)
        many.add(LimitRule, [{"id": ids[0]} | sign | same, {"id": ids[1]} | resolve | same])
        many.change(LimitRule, [
            {"id": ids[1], "limit": None, "version": 7, "steps": []},
            {"id": ids[0], "limit": "4wh", "version": 8, "steps": steps},
        ])  # fmt: skip

    first, second = db.session.scalars(select(LimitRule).where(LimitRule.id.in_(ids)).order_by(LimitRule.id))
    assert (first.metric, first.starts_on, first.limit, first.version) == ("sign", date(2030, 1, 1), "4wh", 8)
    assert (second.metric, second.starts_on, second.limit, second.version) == (
        "resolve",
        date(2030, 1, 2),
        None,
        7,
    )
    assert (first.steps, second.steps) == (steps, [])


def test_many_ids_are_looked_for_at_once(app):
    known = list(db.session.scalars(select(LimitRule.id).order_by(LimitRule.id)))

    def found(ids: list[int]) -> list[int]:
        wanted = select(LimitRule.id).where(many.is_among(LimitRule.id, ids))
        return list(db.session.scalars(wanted.order_by(LimitRule.id)))

    assert found([*known[::2], 10**9]) == known[::2]
    assert found([]) == []
