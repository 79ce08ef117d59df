"""The promises in words, for the forms and the start page."""

from __future__ import annotations

from ticketing.intake.queries import Promise
from ticketing.sla.forms.limit_words import limit_words
from ticketing.sla.words import Metric
from ticketing.tickets.words import Kind, Level
from ticketing.web.texts import gettext as _

Promises = dict[tuple[Kind, Level], Promise]


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
