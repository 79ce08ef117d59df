"""Pages: solved requests like this one, and citing one of them in what goes to the company."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.pace import Pace
from ticketing.tickets.forms import ActionForm
from ticketing.tickets.queries import similar as queries
from ticketing.tickets.queries.similar import Case
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web import base, hints
from ticketing.tickets.web.base import bp
from ticketing.tickets.words import Action
from ticketing.web.guards import current_actor, signed_in
from ticketing.web.texts import gettext as _

# Where the company reads what is written, and the field for it; the first that can be done is offered.
CITES: dict[Action, str] = {Action.SUBMIT_REPLY: "reply", Action.ANSWER_NOW: "reply", Action.MESSAGE: "body"}
PACE = Pace(120, 60.0)


@bp.get("/<number>/similar")
@signed_in
def similar(number: str) -> ResponseReturnValue:
    """Show solved requests like this one: a page, or with ``part`` the list alone for the ticket's page."""
    actor, now = current_actor(), clock.now()
    if actor.enterprise_id is not None:
        raise NotFound(number=number)
    PACE.step(actor.user_id)
    found = base.look(actor, base.canonical(number), now)
    ticket = found.ticket
    text = f"{ticket.title}\n{ticket.description}"
    cases = queries.similar(actor, text, besides=ticket.id, now=now)
    target = next((action for action in CITES if action in found.actions), None)
    return render_template(
        "tickets/_similar.html" if "part" in request.args else "tickets/similar.html",
        ticket=ticket,
        cases=cases,
        target=target,
        target_name=hints.name_of(target, actor) if target else "",
        quotes={case.number: quoted(case) for case in cases if case.reply},
    )


def quoted(case: Case) -> str:
    """Return the words in which an answer cites the case: what was done, without number or name."""
    return str(_("参照以往同类诉求的办理：%(gist)s", gist=case.reply))


def cite(action: Action, form: ActionForm, actor: Actor, found: TicketView) -> None:
    """Add the answer that ``?cite=`` names to the form, and say so.

    Whoever may not read that ticket, or names none that was solved, gets the form as it was, and is told.
    """
    number, name = request.args.get("cite", ""), CITES.get(action)
    if not number or name is None or name not in form:
        return
    case = _citable(actor, number, found)
    if case is None:
        flash(_("这件诉求不能引用：要在您能看到的范围里、企业已说解决并且满意的。"), "bad")
        return
    written, told = (form[name].data or "").rstrip(), quoted(case)
    if told not in written:
        form[name].data = f"{written}\n{told}".lstrip()
    flash(
        _("已引用 %(number)s 的办理做法，企业看不到编号和名称。请按这件诉求的情况改写。", number=case.number),
        "info",
    )


def _citable(actor: Actor, number: str, found: TicketView) -> Case | None:
    try:
        case = queries.cited(actor, number)
    except DomainError:
        return None
    return case if case.reply and case.number != found.ticket.number else None
