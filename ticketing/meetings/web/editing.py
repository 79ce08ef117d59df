"""Pages: calling a meeting, changing it, calling it off; its files."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import CONVENERS
from ticketing.core.errors import DomainError, Invalid, NotFound
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import day_start, local_date
from ticketing.core.text import clean_line
from ticketing.meetings.actions import calling
from ticketing.meetings.actions.filing import add_file
from ticketing.meetings.forms import CancelForm, MeetingForm
from ticketing.meetings.queries import reading
from ticketing.meetings.web import base
from ticketing.meetings.web.base import Page, bp
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.sla.rules.calendars import ONE_DAY, WorkCalendar
from ticketing.tickets.queries.view import ticket as ticket_of
from ticketing.web import uploads
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

USUAL_START, USUAL_END = timedelta(hours=9, minutes=30), timedelta(hours=11)


@bp.route("/new", methods=["GET", "POST"])
@allow(*CONVENERS)
def new() -> ResponseReturnValue:
    """Call a meeting; ``?ticket=`` puts that ticket on its agenda."""
    actor, net = current_actor(), network()
    typed = clean_line(request.args.get("ticket", ""))[:40]
    about = ticket_of(actor, typed) if typed else None
    form = MeetingForm()
    del form.people
    form.offer(base.hosts(actor, net), base.active_units(net), (), language())
    if request.method == "GET":
        theme = "" if about is None or about.is_confidential else about.title
        _suggest(form, theme, sla.calendar(net.centre.calendar_name))
        if about is not None:
            form.units.data = [net.by_id[about.unit_id].code]

    def save(now: datetime) -> Answer:
        number = calling.call(actor, form.wish(), now=now, ticket=about.number if about else None)
        return base.done(number, _("已召集会商 %(number)s，参会单位会收到消息", number=number))

    page = Page("meetings/edit.html", _("召集联席会商"), about={"ticket": about})
    return base.answer(form, page, save)


def _suggest(form: MeetingForm, theme: str, calendar: WorkCalendar) -> None:
    """Suggest the first morning that works from the day after tomorrow on."""
    day = local_date(clock.now()) + ONE_DAY * 2
    while not calendar.is_working(day):
        day += ONE_DAY
    form.theme.data = theme
    form.starts_at.data, form.ends_at.data = day_start(day) + USUAL_START, day_start(day) + USUAL_END


@bp.route("/<number>/edit", methods=["GET", "POST"])
@allow(*base.READERS)
def edit(number: str) -> ResponseReturnValue:
    """Change a meeting whose minutes are not issued."""
    actor, found = current_actor(), base.look_to_write(number)
    form = MeetingForm()
    form.offer(
        base.hosts(actor, found.net), base.active_units(found.net), base.people_of(found.units), language()
    )
    meeting = found.meeting
    if request.method == "GET":
        form.theme.data, form.host.data, form.place.data = meeting.theme, found.host.code, meeting.place
        form.starts_at.data, form.ends_at.data = meeting.starts_at, meeting.ends_at
        form.units.data = [unit.code for unit in found.units]
        form.people.data = [str(user_id) for user_id, _name, _unit in found.people]
        form.guests.data, form.version.data = meeting.guests, str(meeting.version)

    def save(now: datetime) -> Answer:
        calling.edit(actor, number, form.wish(), now=now, seen_version=form.seen_version)
        return base.done(number, _("已保存会商安排"))

    return base.answer(form, Page("meetings/edit.html", _("修改会商安排"), found, {"ticket": None}), save)


@bp.route("/<number>/cancel", methods=["GET", "POST"])
@allow(*base.READERS)
def cancel(number: str) -> ResponseReturnValue:
    """Call a meeting off."""
    actor, found = current_actor(), base.look_to_write(number)
    form = CancelForm()
    if request.method == "GET":
        form.version.data = str(found.meeting.version)

    def save(now: datetime) -> Answer:
        calling.cancel(actor, number, form.because.data, now=now, seen_version=form.seen_version)
        return base.done(number, _("会商已取消，参会单位会收到消息"))

    about = {"button": _("取消会商"), "help": _("参会单位会收到消息，诉求的办理过程里也会写明。")}
    return base.answer(form, Page("meetings/small.html", _("取消会商"), found, about), save)


@bp.post("/<number>/files")
@allow(*base.READERS)
def add_files(number: str) -> ResponseReturnValue:
    """Add files for those who read the meeting whole."""
    actor, now = current_actor(), clock.now()
    sent = [uploads.read(one) for one in request.files.getlist("file") if one.filename]
    marks = "".join(hashlib.sha256(one.content).hexdigest() for one in sent)

    def make() -> Answer:
        for one in sent:
            try:
                add_file(actor, number, one, shelf=uploads.shelf(), now=now)
            except Invalid as refused:
                refused.extra["file_name"] = one.name
                raise
        return Answer(303, _("已添加 %(n)s 个文件", n=len(sent)))

    try:
        if sent:
            flash(base.once(actor, make, now, marks).body, "good")
        else:
            base.look(number)
            flash(_("请先选择文件"), "at:files")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(uploads.told(refusal), "at:files")
    return redirect(url_for("meetings.show", number=number, _anchor="files"), code=303)


@bp.get("/files/<token>")
@allow(*base.READERS)
def file(token: str) -> ResponseReturnValue:
    """Give out one file of a meeting."""
    found = reading.file(current_actor(), token)
    return uploads.download(found.token, found.name)
