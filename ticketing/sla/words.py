"""The words of clocks and calendars: closed sets that rules and tables share."""

from enum import StrEnum


class Metric(StrEnum):
    """What a clock measures."""

    SIGN = "sign"
    RESPOND = "respond"
    RESOLVE = "resolve"
    REVISIT = "revisit"


class ClockState(StrEnum):
    """Stored state of a clock; a running one past its due moment reads as breached."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
