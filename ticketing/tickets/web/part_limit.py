"""What the form that asks for a part says where no limit is chosen: that of the rule, if there is one."""

from __future__ import annotations

from datetime import date

from ticketing.sla import queries as sla
from ticketing.sla.forms.limit_words import limit_words
from ticketing.sla.queries import LimitFor
from ticketing.sla.words import Metric
from ticketing.tickets.models import Ticket
from ticketing.web.texts import gettext as _

_NO_UNIT = ""


def by_rule(ticket: Ticket, today: date) -> str:
    """Return the choice that leaves the limit to the rules; empty when no rule sets one.

    Which unit is asked is not known yet: told is what counts for units without a rule of their own.
    """
    if not any(rule.metric is Metric.PART and rule.limit for rule in sla.limit_book().rules):
        return ""
    wanted = LimitFor(ticket.kind, ticket.level, ticket.category, _NO_UNIT)
    usual = sla.limits(wanted, today).get(Metric.PART)
    return _("按规则定（一般 %(limit)s）", limit=limit_words(usual)) if usual else _("按协办单位的规则定")
