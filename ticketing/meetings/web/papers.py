"""Pages: issuing the minutes, correcting them, and the minutes as PDF."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.errors import NotFound, WrongState
from ticketing.core.idempotency import Answer
from ticketing.meetings import rules
from ticketing.meetings.actions import issuing
from ticketing.meetings.forms import AmendForm, IssueForm
from ticketing.meetings.web import base, pdf
from ticketing.meetings.web.base import Page, bp
from ticketing.tickets.flow import IN_PARTS
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language


@bp.route("/<number>/issue", methods=["GET", "POST"])
@allow(*base.READERS)
def issue(number: str) -> ResponseReturnValue:
    """Show what issuing brings about, and do it."""
    actor, found = current_actor(), base.look_to_write(number)
    if clock.now() < found.meeting.starts_at:
        raise rules.NotYetHeld
    form = IssueForm()
    if request.method == "GET":
        form.version.data = str(found.meeting.version)

    def save(now: datetime) -> Answer:
        issuing.issue(actor, number, now=now, seen_version=form.seen_version)
        return base.done(number, _("纪要已印发，任务已派到各单位"))

    pairs = [(one, task) for one in found.items for task in one.tasks]
    parts = [
        (one, task)
        for one, task in pairs
        if one.ticket and one.ticket.status in IN_PARTS and one.ticket.unit_id != task.unit.id
    ]
    about = {
        "parts": parts,
        "plain": [pair for pair in pairs if pair not in parts],
        "told": [one for one in found.items if one.item.for_company],
        "missing": [place for place, one in enumerate(found.items, start=1) if not one.item.decision],
    }
    return base.answer(form, Page("meetings/issue.html", _("印发纪要"), found, about), save)


@bp.route("/<number>/amend", methods=["GET", "POST"])
@allow(*base.READERS)
def amend(number: str) -> ResponseReturnValue:
    """Correct minutes that are issued, beside them."""
    actor, found = current_actor(), base.look(number)
    if not found.leads:
        raise NotFound(number=number)
    if not found.papers:
        raise WrongState
    form = AmendForm()

    def save(now: datetime) -> Answer:
        issuing.amend(actor, number, form.text.data, now=now)
        return base.done(number, _("更正已附在纪要后面，参会单位会收到消息"))

    about = {"button": _("印发更正"), "help": _("已印发的纪要不会改变，更正附在后面，同样不能再改。")}
    return base.answer(form, Page("meetings/small.html", _("更正纪要"), found, about), save)


@bp.get("/<number>/minutes.pdf")
@allow(*base.READERS)
def minutes(number: str) -> ResponseReturnValue:
    """Give out the minutes as PDF: as issued, or a draft to whoever writes them."""
    found = base.look(number)
    if not found.is_whole or not (found.papers or found.leads):
        raise NotFound(number=number)
    made = pdf.minutes(found, current_actor().name, language(), clock.now())
    answer = Response(made, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{found.meeting.number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
