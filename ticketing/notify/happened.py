"""What happened, as one sentence for inboxes and messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ticketing.core.text import N_
from ticketing.sla.words import Metric
from ticketing.tickets import company_words, labels
from ticketing.tickets.words import Action
from ticketing.web.texts import gettext as _

_OTHER_NEWS = N_("有新进展")
_ESCALATED = "escalate"
_WHOLE = "100"


def sentence(
    action: Action, said: Mapping[str, Any] | None, *, unit: str = "", is_company: bool = False
) -> str:
    """Return what happened in the language in force. ``unit``: who has the ticket, for companies."""
    if action.value == _ESCALATED:
        return _escalated(said or {})
    words = labels.HAPPENED.get(action, _OTHER_NEWS)
    if is_company:
        words = company_words.TOLD.get(action, words)
    return _(words, unit=unit, name=str((said or {}).get("name", "")))


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
