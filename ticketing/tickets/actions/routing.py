"""Who has the ticket: dispatching, signing, returning, moving up, down and across, joining and parting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from sqlalchemy import or_, select

from ticketing.core.actor import is_within
from ticketing.core.db import db
from ticketing.core.errors import Invalid, NotPermitted
from ticketing.core.text import N_
from ticketing.network.queries import UnitInfo
from ticketing.sla import queries as sla_queries
from ticketing.sla.actions.clocks import ClockBook
from ticketing.sla.words import PROMISED, Metric
from ticketing.tickets import ledger, rules
from ticketing.tickets.actions.choosing import choose_handler
from ticketing.tickets.actions.joined import promised_since
from ticketing.tickets.actions.parts import cancel_parts, invite_unit, restore_parts
from ticketing.tickets.actions.step import (
    Step,
    apply_summary,
    locked,
    publish,
    record,
    share_merged,
)
from ticketing.tickets.flow import Party
from ticketing.tickets.models import Event, Ticket
from ticketing.tickets.queries.routed import followed, proposal
from ticketing.tickets.wishes import (
    Dispatch,
    Merge,
    RequestReturn,
    RuleReturn,
    SendDown,
    Transfer,
    Unmerge,
    UpReport,
    Wish,
)
from ticketing.tickets.words import ENDED, Action, State

CO_UNIT_LIMIT = "3wd"


class OutsideYourArea(NotPermitted):
    """An area hands tickets to units of its own area only."""

    sentence = N_("片区中心只能派给本片区内的单位")


class NotBelow(Invalid):
    """Sending down goes to a unit below."""

    sentence = N_("只能下派给下级单位")


class SameUnit(Invalid):
    """The ticket is there already."""

    sentence = N_("这件诉求已经在该单位")


class CannotMerge(Invalid):
    """Two tickets that do not belong together."""

    sentence = N_("只能并入同一家企业的另一件未办结的诉求")


def _target(step: Step, code: str) -> UnitInfo:
    """The active unit named in the form; an area's own dispatcher stays inside the area."""
    unit = step.net.active(code)
    if Party.DISPATCHER not in step.place.held and Party.AREA in step.place.held:
        own = [grant.path for grant in step.actor.grants if "/" in grant.path]
        if not any(is_within(unit.path, path) for path in own):
            raise OutsideYourArea(fields={"unit": [OutsideYourArea.sentence]})
    return unit


def dispatch(step: Step) -> None:
    """Name the lead unit, and units that help with a part each."""
    wish = cast(Dispatch, step.wish)
    lead = _target(step, wish.unit)
    helpers = [step.net.active(code, field="co_units") for code in dict.fromkeys(wish.co_units)]
    if lead in helpers:
        raise Invalid(fields={"co_units": [N_("主办单位不能同时是协办单位")]})
    routed = proposal(step.ticket, step.net, step.today)
    step.said["rule"] = followed(routed, lead, step.net)
    step.hand_to(lead)
    for helper in helpers:
        invite_unit(step, helper, CO_UNIT_LIMIT, wish.note)
    step.said |= {"note": wish.note, "co_units": [helper.code for helper in helpers]}
    step.go(State.DISPATCHED)


def sign(step: Step) -> None:
    """Take the ticket over for the unit."""
    step.said["unit"] = step.unit.code
    choose_handler(step)
    step.go(State.PROCESSING)


def request_return(step: Step) -> None:
    """Ask to send the ticket back; its clocks run on."""
    wish = cast(RequestReturn, step.wish)
    if wish.suggested_unit:
        step.net.active(wish.suggested_unit, field="suggested_unit")
    step.ticket.return_count += 1
    step.said |= {
        "reason_code": wish.reason_code,
        "message": wish.message,
        "basis": wish.basis,
        "suggested_unit": wish.suggested_unit,
    }
    step.go(State.RETURN_REVIEW)


def rule_return(step: Step) -> None:
    """Rule on a return: upheld to another unit, or back to the same one with its clock as it stood."""
    wish = cast(RuleReturn, step.wish)
    unit = _target(step, wish.unit) if wish.uphold and wish.unit else step.unit
    if wish.uphold and unit == step.unit:
        raise SameUnit(fields={"unit": [SameUnit.sentence]})
    step.hand_to(unit, starts_sign_clock=unit != step.unit or not step.book.open(Metric.SIGN))
    is_final = step.ticket.return_count >= rules.MAX_RETURNS
    step.said |= {"uphold": wish.uphold, "message": wish.message, "is_final": is_final}
    step.go(State.DISPATCHED)


def transfer(step: Step) -> None:
    """Change the lead unit; the promises to the company run on."""
    wish = cast(Transfer, step.wish)
    unit = step.net.active(wish.unit)
    if unit == step.unit:
        raise SameUnit(fields={"unit": [SameUnit.sentence]})
    step.hand_to(unit)
    step.said["message"] = wish.message
    step.go(State.DISPATCHED)


def up_report(step: Step) -> None:
    """Hand the ticket up to the parent unit."""
    step.hand_to(step.net.parent(step.unit))
    step.said["message"] = cast(UpReport, step.wish).message
    step.go(State.DISPATCHED)


def send_down(step: Step) -> None:
    """Hand the ticket down to a unit below the sender's."""
    wish = cast(SendDown, step.wish)
    unit = _target(step, wish.unit)
    if unit == step.unit or not is_within(unit.path, _senders_path(step)):
        raise NotBelow(fields={"unit": [NotBelow.sentence]})
    step.hand_to(unit)
    step.said["message"] = wish.message
    step.go(State.DISPATCHED)


def _senders_path(step: Step) -> str:
    """Where the sender sits: the area's path, or the centre's."""
    if Party.DISPATCHER in step.place.held:
        return step.net.centre.path
    return next(grant.path for grant in step.actor.grants if is_within(step.unit.path, grant.path))


def lock_both(number: str, wish: Wish) -> None:
    """Lock both tickets of a joining or parting, always in one order: no two actions block each other."""
    own = Ticket.number == rules.read_number(number)
    if isinstance(wish, Merge):
        other = Ticket.number == rules.read_number(wish.into)
    elif isinstance(wish, Unmerge):
        other = Ticket.id == select(Ticket.merged_into_id).where(own).scalar_subquery()
    else:
        return
    both = select(Ticket.id).where(or_(own, other)).order_by(Ticket.id)
    db.session.execute(both.with_for_update())


def merge(step: Step) -> None:
    """Join the ticket to another of the same company; that one counts from the earlier start."""
    wish, ticket = cast(Merge, step.wish), step.ticket
    refusal = CannotMerge(fields={"into": [CannotMerge.sentence]})
    if rules.read_number(wish.into) == ticket.number:
        raise refusal
    target = locked(step.actor, wish.into, missing=refusal)
    if target.enterprise_id != ticket.enterprise_id or target.status in ENDED | {State.REPLIED, State.DRAFT}:
        raise refusal
    _refuse_chain(ticket)
    open_clocks = [clock.nth for clock in step.book.open()]
    starts = {clock.metric: clock.started_at for clock in step.book.open(*PROMISED)}
    ticket.merged_into_id = target.id
    ticket.merged_from_status = ticket.status
    cancel_parts(step)
    step.said |= {"into": target.number, "message": wish.message, "clocks": open_clocks}
    step.go(State.MERGED)
    _absorb(step, target, starts)
    share_merged(target.id)


def _refuse_chain(ticket: Ticket) -> None:
    """A ticket into which others were merged cannot itself be merged: depth stays one."""
    if db.session.scalar(select(Ticket.id).where(Ticket.merged_into_id == ticket.id).limit(1)):
        raise CannotMerge(N_("已有其他诉求并入这一件，不能再把它并走"))


def _absorb(step: Step, target: Ticket, starts: dict[Metric, datetime]) -> None:
    """Write the merge into the target's own log, its promises counting from the earlier start.

    A redo keeps its own pace: its time is counted from the verdict.
    """
    before = ledger.snapshot(target)
    book = ClockBook(sla_queries.clocks_of(target.id), target.cycle)
    for metric, started_at in starts.items():
        held = book.open(metric) if target.cycle == 1 else []
        if held and started_at < held[0].started_at:
            book.start_at(metric, started_at, step.now)
    _write_to(step, target, book, before, {"from": step.ticket.number})


def _write_to(
    step: Step, target: Ticket, book: ClockBook, before: dict[str, object], said: dict[str, object]
) -> None:
    """Record the present action in another ticket's log as well."""
    target.version += 1
    target.last_action, target.last_at = step.move.action, step.now
    apply_summary(target, book)
    after = ledger.snapshot(target)
    changed = {name: after[name] for name in after if after[name] != before[name]}
    data: dict[str, object] = {"said": said, "set": changed}
    clocks = book.changes()
    data |= {"clocks": clocks} if clocks else {}
    publish(record(target, step.actor, step.move.action, target.status, data, step.now), set())


def unmerge(step: Step) -> None:
    """Take the ticket out again: its state, its clocks and its parts are as before the merge."""
    ticket = step.ticket
    target = db.session.get_one(Ticket, ticket.merged_into_id, with_for_update=True)
    merged = _merge_event(ticket)
    back_to = cast(State, ticket.merged_from_status)
    ticket.merged_into_id = None
    ticket.merged_from_status = None
    if back_to is State.SUSPENDED and ticket.suspend_reason:
        step.pause_reason = ticket.suspend_reason
    step.book.restore(merged.data["said"]["clocks"], step.now)
    _back_to_an_open_unit(step)
    restore_parts(step, merged.at)
    step.said |= {"from": target.number, "message": cast(Unmerge, step.wish).message}
    book = ClockBook(sla_queries.clocks_of(target.id), target.cycle)
    before = ledger.snapshot(target)
    if target.cycle == 1:
        for metric, started_at in promised_since(target, without=ticket).items():
            book.start_at(metric, started_at, step.now)
    step.go(back_to)
    _write_to(step, target, book, before, {"without": ticket.number})


def _back_to_an_open_unit(step: Step) -> None:
    """While it was merged nobody kept its unit from being closed: then the one above has it."""
    unit = step.net.open_above(step.unit)
    if unit != step.unit:
        step.ticket.unit_id, step.ticket.handler_id = unit.id, None
        step.takes_part.add(unit.id)
        step.said["unit"] = unit.code


def _merge_event(ticket: Ticket) -> Event:
    """The event that joined this ticket to another; not one of a ticket that was joined to this one."""
    wanted = select(Event).where(Event.ticket_id == ticket.id, Event.action == Action.MERGE)
    found = db.session.scalars(wanted.order_by(Event.seq.desc()))
    return next(event for event in found if "into" in event.data.get("said", {}))


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.DISPATCH: dispatch,
    Action.SIGN: sign,
    Action.REQUEST_RETURN: request_return,
    Action.RULE_RETURN: rule_return,
    Action.TRANSFER: transfer,
    Action.UP_REPORT: up_report,
    Action.SEND_DOWN: send_down,
    Action.MERGE: merge,
    Action.UNMERGE: unmerge,
}
