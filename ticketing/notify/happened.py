"""What happened, as one sentence for inboxes and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.core.text import N_
from ticketing.network.queries import Network, UnitInfo
from ticketing.sla.words import Metric
from ticketing.tickets import company_words, labels
from ticketing.tickets.queries.view import EventView
from ticketing.tickets.words import Action
from ticketing.web.texts import gettext as _

_OTHER_NEWS = N_("有新进展")
_ESCALATED = "escalate"
_WHOLE = "100"


@dataclass(frozen=True, slots=True)
class Event:
    """One event as messages tell of it. ``unit``: who has the ticket now; ``at``: when it happened."""

    action: Action
    said: Mapping[str, Any]
    at: datetime
    unit: UnitInfo


def sentence(event: Event, net: Network, language: str, *, is_company: bool) -> str:
    """Return what happened, in the language in force; to companies in their own words."""
    if event.action.value == _ESCALATED:
        return _escalated(event.said)
    if is_company and event.action in labels.HAPPENED:
        return company_words.told(_seen(event), net, language)
    return _(labels.HAPPENED.get(event.action, _OTHER_NEWS))


def _seen(event: Event) -> EventView:
    return EventView(
        id=0, seq=0, at=event.at, actor=None, actor_id=None, unit=event.unit, action=event.action,
        from_status=None, to_status="", said=dict(event.said), is_internal=False, hash="",
    )  # fmt: skip


def _escalated(said: Mapping[str, Any]) -> str:
    """A step by its name: "80" of the time is used, "100" it is due, "100+24h" it has been for a day."""
    if said.get("metric") not in set(Metric):
        return _("需要您关注")
    metric = _(labels.METRICS[Metric(said["metric"])])
    percent, _plus, hours = str(said.get("step", "")).partition("+")
    if hours:
        return _("%(metric)s时限已超期 %(hours)s 小时", metric=metric, hours=hours.removesuffix("h"))
    if percent == _WHOLE:
        return _("%(metric)s时限已到", metric=metric)
    return _("%(metric)s时限已用去 %(percent)s%%", metric=metric, percent=percent)
