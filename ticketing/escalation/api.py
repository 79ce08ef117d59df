"""What fired, over the API: for staff, of the tickets in their sight."""

from __future__ import annotations

from pydantic import Field

from ticketing.core.actor import TICKET_READERS
from ticketing.core.errors import NotPermitted
from ticketing.core.text import N_
from ticketing.escalation import queries
from ticketing.sla.rules.steps import Audience
from ticketing.sla.words import Metric
from ticketing.web.endpoints import Tag, get
from ticketing.web.guards import current_actor
from ticketing.web.shapes import Answer, Listed, Moment, Paged, Since, Until


class EscalationsQuery(Paged):
    """Which steps, by when they fired."""

    since: Since = Field(None, alias="from", description=N_("从哪天或哪一刻触发的起"))
    until: Until = Field(None, alias="to", description=N_("到哪天（含）或哪一刻（不含）为止"))


class NotifiedOut(Answer):
    """One person who was told."""

    id: int = Field(description=N_("人员编号"))
    name: str = Field(description=N_("姓名"))


class EscalationOut(Answer):
    """One step that fired."""

    ticket: str = Field(description=N_("诉求编号"))
    metric: Metric | None = Field(description=N_("哪项时限；与时限无关的为 null"))
    step: str = Field(
        description=N_(
            "步骤：50、80、100 为时限已用的百分比，100+24h 为到期后 24 小时；另有 notice（催办通知书）、"
            "returns-2、redos-2、units-3、similar-5、note-1"
        )
    )
    cycle: int = Field(description=N_("第几轮办理"))
    level: Audience = Field(description=N_("升级到哪一级"))
    due_moment: Moment = Field(description=N_("应触发的时刻"))
    fired_at: Moment = Field(description=N_("实际触发的时刻"))
    late: bool = Field(description=N_("补记的：同一时限还有更晚的步骤同时到期"))
    notified: list[NotifiedOut] = Field(description=N_("告知了谁"))


@get(
    "/escalations",
    answer=Listed[EscalationOut],
    query=EscalationsQuery,
    tag=Tag.FIGURES,
    summary=N_("触发的预警和升级"),
    help=N_("工作人员可用，范围是调用者看得到的诉求；最近触发的在前。"),
)
def escalations(query: EscalationsQuery) -> Listed[EscalationOut]:
    actor = current_actor()
    if not actor.holds(*TICKET_READERS):
        raise NotPermitted
    page = queries.listing(actor, query.since, query.until, cursor=query.cursor, limit=query.limit)
    return Listed[EscalationOut](items=[_out(row) for row in page.rows], next_cursor=page.next_cursor)


def _out(row: queries.FiredRow) -> EscalationOut:
    return EscalationOut(
        ticket=row.ticket,
        metric=row.metric,
        step=row.step,
        cycle=row.cycle,
        level=row.level,
        due_moment=row.due_moment,
        fired_at=row.fired_at,
        late=row.is_late,
        notified=[NotifiedOut(id=one.id, name=one.name) for one in row.notified],
    )
