"""What a company reads: where its request stands, what comes next, what happened; in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton
from flask_babel import get_locale

from ticketing.core.text import N_
from ticketing.network.queries import Network
from ticketing.sla.words import Metric
from ticketing.tickets import labels
from ticketing.tickets.queries.view import EventView
from ticketing.tickets.words import Action, State, SuspendReason
from ticketing.web import filters
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

# State: its word, the tone of the word (see parts/status.html), what is going on; %(unit)s is who has it.
STANDING: dict[State, tuple[str, str, str]] = {
    State.DRAFT: (N_("草稿"), "", N_("还没有提交")),
    State.SUBMITTED: (N_("待受理"), "open", N_("%(unit)s正在查看")),
    State.NEED_INFO: (N_("请您补充"), "wait", N_("%(unit)s等您补充说明")),
    State.ACCEPTED: (N_("已受理"), "open", N_("%(unit)s正在确定由谁办理")),
    State.DISPATCHED: (N_("已派单"), "open", N_("已交给%(unit)s")),
    State.RETURN_REVIEW: (N_("办理中"), "open", N_("正在重新确认由谁办理")),
    State.PROCESSING: (N_("办理中"), "open", N_("%(unit)s正在办理")),
    State.SUSPENDED: (N_("暂停办理"), "", N_("%(unit)s暂停办理")),
    State.REPLY_REVIEW: (N_("答复待审"), "open", N_("%(unit)s拟好了答复，正在审核")),
    State.REPLIED: (N_("请您评价"), "wait", N_("%(unit)s已答复，等您评价")),
    State.CLOSED: (N_("已办结"), "", N_("%(unit)s办结")),
    State.REJECTED: (N_("不予受理"), "", N_("不在受理范围内")),
    State.WITHDRAWN: (N_("已撤回"), "", N_("您撤回了这件诉求")),
    State.MERGED: (N_("已合并"), "", N_("并入了您的另一件诉求")),
}
# States in which the district owes the company something by a time.
OWED = frozenset(
    {
        State.SUBMITTED,
        State.ACCEPTED,
        State.DISPATCHED,
        State.RETURN_REVIEW,
        State.PROCESSING,
        State.REPLY_REVIEW,
    }
)
# What the company is waited for.
YOUR_TURN = frozenset({State.NEED_INFO, State.REPLIED})

# What happened, said to the company; actions that are not here are called by labels.HAPPENED.
TOLD = {
    Action.SUBMIT: N_("诉求已提交"),
    Action.REQUEST_INFO: N_("请您补充说明"),
    Action.SUPPLY_INFO: N_("您补充了说明"),
    Action.DISPATCH: N_("交给%(unit)s办理"),
    Action.RULE_RETURN: N_("确定由%(unit)s办理"),
    Action.TRANSFER: N_("转给%(unit)s办理"),
    Action.UP_REPORT: N_("上报%(unit)s办理"),
    Action.SEND_DOWN: N_("交给%(unit)s办理"),
    Action.SIGN: N_("%(unit)s签收，开始办理"),
    Action.INVITE: N_("请%(unit)s一起办理"),
    Action.ASSIGN_PART: N_("联席会商请%(unit)s一起办理"),
    Action.CONSULTED: N_("开了联席会商，研究您的诉求"),
    Action.CLAIM: N_("有了经办人"),
    Action.ASSIGN: N_("有了经办人"),
    Action.APPROVE_REPLY: N_("答复了您"),
    Action.ANSWER_NOW: N_("答复了您"),
    Action.RATE: N_("您评价了办理结果"),
    Action.REOPEN: N_("已转入重办"),
    Action.WITHDRAW: N_("您撤回了诉求"),
    Action.ATTACH: N_("添加了附件：%(name)s"),
    Action.MESSAGE: N_("留言"),
    Action.URGE: N_("已催办"),
}
ICONS = {
    Action.SUBMIT: "send",
    Action.REQUEST_INFO: "message",
    Action.SUPPLY_INFO: "message",
    Action.REJECT: "stop",
    Action.ANSWER_NOW: "message",
    Action.CONTACT: "phone",
    Action.APPROVE_REPLY: "message",
    Action.REVISIT: "phone",
    Action.RATE: "check",
    Action.SUSPEND: "pause",
    Action.MESSAGE: "message",
    Action.URGE: "flag",
    Action.RECOUNT: "calendar",
    Action.CONSULTED: "users",
    Action.REOPEN: "redo",
    Action.WITHDRAW: "close",
    Action.ATTACH: "clip",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Where a request stands: the state's word, its tone, who does what, and by when."""

    label: str
    tone: str
    doing: str
    by: str


@dataclass(frozen=True, slots=True)
class Promised:
    """What the district owes: moments of the promises still to be kept, and when a pause ends."""

    respond_due: datetime | None
    resolve_due: datetime | None
    resume_on: date | None = None


def standing(status: State, unit: str, promised: Promised, now: datetime) -> Said:
    """Return where a request stands in words."""
    label, tone, doing = STANDING[status]
    return Said(_(label), tone, _(doing, unit=unit), _next(status, promised, now))


def _next(status: State, promised: Promised, now: datetime) -> str:
    if status is State.NEED_INFO:
        return _("补充后继续计时")
    if status is State.SUSPENDED and promised.resume_on:
        return _("预计 %(day)s 恢复办理", day=_day(promised.resume_on))
    if status not in OWED or promised.resolve_due is None:
        return ""
    if promised.resolve_due <= now:
        return _("应在 %(moment)s 前答复，已超过时限", moment=filters.moment(promised.resolve_due, now))
    if promised.respond_due is not None and promised.respond_due > now and status is not State.REPLY_REVIEW:
        return _(
            "%(call)s联系您，%(answer)s答复",
            call=filters.due(promised.respond_due, now),
            answer=filters.due(promised.resolve_due, now),
        )
    return _("预计%(answer)s答复", answer=filters.due(promised.resolve_due, now))


def told(event: EventView, net: Network, locale: str) -> str:
    """Return what happened as one sentence for the company."""
    said = event.said
    match event.action:
        case Action.CONTACT:
            is_reached = said.get("outcome") == "reached"
            return _("经办人和您通了电话") if is_reached else _("经办人打过电话，没有打通")
        case Action.REVISIT:
            is_reached = bool(said.get("reached"))
            return _("回访员和您通了电话") if is_reached else _("回访员打过电话，没有打通")
        case Action.SUSPEND:
            return _suspended(said)
        case Action.DECIDE_EXTENSION:
            return _("办理期限延长了") if said.get("approve") else _("延期申请没有同意，期限不变")
        case Action.MERGE:
            if "into" not in said:
                return _("您的另一件诉求并入了这里")
            return _("并入 %(number)s，一起办理", number=said["into"])
        case Action.RECOUNT:
            return _("工作日历有变，期限重新计算：%(moved)s", moved=moved(said.get("moved", ())))
    unit = net.by_code.get(str(said.get("unit", ""))) or event.unit
    facts = {"unit": unit.label(locale) if unit else "", "name": said.get("name", "")}
    return _(TOLD.get(event.action, labels.HAPPENED[event.action]), **facts)


def moved(promises: Iterable[Mapping[str, str]], net: Network | None = None) -> str:
    """Return which promises were moved, from when to when; with ``net``, what units owed each other."""
    return _("；").join(
        _(
            "%(promise)s由 %(old)s 改为 %(new)s",
            promise=_owed_by(one["unit"], net) if net else _(labels.METRICS[Metric(one["metric"])]),
            old=filters.dated(datetime.fromisoformat(one["old"])),
            new=filters.dated(datetime.fromisoformat(one["new"])),
        )
        for one in promises
    )


def _owed_by(code: str, net: Network) -> str:
    unit = net.by_code.get(code)
    return unit.label(language()) if unit else code


def _suspended(said: dict[str, object]) -> str:
    reason = _(labels.SUSPEND_REASONS[SuspendReason(str(said["reason_code"]))])
    day = _day(date.fromisoformat(str(said["resume_on"])))
    return _("暂停办理：%(reason)s，预计 %(day)s 恢复", reason=reason, day=day)


def _day(on: date) -> str:
    return str(format_skeleton("MMMd", on, locale=get_locale()))
