"""The end of the loop: the company says whether it is solved, or it goes round again."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ticketing.tickets import rules
from ticketing.tickets.actions.parts import cancel_parts
from ticketing.tickets.actions.step import Step
from ticketing.tickets.wishes import Rate, Reopen, Revisit, Withdraw
from ticketing.tickets.words import Action, Level, Solved, State


def revisit(step: Step) -> None:
    """Record the call-back: closed, round again, or still to be reached (three tries, then closed)."""
    wish = cast(Revisit, step.wish)
    step.said |= {
        "reached": wish.reached,
        "solved": wish.solved,
        "satisfaction": wish.satisfaction,
        "note": wish.note,
    }
    if wish.reached and wish.solved and wish.satisfaction:
        _conclude(step, wish.solved, wish.satisfaction)
        return
    step.ticket.revisit_tries += 1
    step.said["tries"] = step.ticket.revisit_tries
    if step.ticket.revisit_tries >= rules.REVISIT_TRIES:
        _close(step)
    else:
        step.go(State.REPLIED)


def rate(step: Step) -> None:
    """Take the company's own verdict."""
    wish = cast(Rate, step.wish)
    step.said |= {"solved": wish.solved, "satisfaction": wish.satisfaction, "comment": wish.comment}
    _conclude(step, wish.solved, wish.satisfaction)


def _conclude(step: Step, solved: Solved, satisfaction: int) -> None:
    step.ticket.solved = solved
    step.ticket.satisfaction = satisfaction
    if rules.is_redo(solved, satisfaction):
        _again(step)
    else:
        _close(step)


def _close(step: Step) -> None:
    step.ticket.closed_at = step.now
    step.go(State.CLOSED)


def _again(step: Step) -> None:
    """Back to the unit; after two redos the district centre takes it, as a major case for a joint meeting."""
    ticket = step.ticket
    if ticket.cycle > rules.MAX_REDOS:
        ticket.level = Level.MAJOR
        step.said["joint_meeting"] = True
        step.redo(step.net.centre)
    else:
        step.redo(step.unit)


def reopen(step: Step) -> None:
    """Have a closed ticket done again, as a new cycle at the unit that had it, or above if that is closed."""
    step.said["reason"] = cast(Reopen, step.wish).reason
    step.ticket.closed_at = None
    step.redo(step.net.open_above(step.unit))


def withdraw(step: Step) -> None:
    """Take the request back."""
    reason = cast(Withdraw, step.wish).reason
    step.said["reason"] = reason
    cancel_parts(step, reason)
    step.go(State.WITHDRAWN)


EFFECTS: dict[Action, Callable[[Step], None]] = {
    Action.REVISIT: revisit,
    Action.RATE: rate,
    Action.REOPEN: reopen,
    Action.WITHDRAW: withdraw,
}
