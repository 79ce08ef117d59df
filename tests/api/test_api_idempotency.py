"""The same key twice: one effect, one answer, also when both come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.api.conftest import FILING
from ticketing.core.db import db
from ticketing.tickets import ledger
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.words import State

TWINS = 4


def at_once(*calls):
    """Make the calls at the same moment, each from a thread and a context of its own; return the answers."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait(10)
        return call()

    db.session.rollback()
    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(Context().run, run, call) for call in calls]
        return [one.result(60) for one in running]


def test_the_same_key_gives_the_first_answer_again(by):
    first = by.enterprise.post("/tickets", FILING, key="k-1")
    again = by.enterprise.post("/tickets", dict(reversed(FILING.items())), key="k-1")

    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert len(by.enterprise.get("/tickets").json["items"]) == 1


def test_the_same_key_with_another_body_is_refused(by):
    by.enterprise.post("/tickets", FILING, key="k-1")

    answer = by.enterprise.post("/tickets", FILING | {"title": "另一件事"}, key="k-1")

    assert answer.status_code == 422
    assert answer.json["type"] == "urn:closed-loop:problem:key-reused"


def test_keys_of_two_people_and_two_calls_do_not_meet(by, world):
    mine = by.enterprise.post("/tickets", FILING, key="k-1").json["number"]
    theirs = by.enterprise2.post("/tickets", FILING, key="k-1").json["number"]

    assert mine != theirs
    assert by.clerk.post(f"/tickets/{mine}/actions/accept", {}, key="k-2").status_code == 200
    assert by.clerk.post(f"/tickets/{theirs}/actions/accept", {}, key="k-2").status_code == 422


def test_a_refusal_uses_up_no_key(by):
    assert by.enterprise.post("/tickets", FILING | {"category": "ZZZ"}, key="k-1").status_code == 422

    assert by.enterprise.post("/tickets", FILING, key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb", "two words", "schlüssel"])
def test_a_key_is_visible_ascii(by, key):
    assert by.enterprise.post("/tickets", FILING, key=key).status_code == 422


def test_twins_that_file_make_one_ticket(by):
    caller = by.enterprise

    answers = at_once(*[lambda: caller.post("/tickets", FILING, key="twins")] * TWINS)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert db.session.scalars(select(Ticket.number)).all() == [answers[0].json["number"]]


def test_twins_that_act_make_one_event(by, world):
    number, caller = world.ticket(State.SUBMITTED), by.clerk

    answers = at_once(*[lambda: caller.post(f"/tickets/{number}/actions/accept", {}, key="twins")] * TWINS)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert len(world.events(number)) == 2


def test_without_a_key_the_second_of_two_is_told(by, world):
    number, caller = world.ticket(State.SUBMITTED), by.clerk

    answers = at_once(*[lambda: caller.act(number, "accept")] * TWINS)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (TWINS - 1)
    assert len(world.events(number)) == 2


def test_many_who_write_at_once_keep_the_log_whole(by, world):
    number, people = world.ticket(State.PROCESSING), [by.dept, by.deptlead, by.clerk, by.dispatcher]

    answers = at_once(
        *[lambda who=who, n=n: who.act(number, "note", body=f"{n}") for n in range(3) for who in people]
    )

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json["version"] for answer in answers) == list(range(5, 17))
    assert db.session.scalars(select(Event.seq).order_by(Event.id)).all() == list(range(1, 17))
    assert list(ledger.verify()) == []
