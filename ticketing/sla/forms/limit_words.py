"""Limits as people say them, in the reader's language: ``5wd`` is 5 个工作日."""

from __future__ import annotations

from ticketing.core.text import N_
from ticketing.sla.rules.limits import Limit, LimitUnit
from ticketing.web.texts import ngettext

UNITS = {
    LimitUnit.WORKING_DAYS: N_("个工作日"),
    LimitUnit.WORKING_HOURS: N_("个工作小时"),
    LimitUnit.HOURS: N_("小时（昼夜连续）"),
    LimitUnit.MINUTES: N_("分钟（昼夜连续）"),
    LimitUnit.CALENDAR_DAYS: N_("个自然日"),
}
"""What can be chosen behind a number."""
_SAID = {
    LimitUnit.WORKING_DAYS: lambda n: ngettext("%(num)s 个工作日", "%(num)s 个工作日", n),
    LimitUnit.WORKING_HOURS: lambda n: ngettext("%(num)s 个工作小时", "%(num)s 个工作小时", n),
    LimitUnit.HOURS: lambda n: ngettext("%(num)s 小时", "%(num)s 小时", n),
    LimitUnit.MINUTES: lambda n: ngettext("%(num)s 分钟", "%(num)s 分钟", n),
    LimitUnit.CALENDAR_DAYS: lambda n: ngettext("%(num)s 个自然日", "%(num)s 个自然日", n),
}


def limit_words(limit: Limit | str) -> str:
    """Return a limit, or one as it is stored, as people say it: 4 个工作小时, 2 个工作日."""
    known = Limit.parse(limit) if isinstance(limit, str) else limit
    return _SAID[known.unit](known.amount)
