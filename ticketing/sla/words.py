"""The words of clocks and calendars: closed sets that rules and tables share."""

from enum import StrEnum

from ticketing.core.text import N_


class Metric(StrEnum):
    """What a clock measures."""

    SIGN = "sign"
    RESPOND = "respond"
    RESOLVE = "resolve"
    REVISIT = "revisit"
    PART = "part"  # what a helping unit owes the one that leads; no promise to the company


PROMISED = (Metric.RESPOND, Metric.RESOLVE)
"""What the company is promised."""


class ClockState(StrEnum):
    """Stored state of a clock; a running one past its due moment reads as breached."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


METRICS = {
    Metric.SIGN: N_("签收"),
    Metric.RESPOND: N_("联系"),
    Metric.RESOLVE: N_("办结"),
    Metric.REVISIT: N_("回访"),
    Metric.PART: N_("协办"),
}
"""What a rule can limit; that of a part holds where whoever asks for it chooses no other."""
# Kinds and levels of requests belong to the feature above; limits know them as plain words.
KINDS = {
    "consult": N_("咨询"),
    "help": N_("求助"),
    "complaint": N_("投诉"),
    "violation_report": N_("举报"),
    "suggestion": N_("建议"),
    "praise": N_("表扬"),
}
LEVELS = {"normal": N_("一般"), "urgent": N_("紧急"), "major": N_("重大")}
