"""What a unit asks for when it sends a ticket back, and what is ruled on it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ticketing.core.text import N_
from ticketing.tickets.wish_base import Blankable, MaySay, OptionalCode, Reasoned, Said, Wish
from ticketing.tickets.words import Action, ReturnReason


class RequestReturn(Wish):
    """Ask to send it back: the reason, and what it rests on.

    The basis is asked for but not forced: the contract knows only the reason and the message. Who rules is
    told when there is neither a basis nor a file.
    """

    action = Action.REQUEST_RETURN

    reason_code: ReturnReason = Field(title=N_("退单原因"))
    message: Reasoned = Field(
        title=N_("退单的理由"), description=N_("写清为什么不该由本单位办，不少于 4 个字")
    )
    basis: MaySay = Field(
        default="",
        title=N_("依据"),
        description=N_("文号和条款，或权责清单的条目；也可以附上文件。没有依据，裁定时会看到"),
    )
    suggested_unit: Annotated[OptionalCode | None, Blankable] = Field(
        default=None, title=N_("建议的承办单位")
    )


class RuleReturn(Wish):
    """Decide on a return: upheld to another unit, or back to the same one."""

    action = Action.RULE_RETURN

    uphold: bool = Field(title=N_("是否同意退单"))
    unit: Annotated[OptionalCode | None, Blankable] = Field(
        default=None, title=N_("改派单位"), description=N_("同意退单时必填")
    )
    message: Said = Field(title=N_("裁定意见"))

    @model_validator(mode="after")
    def _upheld_needs_a_unit(self) -> Self:
        if self.uphold and not self.unit:
            raise PydanticCustomError("unit_needed", N_("同意退单时请选择改派的单位"), {"field": "unit"})
        return self
