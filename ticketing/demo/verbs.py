"""What each action changes on a synthetic ticket: the in-memory twin of ``tickets.actions``, verb by verb.

``tests/demo`` performs the same histories through the service layer and compares every event.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ticketing.core.local_day import day_start, local_date
from ticketing.demo.case import Case
from ticketing.demo.district import WORK_CLOCKS, Person
from ticketing.network.queries import UnitInfo
from ticketing.sla.rules.deadlines import due_at
from ticketing.sla.rules.limits import Limit
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets import rules
from ticketing.tickets.queries.routed import followed
from ticketing.tickets.words import (
    Action,
    Card,
    ContactOutcome,
    ExtensionState,
    Level,
    RejectReason,
    ReturnReason,
    Solved,
    State,
    SuspendReason,
)

A, S = Action, State
CO_UNIT_LIMIT = "3wd"


def file(case: Case, person: Person, at: datetime) -> None:
    """File the ticket: its promises start at receipt."""
    case.row["last_at"] = at
    case.start_clocks(PROMISED, case.unit, at, since=case.row["received_at"])
    case.unit_ids.add(case.unit.id)
    if person.files_for_unit and person.unit_id is not None:
        case.unit_ids.add(person.unit_id)
    routed = case.district.taken_in(case.row, at)
    case.log(A.SUBMIT, person, at, None, {"unit": case.unit.code, "rule": routed.said()})


def accept(case: Case, person: Person, at: datetime, corrected: dict[str, Any] | None = None) -> None:
    """Take the request on; a correction sets the promises anew from receipt."""
    if corrected:
        case.put(**corrected)
        case.restart_promises(at)
    case.record(A.ACCEPT, person, at, to=S.ACCEPTED)


def request_info(case: Case, person: Person, at: datetime, message: str) -> None:
    """Ask the company for what is missing."""
    case.record(A.REQUEST_INFO, person, at, to=S.NEED_INFO, said={"message": message})


def supply_info(case: Case, person: Person, at: datetime, message: str) -> None:
    """Take the company's answer."""
    case.record(A.SUPPLY_INFO, person, at, to=S.SUBMITTED, said={"message": message})


def reject(case: Case, person: Person, at: datetime, reason: RejectReason, message: str) -> None:
    """Refuse the request."""
    case.record(A.REJECT, person, at, to=S.REJECTED, said={"reason_code": reason, "message": message})


def answer_now(case: Case, person: Person, at: datetime, reply: str) -> None:
    """Answer on the spot."""
    case.put(reply=reply, replied_at=at)
    case.record(A.ANSWER_NOW, person, at, to=S.REPLIED, said={"reply": reply})


def dispatch(
    case: Case, person: Person, at: datetime, unit: UnitInfo, co_units: list[UnitInfo], note: str
) -> None:
    """Name the lead unit, and units that help."""
    routed = case.district.proposed(case.row, at)
    case.hand_to(unit, at)
    for helper in co_units:
        _invite(case, helper, CO_UNIT_LIMIT, note, at)
    said = {
        "unit": unit.code,
        "note": note,
        "co_units": [helper.code for helper in co_units],
        "rule": followed(routed, unit, case.district.net),
    }
    case.record(A.DISPATCH, person, at, to=S.DISPATCHED, said=said)


def _invite(case: Case, unit: UnitInfo, limit: str, message: str, at: datetime) -> dict[str, Any]:
    clock = case.start_part_clock(unit, limit, at)
    part = {
        "ticket_id": case.row["id"],
        "cycle": case.row["cycle"],
        "unit_id": unit.id,
        "message": message,
        "limit": limit,
        "invited_at": at,
        "due_at": clock.due_at,
        "clock_nth": clock.nth,
        "reply": None,
        "handed_in_at": None,
        "handed_in_by": None,
        "finished_at": None,
        "signed_by": None,
        "cancelled_at": None,
        "cancelled_because": None,
    }
    case.parts.append(part)
    case.unit_ids.add(unit.id)
    return part


def sign(case: Case, person: Person, at: datetime) -> None:
    """Take the ticket over for the unit."""
    case.record(A.SIGN, person, at, to=S.PROCESSING, said={"unit": case.unit.code})


def request_return(
    case: Case, person: Person, at: datetime, reason: ReturnReason, message: str, suggested: UnitInfo | None
) -> None:
    """Ask to send it back."""
    case.put(return_count=case.row["return_count"] + 1)
    said = {
        "reason_code": reason,
        "message": message,
        "basis": "",
        "suggested_unit": suggested.code if suggested else None,
    }
    case.record(A.REQUEST_RETURN, person, at, to=S.RETURN_REVIEW, said=said)


def rule_return(case: Case, person: Person, at: datetime, to_unit: UnitInfo | None, message: str) -> None:
    """Uphold a return to ``to_unit``, or (None) refuse it."""
    unit = to_unit or case.unit
    starts = to_unit is not None or not case.book.open(Metric.SIGN)
    case.hand_to(unit, at, starts_sign_clock=starts)
    said = {
        "unit": unit.code,
        "uphold": to_unit is not None,
        "message": message,
        "is_final": case.row["return_count"] >= rules.MAX_RETURNS,
    }
    case.record(A.RULE_RETURN, person, at, to=S.DISPATCHED, said=said)


def move(case: Case, action: Action, person: Person, at: datetime, unit: UnitInfo, message: str) -> None:
    """Transfer, report up or send down: another unit gets the ticket."""
    case.hand_to(unit, at)
    case.record(action, person, at, to=S.DISPATCHED, said={"unit": unit.code, "message": message})


def name_handler(case: Case, action: Action, person: Person, at: datetime, handler: Person) -> None:
    """Claim the ticket, or assign it."""
    case.put(handler_id=handler.id)
    case.record(action, person, at, said={"handler_id": handler.id})


def contact(case: Case, person: Person, at: datetime, outcome: ContactOutcome, note: str) -> None:
    """Record a call."""
    case.put(handler_id=case.row["handler_id"] or person.id)
    if outcome is ContactOutcome.REACHED:
        case.book.meet({Metric.RESPOND}, at)
    case.record(A.CONTACT, person, at, said={"outcome": outcome, "note": note})


def say(case: Case, action: Action, person: Person, at: datetime, body: str) -> None:
    """Leave a message that both sides read, or a note among staff."""
    case.record(action, person, at, said={"body": body})


def answer_suspension(case: Case, person: Person, at: datetime, body: str) -> None:
    """Take the company's message as the answer that was waited for."""
    case.put(resume_on=None)
    case.record(A.MESSAGE, person, at, to=S.PROCESSING, said={"body": body})


def invite(case: Case, person: Person, at: datetime, unit: UnitInfo, message: str) -> None:
    """Ask a unit for its part."""
    part = _invite(case, unit, CO_UNIT_LIMIT, message, at)
    said = {"unit": unit.code, "due_limit": part["limit"], "message": message, "due_at": part["due_at"]}
    case.record(A.INVITE, person, at, said=said)


def finish_part(case: Case, person: Person, at: datetime, reply: str, *, is_leader: bool) -> None:
    """Hand in the part of the person's unit; of a leader it is signed off with that."""
    part = _part_of(case, person)
    part.update(reply=reply, handed_in_at=at, handed_in_by=person.id)
    code = case.district.net.by_id[part["unit_id"]].code
    if is_leader:
        _sign_off(case, part, person, at)
    waits = {} if is_leader else {"waits": True}
    case.record(A.FINISH_PART, person, at, said={"unit": code, "reply": reply} | waits)


def approve_part(case: Case, person: Person, at: datetime) -> None:
    """Sign off the part of the person's unit."""
    part = _part_of(case, person)
    _sign_off(case, part, person, at)
    code = case.district.net.by_id[part["unit_id"]].code
    case.record(A.APPROVE_PART, person, at, said={"unit": code})


def _part_of(case: Case, person: Person) -> dict[str, Any]:
    return next(part for part in case.open_parts() if part["unit_id"] == person.unit_id)


def _sign_off(case: Case, part: dict[str, Any], person: Person, at: datetime) -> None:
    part.update(finished_at=at, signed_by=person.id)
    case.book.meet_one(part["clock_nth"], at)


def request_extension(case: Case, person: Person, at: datetime, days: int, reason: str) -> None:
    """Ask for more working days."""
    case.extensions.append(
        {
            "ticket_id": case.row["id"],
            "cycle": case.row["cycle"],
            "days": days,
            "hours": 0,
            "reason": reason,
            "asked_by": person.id,
            "asked_at": at,
            "state": ExtensionState.PENDING,
            "decided_by": None,
            "decided_at": None,
            "message": "",
        }
    )
    case.record(A.REQUEST_EXTENSION, person, at, said={"days": days, "hours": 0, "reason": reason})


def decide_extension(case: Case, person: Person, at: datetime, approve: bool, message: str) -> None:
    """Grant or refuse the pending request for more time."""
    asked = case.extensions[-1]
    state = ExtensionState.APPROVED if approve else ExtensionState.REFUSED
    asked.update(state=state, decided_by=person.id, decided_at=at, message=message)
    said = {"approve": approve, "message": message, "days": asked["days"], "hours": 0}
    if approve:
        case.put(extension_count=case.row["extension_count"] + 1)
        said["due_at"] = case.book.grant(asked["days"], at)
    case.record(A.DECIDE_EXTENSION, person, at, said=said)


def suspend(
    case: Case, person: Person, at: datetime, reason: SuspendReason, resume_on: date, message: str
) -> None:
    """Let the work wait until a date."""
    case.put(resume_on=resume_on, suspend_reason=reason)
    said = {"reason_code": reason, "resume_on": resume_on, "message": message}
    case.record(A.SUSPEND, person, at, to=S.SUSPENDED, said=said)


def resume(case: Case, person: Person, at: datetime, message: str) -> None:
    """Go on; the system lets the clocks run from the beginning of the day that was set."""
    if person.id is None:
        case.resumed_at = min(day_start(case.row["resume_on"]).astimezone(UTC), at)
    case.put(resume_on=None)
    case.record(A.RESUME, person, at, to=S.PROCESSING, said={"message": message})


def submit_reply(case: Case, person: Person, at: datetime, reply: str, reason: str) -> None:
    """Hand the reply in; open parts are called off."""
    case.cancel_parts(at, reason)
    case.put(reply=reply, handler_id=case.row["handler_id"] or person.id)
    case.record(A.SUBMIT_REPLY, person, at, to=S.REPLY_REVIEW, said={"reply": reply, "reason": reason})


def approve_reply(case: Case, person: Person, at: datetime) -> None:
    """Let the reply go to the company."""
    case.put(replied_at=at)
    case.record(A.APPROVE_REPLY, person, at, to=S.REPLIED, said={"reply": case.row["reply"]})


def send_back(case: Case, person: Person, at: datetime, message: str) -> None:
    """Return the reply for mending; the parts that were not waited for are asked for again."""
    again = case.restart_parts(at)
    said = {"message": message} | ({"parts_again": again} if again else {})
    case.record(A.SEND_BACK, person, at, to=S.PROCESSING, said=said)


def miss(case: Case, person: Person, at: datetime, note: str) -> None:
    """Record a call-back that did not reach the company; the third closes the ticket unrated."""
    tries = case.row["revisit_tries"] + 1
    case.put(revisit_tries=tries)
    said = {"reached": False, "solved": None, "satisfaction": None, "note": note, "tries": tries}
    if tries >= rules.REVISIT_TRIES:
        case.put(closed_at=at)
        case.record(A.REVISIT, person, at, to=S.CLOSED, said=said)
    else:
        case.record(A.REVISIT, person, at, to=S.REPLIED, said=said)


def conclude(
    case: Case, action: Action, person: Person, at: datetime, verdict: tuple[Solved, int], words: str
) -> None:
    """Take the company's verdict, by call-back or of its own: closed, or round again."""
    solved, satisfaction = verdict
    case.put(solved=solved, satisfaction=satisfaction)
    said: dict[str, Any] = {"solved": solved, "satisfaction": satisfaction}
    said |= {"reached": True, "note": words} if action is A.REVISIT else {"comment": words}
    if not rules.is_redo(solved, satisfaction):
        case.put(closed_at=at)
        case.record(action, person, at, to=S.CLOSED, said=said)
        return
    unit = case.unit
    if case.row["cycle"] > rules.MAX_REDOS:
        case.put(level=Level.MAJOR)
        said["joint_meeting"] = True
        unit = case.district.centre
    _redo(case, unit, at)
    case.record(action, person, at, to=S.DISPATCHED, said=said | {"unit": unit.code})


def _redo(case: Case, unit: UnitInfo, at: datetime) -> None:
    case.book.meet({Metric.REVISIT}, at)
    case.book.cancel()
    case.put(cycle=case.row["cycle"] + 1)
    case.book.cycle = case.row["cycle"]
    case.hand_to(unit, at, starts_sign_clock=False)
    case.start_clocks(WORK_CLOCKS, unit, at, is_redo=True)
    case.put(replied_at=None, revisit_tries=0)


def reopen(case: Case, person: Person, at: datetime, reason: str) -> None:
    """Have a closed ticket done again."""
    case.put(closed_at=None)
    _redo(case, case.unit, at)
    said = {"reason": reason, "unit": case.unit.code}
    case.record(A.REOPEN, person, at, to=S.DISPATCHED, said=said)


def withdraw(case: Case, person: Person, at: datetime, reason: str) -> None:
    """Take the request back."""
    case.cancel_parts(at, reason)
    case.record(A.WITHDRAW, person, at, to=S.WITHDRAWN, said={"reason": reason})


def merge(case: Case, person: Person, at: datetime, target: Case, message: str) -> None:
    """Join the ticket to ``target``, whose promises have been running for longer."""
    said = {
        "into": target.row["number"],
        "message": message,
        "clocks": [clock.nth for clock in case.book.open()],
    }
    case.put(merged_into_id=target.row["id"], merged_from_status=case.status)
    case.cancel_parts(at)
    target.put(version=target.row["version"] + 1, last_action=A.MERGE, last_at=at)
    target.log(A.MERGE, person, at, target.status, {"from": case.row["number"]})
    case.record(A.MERGE, person, at, to=S.MERGED, said=said)


def urge(case: Case, person: Person, at: datetime, message: str) -> None:
    """Ask the unit to hurry; a company's urges are dated."""
    case.put(urge_count=case.row["urge_count"] + 1)
    if person.unit_id is None:
        case.put(urged_on=local_date(at))
    case.record(A.URGE, person, at, said={"message": message})


def supervise(
    case: Case, person: Person, at: datetime, demand: str, limit: str, card: Card | None = None
) -> None:
    """Open a supervision case, perhaps with a card."""
    _calendar_id, hours = case.district.calendar(case.unit.calendar_name)
    due = due_at(at, Limit.parse(limit), hours).at
    case.supervisions.append(
        {
            "ticket_id": case.row["id"],
            "unit_id": case.unit.id,
            "demand": demand,
            "limit": limit,
            "opened_by": person.id,
            "opened_at": at,
            "due_at": due,
            "reply": None,
            "answered_by": None,
            "answered_at": None,
            "card": card,
        }
    )
    said: dict[str, Any] = {"demand": demand, "due_limit": limit, "due_at": due}
    case.record(A.SUPERVISE, person, at, said=said | ({"card": card} if card else {}))


def answer_supervision(case: Case, person: Person, at: datetime, reply: str) -> None:
    """Answer the open supervision case."""
    found = next(held for held in case.supervisions if held["answered_at"] is None)
    found.update(reply=reply, answered_by=person.id, answered_at=at)
    case.record(A.ANSWER_SUPERVISION, person, at, said={"reply": reply})
