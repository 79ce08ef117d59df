"""When the promises are due, by hand, for every kind and level; and what each action does to each clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.world import local
from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.words import Action, State

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=DISTRICT_ZONE)
FRIDAY = datetime(2026, 11, 27, 16, 30, tzinfo=DISTRICT_ZONE)
# Thursday 1 to Wednesday 7 October is the National Day holiday; Saturday 10 is worked instead.
EVE = datetime(2026, 9, 30, 16, 0, tzinfo=DISTRICT_ZONE)
# fmt: off
# filed and dispatched at | kind and level | sign, respond, resolve: worked out with a calendar and a pencil
BY_HAND: dict[datetime, dict[str, tuple[str, str | None, str]]] = {
    MONDAY: {
        "consult":          ("11-23 12:00", "11-23 15:00", "11-25 17:00"),
        "help":             ("11-23 12:00", "11-24 17:00", "11-30 17:00"),
        "suggestion":       ("11-23 15:00", "11-24 17:00", "12-07 17:00"),
        "complaint":        ("11-23 12:00", "11-24 17:00", "12-07 17:00"),
        "violation_report": ("11-23 12:00", "11-24 17:00", "12-07 17:00"),
        "praise":           ("11-23 15:00", None,          "11-30 17:00"),
        "urgent":           ("11-23 10:30", "11-23 12:00", "11-24 10:00"),
        "major":            ("11-23 12:00", "11-24 17:00", "12-14 17:00"),
    },
    FRIDAY: {
        "consult":          ("11-30 10:30", "11-30 13:30", "12-01 17:00"),
        "help":             ("11-30 10:30", "11-30 17:00", "12-04 17:00"),
        "suggestion":       ("11-30 13:30", "11-30 17:00", "12-11 17:00"),
        "complaint":        ("11-30 10:30", "11-30 17:00", "12-11 17:00"),
        "violation_report": ("11-30 10:30", "11-30 17:00", "12-11 17:00"),
        "praise":           ("11-30 13:30", None,          "12-04 17:00"),
        "urgent":           ("11-27 17:00", "11-27 18:30", "11-28 16:30"),
        "major":            ("11-30 10:30", "11-30 17:00", "12-18 17:00"),
    },
    EVE: {
        "consult":          ("10-08 10:00", "10-08 12:00", "10-09 17:00"),
        "help":             ("10-08 10:00", "10-08 17:00", "10-13 17:00"),
        "suggestion":       ("10-08 12:00", "10-08 17:00", "10-20 17:00"),
        "complaint":        ("10-08 10:00", "10-08 17:00", "10-20 17:00"),
        "violation_report": ("10-08 10:00", "10-08 17:00", "10-20 17:00"),
        "praise":           ("10-08 12:00", None,          "10-13 17:00"),
        "urgent":           ("09-30 16:30", "09-30 18:00", "10-01 16:00"),
        "major":            ("10-08 10:00", "10-08 17:00", "10-27 17:00"),
    },
}
KINDS = ("consult", "help", "suggestion", "complaint", "violation_report", "praise")
SOLVED = {"reached": True, "solved": "yes", "satisfaction": 5}
# What is done | sign, respond, resolve, revisit afterwards: - not there, r running, p paused, m met
LIFE: list[tuple[str, str, dict[str, object], str]] = [
    ("clerk",      "request_info",   {"message": "请补充"},                                        "- p p -"),
    ("enterprise", "supply_info",    {"message": "已补充"},                                        "- r r -"),
    ("clerk",      "accept",         {},                                                           "- r r -"),
    ("dispatcher", "dispatch",       {"unit": "D-TAX"},                                            "r r r -"),
    ("d-tax-liaison", "request_return", {"reason_code": "wrong_function", "message": "职能不符"},  "r r r -"),
    ("dispatcher", "rule_return",    {"uphold": True, "unit": "D-PWR", "message": "同意"},         "r r r -"),
    ("dept",       "claim",          {},                                                           "r r r -"),
    ("dept",       "sign",           {},                                                           "m r r -"),
    ("dept",       "contact",        {"outcome": "no_answer"},                                     "m r r -"),
    ("dept",       "contact",        {"outcome": "reached"},                                       "m m r -"),
    ("dept",       "message",        {"body": "周五到现场"},                                       "m m r -"),
    ("dept",       "note",           {"body": "备注"},                                             "m m r -"),
    ("enterprise", "urge",           {"message": "请尽快"},                                        "m m r -"),
    ("supervisor", "supervise",      {"demand": "请说明", "due_limit": "1wd"},                     "m m r -"),
    ("dept",       "answer_supervision", {"reply": "在办"},                                        "m m r -"),
    ("dept",       "invite",         {"unit": "D-HRS", "due_limit": "2wd", "message": "请核实"},   "m m r -"),
    ("dept2",      "finish_part",    {"reply": "已核实"},                                          "m m r -"),
    ("dept",       "request_extension", {"days": 2, "reason": "等待设备"},                         "m m r -"),
    ("deptlead",   "decide_extension", {"approve": True},                                          "m m r -"),
    ("supervisor", "suspend",        {"reason_code": "season", "resume_on": "2026-12-10"},         "m m p -"),
    ("supervisor", "resume",         {},                                                           "m m r -"),
    ("deptlead",   "transfer",       {"unit": "D-HRS", "message": "转办"},                         "r m r -"),
    ("dept2",      "sign",           {},                                                           "m m r -"),
    ("dept2",      "submit_reply",   {"reply": "已办好"},                                          "m m r -"),
    ("dept2",      "send_back",      {"message": "请修改"},                                        "m m r -"),
    ("dept2",      "submit_reply",   {"reply": "已办好"},                                          "m m r -"),
    ("dept2",      "approve_reply",  {},                                                           "m m m r"),
    ("caller",     "revisit",        {"reached": False},                                           "m m m r"),
    ("enterprise", "rate",           {"solved": "no", "satisfaction": 1},                          "r r r -"),
    ("dept2",      "sign",           {},                                                           "m r r -"),
    ("dept2",      "submit_reply",   {"reply": "已办好"},                                          "m r r -"),
    ("dept2",      "approve_reply",  {},                                                           "m m m r"),
    ("caller",     "revisit",        SOLVED,                                                       "m m m m"),
    ("enterprise", "reopen",         {"reason": "又坏了"},                                         "r r r -"),
    ("enterprise", "withdraw",       {"reason": "算了"},                                           "- - - -"),
]
# fmt: on


@pytest.mark.parametrize("at", BY_HAND, ids=["monday", "friday", "eve"])
@pytest.mark.parametrize("level", ["normal", "urgent", "major"])
def test_promises_are_due_when_the_pencil_says(world, at, level):
    for kind in KINDS:
        world.now = at
        number = world.file(kind=kind, level=level)
        for who, wish in (("clerk", w.Accept()), ("dispatcher", w.WISHES[Action.DISPATCH](unit="D-PWR"))):
            perform(world.actor(who), number, wish, now=at)

        sign, respond, resolve = BY_HAND[at][kind if level == "normal" else level]
        wanted = {"sign": sign, "respond": respond, "resolve": resolve}
        assert world.due(number) == {metric: due for metric, due in wanted.items() if due}, kind
        assert {clock.started_at for clock in world.clocks(number).values()} == {at}


def test_every_action_leaves_each_clock_as_it_should_be(world):
    number = world.file()
    letters = {"running": "r", "paused": "p", "met": "m"}
    for who, action, fields, wanted in LIFE:
        world.act(who, number, action, **fields)

        states = world.states(number)
        found = [
            letters.get(states.get(metric, ""), "-") for metric in ("sign", "respond", "resolve", "revisit")
        ]
        assert " ".join(found) == wanted, action
    covered = {Action(action) for _who, action, *_rest in LIFE}
    elsewhere = {
        "submit",
        "reject",
        "answer_now",
        "up_report",
        "send_down",
        "assign",
        "merge",
        "unmerge",
        "attach",
        "reveal",
        "recount",
        "escalate",
        "revoke_card",
        "hand_over",
        "approve_part",
        "send_back_part",
        "cancel_part",
        "assign_part",
        "meet",
        "consulted",
    }
    assert {action.value for action in set(Action) - covered} == elsewhere


@pytest.mark.parametrize(("seconds", "state"), [(-1, "met"), (0, "met"), (1, "breached")])
def test_a_promise_kept_at_the_due_moment_is_kept_and_a_second_later_broken(world, seconds, state):
    number = world.ticket(State.DISPATCHED)
    late = timedelta(seconds=seconds)
    for metric, who, wish in (
        ("sign", "dept", w.Sign()),
        ("respond", "dept", w.WISHES[Action.CONTACT](outcome="reached")),
    ):
        at = world.clocks(number)[metric].due_at + late
        perform(world.actor(who), number, wish, now=at)
        assert (world.states(number)[metric], world.clocks(number)[metric].met_at) == (state, at)
    due = world.clocks(number)["resolve"].due_at
    world.now = due - timedelta(days=1)
    world.act("dept", number, "submit_reply", reply="已办好")
    perform(world.actor("deptlead"), number, w.ApproveReply(), now=due + late)
    assert world.states(number)["resolve"] == state
    due = world.clocks(number)["revisit"].due_at
    perform(world.actor("caller"), number, w.WISHES[Action.REVISIT](**SOLVED), now=due + late)
    assert world.states(number)["revisit"] == state


def test_a_station_s_report_counts_from_the_moment_the_company_called(world):
    world.now = MONDAY + timedelta(hours=5)
    number = world.file(
        "station",
        enterprise={"name": "苏州澄砚光电科技有限公司"},
        contact={"name": "林知夏", "phone": "19205120000"},
        received_at=MONDAY,
    )

    assert world.row(number).received_at == MONDAY
    assert world.due(number) == {"respond": "11-24 17:00", "resolve": "11-30 17:00"}
    assert {local(clock.started_at) for clock in world.clocks(number).values()} == {"11-23 10:00"}
