"""The event log: the database refuses changes to it, and what is changed all the same is found and named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.world import World
from ticketing.core import canonical
from ticketing.core.db import db, transaction
from ticketing.tickets import ledger
from ticketing.tickets.words import State


@pytest.fixture
def number(world):
    """A ticket with a long life, beside others that nobody touches."""
    world.ticket(State.CLOSED)
    world.file(draft=True)
    number = world.ticket(State.REPLIED)
    world.act("caller", number, "revisit", reached=True, solved="no", satisfaction=1)
    world.act("clerk", world.file(), "merge", into=number)
    return number


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = data",
        "UPDATE events SET hash = '' WHERE seq = 1",
        "DELETE FROM events WHERE seq > 1",
        "DELETE FROM events",
    ],
)
def test_the_database_refuses_to_change_the_log(world, number, statement):
    before = world.fingerprint()

    with pytest.raises(DBAPIError, match="the event log is append-only"), transaction():
        db.session.execute(text(statement))

    assert world.fingerprint() == before


def test_postgresql_refuses_to_empty_the_log(world, number, database):
    if database == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; it deletes, and that is refused")
    before = world.fingerprint()

    for statement in ("TRUNCATE events CASCADE", "TRUNCATE tickets CASCADE"):
        with pytest.raises(DBAPIError, match="the event log is append-only"), transaction():
            db.session.execute(text(statement))

    assert world.fingerprint() == before


def test_an_untouched_log_has_no_problems(world, number):
    for state in State:
        world.ticket(state)
    db.session.rollback()

    assert list(ledger.verify()) == []


class _Undo(Exception):
    """Ends the transaction of somebody who meddled, so that the next can try."""


class Meddler:
    """Somebody with the keys of the database: the triggers are gone, any statement goes."""

    def __init__(self, world: World, number: str, database: str) -> None:
        self.ticket_id, self.number = world.row(number).id, number
        names = ("events_no_update", "events_no_delete") if database == "sqlite" else ("events_append_only",)
        on = "" if database == "sqlite" else " ON events"
        self._keys = ["DELETE FROM outbox", *(f"DROP TRIGGER {name}{on}" for name in names)]

    def __call__(self, *statements: str, **values: object) -> list[str]:
        """Do what ``statements`` say, return what the check says of the ticket then, and undo it."""
        said: dict[str, list[str]] = {}
        try:
            with transaction():
                for statement in self._keys:
                    db.session.execute(text(statement))
                for statement in statements:
                    self._change(statement, values)
                db.session.expire_all()
                said = dict(ledger.verify())
                raise _Undo
        except _Undo:
            pass
        assert set(said) <= {self.number}
        return said.get(self.number, [])

    def _change(self, statement: str, values: dict[str, object]) -> None:
        known = {"t": self.ticket_id} | values
        wanted = {name: value for name, value in known.items() if f":{name}" in statement}
        found: Any = db.session.execute(text(statement), wanted)
        assert found.rowcount > 0, f"nothing was changed by {statement}"


@pytest.fixture
def meddle(world, number, database) -> Meddler:
    return Meddler(world, number, database)


MEDDLING = {
    "text of an event": "UPDATE events SET data = '{}' WHERE ticket_id = :t AND seq = 3",
    "who did it": "UPDATE events SET actor_id = 1 WHERE ticket_id = :t AND seq = 3 AND actor_id <> 1",
    "nobody did it": "UPDATE events SET actor_id = NULL WHERE ticket_id = :t AND seq = 3",
    "for which unit": "UPDATE events SET unit_id = 3 WHERE ticket_id = :t AND seq = 4",
    "when": "UPDATE events SET at = '2026-11-23 02:00:00.000001' WHERE ticket_id = :t AND seq = 3",
    "what": "UPDATE events SET action = 'note' WHERE ticket_id = :t AND seq = 3",
    "from where": "UPDATE events SET from_status = 'draft' WHERE ticket_id = :t AND seq = 3",
    "to where": "UPDATE events SET to_status = 'closed' WHERE ticket_id = :t AND seq = 3",
    "its hash": "UPDATE events SET hash = 'x' || substr(hash, 2) WHERE ticket_id = :t AND seq = 3",
    "the last hash": "UPDATE events SET hash = '' WHERE ticket_id = :t AND seq = 8",
    "first event gone": "DELETE FROM events WHERE ticket_id = :t AND seq = 1",
    "middle event gone": "DELETE FROM events WHERE ticket_id = :t AND seq = 4",
    "last event gone": "DELETE FROM events WHERE ticket_id = :t AND seq = 8",
    "last three events gone": "DELETE FROM events WHERE ticket_id = :t AND seq >= 6",
    "all events gone": "DELETE FROM events WHERE ticket_id = :t",
    "status": "UPDATE tickets SET status = 'withdrawn' WHERE id = :t",
    "satisfaction": "UPDATE tickets SET satisfaction = 5 WHERE id = :t",
    "unit": "UPDATE tickets SET unit_id = unit_id + 1 WHERE id = :t",
    "receipt": "UPDATE tickets SET received_at = '2026-11-20 02:00:00' WHERE id = :t",
    "version": "UPDATE tickets SET version = version + 1 WHERE id = :t",
    "queue": "UPDATE tickets SET queue_at = '2027-01-01 00:00:00' WHERE id = :t",
    "end of the chain": "UPDATE tickets SET event_hash = '' WHERE id = :t",
    "length of the chain": "UPDATE tickets SET event_seq = 7 WHERE id = :t",
    "due of a clock": "UPDATE clocks SET due_at = warn_at WHERE ticket_id = :t AND nth = 3",
    "start of clock": "UPDATE clocks SET started_at = due_at WHERE ticket_id = :t AND nth = 1",
    "state of a clock": "UPDATE clocks SET state = 'cancelled' WHERE ticket_id = :t AND nth = 1",
    "limit of a clock": "UPDATE clocks SET \"limit\" = '99wd' WHERE ticket_id = :t AND nth = 2",
    "met in time": "UPDATE clocks SET met_at = '2026-11-23 02:00:00' WHERE ticket_id = :t AND nth = 1",
}  # fmt: skip


def test_every_change_behind_the_log_s_back_is_found(meddle):
    assert meddle() == []

    missed = [what for what, statement in MEDDLING.items() if not meddle(statement)]

    assert missed == []


def test_what_is_wrong_is_said(meddle):
    assert meddle(MEDDLING["satisfaction"]) == ["satisfaction is 5, its events say 1"]
    assert meddle(MEDDLING["last event gone"])[0] == "the last events are missing"
    assert meddle(MEDDLING["middle event gone"])[:2] == [
        "event 4 is missing",
        "event 5 does not match its hash",
    ]
    assert meddle(MEDDLING["who did it"]) == ["event 3 does not match its hash"]
    assert meddle(MEDDLING["limit of a clock"]) == ["clock 2 limit differs from its events"]


def test_a_clock_that_vanished_or_appeared_is_found(meddle):
    others = (
        'unit_id, cycle, metric, state, "limit", calendar_id, started_at, due_at, original_due_at, warn_at, '
        "extra_days, is_provisional"
    )
    added = (
        f"INSERT INTO clocks (ticket_id, nth, {others}) SELECT ticket_id, 99, {others} FROM clocks "
        "WHERE ticket_id = :t AND state = 'running' ORDER BY nth LIMIT 1"
    )

    assert meddle("DELETE FROM clocks WHERE ticket_id = :t AND nth = 1") == ["clock 1 is missing"]
    assert all("clock 99" in problem for problem in meddle(added))
    assert meddle(added)


def test_two_events_that_changed_places_are_found(meddle):
    swap = "UPDATE events SET seq = {to} WHERE ticket_id = :t AND seq = {source}"

    said = meddle(swap.format(to=99, source=3), swap.format(to=3, source=4), swap.format(to=4, source=99))

    assert "event 3 does not match its hash" in said


def test_the_event_of_another_ticket_is_no_substitute(world, meddle):
    other = world.row(world.file()).id

    said = meddle(
        "DELETE FROM events WHERE ticket_id = :t AND seq = 1",
        f"UPDATE events SET ticket_id = :t WHERE ticket_id = {other}",
        f"UPDATE tickets SET event_seq = 0, event_hash = '', status = 'draft' WHERE id = {other}",
        f"DELETE FROM clocks WHERE ticket_id = {other}",
    )

    assert "event 1 does not match its hash" in said


def test_a_chain_forged_from_the_middle_on_is_found_at_its_end(world, number, meddle):
    """Whoever rewrites an event and all hashes after it must also change the ticket's own row."""
    events = world.events(number)
    db.session.expunge_all()
    events[2].data = events[2].data | {"said": {"unit": "D-PWR", "note": "伪造", "co_units": []}}
    values: dict[str, str] = {}
    statements, previous = [], events[1].hash
    for event in events[2:]:
        previous = ledger.digest(number, event, previous)
        values |= {f"hash{event.seq}": previous}
        statements.append(
            f"UPDATE events SET hash = :hash{event.seq} WHERE ticket_id = :t AND seq = {event.seq}"
        )
    values["forged"] = json.dumps(events[2].data)
    statements.append("UPDATE events SET data = CAST(:forged AS JSONB) WHERE ticket_id = :t AND seq = 3")
    if db.engine.dialect.name == "sqlite":
        statements[-1] = statements[-1].replace("CAST(:forged AS JSONB)", ":forged")

    assert meddle(*statements, **values) == ["the last events are missing"]


def test_an_event_written_among_many_has_the_hash_of_one_written_alone(world, number):
    for event in world.events(number):
        told = ledger.Told(
            number=number, seq=event.seq, at=event.at, action=event.action, from_status=event.from_status,
            to_status=event.to_status, data=canonical.encode(event.data), actor_id=event.actor_id,
            unit_id=event.unit_id,
        )  # fmt: skip

        assert ledger.digest_told(told, "ab") == ledger.digest(number, event, "ab")
