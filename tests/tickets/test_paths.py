"""The roads a request can take: the whole loop, redo, waiting, an answer at once, refused, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ticketing.core.actor import SYSTEM
from ticketing.core.db import db
from ticketing.core.errors import Invalid, TooMany, WrongState
from ticketing.sla.rules.limits import BadLimit
from ticketing.tickets import ledger
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.rules import NothingPending, OwnCase, ReopenTooLate, UrgedToday
from ticketing.tickets.words import Level, Solved, State

SOLVED = {"reached": True, "solved": "yes", "satisfaction": 5}
UNSOLVED = {"reached": True, "solved": "no", "satisfaction": 3}


def answer(world, number, *, signer="dept", leader="deptlead"):
    """Bring a dispatched ticket to a sent reply."""
    world.act(signer, number, "sign")
    world.act(signer, number, "contact", outcome="reached", note="已电话联系")
    world.act(signer, number, "submit_reply", reply="周五前送电")
    world.act(leader, number, "approve_reply")


@pytest.fixture(autouse=True)
def _every_log_is_whole(world):
    yield
    db.session.rollback()
    assert list(ledger.verify()) == []


def test_the_whole_loop_from_filing_to_closing(world):
    number = world.file()
    world.act("clerk", number, "accept")
    world.act("dispatcher", number, "dispatch", unit="D-PWR", note="请尽快")
    answer(world, number)
    world.act("caller", number, "revisit", **SOLVED)

    ticket = world.row(number)
    assert (ticket.status, ticket.cycle, ticket.solved, ticket.satisfaction) == ("closed", 1, "yes", 5)
    assert ticket.closed_at == world.now
    assert ticket.handler_id == world.actor("dept").user_id
    assert [event.action.value for event in world.events(number)] == [
        "submit", "accept", "dispatch", "sign", "contact", "submit_reply", "approve_reply", "revisit",
    ]  # fmt: skip
    assert [event.seq for event in world.events(number)] == list(range(1, 9))
    assert [(event.from_status, event.to_status) for event in world.events(number)][-1] == (
        "replied",
        "closed",
    )
    assert world.states(number) == dict.fromkeys(("sign", "respond", "resolve", "revisit"), "met")
    assert ticket.version == len(world.events(number))
    assert (ticket.due_at, ticket.due_metric, ticket.warn_at, ticket.late_at) == (None, None, None, None)


def test_dissatisfaction_starts_a_second_round_with_half_the_time(world):
    number = world.ticket(State.REPLIED)

    world.act("caller", number, "revisit", **UNSOLVED)

    ticket = world.row(number)
    assert (ticket.status, ticket.cycle) == ("dispatched", 2)
    assert world.events(number)[-1].data["said"]["unit"] == "D-PWR"
    assert (ticket.handler_id, ticket.replied_at) == (None, None)
    # Monday 10:0x: 2 working hours, 1 working day, and 3 instead of 5 working days.
    assert world.due(number) == {
        "sign": f"11-23 13:0{world.now.minute % 10}", "respond": "11-24 17:00", "resolve": "11-26 17:00",
    }  # fmt: skip
    assert world.clocks(number, cycle=1)["revisit"].state == "met"

    answer(world, number)
    world.act("enterprise", number, "rate", solved="yes", satisfaction=4, comment="好了")

    assert world.row(number).status == "closed"
    assert set(world.states(number).values()) == {"met"}


@pytest.mark.parametrize("solved", ["yes", "partly", "no"])
@pytest.mark.parametrize("satisfaction", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("who", "action"), [("caller", "revisit"), ("enterprise", "rate")])
def test_only_unsolved_or_badly_rated_work_goes_round_again(world, who, action, solved, satisfaction):
    number = world.ticket(State.REPLIED)
    reached = {"reached": True} if action == "revisit" else {}

    world.act(who, number, action, solved=solved, satisfaction=satisfaction, **reached)

    ticket = world.row(number)
    is_redo = solved == "no" or satisfaction <= 2
    assert (ticket.status, ticket.cycle) == (("dispatched", 2) if is_redo else ("closed", 1))
    assert (ticket.solved, ticket.satisfaction) == (Solved(solved), satisfaction)


def test_the_third_failure_goes_to_the_centre_as_a_major_case(world):
    number = world.ticket(State.REPLIED)
    for cycle in (2, 3):
        world.act("caller", number, "revisit", **UNSOLVED)
        assert (world.row(number).cycle, world.row(number).level) == (cycle, Level.NORMAL)
        answer(world, number)

    world.act("caller", number, "revisit", **UNSOLVED)

    ticket, last = world.row(number), world.events(number)[-1]
    assert (ticket.cycle, ticket.status, ticket.level) == (4, "dispatched", "major")
    assert last.data["said"]["unit"] == "C0"
    assert last.data["said"]["joint_meeting"] is True
    assert world.due(number)["resolve"] == "12-03 17:00"  # half of 15 working days, rounded up: 8
    assert {"sign", "claim"} <= world.may("dispatcher", number)
    assert "sign" not in world.may("dept", number)


def test_three_calls_without_reaching_anybody_close_unrated(world):
    number = world.ticket(State.REPLIED)

    for tries in (1, 2):
        world.act("caller", number, "revisit", reached=False, note="无人接听")
        ticket = world.row(number)
        assert (ticket.status, ticket.revisit_tries, ticket.closed_at) == ("replied", tries, None)
        assert world.states(number)["revisit"] == "running"
    world.act("c0-caller2", number, "revisit", reached=False)

    ticket = world.row(number)
    assert (ticket.status, ticket.solved, ticket.satisfaction) == ("closed", None, None)
    assert world.states(number)["revisit"] == "met"


def test_who_handled_a_ticket_does_not_call_back_about_it(world):
    number = world.file()
    world.act("clerk", number, "answer_now", reply="按指南第三条办理")
    # The clerk of the desk is a caller as well.
    clerk = world.actor("clerk")
    caller = world.actor("caller")
    both = type(clerk)(clerk.user_id, clerk.name, (*clerk.grants, *caller.grants))

    with pytest.raises(OwnCase):
        perform(both, number, w.Revisit.model_validate(SOLVED), now=world.later(minutes=1))

    db.session.rollback()
    world.act("caller", number, "revisit", **SOLVED)


def test_answering_at_once_fulfils_all_promises(world):
    for is_accepted in (False, True):
        number = world.file()
        if is_accepted:
            world.act("clerk", number, "accept")
        world.act("station", number, "answer_now", reply="可网上办理")

        assert world.row(number).status == "replied"
        assert world.states(number) == {"respond": "met", "resolve": "met", "revisit": "running"}
        assert world.due(number)["revisit"] == "11-25 17:00"
        assert world.row(number).due_metric == "revisit"


def test_asking_for_more_stops_the_promises_and_the_answer_lets_them_run_on(world):
    number = world.file()
    assert world.due(number) == {"respond": "11-24 17:00", "resolve": "11-30 17:00"}
    world.act("clerk", number, "request_info", message="请一次补齐:变压器容量、用电地址")

    ticket = world.row(number)
    assert world.states(number) == {"respond": "paused", "resolve": "paused"}
    assert (ticket.due_at, ticket.warn_at, ticket.late_at) == (None, None, None)
    assert ticket.queue_at == world.clocks(number)["respond"].due_at

    world.later(days=2, minutes=-1)
    world.act("enterprise", number, "supply_info", message="500 kVA")

    # Monday 10:01 to Wednesday 10:01 are 14 open hours: two working days.
    assert world.row(number).status == "submitted"
    assert world.due(number) == {"respond": "11-26 17:00", "resolve": "12-02 17:00"}
    assert world.states(number) == {"respond": "running", "resolve": "running"}
    clocks = world.clocks(number).values()
    assert {clock.original_due_at < clock.due_at for clock in clocks} == {True}


def test_a_correction_at_acceptance_keeps_the_time_the_company_was_asked_for_more(world):
    number = world.file()
    world.act("clerk", number, "request_info", message="请补充")
    world.later(days=2, minutes=-1)
    world.act("enterprise", number, "supply_info", message="已补充")

    world.act("clerk", number, "accept", kind="complaint")

    # 10 working days from Monday are 12-07; two of them passed while the company was asked.
    assert world.due(number) == {"respond": "11-26 17:00", "resolve": "12-09 17:00"}


def test_a_correction_at_acceptance_sets_the_promises_anew_from_receipt(world):
    number = world.file()
    world.later(hours=3)

    world.act("clerk", number, "accept", level="urgent", category="GAS")

    ticket = world.row(number)
    assert (ticket.level, ticket.category) == ("urgent", "GAS")
    assert world.due(number) == {"respond": "11-23 12:00", "resolve": "11-24 10:00"}
    assert world.row(number).due_metric == "respond"


def test_praise_has_no_respond_clock_and_a_complaint_made_praise_loses_it(world):
    number = world.file(kind="complaint")
    assert set(world.due(number)) == {"respond", "resolve"}

    world.act("clerk", number, "accept", kind="praise")

    assert world.due(number) == {"resolve": "11-30 17:00"}


@pytest.mark.parametrize(
    ("state", "who", "action", "fields"),
    [
        (State.SUBMITTED, "clerk", "reject", {"reason_code": "litigation", "message": "请向法院咨询"}),
        (State.SUBMITTED, "enterprise", "withdraw", {"reason": "已解决"}),
        (State.NEED_INFO, "enterprise", "withdraw", {"reason": "已解决"}),
        (State.PROCESSING, "enterprise", "withdraw", {"reason": "已解决"}),
        (State.SUSPENDED, "enterprise", "withdraw", {"reason": "已解决"}),
        (State.RETURN_REVIEW, "enterprise", "withdraw", {"reason": "已解决"}),
        (State.REPLY_REVIEW, "enterprise", "withdraw", {"reason": "已解决"}),
    ],
)
def test_an_end_without_result_voids_every_promise(world, state, who, action, fields):
    number = world.ticket(state)
    if state is State.PROCESSING:
        world.act("dept", number, "invite", unit="D-HRS", due_limit="2wd", message="请核实")

    world.act(who, number, action, **fields)

    ticket = world.row(number)
    assert ticket.status == {"reject": "rejected", "withdraw": "withdrawn"}[action]
    assert not {"running", "paused"} & set(world.states(number).values())
    assert (ticket.due_at, ticket.late_at) == (None, None)
    assert world.may("enterprise", number) == set()
    assert "finish_part" not in world.may("clerk", number)


def test_a_sent_reply_can_no_longer_be_withdrawn(world):
    number = world.ticket(State.REPLIED)

    world.refused(WrongState, "enterprise", number, "withdraw", reason="不需要")


def test_the_leader_sends_a_reply_back_and_the_promise_runs_on(world):
    number = world.ticket(State.REPLY_REVIEW)
    due = world.due(number)

    world.act("deptlead", number, "send_back", message="请写明依据")

    assert world.row(number).status == "processing"
    assert world.due(number) == due
    assert world.states(number)["resolve"] == "running"


# --- waiting ---


def test_a_suspended_ticket_goes_on_with_the_time_that_was_left(world):
    number = world.ticket(State.PROCESSING)
    due, began = world.due(number), world.now
    world.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2026-12-15")
    assert world.states(number) == {"sign": "met", "respond": "paused", "resolve": "paused"}
    assert world.row(number).due_at is None

    world.later(days=7, minutes=-1)
    world.act("supervisor", number, "resume")

    ticket = world.row(number)
    assert (ticket.status, ticket.resume_on) == ("processing", None)
    assert world.now - began == timedelta(days=7, minutes=1)
    assert (due["resolve"], world.due(number)["resolve"]) == ("11-30 17:00", "12-07 17:00")
    assert ticket.due_metric == "respond"


def test_the_company_s_message_ends_the_wait_for_it(world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code="awaiting_requester", resume_on="2026-12-15")
    world.act("dept", number, "message", body="请提供图纸")
    assert world.row(number).status == "suspended"

    world.act("enterprise", number, "message", body="图纸见附件")

    assert (world.row(number).status, world.row(number).resume_on) == ("processing", None)
    assert world.states(number)["resolve"] == "running"


@pytest.mark.parametrize("reason", ["engineering", "season", "awaiting_policy"])
def test_the_company_s_message_ends_no_other_wait(world, reason):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "suspend", reason_code=reason, resume_on="2026-12-15")

    world.act("enterprise", number, "message", body="有进展吗?")

    assert world.row(number).status == "suspended"
    assert world.states(number)["resolve"] == "paused"


def test_the_system_resumes_when_the_day_has_come(world):
    number = world.ticket(State.SUSPENDED)

    perform(SYSTEM, number, w.Resume(), now=world.later(days=22))

    last = world.events(number)[-1]
    assert (last.action, last.actor_id, last.to_status) == ("resume", None, "processing")


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-01", "2027-11-23"])
def test_a_wait_ends_on_a_day_to_come_within_half_a_year(world, day):
    number = world.ticket(State.PROCESSING)

    refusal = world.refused(Invalid, "supervisor", number, "suspend", reason_code="season", resume_on=day)

    assert set(refusal.fields) == {"resume_on"}


# --- pressure ---


def test_the_company_urges_once_a_day_and_superiors_freely(world):
    number = world.ticket(State.PROCESSING)
    world.act("enterprise", number, "urge", message="请尽快")
    assert "urge" not in world.may("enterprise", number)

    world.refused(UrgedToday, "enterprise", number, "urge", message="请尽快")
    for _ in range(2):
        world.act("supervisor", number, "urge", message="请今日反馈")
    world.later(hours=14)  # past the district's midnight
    world.act("enterprise", number, "urge", message="请尽快")

    assert world.row(number).urge_count == 4
    assert issubclass(UrgedToday, TooMany)


def test_the_day_of_an_urge_is_the_district_s_day(world):
    number = world.ticket(State.PROCESSING)
    world.now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in the district
    world.act("enterprise", number, "urge", message="请尽快")
    world.now = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)  # 00:05 on the 24th, the same day in UTC

    world.act("enterprise", number, "urge", message="请尽快")

    assert world.row(number).urge_count == 2


def test_a_supervision_case_is_answered_by_the_unit(world):
    number = world.ticket(State.PROCESSING)
    world.refused(NothingPending, "dept", number, "answer_supervision", reply="已在办理")
    world.act("supervisor", number, "supervise", demand="请书面说明", due_limit="1wd")
    assert world.events(number)[-1].data["said"]["due_at"].startswith("2026-11-24T09:00")

    world.act("dept", number, "answer_supervision", reply="已在办理,周五送电")

    world.refused(NothingPending, "deptlead", number, "answer_supervision", reply="已在办理")


def test_an_unreadable_limit_names_its_field(world):
    number = world.ticket(State.PROCESSING)

    refusal = world.refused(BadLimit, "supervisor", number, "supervise", demand="说明", due_limit="soon")

    assert set(refusal.fields) == {"due_limit"}


# --- opening again ---


@pytest.mark.parametrize("who", ["enterprise", "supervisor"])
def test_a_closed_ticket_can_be_opened_again_within_thirty_days(world, who):
    number = world.ticket(State.CLOSED)
    closed_at = world.now
    world.now = closed_at + timedelta(days=30) - timedelta(minutes=1)

    world.act(who, number, "reopen", reason="问题又出现")

    ticket = world.row(number)
    assert (ticket.status, ticket.cycle, ticket.closed_at) == ("dispatched", 2, None)
    assert set(world.states(number)) == {"sign", "respond", "resolve"}
    assert world.states(number) == dict.fromkeys(("sign", "respond", "resolve"), "running")


def test_after_thirty_days_a_closed_ticket_stays_closed(world):
    number = world.ticket(State.CLOSED)
    world.later(days=30)

    world.refused(ReopenTooLate, "enterprise", number, "reopen", reason="问题又出现")

    assert "reopen" not in world.may("enterprise", number)
