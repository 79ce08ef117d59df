"""The words of a joint meeting: closed sets that rules, tables and pages share, and what they are called."""

from enum import StrEnum

from ticketing.core.text import N_


class MeetingState(StrEnum):
    """Where a meeting stands; whether it has taken place is a matter of its hours."""

    PLANNED = "planned"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """Where a meeting stands at a moment, as people see it."""

    COMING = "coming"
    UNDER_WAY = "under_way"
    TO_WRITE = "to_write"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class Issue(StrEnum):
    """What sort of question is on the agenda."""

    POLICY = "policy"
    PLANNING = "planning"
    LAND = "land"
    FUNDING = "funding"
    UTILITIES = "utilities"
    CONSTRUCTION = "construction"
    OTHER = "other"


PHASES = {
    Phase.COMING: N_("即将召开"),
    Phase.UNDER_WAY: N_("正在开会"),
    Phase.TO_WRITE: N_("待印发纪要"),
    Phase.ISSUED: N_("纪要已印发"),
    Phase.CANCELLED: N_("已取消"),
}
ISSUES = {
    Issue.POLICY: N_("政策"),
    Issue.PLANNING: N_("规划"),
    Issue.LAND: N_("土地"),
    Issue.FUNDING: N_("资金"),
    Issue.UTILITIES: N_("公用"),
    Issue.CONSTRUCTION: N_("施工"),
    Issue.OTHER: N_("其他"),
}
