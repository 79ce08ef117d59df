"""What is asked for about a co-unit's part: to invite, hand in, sign off, send back, call off."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ticketing.core.text import N_
from ticketing.tickets.wish_base import Blankable, Code, Said, UnitCode, Wish
from ticketing.tickets.words import Action


class Invite(Wish):
    """Ask another unit for its part, with a limit of its own."""

    action = Action.INVITE

    unit: UnitCode = Field(title=N_("协办单位"))
    due_limit: Annotated[Code | None, Blankable] = Field(
        default=None,
        title=N_("协办时限"),
        description=N_("如 3wd 表示 3 个工作日，4wh 表示 4 个工作小时；不写则用规则定的时限，没有规则时必填"),
    )
    message: Said = Field(title=N_("需要协办什么"))


class FinishPart(Wish):
    """Hand in the co-unit's part."""

    action = Action.FINISH_PART

    reply: Said = Field(title=N_("协办意见"))


class ApprovePart(Wish):
    """Sign the own unit's part off: it is finished and goes to the lead unit."""

    action = Action.APPROVE_PART


class SendBackPart(Wish):
    """Return the own unit's part to its people for mending."""

    action = Action.SEND_BACK_PART

    message: Said = Field(title=N_("修改意见"))


class CancelPart(Wish):
    """Call a co-unit's part off: the lead needs it no more."""

    action = Action.CANCEL_PART

    unit: UnitCode = Field(title=N_("取消哪个单位的协办"))
    message: Said = Field(title=N_("取消的理由"), description=N_("协办单位会看到"))
