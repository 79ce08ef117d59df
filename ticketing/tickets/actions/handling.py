"""In the unit: taking it, talking to the company, helping, more time, waiting, replying."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, timedelta
from typing import cast

from sqlalchemy import func, select

from ticketing.core.db import db
from ticketing.core.errors import Invalid, WrongState
from ticketing.core.local_day import day_start
from ticketing.core.text import N_
from ticketing.sla.models import ClockPause
from ticketing.sla.words import Metric
from ticketing.tickets import rules
from ticketing.tickets.actions.parts import cancel_parts, open_parts, take_up_again
from ticketing.tickets.actions.step import Step
from ticketing.tickets.facts import handler_in
from ticketing.tickets.flow import Party
from ticketing.tickets.models import Event, Extension
from ticketing.tickets.wishes import (
    Assign,
    DecideExtension,
    Message,
    Note,
    RecordContact,
    RequestExtension,
    Resume,
    SendBack,
    SubmitReply,
    Suspend,
)
from ticketing.tickets.words import Action, ContactOutcome, ExtensionState, Level, State, SuspendReason

MAX_SUSPENSION_DAYS = 180


class PartsAreOpen(WrongState):
    """A co-unit still owes its part."""

    sentence = N_("还有协办单位未完成，请等待，或说明不等待的理由")


class PausesAreUsedUp(WrongState):
    """All pauses of a ticket together have their limit."""

    sentence = N_("这件诉求累计暂停已满 %(most)s 天，不能再挂起")


class NotAHandler(Invalid):
    """Only a handler of the lead unit can be named."""

    sentence = N_("只能指派给本单位的经办人")


def claim(step: Step) -> None:
    """Become the handler."""
    step.ticket.handler_id = step.actor.user_id
    step.said["handler_id"] = step.actor.user_id


def assign(step: Step) -> None:
    """Name the handler among the unit's own people."""
    chosen = handler_in(step.ticket.unit_id, cast(Assign, step.wish).user)
    if chosen is None:
        raise NotAHandler(fields={"user": [NotAHandler.sentence]})
    step.ticket.handler_id = chosen
    step.said["handler_id"] = chosen


def contact(step: Step) -> None:
    """Record a call; the first that reached the company meets the response clock. Whoever calls, handles."""
    wish = cast(RecordContact, step.wish)
    step.ticket.handler_id = step.ticket.handler_id or step.actor.user_id
    step.said |= {"outcome": wish.outcome, "note": wish.note}
    if wish.outcome is ContactOutcome.REACHED:
        step.book.meet({Metric.RESPOND}, step.now)


def message(step: Step) -> None:
    """Say something both sides read; the company's answer ends a wait for it."""
    step.said["body"] = cast(Message, step.wish).body
    is_answer = Party.REQUESTER in step.place.held and step.status_before is State.SUSPENDED
    if is_answer and _waits_for_requester(step):
        step.ticket.resume_on = None
        step.go(State.PROCESSING)


def _waits_for_requester(step: Step) -> bool:
    return step.ticket.suspend_reason == SuspendReason.AWAITING_REQUESTER


def note(step: Step) -> None:
    """Say something among staff."""
    step.said["body"] = cast(Note, step.wish).body


def request_extension(step: Step) -> None:
    """Ask for more time, within what the kind allows; an urgent ticket counts in hours."""
    wish, ticket = cast(RequestExtension, step.wish), step.ticket
    _count, most = rules.extension_allowance(ticket.kind, ticket.level)
    is_urgent = ticket.level is Level.URGENT
    if ticket.level is Level.MAJOR:  # however often, thirty days in all
        most -= sum(clock.extra_days for clock in step.book.open(Metric.RESOLVE))
    asked, name = (wish.hours, "hours") if is_urgent else (wish.days, "days")
    if not 1 <= asked <= most:
        sentence = (
            N_("紧急诉求一次可延 1 至 %(most)s 小时") if is_urgent else N_("一次可延 1 至 %(most)s 个工作日")
        )
        raise Invalid(sentence, fields={name: [sentence]}, most=most)
    db.session.add(
        Extension(
            ticket_id=ticket.id,
            cycle=ticket.cycle,
            days=wish.days,
            hours=wish.hours,
            reason=wish.reason,
            asked_by=cast(int, step.actor.user_id),
            asked_at=step.now,
        )
    )
    step.said |= {"days": wish.days, "hours": wish.hours, "reason": wish.reason}


def decide_extension(step: Step) -> None:
    """Grant or refuse the request for more time; the original deadline stays on record."""
    wish, ticket = cast(DecideExtension, step.wish), step.ticket
    asked = db.session.scalars(
        select(Extension).where(
            Extension.ticket_id == ticket.id,
            Extension.cycle == ticket.cycle,
            Extension.state == ExtensionState.PENDING,
        )
    ).one()
    asked.state = ExtensionState.APPROVED if wish.approve else ExtensionState.REFUSED
    asked.decided_by, asked.decided_at, asked.message = step.actor.user_id, step.now, wish.message
    step.said |= {"approve": wish.approve, "message": wish.message, "days": asked.days, "hours": asked.hours}
    if wish.approve:
        ticket.extension_count += 1
        step.said["due_at"] = step.book.extend(
            Metric.RESOLVE, days=asked.days, hours=asked.hours, at=step.now
        )


def paused_days(pauses: Iterable[ClockPause]) -> int:
    """Return for how many days in all the clocks of a ticket have stood still; overlaps count once."""
    total, until = timedelta(), None
    for pause in sorted(pauses, key=lambda one: one.paused_at):
        if pause.resumed_at is None:
            continue
        begin = pause.paused_at if until is None else max(pause.paused_at, until)
        total += max(pause.resumed_at - begin, timedelta())
        until = pause.resumed_at if until is None else max(until, pause.resumed_at)
    return total.days


def suspend(step: Step) -> None:
    """Approve that the work waits until a date; the clocks stand still."""
    wish = cast(Suspend, step.wish)
    days = (wish.resume_on - step.today).days
    most = MAX_SUSPENSION_DAYS - paused_days(step.place.hanging.clock_pauses)
    if most < 1:
        raise PausesAreUsedUp(most=MAX_SUSPENSION_DAYS)
    if not 1 <= days <= most:
        sentence = N_("恢复日期须在明天至 %(most)s 天之内")
        raise Invalid(sentence, fields={"resume_on": [sentence]}, most=most)
    step.ticket.resume_on = wish.resume_on
    step.ticket.suspend_reason = wish.reason_code
    step.pause_reason = wish.reason_code
    step.said |= {"reason_code": wish.reason_code, "resume_on": wish.resume_on, "message": wish.message}
    step.go(State.SUSPENDED)


def resume(step: Step) -> None:
    """Go on: what was left of the time is still left."""
    if step.actor.is_system and step.ticket.resume_on is not None:
        # However late the worker comes, nobody gains time: the pause ends when it was said to end.
        step.resumed_at = min(day_start(step.ticket.resume_on).astimezone(UTC), step.now)
    step.ticket.resume_on = None
    step.said["message"] = cast(Resume, step.wish).message
    step.go(State.PROCESSING)


def submit_reply(step: Step) -> None:
    """Hand the reply in; while a co-unit owes its part, only with a reason."""
    wish = cast(SubmitReply, step.wish)
    if open_parts(step):
        if not wish.reason:
            raise PartsAreOpen(fields={"reason": [PartsAreOpen.sentence]})
        cancel_parts(step, wish.reason)
    step.ticket.reply = wish.reply
    step.ticket.handler_id = step.ticket.handler_id or step.actor.user_id
    step.said |= {"reply": wish.reply, "reason": wish.reason}
    step.go(State.REPLY_REVIEW)


def approve_reply(step: Step) -> None:
    """Let the reply go to the company."""
    step.ticket.replied_at = step.now
    step.said["reply"] = step.ticket.reply
    step.go(State.REPLIED)


def send_back(step: Step) -> None:
    """Return the reply for mending; the parts that were not waited for are asked for again."""
    step.said["message"] = cast(SendBack, step.wish).message
    handed_in = select(func.max(Event.at)).where(
        Event.ticket_id == step.ticket.id, Event.action == Action.SUBMIT_REPLY
    )
    again = take_up_again(step, db.session.scalars(handed_in).one())
    if again:
        step.said["parts_again"] = again
    step.go(State.PROCESSING)


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.CLAIM: claim,
    Action.ASSIGN: assign,
    Action.CONTACT: contact,
    Action.MESSAGE: message,
    Action.NOTE: note,
    Action.REQUEST_EXTENSION: request_extension,
    Action.DECIDE_EXTENSION: decide_extension,
    Action.SUSPEND: suspend,
    Action.RESUME: resume,
    Action.SUBMIT_REPLY: submit_reply,
    Action.APPROVE_REPLY: approve_reply,
    Action.SEND_BACK: send_back,
}
