"""Pages: the questions of a meeting, their decisions and tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.idempotency import Answer
from ticketing.meetings.actions import agenda
from ticketing.meetings.forms import EvidenceForm, ItemForm, TaskForm
from ticketing.meetings.queries.reading import ItemView, MeetingView, TaskView
from ticketing.meetings.web import base
from ticketing.meetings.web.base import Page, bp
from ticketing.meetings.words import Issue, Phase
from ticketing.network.queries import UnitInfo
from ticketing.web import errors
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

MAX_ID = 2**31 - 1
ITEM = f"/<number>/items/<int(max={MAX_ID}):item_id>"
TASK = f"/<number>/tasks/<int(max={MAX_ID}):task_id>"


@bp.route("/<number>/items/new", methods=["GET", "POST"])
@allow(*base.READERS)
def new_item(number: str) -> ResponseReturnValue:
    """Put a question on the agenda."""
    actor, found = current_actor(), base.look_to_write(number)
    form = _item_form(found)
    if request.method == "GET":
        form.kind.data, form.version.data = Issue.OTHER.value, str(found.meeting.version)

    def save(now: datetime) -> Answer:
        item_id = agenda.add_item(actor, number, form.wish(), now=now, seen_version=form.seen_version)
        return base.done(number, _("已列入议程"), f"item-{item_id}")

    return base.answer(form, Page("meetings/item.html", _("添加议题"), found), save)


@bp.route(f"{ITEM}/edit", methods=["GET", "POST"])
@allow(*base.READERS)
def edit_item(number: str, item_id: int) -> ResponseReturnValue:
    """Write a question and what was decided on it."""
    actor, found = current_actor(), base.look_to_write(number)
    one = _item(found, item_id)
    form = _item_form(found)
    if request.method == "GET":
        form.issue.data, form.kind.data = one.item.issue, one.item.kind.value
        form.ticket.data = one.ticket.number if one.ticket else ""
        form.raised_by.data = one.raised_by.code if one.raised_by else ""
        form.version.data = str(found.meeting.version)
        if "decision" in form:
            form.decision.data, form.for_company.data = one.item.decision, one.item.for_company

    def save(now: datetime) -> Answer:
        agenda.edit_item(actor, number, item_id, form.wish(), now=now, seen_version=form.seen_version)
        return base.done(number, _("已保存议题"), f"item-{item_id}")

    return base.answer(form, Page("meetings/item.html", _("写议题和决定"), found, {"one": one}), save)


@bp.post(f"{ITEM}/<any(up,down,remove):how>")
@allow(*base.READERS)
def move_item(number: str, item_id: int, how: str) -> ResponseReturnValue:
    """Move a question up or down, or take it off the agenda."""
    actor = current_actor()

    def make(now: datetime) -> Answer:
        if how == "remove":
            agenda.remove_item(actor, number, item_id, now=now, seen_version=_version())
            return Answer(303, _("已从议程移除"))
        agenda.move_item(actor, number, item_id, up=how == "up", seen_version=_version())
        return Answer(303, "")

    return _press(number, make, "agenda")


@bp.route(f"{ITEM}/tasks/new", methods=["GET", "POST"])
@allow(*base.READERS)
def new_task(number: str, item_id: int) -> ResponseReturnValue:
    """Give a unit something to do."""
    found = base.look_to_write(number)
    return _task_page(found, _item(found, item_id), None)


@bp.route(f"{TASK}/edit", methods=["GET", "POST"])
@allow(*base.READERS)
def edit_task(number: str, task_id: int) -> ResponseReturnValue:
    """Write a task anew, before the minutes are issued."""
    found = base.look_to_write(number)
    task = _task(found, task_id)
    return _task_page(found, _item(found, task.item_id), task)


@bp.post(f"{TASK}/remove")
@allow(*base.READERS)
def remove_task(number: str, task_id: int) -> ResponseReturnValue:
    """Take a task out."""
    actor = current_actor()

    def make(_now: datetime) -> Answer:
        agenda.remove_task(actor, number, task_id, seen_version=_version())
        return Answer(303, _("已删除任务"))

    return _press(number, make, "agenda")


@bp.route(f"{TASK}/done", methods=["GET", "POST"])
@allow(*base.READERS)
def tick_off(number: str, task_id: int) -> ResponseReturnValue:
    """Say that a task of no ticket is done."""
    actor, found = current_actor(), base.look(number)
    task = _task(found, task_id)
    form = EvidenceForm()

    def save(now: datetime) -> Answer:
        agenda.tick_off(actor, number, task_id, form.evidence.data, now=now)
        return base.done(number, _("任务已销号"), f"item-{task.item_id}")

    about = {"button": _("销号"), "help": task.what}
    return base.answer(form, Page("meetings/small.html", _("任务销号"), found, about), save)


def _task_page(found: MeetingView, one: ItemView, task: TaskView | None) -> ResponseReturnValue:
    actor, number = current_actor(), found.meeting.number
    form = TaskForm()
    units = _units_first(found)
    form.offer(units, base.people_of(found.units), language())
    if request.method == "GET":
        form.version.data = str(found.meeting.version)
        if task is not None:
            form.what.data, form.unit.data, form.due_on.data = task.what, task.unit.code, task.due_on
            form.user_id.data = str(task.user_id or "")

    def save(now: datetime) -> Answer:
        place = (one.item.id, task.id if task else None)
        agenda.save_task(actor, number, place, form.wish(), now=now, seen_version=form.seen_version)
        return base.done(number, _("已保存任务"), f"item-{one.item.id}")

    heading = _("修改任务") if task else _("派任务")
    return base.answer(form, Page("meetings/task.html", heading, found, {"one": one}), save)


def _units_first(found: MeetingView) -> list[UnitInfo]:
    """The units that can get a task, those that take part first."""
    here = [unit for unit in found.units if unit.is_active]
    return here + [unit for unit in base.active_units(found.net) if unit not in here]


def _item_form(found: MeetingView) -> ItemForm:
    form = ItemForm()
    form.offer(base.active_units(found.net), language())
    if found.phase is Phase.COMING:  # nothing can have been decided yet
        del form.decision
        del form.for_company
    return form


def _item(found: MeetingView, item_id: int) -> ItemView:
    one = next((one for one in found.items if one.item.id == item_id), None)
    if one is None:
        raise NotFound
    return one


def _task(found: MeetingView, task_id: int) -> TaskView:
    task = next((task for one in found.items for task in one.tasks if task.id == task_id), None)
    if task is None:
        raise NotFound
    return task


def _version() -> int | None:
    return request.form.get("version", default=None, type=int)


def _press(number: str, make: Callable[[datetime], Answer], place: str | None) -> ResponseReturnValue:
    """Do what a button says, once, and go back to its place; if refused, to the top, which says why."""
    now = clock.now()
    try:
        done = base.once(current_actor(), lambda: make(now), now)
        if done.body:
            flash(done.body, "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence_of(refusal), "bad")
        place = None
    return redirect(url_for("meetings.show", number=number, _anchor=place), code=303)
