"""Joint meetings of the demo district, by the real actions: one coming, one to be written up, one issued."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from ticketing.accounts.models import User
from ticketing.accounts.queries import identity
from ticketing.accounts.rules import DEMO_DOMAIN
from ticketing.core.actor import Actor
from ticketing.core.db import among, db, transaction
from ticketing.core.local_day import day_start, local_date
from ticketing.meetings.actions import agenda, calling, issuing
from ticketing.meetings.actions.agenda import ItemWish, TaskWish
from ticketing.meetings.actions.calling import MeetingWish
from ticketing.meetings.models import AgendaItem, Meeting, MeetingTask
from ticketing.meetings.rules import Hours
from ticketing.meetings.words import Issue
from ticketing.network.queries import network
from ticketing.sla import queries as sla
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Ticket
from ticketing.tickets.wishes import FinishPart
from ticketing.tickets.words import State

UNITS = ("D-HRS", "D-PWR")
ROOM = "区企业服务中心三楼 301 会议室"
_DAY = timedelta(days=1)


def make(now: datetime) -> int:
    """Make three meetings about tickets that are being worked on, once; return how many were made.

    Fewer when there are fewer such tickets.
    """
    host = _person("dispatcher")
    with transaction():
        if db.session.scalar(select(Meeting.id).limit(1)) is not None:
            return 0
        tickets = _tickets()
        for number, plan in zip(tickets, (_issued, _to_write, _coming), strict=False):
            plan(host, number, now)
    return len(tickets)


def _issued(host: Actor, ticket: str, now: datetime) -> None:
    """Yesterday's: minutes issued, of three tasks two done."""
    start = day_start(local_date(now)) - _DAY + timedelta(hours=14)
    number = _call(host, "企业诉求协调会：责任和时限一次定清", start, ticket, now)
    item_id = _decide(host, number, ItemWish(
        "企业反映的问题牵涉几个单位，由谁牵头、各办什么、什么时候办完。", Issue.OTHER, ticket,
        decision="一、承办单位牵头，三个工作日内拿出方案；\n二、人社、供电按职责各自核实，意见交承办单位；\n三、由承办单位统一答复企业。",
        for_company="几个单位一起研究了您的诉求，定了由谁办、什么时候办完。三个工作日内会有人带着方案联系您。",
    ), now)  # fmt: skip
    for unit, what in (
        ("D-HRS", "核实用工和社保情况，书面反馈承办单位"),
        ("D-PWR", "到现场核实用电负荷，提出供电方案"),
    ):
        _task(host, number, item_id, (unit, what), now)
    lamps = ItemWish(
        "园区北侧道路路灯不亮，夜班职工出行不便。", Issue.CONSTRUCTION, decision="由城市管理局三日内修复。"
    )
    light = agenda.add_item(host, number, lamps, now=now)
    _task(host, number, light, ("D-URB", "修复路灯"), now)
    issuing.issue(host, number, now=now, seen_version=None)
    plain = select(MeetingTask.id).where(MeetingTask.part_id.is_(None), MeetingTask.item_id == light)
    agenda.tick_off(host, number, db.session.scalars(plain).one(), "已更换三盏路灯，夜间复查正常。", now=now)
    has_part = select(MeetingTask.part_id).where(
        MeetingTask.item_id == item_id, MeetingTask.what.like("核实用工%")
    )
    if db.session.scalar(has_part) is not None:
        perform(
            _person("dept2"), ticket, FinishPart(reply="用工 320 人，社保缴纳正常，无欠薪记录。"), now=now
        )


def _to_write(host: Actor, ticket: str, now: datetime) -> None:
    """One that ended three hours ago and waits for its minutes."""
    number = _call(host, "重点诉求调度会", now - timedelta(hours=4, minutes=30), ticket, now)
    item_id = _decide(host, number, ItemWish(
        "诉求临近期限，方案还没有定，企业多次催办。", Issue.OTHER, ticket,
        decision="承办单位本周内与企业当面确认方案。",
        for_company="",
    ), now)  # fmt: skip
    _task(host, number, item_id, ("D-HRS", "梳理可以用的惠企政策，提供给承办单位"), now)


def _coming(host: Actor, ticket: str, now: datetime) -> None:
    """One in the coming days."""
    day = _working(local_date(now) + _DAY * 2)
    number = _call(host, "久拖不决诉求联席会商", day_start(day) + timedelta(hours=9, minutes=30), ticket, now)
    question = ItemWish("类似诉求本月第三次出现，是否出台统一的办理口径。", Issue.POLICY, raised_by="D-HRS")
    agenda.add_item(host, number, question, now=now)


def _call(host: Actor, theme: str, start: datetime, ticket: str, now: datetime) -> str:
    hours = Hours(start, start + timedelta(minutes=90))
    wish = MeetingWish(theme, "C0", ROOM, hours, UNITS, guests="企业代表一名")
    number = calling.call(host, wish, now=now, ticket=ticket)
    called = update(Meeting).where(Meeting.number == number)
    db.session.execute(called.values(called_at=min(now, start) - _DAY))
    return number


def _decide(host: Actor, number: str, wish: ItemWish, now: datetime) -> int:
    wanted = select(AgendaItem.id).join(Meeting, Meeting.id == AgendaItem.meeting_id)
    item_id = db.session.scalars(wanted.where(Meeting.number == number)).one()
    agenda.edit_item(host, number, item_id, wish, now=now, seen_version=None)
    return item_id


def _task(host: Actor, number: str, item_id: int, wanted: tuple[str, str], now: datetime) -> None:
    unit, what = wanted
    wish = TaskWish(what, unit, _working(local_date(now) + _DAY * 4))
    agenda.save_task(host, number, (item_id, None), wish, now=now, seen_version=None)


def _working(day: date) -> date:
    calendar = sla.calendar(network().centre.calendar_name)
    while not calendar.is_working(day):
        day += _DAY
    return day


def _tickets() -> list[str]:
    """Three tickets that are being worked on."""
    wanted = select(Ticket.number).where(
        among(Ticket.status, [State.PROCESSING]), Ticket.is_confidential.is_(False)
    )
    return list(db.session.scalars(wanted.order_by(Ticket.queue_at, Ticket.id).limit(3)))


def _person(who: str) -> Actor:
    wanted = select(User.id).where(User.email == f"{who}@{DEMO_DOMAIN}")
    return identity.person(db.session.scalars(wanted).one()).actor
