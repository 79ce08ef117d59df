"""Joining tickets of one company and parting them again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.accounts.kit import csrf_of
from tests.tickets.test_parts import part_clock, part_of
from ticketing.core.db import db, transaction
from ticketing.core.errors import NotFound
from ticketing.intake.rules import rating_token
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.queries import clocks_of
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets import ledger
from ticketing.tickets.actions.joined import promised_since
from ticketing.tickets.actions.owed import open_parts_of
from ticketing.tickets.actions.routing import CannotMerge
from ticketing.tickets.models import Ticket
from ticketing.tickets.queries import view
from ticketing.tickets.words import State


@pytest.fixture
def pair(world):
    """Two requests of one company, filed three days apart: the earlier, the later."""
    earlier = world.file(title="厂区停电")
    world.later(days=3)
    return earlier, world.file(title="又停电了")


def resolve_of(world, number):
    return world.clocks(number)["resolve"]


def test_the_later_ticket_counts_from_the_earlier_start_and_the_joined_one_s_promises_are_void(world, pair):
    earlier, later = pair
    was = {name: (clock.started_at, clock.due_at) for name, clock in world.clocks(earlier).items()}
    world.act("clerk", earlier, "merge", into=later, message="同一件事")

    source, target = world.row(earlier), world.row(later)
    assert (source.status, source.merged_into_id, source.merged_from_status) == (
        "merged",
        target.id,
        "submitted",
    )
    assert (source.due_at, source.late_at) == (None, None)
    assert world.clocks(earlier) == {}
    assert {name: (clock.started_at, clock.due_at) for name, clock in world.clocks(later).items()} == was
    assert target.due_at == was["respond"][1]
    assert [event.action for event in world.events(later)] == ["submit", "merge"]
    assert world.events(later)[-1].data["said"] == {"from": earlier}
    assert target.version == len(world.events(later)) == 2


def test_joining_to_the_earlier_ticket_leaves_its_promises(world, pair):
    earlier, later = pair
    was = world.due(earlier)

    world.act("clerk", later, "merge", into=earlier)

    assert world.due(earlier) == was


def test_parting_restores_state_clocks_and_the_target_s_start(world, pair):
    earlier, later = pair
    own = {number: (world.row(number).status, world.states(number), world.due(number)) for number in pair}
    started = resolve_of(world, later).started_at
    world.act("clerk", earlier, "merge", into=later)
    assert resolve_of(world, later).started_at < started

    world.act("dispatcher", earlier, "unmerge", message="不是同一件事")

    assert {
        number: (world.row(number).status, world.states(number), world.due(number)) for number in pair
    } == own
    assert resolve_of(world, later).started_at == started
    assert world.row(earlier).merged_into_id is None
    assert world.events(later)[-1].data["said"] == {"without": earlier}


def test_with_one_of_two_gone_the_other_still_counts(world, pair):
    earlier, later = pair
    world.later(days=1)
    third = world.file(title="第三次停电")
    for number in pair:
        world.act("clerk", number, "merge", into=third)
    assert resolve_of(world, third).started_at == world.row(earlier).received_at

    world.act("clerk", earlier, "unmerge")
    assert resolve_of(world, third).started_at == world.row(later).received_at
    world.act("clerk", later, "unmerge")

    assert resolve_of(world, third).started_at == world.row(third).received_at


def test_parting_leaves_a_promise_alone_that_the_others_had_kept_already(world):
    answered = world.ticket(State.PROCESSING)
    world.act("dept", answered, "contact", outcome="reached")
    world.later(days=1)
    between = world.file()
    world.later(days=1)
    main = world.file()
    world.act("clerk", answered, "merge", into=main)
    own = world.clocks(main)["respond"].started_at
    assert own == world.row(main).received_at
    world.act("clerk", between, "merge", into=main)
    assert world.clocks(main)["respond"].started_at == world.row(between).received_at

    world.act("clerk", between, "unmerge")

    assert world.clocks(main)["respond"].started_at == own
    assert resolve_of(world, main).started_at == world.row(answered).received_at


def test_parting_counts_from_the_round_in_which_the_others_were_joined(world, pair):
    earlier, later = pair
    redone = world.ticket(State.REPLIED)
    world.act("caller", redone, "revisit", reached=True, solved="no", satisfaction=1)
    again_at = world.now
    world.later(days=1)
    main = world.file()
    world.act("clerk", redone, "merge", into=main)
    world.act("clerk", later, "merge", into=main)

    world.act("clerk", later, "unmerge")

    assert resolve_of(world, main).started_at == again_at
    assert world.row(earlier).status is State.SUBMITTED


def test_a_promise_first_needed_after_joining_counts_from_the_earlier_request(world):
    earlier = world.file()
    world.later(days=1)
    praise = world.file(kind="praise")
    assert "respond" not in world.clocks(praise)
    world.act("clerk", earlier, "merge", into=praise)

    world.act("clerk", praise, "accept", kind="help")

    assert world.clocks(praise)["respond"].started_at == world.row(earlier).received_at
    assert resolve_of(world, praise).started_at == world.row(earlier).received_at


def test_with_several_joined_the_earliest_start_counts_and_of_one_joined_twice_the_last_time(world, pair):
    first, second = pair
    third, main = world.ticket(State.PROCESSING), world.ticket(State.PROCESSING)
    world.act("clerk", first, "merge", into=third)
    world.act("clerk", first, "unmerge")
    world.act("clerk", third, "merge", into=main)  # owes its first call
    world.act("clerk", third, "unmerge")
    world.act("dept", third, "contact", outcome="reached")
    for number in (second, first, third):
        world.act("clerk", number, "merge", into=main)

    assert promised_since(world.row(main)) == dict.fromkeys(PROMISED, world.row(first).received_at)
    world.act("clerk", first, "unmerge")
    assert promised_since(world.row(main)) == dict.fromkeys(PROMISED, world.row(second).received_at)
    world.act("clerk", second, "unmerge")
    assert promised_since(world.row(main)) == {
        Metric.RESPOND: world.row(main).received_at,
        Metric.RESOLVE: world.row(third).received_at,
    }


@pytest.mark.parametrize("state", [State.NEED_INFO, State.SUSPENDED])
def test_parting_puts_a_waiting_ticket_back_to_waiting(world, state):
    number = world.ticket(state)
    into = world.file()
    world.act("clerk", number, "merge", into=into)

    world.act("clerk", number, "unmerge")

    assert world.row(number).status == state
    assert {world.states(number)[metric] for metric in ("respond", "resolve")} == {"paused"}
    world.later(days=7, minutes=-2)  # seven days since the wait began
    if state is State.SUSPENDED:
        world.act("supervisor", number, "resume")
    else:
        world.act("enterprise", number, "supply_info", message="已补充")
    assert world.due(number)["resolve"] == "12-07 17:00"
    assert world.states(number)["resolve"] == "running"


def test_parting_brings_the_co_units_parts_back(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实")
    world.act("clerk", number, "merge", into=world.file())
    assert "finish_part" not in world.may("dept2", number)

    world.act("clerk", number, "unmerge")

    world.act("dept2", number, "finish_part", reply="已核实")


def test_the_part_of_a_suspended_ticket_is_due_with_its_clock_after_parting(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实")
    world.act("supervisor", number, "suspend", reason_code="season", resume_on="2026-12-10")
    world.later(days=2)
    world.act("clerk", number, "merge", into=world.file())
    was = part_of(world, number).due_at

    world.act("clerk", number, "unmerge")

    assert was < part_of(world, number).due_at == part_clock(world, number).due_at


def test_a_unit_that_leads_after_parting_because_the_one_below_was_closed_owes_itself_no_part(world):
    number = world.ticket(State.PROCESSING, unit="S101")
    for unit in ("A1", "D-TAX"):
        world.act("station", number, "invite", unit=unit, due_limit="2wd", message="请核实")
    world.act("clerk", number, "merge", into=world.file())
    with transaction():
        db.session.execute(update(Unit).where(Unit.code == "S101").values(is_active=False))

    world.act("clerk", number, "unmerge")

    net = network()
    assert world.row(number).unit_id == net.by_code["A1"].id
    (owed,) = open_parts_of(world.row(number))
    assert owed.unit_id == net.by_code["D-TAX"].id
    clocks = clocks_of(owed.ticket_id)
    assert [one.unit_id for one in ClockBook(clocks, owed.cycle).open(Metric.PART)] == [owed.unit_id]
    assert list(ledger.verify()) == []


def test_a_redo_keeps_its_own_pace(world, pair):
    earlier, _later = pair
    redone = world.ticket(State.REPLIED)
    world.act("caller", redone, "revisit", reached=True, solved="no", satisfaction=1)
    was = world.due(redone)

    world.act("clerk", earlier, "merge", into=redone)
    assert world.due(redone) == was
    world.act("clerk", earlier, "unmerge")

    assert world.due(redone) == was


def test_what_cannot_be_joined(world, pair):
    earlier, later = pair
    other = world.file("enterprise2")
    closed, replied = world.ticket(State.CLOSED), world.ticket(State.REPLIED)
    draft = world.file(draft=True)
    for into in (earlier, other, closed, replied, draft, "QS26-000-000-000", "没有"):
        refusal = world.refused(CannotMerge, "clerk", earlier, "merge", into=into)
        assert set(refusal.fields) == {"into"}
    world.act("clerk", earlier, "merge", into=later)

    # Depth stays one: neither into the joined one, nor may the one joined to be joined.
    world.refused(CannotMerge, "clerk", world.file(), "merge", into=earlier)
    world.refused(CannotMerge, "clerk", later, "merge", into=world.file())


def test_a_number_may_be_typed_as_it_is_said(world, pair):
    earlier, later = pair

    world.act("clerk", earlier, "merge", into=later.replace("-", " ").replace("QS", ""))

    assert world.row(earlier).status == "merged"


def test_both_sides_show_the_join_to_the_company(world, pair):
    earlier, later = pair
    world.act("clerk", earlier, "merge", into=later)

    seen = {
        number: view.view(world.actor("enterprise"), number, now=world.now, today=world.now.date())
        for number in pair
    }

    assert seen[earlier].merged_into == later
    assert seen[later].merged_here == [earlier]
    assert seen[earlier].actions == []


def test_joined_tickets_are_still_counted(world, pair):
    earlier, later = pair
    world.act("clerk", earlier, "merge", into=later)

    assert {world.row(number).number for number in pair} == set(pair)
    assert world.row(earlier).event_seq == 2
    assert isinstance(world.row(later), Ticket)


def test_whoever_has_the_main_ticket_reads_what_was_merged_into_it_also_after_it_moved_on(world):
    main, joined = world.ticket(State.PROCESSING, title="厂区停电"), world.file(title="又停电了")
    for who in ("dept", "dept2"):
        with pytest.raises(NotFound):
            view.ticket(world.actor(who), joined)
    world.act("clerk", joined, "merge", into=main)
    seen = view.view(world.actor("dept"), joined, now=world.now, today=world.now.date())
    assert [event.action for event in view.history(seen)] == ["submit", "merge"]

    world.act("deptlead", main, "transfer", unit="D-HRS", message="由人社办理")

    assert view.ticket(world.actor("dept2"), joined).number == joined


@pytest.mark.parametrize("who", ["clerk", "enterprise"])
def test_the_old_number_leads_to_the_ticket_that_goes_on_and_its_own_page_stays(today, visit, who):
    main, joined = (
        today.ticket(State.PROCESSING, title="厂区停电"),
        today.file(title="又停电了", description="三楼"),
    )
    today.act("clerk", joined, "merge", into=main)

    there = visit(who).get(f"/tickets/{joined.replace('-', '')}", follow_redirects=True)
    assert there.request.path == f"/tickets/{main}"
    assert f"{joined} 已并入这一件" in there.text
    assert f'href="/tickets/{joined}?own=1"' in there.text
    own = visit(who).get(f"/tickets/{joined}?own=1")
    assert own.status_code == 200
    assert "三楼" in own.text
    if who == "clerk":
        assert f"/tickets/{joined}/unmerge" in own.text
        found = visit(who).get(f"/tickets?q={joined}", follow_redirects=True)
        assert found.request.path == f"/tickets/{main}"


def test_every_requester_follows_and_rates_the_one_that_goes_on(today, app):
    joined = today.file(title="又停电了", contact={"name": "王", "phone": "19205127788"})
    main = today.ticket(State.PROCESSING, title="厂区停电")
    today.act("clerk", joined, "merge", into=main)
    anybody = app.test_client()
    link = "/r/" + rating_token(app.secret_key, joined, 1, now=today.now)

    tracked = send(anybody, "/track", page="/track", number=joined, phone="7788")
    assert main in tracked.text
    assert "已评价" not in anybody.get(link).text

    today.act("dept", main, "submit_reply", reply="周五前送电")
    today.act("deptlead", main, "approve_reply")
    send(anybody, link, page=link, solved="yes", satisfaction="5")

    assert (today.row(main).status, today.row(main).satisfaction) == (State.CLOSED, 5)
    assert today.row(joined).status is State.MERGED


def send(client, path, *, page, **fields):
    """Fill in a form that anybody may fill in."""
    return client.post(path, data={"csrf_token": csrf_of(client.get(page)), **fields})
