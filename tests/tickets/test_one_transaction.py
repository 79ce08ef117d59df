"""What belongs together is committed together: event and outbox row, effect and stored answer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ticketing.core import idempotency
from ticketing.core.db import db, transaction
from ticketing.core.idempotency import Answer, once
from ticketing.core.outbox import Outbox
from ticketing.tickets.models import Event, Ticket


def test_the_outbox_row_is_there_before_anything_is_committed(world):
    number = world.file()
    with transaction():
        world.act("clerk", number, "accept")
        waiting = set(db.session.scalars(select(Outbox.event_id)))
        assert waiting == set(db.session.scalars(select(Event.id)))
        assert len(waiting) == 2


def test_an_answer_that_cannot_be_stored_takes_its_effect_with_it(world, monkeypatch):
    def torn(*_values: object) -> None:
        raise OSError("the power went")

    before = world.fingerprint()
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_stored", lambda *_given: None)
        patch.setattr(idempotency, "write", torn)
        with pytest.raises(OSError, match="power"):
            once("user:1", "k-1", b"", lambda: Answer(201, "", world.file()), now=world.now)

    assert world.fingerprint() == before
    once("user:1", "k-1", b"", lambda: Answer(201, "", world.file()), now=world.now)
    assert len(db.session.scalars(select(Ticket.id)).all()) == 1
