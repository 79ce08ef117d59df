"""The promises in words, for the forms and the start page."""

from __future__ import annotations

from ticketing.intake.queries import Promise
from ticketing.sla.rules.limits import Limit, LimitUnit
from ticketing.sla.words import Metric
from ticketing.tickets.words import Kind, Level
from ticketing.web.texts import gettext as _
from ticketing.web.texts import ngettext

Promises = dict[tuple[Kind, Level], Promise]


def limit_words(limit: Limit) -> str:
    """Return a limit as people say it: 4 个工作小时, 2 个工作日."""
    amount = limit.amount
    match limit.unit:
        case LimitUnit.WORKING_DAYS:
            return ngettext("%(num)s 个工作日", "%(num)s 个工作日", amount)
        case LimitUnit.WORKING_HOURS:
            return ngettext("%(num)s 个工作小时", "%(num)s 个工作小时", amount)
        case LimitUnit.HOURS:
            return ngettext("%(num)s 小时", "%(num)s 小时", amount)
        case LimitUnit.MINUTES:
            return ngettext("%(num)s 分钟", "%(num)s 分钟", amount)
        case LimitUnit.CALENDAR_DAYS:
            return ngettext("%(num)s 个自然日", "%(num)s 个自然日", amount)


def promise_words(promise: Promise) -> str:
    """Return what is promised: when somebody calls, when the answer comes; empty when nothing is."""
    respond, resolve = promise.get(Metric.RESPOND), promise.get(Metric.RESOLVE)
    if respond and resolve:
        return _(
            "%(respond)s内联系您，%(resolve)s内答复",
            respond=limit_words(respond),
            resolve=limit_words(resolve),
        )
    if resolve:
        return _("%(resolve)s内答复", resolve=limit_words(resolve))
    return _("%(respond)s内联系您", respond=limit_words(respond)) if respond else ""


def two_limits(promise: Promise) -> tuple[str, str]:
    """Return the time to first contact and the time to the answer; a dash where none is promised."""
    respond, resolve = promise.get(Metric.RESPOND), promise.get(Metric.RESOLVE)
    return (limit_words(respond) if respond else "–", limit_words(resolve) if resolve else "–")


def kind_promises(found: Promises) -> dict[str, str]:
    """Return the ordinary promise of every kind."""
    return {kind.value: promise_words(found[kind, Level.NORMAL]) for kind in Kind}


def urgent_promise(found: Promises) -> str:
    """Return what is promised to an urgent request for help."""
    return promise_words(found[Kind.HELP, Level.URGENT])
