"""Pages: all meetings, and one."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import CONVENERS, WORKERS
from ticketing.core.local_day import local_date
from ticketing.core.text import clean_line
from ticketing.meetings import rules
from ticketing.meetings.queries import listing
from ticketing.meetings.queries.listing import MeetingRow
from ticketing.meetings.queries.reading import ItemView, MeetingView, TaskView
from ticketing.meetings.web import base
from ticketing.meetings.web.base import bp
from ticketing.meetings.words import ISSUES, PHASES, MeetingState, Phase
from ticketing.network.queries import network
from ticketing.tickets.labels import STATES
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _

ROWS = 20
KILO = 1024
TONES = {Phase.COMING: "open", Phase.UNDER_WAY: "open", Phase.TO_WRITE: "wait"}


@dataclass(frozen=True, slots=True)
class Line:
    """One meeting of the list; ``due``: when the minutes are to be issued, once it is over."""

    row: MeetingRow
    href: str
    phase: str
    tone: str
    due: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task as pages show it; ``state`` is a light's name or empty when nothing is to be done."""

    task: TaskView
    light: str
    word: str
    ticket_href: str
    meeting_href: str
    may_tick: bool


@bp.get("", strict_slashes=False)
@allow(*base.READERS)
def index() -> ResponseReturnValue:
    """Show the meetings of staff: to be written up, coming, what is to be done, what was issued."""
    actor, now, net = current_actor(), clock.now(), network()
    cursor = clean_line(request.args.get("cursor", ""))[:200] or None
    planned = [] if cursor else listing.planned(actor, net, now)
    page = listing.issued(actor, net, cursor=cursor, limit=ROWS, now=now)
    tasks = [] if cursor else listing.open_tasks(actor, net)
    return render_template(
        "meetings/index.html",
        to_write=[_line(row, now) for row in planned if row.phase is Phase.TO_WRITE],
        coming=[_line(row, now) for row in planned if row.phase is not Phase.TO_WRITE],
        issued=[_line(row, now) for row in page.rows],
        tasks=[task_line(task, now) for task in tasks],
        most_tasks=listing.MOST_TASKS,
        may_call=actor.holds(*CONVENERS),
        next_url=url_for("meetings.index", cursor=page.next_cursor) if page.next_cursor else None,
        first_url=url_for("meetings.index") if cursor else None,
    )


@bp.get("/<number>")
@allow(*base.READERS)
def show(number: str) -> ResponseReturnValue:
    """Show one meeting, all of it or the items whose tickets the person reads."""
    actor, now = current_actor(), clock.now()
    found = base.look(number)
    unit_ids = {grant.unit_id for grant in actor.grants if grant.role in WORKERS}
    due = rules.minutes_due(found.hours)
    return render_template(
        "meetings/show.html",
        found=found,
        meeting=found.meeting,
        phase=_(PHASES[found.phase]),
        tone=TONES.get(found.phase, ""),
        kinds={word: _(name) for word, name in ISSUES.items()},
        states={state: _(name) for state, name in STATES.items()},
        items=_items(found, unit_ids, now),
        earlier=[task_line(task, now) for task in found.earlier],
        may_write=found.leads and found.is_draft,
        may_issue=found.leads and found.is_draft and now >= found.meeting.starts_at,
        may_add_files=_may_add(found, unit_ids),
        files=[
            (one.name, _size(one.size_bytes), url_for("meetings.file", token=one.token))
            for one in found.files
        ],
        corrections=[(json.loads(paper.body)["text"], who, paper) for paper, who in found.papers[1:]],
        due=due if found.phase is Phase.TO_WRITE else None,
        is_late=now > due,
        once=fresh_key,
    )


def _items(
    found: MeetingView, unit_ids: Collection[int], now: datetime
) -> list[tuple[ItemView, list[TaskLine]]]:
    """The questions, each with the lines of its tasks."""
    is_issued = found.meeting.state is MeetingState.ISSUED

    def line(task: TaskView) -> TaskLine:
        may_tick = is_issued and (found.leads or task.unit.id in unit_ids)
        return task_line(task, now, may_tick=may_tick)

    return [(one, [line(task) for task in one.tasks]) for one in found.items]


def _may_add(found: MeetingView, unit_ids: Collection[int]) -> bool:
    is_of_them = any(unit.id in unit_ids for unit in found.units)
    return found.is_whole and found.meeting.state != "cancelled" and (found.leads or is_of_them)


def _size(size_bytes: int) -> str:
    return f"{max(1, round(size_bytes / KILO))} KB"


def _line(row: MeetingRow, now: datetime) -> Line:
    is_over = row.phase is Phase.TO_WRITE
    return Line(
        row=row,
        href=url_for("meetings.show", number=row.number),
        phase=_(PHASES[row.phase]),
        tone=TONES.get(row.phase, ""),
        due=row.minutes_due if is_over else None,
        is_late=is_over and now > row.minutes_due,
    )


def task_line(task: TaskView, now: datetime, *, may_tick: bool = False) -> TaskLine:
    """Return a task with its light; ``may_tick``: the person may say that it is done, where it is no part."""
    today = local_date(now)
    name = rules.light(task.due_on, today) if task.is_open else ""
    words = {"red": _("已逾期"), "yellow": _("临期"), "green": _("进行中")}
    return TaskLine(
        task=task,
        light=name,
        word=words.get(name) or (_("已作废") if task.is_called_off else _("已销号")),
        ticket_href=url_for("tickets.show", number=task.ticket) if task.ticket else "",
        meeting_href=url_for("meetings.show", number=task.meeting),
        may_tick=may_tick and not task.is_part and task.is_open,
    )
