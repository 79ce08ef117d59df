"""Tickets over the API: filing, lists, one ticket, its history."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from ticketing.core import clock
from ticketing.core.errors import Invalid, NotFound
from ticketing.core.local_day import local_date
from ticketing.core.paging import decode, encode
from ticketing.core.text import N_
from ticketing.core.tokens import unfit
from ticketing.network import queries as network
from ticketing.sla.rules.lights import Light
from ticketing.tickets.actions import filing
from ticketing.tickets.api.serialise import (
    Events,
    TicketOut,
    Tickets,
    event_of,
    line_of,
    ticket_now,
    ticket_of,
)
from ticketing.tickets.queries import listing, view
from ticketing.tickets.queries.card import fresh_card
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort
from ticketing.tickets.rules import read_number
from ticketing.tickets.wishes import Filing
from ticketing.tickets.words import Channel, Kind, Level, State
from ticketing.web.endpoints import Endpoint, Made, Tag, get, post
from ticketing.web.guards import current_actor
from ticketing.web.shapes import Many, Paged, Since, Until, Word

MAX_Q = 100
MAX_CODE = 20


class TicketsQuery(Paged):
    """What a list is narrowed to; several values of one name are alternatives."""

    status: Many[State] = Field([], description=N_("状态，可写多个"))
    unit: Word = Field("", max_length=MAX_CODE, description=N_("主办单位代码，含下级单位"))
    category: Many[Word] = Field([], description=N_("类别代码，可写多个"))
    kind: Many[Kind] = Field([], description=N_("类型，可写多个"))
    level: Many[Level] = Field([], description=N_("紧急程度，可写多个"))
    channel: Many[Channel] = Field([], description=N_("来源渠道，可写多个"))
    light: Light | None = Field(None, description=N_("灯色"))
    mine: bool = Field(False, description=N_("只看我经办的（企业：我提交的）"))
    overdue: bool | None = Field(None, description=N_("是否有已超时的期限"))
    q: Word = Field(
        "",
        max_length=MAX_Q,
        description=N_("单号、标题、企业、内容、附件名中的词，或有权看到的电话片段；至少两个字"),
    )
    since: Since = Field(None, alias="from", description=N_("收到时间不早于；日期或时间"))
    until: Until = Field(None, alias="to", description=N_("收到时间早于；日期算整天"))
    sort: Sort = Field(
        Sort.RECEIVED,
        description=N_(
            "-received_at：新的在前；due_at：只列未办结的，最急的在前；relevance：与 q 最相关的在前"
        ),
    )


@post(
    Endpoint(
        "post",
        "/tickets",
        "file_ticket",
        N_("提交一件诉求"),
        N_("企业为自己提交；工作人员为企业登记时还要填 enterprise 和 contact，可填 channel 和 received_at。"),
        Tag.TICKETS,
        TicketOut,
        body=Filing,
        status=201,
    )
)
def file_ticket(content: Filing, now: datetime) -> Made:
    actor = current_actor()
    filed = filing.filed(actor, content, now=now)
    found = ticket_of(fresh_card(actor, filed, now=now, today=local_date(now)))
    return Made(found, f"/api/v1/tickets/{found.number}")


@get("/tickets", answer=Tickets, query=TicketsQuery, tag=Tag.TICKETS, summary=N_("调用者看得到的诉求"))
def list_tickets(query: TicketsQuery) -> Tickets:
    now = clock.now()
    page = listing.listing(
        current_actor(),
        _filters(query),
        sort=query.sort,
        cursor=query.cursor,
        limit=query.limit,
        now=now,
    )
    return Tickets(items=[line_of(row) for row in page.rows], next_cursor=page.next_cursor)


def _filters(query: TicketsQuery) -> Filters:
    """Return the filters of a list; raise Invalid for codes that do not exist."""
    units = None
    why = unfit(query.q)
    if why:
        raise Invalid(fields={"q": [why]})
    if query.unit:
        net = network.network()
        units = net.within((net.known(query.unit).path,))
    for code in query.category:
        network.category(code)
    return Filters(
        statuses=frozenset(query.status),
        unit_ids=units,
        categories=frozenset(query.category),
        kinds=frozenset(query.kind),
        levels=frozenset(query.level),
        channels=frozenset(query.channel),
        light=query.light,
        is_mine=query.mine,
        is_overdue=query.overdue,
        text=query.q,
        received_from=query.since,
        received_to=query.until,
    )


@get("/tickets/{number}", answer=TicketOut, tag=Tag.TICKETS, summary=N_("一件诉求"))
def show_ticket(number: str) -> TicketOut:
    return ticket_now(current_actor(), number)


@get(
    "/tickets/{number}/events",
    answer=Events,
    query=Paged,
    tag=Tag.TICKETS,
    summary=N_("诉求的历史"),
    help=N_("只增不改，按先后排列；企业只看到与它有关的部分。"),
)
def list_events(number: str, query: Paged) -> Events:
    actor, now = current_actor(), clock.now()
    known = read_number(number)
    if known is None:
        raise NotFound
    found = view.view(actor, known, now=now, today=local_date(now))
    after = decode(query.cursor)[1] if query.cursor else 0
    left = [event for event in view.history(found) if event.seq > after]
    shown = left[: query.limit]
    more = encode(shown[-1].at, shown[-1].seq) if len(left) > len(shown) else None
    return Events(items=[event_of(event) for event in shown], next_cursor=more)
