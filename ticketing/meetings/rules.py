"""What joint meetings go by: who calls one, where it stands at a moment, when its tasks can be due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ticketing.core.actor import CONVENERS, WORKERS, Actor
from ticketing.core.errors import ChangedMeanwhile, Invalid, WrongState
from ticketing.core.text import N_
from ticketing.meetings.words import MeetingState, Phase
from ticketing.sla.rules.calendars import ONE_DAY, WorkCalendar

# Minutes are signed and issued within a day of the meeting's end.
MINUTES_WITHIN = timedelta(hours=24)
LONGEST = timedelta(hours=12)
FURTHEST = timedelta(days=400)
MOST_ITEMS, MOST_TASKS, MOST_FILES = 30, 60, 10
DUE_WITHIN_DAYS = 366


class MeetingChanged(ChangedMeanwhile):
    """Somebody else wrote in the meeting meanwhile."""

    sentence = N_("在您填写期间，这次会商已被他人更新。请看过现在的内容，再保存一次")


class MeetingIsOver(WrongState):
    """What was issued or called off does not change any more."""

    sentence = N_("纪要已印发或会商已取消，不能再改；需要更正时请写更正说明")


class NotYetHeld(WrongState):
    """Minutes are issued of a meeting that has begun."""

    sentence = N_("会商还没有开始，不能印发纪要")


class BadHours(Invalid):
    """A meeting has a beginning and, later on the same or the next day, an end."""

    sentence = N_("结束时间须晚于开始时间，一次会商最长 12 小时")


class TooFarOff(Invalid):
    """A meeting lies neither long ago nor in a far year."""

    sentence = N_("开会时间须在最近 30 天到今后 400 天之间")


class NobodyInvited(Invalid):
    """A joint meeting needs another unit than its host."""

    sentence = N_("请至少邀请一个牵头单位以外的单位")


class DueInThePast(Invalid):
    """A task is due on a day to come."""

    sentence = N_("完成期限须在今天之后，最长一年")


class DueOnADayOff(Invalid):
    """A task is due on a working day of its unit."""

    sentence = N_("%(day)s 不上班，下一个工作日是 %(next)s")


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when a meeting lasts; moments in UTC."""

    starts_at: datetime
    ends_at: datetime


def check_hours(hours: Hours, now: datetime) -> None:
    """Raise BadHours or TooFarOff, naming the field, unless a meeting can be held then."""
    if not timedelta() < hours.ends_at - hours.starts_at <= LONGEST:
        raise BadHours(fields={"ends_at": [BadHours.sentence]})
    if not now - timedelta(days=30) <= hours.starts_at <= now + FURTHEST:
        raise TooFarOff(fields={"starts_at": [TooFarOff.sentence]})


def phase(state: MeetingState, hours: Hours, now: datetime) -> Phase:
    """Return where a meeting stands at ``now``."""
    if state is not MeetingState.PLANNED:
        return Phase(state.value)
    if now < hours.starts_at:
        return Phase.COMING
    return Phase.UNDER_WAY if now < hours.ends_at else Phase.TO_WRITE


def minutes_due(hours: Hours) -> datetime:
    """Return the moment by which the minutes are to be issued."""
    return hours.ends_at + MINUTES_WITHIN


def leads(actor: Actor, host_path: str) -> bool:
    """Return whether the person may write in a meeting hosted by the unit at ``host_path``."""
    return actor.covers(host_path, *CONVENERS)


def works_in(actor: Actor, path: str) -> bool:
    """Return whether the person does the work of the unit at ``path``."""
    return actor.sits_in(path, *WORKERS)


def working_days(calendar: WorkCalendar, today: date, due_on: date) -> int:
    """Return how many working days after ``today`` a task is due that is due on ``due_on``.

    Raises DueInThePast, or DueOnADayOff with the next day that works.
    """
    if not 0 < (due_on - today).days <= DUE_WITHIN_DAYS:
        raise DueInThePast(fields={"due_on": [DueInThePast.sentence]})
    if not calendar.is_working(due_on):
        following = due_on
        while not calendar.is_working(following):
            following += ONE_DAY
        raise DueOnADayOff(
            fields={"due_on": [DueOnADayOff.sentence]}, day=due_on.isoformat(), next=following.isoformat()
        )
    days = (today + ONE_DAY * n for n in range(1, (due_on - today).days + 1))
    return sum(calendar.is_working(day) for day in days)


def light(due_on: date, today: date) -> str:
    """Return the light of an open task: red past its day, yellow on it and the day before."""
    if due_on < today:
        return "red"
    return "yellow" if due_on <= today + ONE_DAY else "green"
