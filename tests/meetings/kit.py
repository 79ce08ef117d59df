"""Meetings for the tests: called, written up and issued in a few words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.world import World
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.meetings.actions import agenda, calling, issuing
from ticketing.meetings.actions.agenda import ItemWish, TaskWish
from ticketing.meetings.actions.calling import MeetingWish
from ticketing.meetings.models import AgendaItem, Meeting
from ticketing.meetings.queries.reading import MeetingView, view
from ticketing.meetings.rules import Hours
from ticketing.meetings.words import Issue
from ticketing.sla import queries as sla

# Pages of a meeting that is being written up, and of one whose minutes are issued.
WRITING = ("show", "edit", "cancel", "issue", "new_item", "edit_item", "new_task", "edit_task")
ISSUED = ("amend", "tick_off")


def due_day(world: World) -> date:
    """A working day four days ahead or a little more: of the usual Monday, the Friday."""
    calendar, day = sla.calendar("cn"), local_date(world.now) + timedelta(days=4)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def wish(world: World, **fields: Any) -> MeetingWish:
    """A meeting that begins in an hour, hosted by the centre, with the power company and human resources."""
    starts = world.now + timedelta(hours=1)
    usual: dict[str, Any] = {
        "theme": "用电增容协调",
        "host": "C0",
        "place": "区中心 301",
        "hours": Hours(starts, starts + timedelta(hours=2)),
        "units": ("D-PWR", "D-HRS"),
    }
    return MeetingWish(**(usual | fields))


def called(world: World, ticket: str | None = None, who: str = "dispatcher", **fields: Any) -> str:
    """Call a meeting and return its number."""
    return calling.call(world.actor(who), wish(world, **fields), now=world.now, ticket=ticket)


def found(world: World, number: str, who: str = "dispatcher") -> MeetingView:
    """What a person reads of a meeting."""
    db.session.rollback()
    db.session.expire_all()
    return view(world.actor(who), number, now=world.now)


def decide(world: World, number: str, decision: str = "由供电公司先行供电", **fields: Any) -> int:
    """Write the decision of the first item and return the item's id."""
    one = found(world, number).items[0]
    about = ItemWish(
        issue=one.item.issue, kind=Issue.UTILITIES, ticket=one.ticket.number if one.ticket else "",
        decision=decision, **fields,
    )  # fmt: skip
    agenda.edit_item(world.actor("dispatcher"), number, one.item.id, about, now=world.now, seen_version=None)
    return one.item.id


def task(world: World, number: str, item_id: int, unit: str, **fields: Any) -> None:
    """Give a unit something to do, by the usual day."""
    about = TaskWish(**({"what": f"{unit} 的任务", "unit": unit, "due_on": due_day(world)} | fields))
    agenda.save_task(
        world.actor("dispatcher"), number, (item_id, None), about, now=world.now, seen_version=None
    )


def issued(world: World, ticket: str | None, *units: str, for_company: str = "") -> str:
    """A meeting about a ticket, decided, with a task for each of ``units``, its minutes issued."""
    number = called(world, ticket)
    if ticket is None:
        question = ItemWish(issue="园区道路照明", kind=Issue.OTHER)
        agenda.add_item(world.actor("dispatcher"), number, question, now=world.now)
    world.later(hours=2)
    item_id = decide(world, number, for_company=for_company)
    for unit in units:
        task(world, number, item_id, unit)
    issuing.issue(world.actor("dispatcher"), number, now=world.now, seen_version=None)
    return number


def meeting_row(number: str) -> Meeting:
    """The stored meeting."""
    return db.session.scalars(select(Meeting).where(Meeting.number == number)).one()


def items_of(number: str) -> list[AgendaItem]:
    """The stored agenda, in order."""
    wanted = select(AgendaItem).join(Meeting, Meeting.id == AgendaItem.meeting_id)
    return list(db.session.scalars(wanted.where(Meeting.number == number).order_by(AgendaItem.position)))


def pages(world: World, ticket: str) -> dict[str, str]:
    """Make a meeting that has begun and one whose minutes are issued; return the parts of their addresses."""
    start = clock.now() - timedelta(minutes=10)
    number = called(world, ticket, hours=Hours(start, start + timedelta(hours=2)))
    item_id = decide(world, number, for_company="周五前送电")
    task(world, number, item_id, "D-HRS", what="很长的任务" * 60)
    about = {"item_id": str(item_id), "task_id": str(found(world, number).items[0].tasks[0].id)}
    done = issued(world, None, "D-HRS")
    about["meetings.tick_off:task_id"] = str(found(world, done).items[0].tasks[0].id)
    places = dict.fromkeys(WRITING, number) | dict.fromkeys(ISSUED, done)
    return about | {f"meetings.{name}:number": place for name, place in places.items()}
