"""One action for many tickets: the same rules for each, one result for each, and nothing done twice."""

from __future__ import annotations

import re

import pytest

from tests.tickets.desk import send
from ticketing.core import errors
from ticketing.tickets import wishes as w
from ticketing.tickets.actions import bulk
from ticketing.tickets.actions.bulk import Pick, perform_many
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.rules import make_number
from ticketing.tickets.words import Action, State


def picks(world, *numbers: str) -> list[Pick]:
    return [Pick(number, world.row(number).version) for number in numbers]


def kinds(outcomes) -> list[type | None]:
    return [type(one.refusal) if one.refusal else None for one in outcomes]


def test_one_of_a_hundred_is_done_and_the_other_ninety_nine_are_untouched(world):
    mine = world.ticket(State.DISPATCHED)
    theirs = [world.ticket(State.SUBMITTED) for _ in range(3)]
    unknown = [make_number(2026, number) for number in range(96)]
    chosen = [*picks(world, *theirs), *map(Pick, unknown), *picks(world, mine)]
    before = {number: world.row(number).event_hash for number in theirs}

    outcomes = perform_many(world.actor("dept"), chosen, w.Sign(), "k1", now=world.later(minutes=1))

    assert [one.pick.number for one in outcomes if one.is_done] == [mine]
    assert set(kinds(outcomes)[:-1]) == {errors.NotFound}
    assert {number: world.row(number).event_hash for number in theirs} == before
    assert world.row(mine).status is State.PROCESSING


def test_each_refusal_is_what_the_single_action_would_have_said(world):
    fresh, stale, signed, ended, elsewhere, unseen = (
        world.ticket(State.DISPATCHED),
        world.ticket(State.DISPATCHED),
        world.ticket(State.PROCESSING),
        world.ticket(State.CLOSED),
        world.ticket(State.DISPATCHED, unit="S101"),
        world.ticket(State.SUBMITTED),
    )
    chosen = picks(world, fresh, stale, signed, ended, elsewhere, unseen)
    world.act("dispatcher", stale, "note", body="请尽快")

    outcomes = perform_many(world.actor("dept"), chosen, w.Sign(), "k1", now=world.later(minutes=1))

    assert kinds(outcomes) == [
        None, errors.ChangedMeanwhile, errors.WrongState, errors.WrongState, errors.NotFound, errors.NotFound,
    ]  # fmt: skip


def test_what_is_seen_but_not_theirs_to_do_is_refused_as_such(world):
    number = world.ticket(State.DISPATCHED)

    outcomes = perform_many(world.actor("clerk"), picks(world, number), w.Sign(), "k1", now=world.now)

    assert kinds(outcomes) == [errors.NotPermitted]


def test_a_resend_does_nothing_twice_and_finishes_what_a_crash_left(world, monkeypatch):
    numbers = [world.ticket(State.PROCESSING) for _ in range(3)]
    chosen, note = picks(world, *numbers), w.Note(body="本周集中办理")
    real = perform

    def dies(actor, number, wish, *, now):
        if number == numbers[1]:
            raise RuntimeError("killed")
        return real(actor, number, wish, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "perform", dies)
        with pytest.raises(RuntimeError):
            perform_many(world.actor("dept"), chosen, note, "k1", now=world.now)
    assert [notes(world, number) for number in numbers] == [1, 0, 0]

    for _resend in range(2):
        outcomes = perform_many(world.actor("dept"), chosen, note, "k1", now=world.later(minutes=1))
        assert all(one.is_done for one in outcomes)
        assert [notes(world, number) for number in numbers] == [1, 1, 1]


def notes(world, number: str) -> int:
    return [event.action for event in world.events(number)].count(Action.NOTE)


def test_a_ticket_picked_twice_is_done_once(world):
    number = world.ticket(State.PROCESSING)
    spoken = number.lower().replace("-", " ")

    outcomes = perform_many(
        world.actor("dept"), [Pick(number), Pick(spoken)], w.Note(body="一"), "k1", now=world.now
    )

    assert [one.pick.number for one in outcomes] == [number]
    assert notes(world, number) == 1


def test_when_time_is_up_the_rest_is_left_and_says_so(world):
    number = world.ticket(State.PROCESSING)

    outcomes = perform_many(
        world.actor("dept"), [Pick(number)], w.Note(body="一"), "k1", now=world.now, patience_seconds=0
    )

    assert kinds(outcomes) == [bulk.NoTimeLeft]
    assert notes(world, number) == 0


# The pages.


def written(today, *numbers: str) -> list[str]:
    return [f"{number}.{today.row(number).version}" for number in numbers]


def test_a_row_can_be_ticked_and_the_bar_holds_what_is_open_to_the_person(today, visit):
    number = today.ticket(State.DISPATCHED)

    theirs, others = visit("dept").get("/tickets/queue").text, visit("manager").get("/tickets/queue").text

    assert f'form="bulk" name="pick" value="{written(today, number)[0]}"' in theirs
    assert re.findall(r'formaction="/tickets/many/(\w+)"', theirs) == ["sign", "claim", "note"]
    assert "sign" not in re.findall(r'formaction="/tickets/many/(\w+)"', others)


def test_signing_many_tells_the_refused_first_and_offers_them_again(today, visit):
    done, changed = today.ticket(State.DISPATCHED), today.ticket(State.DISPATCHED)
    secret = today.file(title="别家的标题")
    chosen = written(today, done, changed, secret)
    today.act("dispatcher", changed, "note", body="请尽快")

    page = send(visit("dept"), "/tickets/many/sign", pick=chosen, once="k1", next="/tickets/queue?view=sign")

    assert page.status_code == 200
    assert "1 件办好了，2 件没有办" in page.text
    assert page.text.index(changed) < page.text.index(done)
    assert "别家的标题" not in page.text
    assert "没有找到，或者您无权查看" in page.text
    again = re.findall(r'name="pick" value="([^"]+)"', page.text)
    assert again == written(today, changed)
    assert send(visit("dept"), "/tickets/many/sign", pick=again, once="k2").text.count("都办好了") == 1


def test_what_has_to_be_asked_is_asked_once_for_all(today, visit):
    numbers = [today.ticket(State.ACCEPTED) for _ in range(2)]

    asked = send(visit("dispatcher"), "/tickets/many/dispatch", pick=written(today, *numbers), once="k1")
    form = visit("dispatcher").get(asked.location)

    assert asked.status_code == 303
    assert form.text.count('name="pick"') == 2
    empty = send(
        visit("dispatcher"), "/tickets/many/dispatch", pick=written(today, *numbers), once="k2", answered="1"
    )
    assert empty.status_code == 422
    assert "请选一项" in empty.text
    told = send(
        visit("dispatcher"), "/tickets/many/dispatch",
        pick=written(today, *numbers), once="k2", answered="1", unit="D-PWR",
    )  # fmt: skip
    assert "2 件都办好了" in told.text
    assert {today.row(number).status for number in numbers} == {State.DISPATCHED}


def test_many_are_given_to_a_person_of_the_unit(today, visit):
    numbers = [today.ticket(State.PROCESSING) for _ in range(2)]
    form = visit("deptlead").get("/tickets/many/assign", query_string={"pick": written(today, *numbers)})

    assert 'value="dept@demo.example"' in form.text
    told = send(
        visit("deptlead"), "/tickets/many/assign",
        pick=written(today, *numbers), once="k1", answered="1", user="dept@demo.example",
    )  # fmt: skip
    assert "2 件都办好了" in told.text


@pytest.mark.parametrize("count", [0, 101])
def test_nothing_picked_or_too_much_leads_back_with_a_sentence(today, visit, count):
    many = [make_number(2026, number) for number in range(count)]

    answer = send(visit("dept"), "/tickets/many/sign", pick=many, next="/tickets/queue?view=all")

    assert (answer.status_code, answer.location) == (303, "/tickets/queue?view=all")
    shown = visit("dept").get("/tickets/queue").text
    assert ("还没有选诉求" if not count else "一次最多办 100 件") in shown


def test_only_some_actions_are_for_many(today, visit):
    number = today.ticket(State.REPLY_REVIEW)

    for action in ("approve_reply", "reject", "nonsense"):
        assert (
            send(visit("deptlead"), f"/tickets/many/{action}", pick=written(today, number)).status_code == 404
        )
    assert send(visit("enterprise"), "/tickets/many/note", pick=written(today, number)).status_code == 403
