"""The main menu: what a person sees of the site, by role."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from flask import current_app, url_for

from ticketing.core.actor import TICKET_READERS, Role
from ticketing.core.text import N_
from ticketing.web.texts import gettext


@dataclass(frozen=True, slots=True)
class Entry:
    """One possible entry: its words, its page, its icon, and whose it is."""

    label: str
    endpoint: str
    icon: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as the page shows it."""

    label: str
    href: str
    icon: str
    is_current: bool
    key: str = ""


FIGURES = frozenset(
    {Role.LEADER, Role.SUPERVISOR, Role.DISPATCHER, Role.UNIT_LEADER, Role.STATION_HEAD, Role.AUDITOR}
)
OVERSEERS = frozenset({Role.SUPERVISOR, Role.LEADER, Role.UNIT_LEADER, Role.STATION_HEAD})
TEXT_EDITORS = frozenset({Role.ADMIN, Role.UNIT_LEADER, Role.STATION_HEAD, Role.DISPATCHER})
DUTY = frozenset(
    {Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER, Role.STATION_HEAD, Role.DISPATCHER, Role.ADMIN}
)
# Two keys that lead there, one after the other.
KEYS = {
    "tickets.queue": "g q",
    "tickets.index": "g t",
    "escalation.supervision": "g s",
    "insight.figures": "g f",
}
ENTRIES = (
    Entry(N_("待办"), "tickets.queue", "queue", TICKET_READERS - {Role.AUDITOR}),
    Entry(N_("派单台"), "tickets.dispatching", "send", frozenset({Role.DISPATCHER})),
    Entry(N_("全部诉求"), "tickets.index", "search", TICKET_READERS),
    Entry(N_("督办"), "escalation.supervision", "flag", OVERSEERS),
    Entry(N_("会商"), "meetings.index", "calendar", TICKET_READERS),
    Entry(N_("数据"), "insight.figures", "chart", FIGURES),
    Entry(N_("值班与代理"), "duty.unit", "user", DUTY),
    Entry(N_("回复模板"), "tickets.texts", "book", TEXT_EDITORS),
    Entry(N_("网络"), "network.units", "tree", frozenset({Role.ADMIN, Role.AUDITOR, Role.LEADER})),
    Entry(N_("分派规则"), "routing.rules", "pin", frozenset({Role.ADMIN, Role.AUDITOR, Role.LEADER})),
    Entry(N_("人员"), "accounts.people", "users", frozenset({Role.ADMIN})),
    Entry(N_("时限"), "sla.limits", "clock", frozenset({Role.ADMIN, Role.AUDITOR, Role.LEADER})),
    Entry(N_("消息投递"), "notify.messages", "send", frozenset({Role.ADMIN, Role.AUDITOR})),
    Entry(N_("我的诉求"), "tickets.index", "list", frozenset({Role.ENTERPRISE})),
    Entry(N_("提交诉求"), "intake.new", "plus", frozenset({Role.ENTERPRISE})),
    Entry(N_("我们企业"), "accounts.company", "building", frozenset({Role.ENTERPRISE})),
)


def items(roles: Set[Role], endpoint: str) -> list[Item]:
    """Return the entries people with ``roles`` see, in order; ``endpoint`` is where they are.

    Pages not built into this application are left out.
    """
    return [
        Item(
            label=gettext(entry.label),
            href=url_for(entry.endpoint),
            icon=entry.icon,
            is_current=endpoint == entry.endpoint,
            key=KEYS.get(entry.endpoint, ""),
        )
        for entry in ENTRIES
        if not entry.roles.isdisjoint(roles) and entry.endpoint in current_app.view_functions
    ]
