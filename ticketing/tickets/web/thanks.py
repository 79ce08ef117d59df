"""What a company reads after it has done something: what comes of it, and who sees to that."""

from __future__ import annotations

from collections.abc import Callable

from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, State
from ticketing.web.texts import gettext as _


def thanks(action: Action, ticket: Ticket, unit: str) -> str | None:
    """Return the sentence for the company; None where what is said to everybody will do.

    ``unit`` is the name of who has the ticket now.
    """
    say = _SAID.get(action)
    return say(ticket, unit) if say else None


def _rated(ticket: Ticket, unit: str) -> str:
    if ticket.status is State.CLOSED:
        return _("谢谢您的评价，这件诉求办结了。30 天内问题又出现，可以要求重新办理。")
    return _("您的评价收到了。已退回%(unit)s重新办理，督办员会跟进。", unit=unit)


def _urged(_ticket: Ticket, unit: str) -> str:
    return _("已替您催办，%(unit)s和它的领导马上会看到。", unit=unit)


def _reopened(_ticket: Ticket, unit: str) -> str:
    return _("已交给%(unit)s重新办理。", unit=unit)


def _withdrawn(_ticket: Ticket, _unit: str) -> str:
    return _("已撤回，不再办理。需要时可以另提一件。")


_SAID: dict[Action, Callable[[Ticket, str], str]] = {
    Action.RATE: _rated,
    Action.URGE: _urged,
    Action.REOPEN: _reopened,
    Action.WITHDRAW: _withdrawn,
}
