"""Co-units: each has a part of the ticket, with a clock, a reply and a sign-off of its own.

The unit that leads answers for the result and keeps the ticket. A part is handed in by somebody of the
co-unit and counts as finished once that unit's leader has signed it off; where the leader hands it in, both
are one.
A new round begins without parts: what helped once may not be what is needed now, so the lead invites anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from sqlalchemy import select

from ticketing.accounts.queries.people import users_in
from ticketing.core.db import db
from ticketing.core.errors import Invalid, WrongState
from ticketing.core.text import N_
from ticketing.network.queries import UnitInfo, hold_open
from ticketing.sla import queries as sla_queries
from ticketing.sla.actions.clocks import terms_for
from ticketing.sla.models import Clock
from ticketing.sla.queries import LimitFor, Term
from ticketing.sla.rules.limits import BadLimit, Limit
from ticketing.sla.words import Metric
from ticketing.tickets.actions.owed import call_off, follow_clock, open_parts_of
from ticketing.tickets.actions.step import Step
from ticketing.tickets.flow import LEADERS
from ticketing.tickets.models import Part
from ticketing.tickets.wishes import CancelPart, FinishPart, Invite, SendBackPart
from ticketing.tickets.words import Action


class AlreadyInvited(Invalid):
    """The unit has an open part already, or leads."""

    sentence = N_("该单位已在办理这件诉求")


class NoSuchPart(Invalid):
    """The unit has no open part."""

    sentence = N_("该单位没有未完成的协办")


def read_limit(text: str) -> Limit:
    """Return the limit somebody typed; raise Invalid naming the field."""
    try:
        return Limit.parse(text)
    except BadLimit as wrong:
        wrong.fields = {"due_limit": [wrong.text]}
        raise


def invite_unit(step: Step, unit: UnitInfo, limit_text: str | None, message: str) -> Part:
    """Give ``unit`` a part of the ticket, due by the limit on its own calendar; its clock starts.

    Without a limit the rule's counts. Raises Invalid for a limit that cannot be read or that neither was
    given nor is in the rules, AlreadyInvited when the unit leads or has a part.
    """
    has_part = unit.path in step.place.facts.co_paths or unit.id in step.takes_part
    if has_part:
        raise AlreadyInvited(fields={"unit": [AlreadyInvited.sentence]})
    return give_part(step, unit, limit_text, message)


def give_part(step: Step, unit: UnitInfo, limit_text: str | None, message: str) -> Part:
    """Give a part to ``unit``, which has no open one; raise as ``invite_unit`` does when the unit leads."""
    if unit.id == step.ticket.unit_id:
        raise AlreadyInvited(fields={"unit": [AlreadyInvited.sentence]})
    term = _term(step, unit, limit_text)
    clock = _start_clock(step, unit, term)
    part = Part(
        ticket_id=step.ticket.id,
        cycle=step.ticket.cycle,
        unit_id=unit.id,
        message=message,
        limit=str(term.limit),
        invited_at=step.now,
        due_at=clock.due_at,
        clock_nth=clock.nth,
    )
    db.session.add(part)
    step.takes_part.add(unit.id)
    return part


def _start_clock(step: Step, unit: UnitInfo, term: Term) -> Clock:
    hold_open(unit)
    return step.book.start_part(term, unit.id, step.now)


def _term(step: Step, unit: UnitInfo, limit_text: str | None) -> Term:
    """By what a part counts: what was asked for on the unit's calendar, else what the rule says.

    Whom its warnings reach is the rule's either way, even of one that sets no limit. Raises Invalid.
    """
    ticket = step.ticket
    wanted = LimitFor(ticket.kind, ticket.level, ticket.category, unit.code)
    if limit_text is not None:
        steps = sla_queries.steps_for(wanted, Metric.PART, step.today)
        calendar_id = sla_queries.current_calendar_id(unit.calendar_name)
        return Term(read_limit(limit_text), steps=steps, calendar_id=calendar_id)
    rule = terms_for(wanted, unit.calendar_name, (Metric.PART,), step.today).get(Metric.PART)
    if rule is None:
        raise Invalid(fields={"due_limit": [N_("请选择时限")]})
    return rule


def open_parts(step: Step) -> list[Part]:
    """Return the parts of the present cycle that are neither finished nor called off."""
    return open_parts_of(step.ticket)


def cancel_parts(step: Step, because: str = "", *, of_unit: int | None = None) -> None:
    """Call off the open parts, or that of one unit: the ticket needs them no more."""
    for part in open_parts(step):
        if of_unit in {None, part.unit_id}:
            call_off(part, step.book, because, step.now)


def restore_parts(step: Step, cancelled_at: datetime) -> None:
    """Bring back the parts that were called off at that moment, due when their clocks are again.

    Their clocks have been restored before. A unit that leads by now owes itself no part.
    """
    for part in _called_off_at(step, cancelled_at):
        if part.unit_id != step.ticket.unit_id:
            part.cancelled_at = part.cancelled_because = None
            follow_clock(part, step.book)
        elif part.clock_nth is not None:
            step.book.cancel_one(part.clock_nth)


def take_up_again(step: Step, cancelled_at: datetime) -> list[str]:
    """Ask again for the parts that were called off at that moment; return the codes of their units.

    Each has its whole limit from now on, for its unit had been told to stop, by the rule and the calendar of
    before; what was handed in stays handed in. A unit that was closed or leads by now is left out.
    """
    asked: list[str] = []
    for part in _called_off_at(step, cancelled_at):
        unit = step.net.by_id[part.unit_id]
        if unit.is_active and unit != step.unit:
            clock = _start_clock(step, unit, _as_before(step, part) or _term(step, unit, part.limit))
            part.clock_nth, part.due_at = clock.nth, clock.due_at
            part.cancelled_at = part.cancelled_because = None
            asked.append(unit.code)
    return asked


def _as_before(step: Step, part: Part) -> Term | None:
    """By what a part counted; None when it is from before parts had clocks."""
    old = step.book.part(part.clock_nth) if part.clock_nth is not None else None
    if old is None:
        return None
    return Term(Limit.parse(part.limit), rule_id=old.rule_id, steps=old.steps, calendar_id=old.calendar_id)


def _called_off_at(step: Step, moment: datetime) -> list[Part]:
    wanted = select(Part).where(
        Part.ticket_id == step.ticket.id, Part.cycle == step.ticket.cycle, Part.cancelled_at == moment
    )
    return list(db.session.scalars(wanted.order_by(Part.id)))


def invite(step: Step) -> None:
    """Ask a unit for its part."""
    wish = cast(Invite, step.wish)
    part = invite_unit(step, step.net.active(wish.unit), wish.due_limit, wish.message)
    step.said |= {"unit": wish.unit, "due_limit": part.limit, "message": wish.message, "due_at": part.due_at}


def finish_part(step: Step) -> None:
    """Hand in the part of the unit the person sits in; it is finished at once where nobody need sign it off.

    That is when the person leads the unit, or nobody does. Handed in again before the sign-off, the later
    words count.
    """
    part = _own_part(step)
    unit = step.net.by_id[part.unit_id]
    part.reply = cast(FinishPart, step.wish).reply
    part.handed_in_at, part.handed_in_by = step.now, step.actor.user_id
    step.said |= {"unit": unit.code, "reply": part.reply}
    if step.actor.sits_in(unit.path, *LEADERS) or not users_in([unit.id], LEADERS):
        _finish(step, part)
    else:
        step.said["waits"] = True


def approve_part(step: Step) -> None:
    """Sign the own unit's part off."""
    part = _own_part(step, is_handed_in=True)
    step.said |= {"unit": step.net.by_id[part.unit_id].code}
    _finish(step, part)


def _finish(step: Step, part: Part) -> None:
    part.finished_at, part.signed_by = step.now, step.actor.user_id
    if part.clock_nth is not None:
        step.book.meet_one(part.clock_nth, step.now)


def send_back_part(step: Step) -> None:
    """Return the own unit's part for mending; its clock runs on."""
    part = _own_part(step, is_handed_in=True)
    part.handed_in_at = part.handed_in_by = None
    message = cast(SendBackPart, step.wish).message
    step.said |= {"unit": step.net.by_id[part.unit_id].code, "message": message}


def cancel_part(step: Step) -> None:
    """Call one co-unit's part off, with a reason it reads."""
    wish = cast(CancelPart, step.wish)
    unit = step.net.known(wish.unit)
    if unit.id not in {part.unit_id for part in open_parts(step)}:
        raise NoSuchPart(fields={"unit": [NoSuchPart.sentence]})
    cancel_parts(step, wish.message, of_unit=unit.id)
    step.said |= {"unit": unit.code, "message": wish.message}


def _own_part(step: Step, *, is_handed_in: bool = False) -> Part:
    """The open part of a unit the person sits in; to be signed off, of one the person leads."""
    for part in open_parts(step):
        path = step.net.by_id[part.unit_id].path
        if is_handed_in and part.handed_in_at is not None and step.actor.sits_in(path, *LEADERS):
            return part
        if not is_handed_in and any(grant.unit_id == part.unit_id for grant in step.actor.grants):
            return part
    raise WrongState


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.INVITE: invite,
    Action.FINISH_PART: finish_part,
    Action.APPROVE_PART: approve_part,
    Action.SEND_BACK_PART: send_back_part,
    Action.CANCEL_PART: cancel_part,
}
