"""Rows written without the unit of work: the same as with it."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from ticketing.core.db import db, transaction, write_new
from ticketing.core.idempotency import StoredAnswer


def answer(world, key: str) -> StoredAnswer:
    return StoredAnswer(
        principal="user:1", key=key, request_hash="0" * 64, status=201, body="{}", stored_at=world.now
    )


def kept(key: str) -> dict[str, object]:
    row = db.session.execute(select(StoredAnswer.__table__).where(StoredAnswer.key == key)).one()
    return {name: value for name, value in row._mapping.items() if name not in {"id", "key"}}


def test_a_row_written_without_a_flush_is_the_same_as_one_written_with_it(world):
    with transaction():
        db.session.add(answer(world, "flushed"))
    with transaction():
        write_new(answer(world, "written"))

    assert kept("written") == kept("flushed")
    assert kept("written")["location"] == ""


def test_what_was_written_belongs_to_the_session_and_is_changed_like_anything_else(world):
    with transaction():
        one = answer(world, "written")
        write_new(one)
        assert inspect(one).persistent
        assert not db.session.dirty
        assert db.session.get(StoredAnswer, one.id) is one
        one.status = 200

    db.session.expire_all()
    assert kept("written")["status"] == 200


def test_nothing_is_written_outside_a_transaction(world):
    with pytest.raises(RuntimeError):
        write_new(answer(world, "written"))

    assert db.session.scalar(select(StoredAnswer.id)) is None


def test_what_is_rolled_back_was_never_written_and_its_id_is_free(world):
    refused, again = answer(world, "refused"), answer(world, "again")

    with pytest.raises(ZeroDivisionError) as in_vain:
        written_in_vain(refused)
    with transaction():
        again.id = in_vain.value.args[0]
        db.session.add(again)

    assert list(db.session.scalars(select(StoredAnswer))) == [again]
    assert inspect(refused).session is None


def written_in_vain(one: StoredAnswer) -> None:
    with transaction():
        write_new(one)
        raise ZeroDivisionError(one.id)
