"""Tickets in JSON: the shapes the API answers with, and how they are filled."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import current_app
from pydantic import Field

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.duty.queries import AwayToday
from ticketing.network.queries import UnitInfo
from ticketing.routing.words import Why
from ticketing.sla.rules.lights import Light
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets.models import Attachment
from ticketing.tickets.queries import card as cards
from ticketing.tickets.queries.card import Card
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.queries.view import ClockView, EventView
from ticketing.tickets.words import Action, Channel, Kind, Level, Solved, State
from ticketing.web.shapes import Answer, Listed, Moment


class UnitName(Answer):
    """A unit, named."""

    code: str
    name: str


class EnterpriseName(Answer):
    """A company, named; the name is masked on a confidential ticket."""

    name: str


class EnterpriseOut(EnterpriseName):
    """A company."""

    uscc: str | None = Field(description=N_("统一社会信用代码；未知或不便显示时为 null"))
    is_verified: bool = Field(description=N_("信用代码是否核验过"))


class ContactOut(Answer):
    """Whom to call; masked unless the caller may read it."""

    name: str
    phone: str
    email: str
    is_masked: bool = Field(description=N_("是否按权限隐去了部分内容"))


class ClockOut(Answer):
    """One promise of the present cycle."""

    metric: Metric = Field(description=N_("签收、联系、办结答复、回访"))
    state: ClockState
    started_at: Moment
    due_at: Moment = Field(description=N_("现在的期限，延期和暂停已算入"))
    original_due_at: Moment = Field(description=N_("最初的期限"))
    met_at: Moment | None


class AttachmentOut(Answer):
    """A file on a ticket."""

    id: str = Field(description=N_("附件的编号，用于下载"))
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    is_internal: bool = Field(description=N_("企业看不到"))
    uploaded_at: Moment
    url: str


class RuleOut(Answer):
    """The rule that decided, or why none did."""

    code: str | None = Field(description=N_("规则编号；没有规则适用时为 null"))
    version: int | None
    name: str | None
    name_en: str | None
    why: Why = Field(
        description=N_("rule：按规则；nothing_fits：没有规则适用；target_closed：规则指定的单位已停用")
    )
    proposed: list[str] = Field(description=N_("派单时规则建议的单位代码"))
    is_followed: bool | None = Field(description=N_("派单时是否采用了建议"))


class RoutedOut(Answer):
    """By which rules the ticket came where it is."""

    intake: RuleOut | None = Field(description=N_("由谁受理"))
    dispatch: RuleOut | None = Field(description=N_("最近一次派单"))


class HandlerAwayOut(Answer):
    """That the named handler is away today."""

    until: date = Field(description=N_("离岗的最后一天"))
    deputy: str | None = Field(description=N_("代办人姓名；没有代理人时为 null"))


class TicketOut(Answer):
    """A ticket, as the caller may read it."""

    number: str = Field(description=N_("诉求单号"))
    status: State
    cycle: int = Field(description=N_("第几轮办理；重办加一"))
    version: int = Field(description=N_("随每次变化加一；在动作中带上它可防止覆盖他人的修改"))
    kind: Kind
    level: Level
    category: str
    title: str
    description: str
    channel: Channel
    enterprise: EnterpriseOut
    contact: ContactOut
    confidential: bool
    site: str | None = Field(description=N_("园区或楼宇代码"))
    unit: UnitName = Field(description=N_("主办单位"))
    origin_unit: UnitName = Field(description=N_("最初接到诉求的单位"))
    co_units: list[UnitName] = Field(description=N_("协办单位"))
    handler: str | None = Field(description=N_("经办人姓名"))
    handler_away: HandlerAwayOut | None = Field(
        description=N_("经办人今天是否离岗；在岗或没有经办人时为 null，企业看不到，也为 null")
    )
    light: Light
    received_at: Moment
    dispatched_at: Moment | None
    replied_at: Moment | None
    closed_at: Moment | None
    reply: str | None
    solved: Solved | None
    satisfaction: int | None
    return_count: int
    clocks: list[ClockOut]
    available_actions: list[Action] = Field(description=N_("调用者现在能做的动作"))
    merged_into: str | None = Field(description=N_("并入的单号"))
    attachments: list[AttachmentOut]
    routed_by: RoutedOut | None = Field(description=N_("依据的分派规则；企业看不到，为 null"))
    url: str = Field(description=N_("网页地址"))


class TicketLine(Answer):
    """A ticket in a list."""

    number: str
    status: State
    cycle: int
    version: int
    kind: Kind
    level: Level
    category: str
    title: str
    channel: Channel
    enterprise: EnterpriseName
    unit: UnitName
    handler: str | None
    light: Light
    received_at: Moment
    due_at: Moment | None = Field(description=N_("最近的期限"))
    due_metric: Metric | None
    closed_at: Moment | None
    url: str


class Tickets(Listed[TicketLine]):
    """One page of tickets."""


class EventOut(Answer):
    """One thing that happened to a ticket. ``hash`` chains it to the one before."""

    seq: int
    at: Moment
    actor: str | None
    unit: UnitName | None
    action: Action
    source: State | None = Field(serialization_alias="from")
    target: State = Field(serialization_alias="to")
    data: dict[str, Any] = Field(description=N_("说了什么、定了什么"))
    hash: str


class Events(Listed[EventOut]):
    """One page of a ticket's history, oldest first."""


def ticket_now(actor: Actor, number: str, now: datetime | None = None) -> TicketOut:
    """Return the ticket as ``actor`` may read it at ``now``."""
    at = now or clock.now()
    return ticket_of(cards.card(actor, number, now=at, today=local_date(at)))


def ticket_of(card: Card) -> TicketOut:
    """Return a ticket's JSON."""
    ticket = card.ticket
    return TicketOut(
        number=ticket.number,
        status=ticket.status,
        cycle=ticket.cycle,
        version=ticket.version,
        kind=ticket.kind,
        level=ticket.level,
        category=ticket.category,
        title=ticket.title,
        description=ticket.description,
        channel=ticket.channel,
        enterprise=EnterpriseOut(name=card.enterprise, uscc=card.uscc, is_verified=card.is_verified),
        contact=ContactOut(
            name=card.contact.name,
            phone=card.contact.phone,
            email=card.contact.email,
            is_masked=card.contact.is_masked,
        ),
        confidential=ticket.is_confidential,
        site=card.site,
        unit=unit_name(card.unit),
        origin_unit=unit_name(card.origin),
        co_units=[unit_name(unit) for unit in card.co_units],
        handler=card.handler,
        handler_away=_away(card.handler_away),
        light=card.light,
        received_at=ticket.received_at,
        dispatched_at=ticket.dispatched_at,
        replied_at=ticket.replied_at,
        closed_at=ticket.closed_at,
        reply=card.reply,
        solved=ticket.solved,
        satisfaction=ticket.satisfaction,
        return_count=ticket.return_count,
        clocks=[_clock(found) for found in card.clocks],
        available_actions=card.actions,
        merged_into=card.merged_into,
        attachments=[attachment_of(file) for file in card.files],
        routed_by=_routed(card),
        url=page_url(ticket.number),
    )


def _away(found: AwayToday | None) -> HandlerAwayOut | None:
    return HandlerAwayOut(until=found.until, deputy=found.deputy) if found else None


def _routed(card: Card) -> RoutedOut | None:
    if card.taken_in_by is None and card.dispatched_by is None:
        return None
    return RoutedOut(intake=_rule(card.taken_in_by), dispatch=_rule(card.dispatched_by))


def _rule(said: dict[str, Any] | None) -> RuleOut | None:
    if said is None:
        return None
    return RuleOut(
        code=said.get("code"),
        version=said.get("version"),
        name=said.get("name"),
        name_en=said.get("name_en"),
        why=said["why"],
        proposed=said.get("proposed", []),
        is_followed=said.get("is_followed"),
    )


def _clock(found: ClockView) -> ClockOut:
    return ClockOut(
        metric=found.metric,
        state=found.state,
        started_at=found.started_at,
        due_at=found.due_at,
        original_due_at=found.original_due_at,
        met_at=found.met_at,
    )


def line_of(row: TicketRow) -> TicketLine:
    """Return a list row's JSON."""
    return TicketLine(
        number=row.number,
        status=row.status,
        cycle=row.cycle,
        version=row.version,
        kind=row.kind,
        level=row.level,
        category=row.category,
        title=row.title,
        channel=row.channel,
        enterprise=EnterpriseName(name=row.enterprise),
        unit=UnitName(code=row.unit_code, name=row.unit_name),
        handler=row.handler,
        light=row.light,
        received_at=row.received_at,
        due_at=row.due_at,
        due_metric=Metric(row.due_metric) if row.due_metric else None,
        closed_at=row.closed_at,
        url=page_url(row.number),
    )


def event_of(event: EventView) -> EventOut:
    """Return an event's JSON."""
    return EventOut(
        seq=event.seq,
        at=event.at,
        actor=event.actor,
        unit=unit_name(event.unit) if event.unit else None,
        action=event.action,
        source=State(event.from_status) if event.from_status else None,
        target=State(event.to_status),
        data=event.said,
        hash=event.hash,
    )


def attachment_of(file: Attachment) -> AttachmentOut:
    """Return a file's JSON."""
    return AttachmentOut(
        id=file.token,
        name=file.name,
        content_type=file.content_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        is_internal=file.is_internal,
        uploaded_at=file.uploaded_at,
        url=f"{current_app.config['BASE_URL']}/api/v1/attachments/{file.token}",
    )


def unit_name(unit: UnitInfo) -> UnitName:
    """Return a unit's JSON."""
    return UnitName(code=unit.code, name=unit.name)


def page_url(number: str) -> str:
    """Return where people read the ticket."""
    return f"{current_app.config['BASE_URL']}/tickets/{number}"
