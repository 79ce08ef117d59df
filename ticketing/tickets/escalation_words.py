"""What escalations are called: the step that fired, and who was told, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from ticketing.core.text import N_
from ticketing.sla.rules.step_rows import AUDIENCES
from ticketing.sla.rules.steps import Audience
from ticketing.sla.words import Metric
from ticketing.tickets import labels
from ticketing.web.texts import gettext as _
from ticketing.web.texts import ngettext

HOURS_A_DAY = 24
# Causes that no clock measures, and the written notice, by the first part of the step's name.
CAUSES = {
    "returns": N_("已退单两次"),
    "redos": N_("已重办两次"),
    "units": N_("已涉及三个单位"),
    "similar": N_("该企业 30 天内同类诉求已有五件"),
    "note": N_("挂起已满 10 个工作日，需补充进展说明"),
    "notice": N_("办结逾期，发出催办通知书"),
}


def step_said(metric: str | None, step: str) -> str:
    """Return what a step says: "办结答复时限已用 80%", "签收超时 2 天", "已退单两次"."""
    cause = CAUSES.get(step.partition("-")[0])
    if cause is not None:
        return str(_(cause))
    promise = _(labels.METRICS[Metric(metric)]) if metric else ""
    percent, plus, hours = step.partition("+")
    if plus:
        return _late(promise, int(hours.rstrip("h")))
    if percent == "100":
        return str(_("%(promise)s已到期限", promise=promise))
    return str(_("%(promise)s时限已用 %(percent)s", promise=promise, percent=f"{percent}%"))


def _late(promise: str, hours: int) -> str:
    days, rest = divmod(hours, HOURS_A_DAY)
    if rest:
        span = ngettext("%(num)s 小时", "%(num)s 小时", hours)
    else:
        span = ngettext("%(num)s 天", "%(num)s 天", days)
    return str(_("%(promise)s已超时 %(span)s", promise=promise, span=span))


def audience_said(words: Iterable[str]) -> str:
    """Return whom some words of an audience name: "单位领导、上级单位"."""
    return str(_("、").join(_(AUDIENCES[Audience(word)]) for word in words))
