"""Every action x person x state: allowed or refused as the contract says, and a refusal changes no row.

The expected table below is written by hand from the contract, not from the flow table it checks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from tests.world import World
from ticketing.core.db import transaction
from ticketing.core.errors import DomainError, NotFound, NotPermitted, WrongState
from ticketing.core.local_day import local_date
from ticketing.tickets import flow
from ticketing.tickets import wishes as w
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.queries import view
from ticketing.tickets.words import Action, State

EVERYBODY = (
    "enterprise", "enterprise2", "clerk", "dispatcher", "station", "station2", "area", "dept", "deptlead",
    "dept2", "supervisor", "caller", "manager", "policy", "project", "admin", "auditor",
)  # fmt: skip
INTAKE = {"submitted", "need_info", "accepted"}
WITH_UNIT = {"dispatched", "return_review", "processing", "suspended", "reply_review", "replied"}
BEFORE_REPLY = (INTAKE | WITH_UNIT) - {"replied"}
STEP = int(os.environ.get("MATRIX_STEP", "6"))
DESK = {"clerk", "dispatcher", "supervisor", "caller", "manager"}


@dataclass(frozen=True)
class Scene:
    """Where the ticket is from dispatching on, and who then stands where."""

    unit: str
    signer: str
    leader: str
    helper: str = "dept2"

    @property
    def workers(self) -> set[str]:
        return {self.signer, self.leader}

    def allowed(self, action: str, state: str) -> set[str]:  # noqa: C901, PLR0912, PLR0915 - a table, written out
        in_intake, is_open = state in INTAKE, state in INTAKE | WITH_UNIT
        at_station = in_intake or self.unit == "S101"
        own_area = {"area"} if at_station else set()
        match action, state:
            case "submit", "draft":
                return {"enterprise"}
            case "accept", "submitted":
                return {"clerk", "station"}
            case (("request_info" | "reject"), "submitted"):
                return {"clerk"}
            case "supply_info", "need_info":
                return {"enterprise"}
            case "answer_now", ("submitted" | "accepted"):
                return {"clerk", "station"}
            case "dispatch", "accepted":
                return {"dispatcher", "area"}
            case "sign", "dispatched":
                return {self.signer}
            case "request_return", ("dispatched" | "processing"):
                return {self.signer}
            case "rule_return", "return_review":
                return {"dispatcher"} | own_area
            case "transfer", ("dispatched" | "processing"):
                return {self.leader, "dispatcher"}
            case "up_report", "accepted":
                return {"station"}
            case "up_report", "processing":
                return {"station"} if self.unit == "S101" else set()
            case "send_down", ("accepted" | "processing"):
                return {"dispatcher"} | own_area
            case (("contact" | "request_extension" | "submit_reply"), "processing"):
                return {self.signer}
            case "invite", "processing":
                return self.workers
            case "finish_part", ("dispatched" | "return_review" | "processing" | "suspended"):
                return {self.helper}
            case "cancel_part", ("dispatched" | "return_review" | "processing" | "suspended"):
                return self.workers
            case "suspend", "processing":
                return {"supervisor"}
            case "resume", "suspended":
                return {"supervisor"}
            case (("approve_reply" | "send_back"), "reply_review"):
                return {self.leader}
            case "revisit", "replied":
                return {"caller"}
            case "rate", "replied":
                return {"enterprise"}
            case "claim", ("dispatched" | "processing"):
                return self.workers
            case "assign", ("dispatched" | "processing"):
                return {self.leader}
            case "reopen", "closed":
                return {"enterprise", "supervisor"}
            case "withdraw", _ if state in BEFORE_REPLY | {"draft"}:
                return {"enterprise"}
            case "merge", _ if state in BEFORE_REPLY:
                return {"clerk", "dispatcher"}
            case "unmerge", "merged":
                return {"clerk", "dispatcher"}
            case "supervise", _ if is_open:
                return {"supervisor", "manager"}
            case "urge", _ if is_open:
                return {"enterprise", "dispatcher", "supervisor", "manager"} | own_area
            case (("note" | "message"), _) if is_open:
                here = {"station"} if in_intake else self.workers
                helps = set() if in_intake or state in {"reply_review", "replied"} else {self.helper}
                asks = {"enterprise"} if action == "message" else set()
                return DESK | here | own_area | helps | asks
        return set()

    def sees(self, state: str) -> set[str]:
        """Who may read the ticket: the company, the district, the units that have or had it, those above."""
        if state == "draft":
            return {"enterprise"}
        district = {"enterprise", "clerk", "dispatcher", "supervisor", "caller", "manager", "auditor"}
        seen = district | {"station", "area", "project"}
        is_past_desk = state in WITH_UNIT | {"closed"}
        return seen | self.workers | {self.helper} if is_past_desk else seen


SCENES = [
    Scene("D-PWR", "dept", "deptlead"),
    Scene("S101", "station", "station"),
]


def wish(action: Action, scene: Scene, target: str) -> w.Wish:
    """A proper wish for each action."""
    fields: dict[Action, dict[str, object]] = {
        Action.REQUEST_INFO: {"message": "请补充"},
        Action.SUPPLY_INFO: {"message": "已补充"},
        Action.REJECT: {"reason_code": "abuse", "message": "不受理"},
        Action.ANSWER_NOW: {"reply": "可以办理"},
        Action.DISPATCH: {"unit": "S102"},
        Action.REQUEST_RETURN: {"reason_code": "wrong_function", "message": "职能不符"},
        Action.RULE_RETURN: {"uphold": False, "message": "请继续办理"},
        Action.TRANSFER: {"unit": "D-TAX", "message": "转办"},
        Action.UP_REPORT: {"message": "上报"},
        Action.SEND_DOWN: {"unit": "S102"},
        Action.CONTACT: {"outcome": "reached", "note": "已联系"},
        Action.SUBMIT_REPLY: {"reply": "已办好", "reason": "协办意见可后补"},
        Action.SEND_BACK: {"message": "请补充依据"},
        Action.REVISIT: {"reached": True, "solved": "yes", "satisfaction": 5},
        Action.RATE: {"solved": "yes", "satisfaction": 4},
        Action.ASSIGN: {"user": f"{scene.signer}@demo.example"},
        Action.INVITE: {"unit": "D-FIN", "due_limit": "2wd", "message": "请核实补贴"},
        Action.ASSIGN_PART: {"unit": "D-FIN", "due_limit": "2wd", "message": "请核实", "meeting": "HS26-001"},
        Action.FINISH_PART: {"reply": "已核实"},
        Action.SEND_BACK_PART: {"message": "请补充依据"},
        Action.CANCEL_PART: {"unit": "D-HRS", "message": "不再需要"},
        Action.REQUEST_EXTENSION: {"days": 2, "reason": "等待设备"},
        Action.DECIDE_EXTENSION: {"approve": True},
        Action.SUSPEND: {"reason_code": "season", "resume_on": "2026-12-20"},
        Action.MESSAGE: {"body": "您好"},
        Action.NOTE: {"body": "内部备注"},
        Action.URGE: {"message": "请尽快"},
        Action.SUPERVISE: {"demand": "请说明进展", "due_limit": "1wd", "card": "yellow"},
        Action.REVOKE_CARD: {"reason": "已整改"},
        Action.ANSWER_SUPERVISION: {"reply": "已在办理"},
        Action.REOPEN: {"reason": "问题又出现"},
        Action.WITHDRAW: {"reason": "不需要了"},
        Action.MERGE: {"into": target},
    }
    return w.WISHES[action](**fields.get(action, {}))


class _TriedOnly(Exception):
    """Undoes an action that was allowed, so that the next is tried on the same ticket."""


def _outcome(world: World, who: str, number: str, asked: w.Wish) -> DomainError | None:
    """Try an action and undo it; return the refusal, None when it was allowed."""
    try:
        with transaction():
            perform(world.actor(who), number, asked, now=world.now)
            raise _TriedOnly
    except _TriedOnly:
        return None
    except DomainError as refused:
        return refused


@pytest.mark.parametrize(
    ("scene", "state"),
    [(SCENES[0], state.value) for state in State]
    + [(SCENES[1], state) for state in sorted(WITH_UNIT | {"closed"})],
    ids=lambda value: value if isinstance(value, str) else value.unit,
)
def test_each_action_is_open_and_offered_to_those_the_contract_names_and_to_nobody_else(
    world: World, scene: Scene, state: str, database: str
) -> None:
    number = _scene_ticket(world, scene, State(state))
    target = world.file()
    before = world.fingerprint()
    may = {
        who: {action for action in w.WISHES if who in scene.allowed(action.value, state)} for who in EVERYBODY
    }
    sees = scene.sees(state)

    wrong = []
    for who in EVERYBODY:
        for action in _tried_by(who, may[who], State(state), database):
            refused = _outcome(world, who, number, wish(action, scene, target))
            if not _is_as_expected(refused, who in sees, may[who], action):
                wrong.append(f"{who} {action} in {state}: {refused!r}, {getattr(refused, 'extra', '')}")

    assert wrong == []
    assert world.fingerprint() == before
    for who in sorted(sees):
        found = view.view(world.actor(who), number, now=world.now, today=local_date(world.now))
        assert set(found.actions) == may[who], who


def _is_as_expected(refused: DomainError | None, is_seen: bool, may: set[Action], action: Action) -> bool:
    """Whether an action ended as it should; every refusal names all the person may do instead."""
    if refused is None:
        return action in may
    if isinstance(refused, NotFound):
        return not is_seen
    is_told = refused.extra["available_actions"] == [one.value for one in flow.FLOW if one in may]
    return is_seen and action not in may and is_told and isinstance(refused, NotPermitted | WrongState)


def _tried_by(who: str, may: set[Action], state: State, database: str) -> list[Action]:
    """Every action; on PostgreSQL what the person may, and of the rest every sixth: MATRIX_STEP=1 for all.

    Who may do what is decided in memory, alike on both, and each refusal tells the decision on all actions.
    """
    step = 1 if database == "sqlite" else STEP
    first = EVERYBODY.index(who) + list(State).index(state)
    return [action for nth, action in enumerate(w.WISHES) if action in may or (nth + first) % step == 0]


def _scene_ticket(world: World, scene: Scene, state: State) -> str:
    """A ticket in ``state`` with the scene's unit, helped by another department once it is dispatched."""
    if state.value not in WITH_UNIT | {"closed"}:
        return world.ticket(state, unit=scene.unit)
    number = world.ticket(State.ACCEPTED)
    world.do("dispatcher", number, w.Dispatch(unit=scene.unit, co_units=["D-HRS"]))
    road: list[tuple[State, str, w.Wish]] = [
        (State.PROCESSING, scene.signer, w.Sign()),
        (State.REPLY_REVIEW, scene.signer, wish(Action.SUBMIT_REPLY, scene, "")),
        (State.REPLIED, scene.leader, w.ApproveReply()),
        (State.CLOSED, "caller", wish(Action.REVISIT, scene, "")),
    ]
    sideways: dict[State, tuple[str, w.Wish]] = {
        State.RETURN_REVIEW: (scene.signer, wish(Action.REQUEST_RETURN, scene, "")),
        State.SUSPENDED: ("supervisor", wish(Action.SUSPEND, scene, "")),
    }
    goal = State.PROCESSING if state is State.SUSPENDED else state
    for reached, who, asked in road:
        if goal in {State.DISPATCHED, State.RETURN_REVIEW}:
            break
        world.do(who, number, asked)
        if reached is goal:
            break
    if state in sideways:
        world.do(*_named(sideways[state], number))
    assert world.row(number).status is state
    return number


def _named(pair: tuple[str, w.Wish], number: str) -> tuple[str, str, w.Wish]:
    return pair[0], number, pair[1]
