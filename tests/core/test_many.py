"""Many rows in one statement: what was given is what is stored, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ticketing.accounts.models import Enterprise
from ticketing.core import canonical, many
from ticketing.core.canonical import Encoded
from ticketing.core.db import db, sent_ahead, transaction
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


def test_a_document_that_is_text_already_is_stored_as_what_it_says(app):
    odd = {"b": ODD, "a": {"中": [None, True, 1.5, "\x01\x7f"]}}
    row = {"metric": Metric.SIGN, "level": "*", "category_code": "*", "unit_code": "*", "version": 1,
           "starts_on": date(2030, 1, 1)}  # fmt: skip
    with transaction():
        ids = many.next_ids(LimitRule, 3)
        given = [Encoded(canonical.encode([odd])), [odd], None]
        many.add(LimitRule, [
            row | {"id": new, "kind": str(new), "steps": steps} for new, steps in zip(ids, given, strict=True)
        ])  # fmt: skip

    stored = select(LimitRule.steps).where(LimitRule.id.in_(ids)).order_by(LimitRule.id)
    assert list(db.session.scalars(stored)) == [[odd], [odd], None]


def test_what_is_sent_ahead_is_written_when_the_block_ends(app):
    row = {"uscc": None, "is_verified": True, "created_at": NOW, "site_code": None}
    with transaction():
        ids = many.next_ids(Enterprise, 2)
        with sent_ahead():
            many.add(Enterprise, [row | {"id": new, "name": "旧"} for new in ids])
            many.change(Enterprise, [{"id": new, "name": f"新{new}"} for new in ids])
        names = db.session.scalars(select(Enterprise.name).where(Enterprise.id.in_(ids)))

        assert sorted(names) == [f"新{new}" for new in ids]


def test_what_is_refused_of_what_was_sent_ahead_is_raised_and_leaves_nothing(app):
    row = {"uscc": None, "is_verified": True, "created_at": NOW, "site_code": None}
    with transaction():
        first, second = many.next_ids(Enterprise, 2)

    def twice() -> None:
        with transaction(), sent_ahead():
            many.add(Enterprise, [row | {"id": first, "name": "先"}])
            many.add(Enterprise, [row | {"id": first, "name": "重"}])

    with pytest.raises(IntegrityError):
        twice()

    assert db.session.get(Enterprise, first) is None
    with transaction():
        many.add(Enterprise, [row | {"id": second, "name": "后"}])
    assert db.session.get_one(Enterprise, second).name == "后"


def test_many_ids_are_looked_for_at_once(app):
    known = list(db.session.scalars(select(LimitRule.id).order_by(LimitRule.id)))

    def found(ids: list[int]) -> list[int]:
        wanted = select(LimitRule.id).where(many.is_among(LimitRule.id, ids))
        return list(db.session.scalars(wanted.order_by(LimitRule.id)))

    assert found([*known[::2], 10**9]) == known[::2]
    assert found([]) == []
