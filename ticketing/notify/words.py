"""The words of messages: closed sets that rules, tables and pages share."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way out of the house. The inbox is none: it lies in the house."""

    EMAIL = "email"
    SMS = "sms"
    ROBOT = "robot"


PERSONAL = (Channel.EMAIL, Channel.SMS)
"""Channels that lead to a person; a robot speaks to the group of a unit."""


class DeliveryState(StrEnum):
    """Where a message to one recipient stands."""

    WAITING = "waiting"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why a message was not sent for good: the first ones are cancelled, the others dead."""

    NO_RIGHT = "no_right"
    GONE = "gone"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    EXHAUSTED = "exhausted"
    BROKEN = "broken"


class Reach(StrEnum):
    """Which events go out to a role over a channel, from none to every one."""

    NONE = "none"
    URGENT = "urgent"
    DUTIES = "duties"
    ALL = "all"


class RobotKind(StrEnum):
    """Whose group robots are known."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Wording(StrEnum):
    """A text that administrators may word anew."""

    MAIL_SUBJECT = "mail_subject"
    MAIL_BODY = "mail_body"
    LINE = "line"
    SHORT = "short"
