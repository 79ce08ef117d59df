"""What a person asks for with each action: one model a verb, the same for the page and the API.

``title`` is the field's label and ``description`` its help; both are message ids of the catalogue.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ticketing.core.text import N_, clean_line
from ticketing.tickets import part_wishes as part
from ticketing.tickets import wish_base as base
from ticketing.tickets import wish_returns
from ticketing.tickets.wish_base import Blankable, Code, MaySay, OptionalCode, Said, Satisfaction, UnitCode
from ticketing.tickets.words import (
    Action,
    Card,
    ContactOutcome,
    Kind,
    Level,
    RejectReason,
    Solved,
    SuspendReason,
)

Wish = base.Wish
Filing = base.Filing
AssignPart = base.AssignPart
Contact = base.Contact
EnterpriseRef = base.EnterpriseRef
RequestReturn = wish_returns.RequestReturn
RuleReturn = wish_returns.RuleReturn
Invite = part.Invite
FinishPart = part.FinishPart
ApprovePart = part.ApprovePart
SendBackPart = part.SendBackPart
CancelPart = part.CancelPart
MAX_TITLE, MAX_DESCRIPTION = base.MAX_TITLE, base.MAX_DESCRIPTION
MAX_TEXT, MAX_SATISFACTION = base.MAX_TEXT, base.MAX_SATISFACTION


class Submit(Wish):
    """Send a draft."""

    action = Action.SUBMIT


class Accept(Wish):
    """Take the request on, correcting what it was filed as."""

    action = Action.ACCEPT

    category: Annotated[OptionalCode | None, Blankable] = Field(default=None, title=N_("类别"))
    kind: Annotated[Kind | None, Blankable] = Field(default=None, title=N_("类型"))
    level: Annotated[Level | None, Blankable] = Field(default=None, title=N_("紧急程度"))


class RequestInfo(Wish):
    """Ask the company, once, for everything that is missing."""

    action = Action.REQUEST_INFO

    message: Said = Field(title=N_("请企业补充什么"), description=N_("一次说全，企业会按这段话准备材料"))


class SupplyInfo(Wish):
    """Give what was asked for."""

    action = Action.SUPPLY_INFO

    message: Said = Field(title=N_("补充说明"))


class Reject(Wish):
    """Refuse to take it, saying why and where to go instead."""

    action = Action.REJECT

    reason_code: RejectReason = Field(title=N_("不予受理的原因"))
    message: Said = Field(title=N_("说明与去处"), description=N_("写明理由，并告诉企业可以去哪里办"))


class AnswerNow(Wish):
    """Answer on the spot."""

    action = Action.ANSWER_NOW

    reply: Said = Field(title=N_("答复内容"))


class Dispatch(Wish):
    """Name the lead unit and the units that help."""

    action = Action.DISPATCH

    unit: UnitCode = Field(title=N_("主办单位"))
    co_units: list[Code] = Field(default=[], max_length=10, title=N_("协办单位"))
    note: MaySay = Field(default="", title=N_("派单说明"))


class Sign(Wish):
    """Take the ticket over for the unit."""

    action = Action.SIGN


class Transfer(Wish):
    """Change the lead unit."""

    action = Action.TRANSFER

    unit: UnitCode = Field(title=N_("转给哪个单位"))
    message: Said = Field(title=N_("转办原因"))


class UpReport(Wish):
    """Hand it up to the parent unit."""

    action = Action.UP_REPORT

    message: Said = Field(title=N_("上报原因"))


class SendDown(Wish):
    """Hand it down to a unit below."""

    action = Action.SEND_DOWN

    unit: UnitCode = Field(title=N_("下派单位"))
    message: MaySay = Field(default="", title=N_("下派说明"))


class RecordContact(Wish):
    """Record a call to the requester."""

    action = Action.CONTACT

    outcome: ContactOutcome = Field(title=N_("联系结果"))
    note: MaySay = Field(default="", title=N_("沟通要点"))


class SubmitReply(Wish):
    """Hand the reply in for approval; ``reason`` when a co-unit's part is still open."""

    action = Action.SUBMIT_REPLY

    reply: Said = Field(title=N_("答复内容"), description=N_("逐项回应，写明事实、措施、结果和联系人"))
    reason: MaySay = Field(
        default="", title=N_("协办未完成仍答复的理由"), description=N_("仅当有协办单位未完成时填写")
    )


class ApproveReply(Wish):
    """Let the reply go to the company."""

    action = Action.APPROVE_REPLY


class SendBack(Wish):
    """Return the reply to the handler for mending."""

    action = Action.SEND_BACK

    message: Said = Field(title=N_("修改意见"))


class Revisit(Wish):
    """Record a call-back; ``solved`` and ``satisfaction`` when the company was reached."""

    action = Action.REVISIT

    reached: bool = Field(title=N_("是否联系上企业"))
    solved: Annotated[Solved | None, Blankable] = Field(default=None, title=N_("企业认为解决了吗"))
    satisfaction: Annotated[Satisfaction | None, Blankable] = Field(default=None, title=N_("满意程度"))
    note: MaySay = Field(default="", title=N_("回访记录"))

    @model_validator(mode="after")
    def _reached_needs_answers(self) -> Self:
        if self.reached and self.solved is None:
            raise PydanticCustomError(
                "solved_needed", N_("联系上了，请记录企业认为是否解决"), {"field": "solved"}
            )
        if self.reached and self.satisfaction is None:
            raise PydanticCustomError(
                "satisfaction_needed", N_("联系上了，请记录满意程度"), {"field": "satisfaction"}
            )
        return self


class Rate(Wish):
    """The company's own verdict."""

    action = Action.RATE

    solved: Solved = Field(title=N_("问题解决了吗"))
    satisfaction: Satisfaction = Field(title=N_("您对办理满意吗"))
    comment: MaySay = Field(default="", title=N_("想说的话"))


class Claim(Wish):
    """Take the ticket as its handler."""

    action = Action.CLAIM


class Assign(Wish):
    """Name the handler, by e-mail address."""

    action = Action.ASSIGN

    user: Annotated[str, base.cleaned(clean_line), StringConstraints(min_length=3, max_length=254)] = Field(
        title=N_("经办人")
    )


class RequestExtension(Wish):
    """Ask for more time: working days, or hours when the ticket is urgent."""

    action = Action.REQUEST_EXTENSION

    days: int = Field(default=0, ge=0, le=30, title=N_("延长几个工作日"))
    hours: int = Field(default=0, ge=0, le=72, title=N_("延长几小时"), description=N_("仅紧急诉求按小时延期"))
    reason: Said = Field(title=N_("延期理由"))

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if (self.days > 0) == (self.hours > 0):
            raise PydanticCustomError(
                "time_needed", N_("请填写延长的工作日数（紧急诉求填小时数）"), {"field": "days"}
            )
        return self


class DecideExtension(Wish):
    """Grant or refuse more time."""

    action = Action.DECIDE_EXTENSION

    approve: bool = Field(title=N_("同意延期"))
    message: MaySay = Field(default="", title=N_("审批意见"))

    @model_validator(mode="after")
    def _refusal_says_why(self) -> Self:
        if not self.approve and not self.message:
            raise PydanticCustomError("message_needed", N_("不同意时请说明理由"), {"field": "message"})
        return self


class Suspend(Wish):
    """Approve that the work waits, until a date."""

    action = Action.SUSPEND

    reason_code: SuspendReason = Field(title=N_("挂起原因"))
    resume_on: date = Field(title=N_("恢复日期"))
    message: MaySay = Field(default="", title=N_("给企业的说明"))


class Resume(Wish):
    """Go on with the work."""

    action = Action.RESUME

    message: MaySay = Field(default="", title=N_("说明"))


class Message(Wish):
    """Say something that the requester reads."""

    action = Action.MESSAGE

    body: Said = Field(title=N_("留言"), description=N_("企业和办理单位都能看到"))


class Note(Wish):
    """Say something among staff."""

    action = Action.NOTE

    body: Said = Field(title=N_("内部备注"), description=N_("企业看不到"))


class Urge(Wish):
    """Ask the unit to hurry."""

    action = Action.URGE

    message: Said = Field(title=N_("催办内容"))


class Supervise(Wish):
    """Open a supervision case: a demand with a deadline."""

    action = Action.SUPERVISE

    demand: Said = Field(title=N_("督办要求"))
    due_limit: Code = Field(
        title=N_("答复时限"), description=N_("如 1wd 表示 1 个工作日，4wh 表示 4 个工作小时")
    )
    card: Annotated[Card | None, Blankable] = Field(default=None, title=N_("红黄牌"))


class RevokeCard(Wish):
    """Take back the latest card on the ticket."""

    action = Action.REVOKE_CARD

    reason: Said = Field(title=N_("收回的理由"))


class AnswerSupervision(Wish):
    """Answer the supervision case."""

    action = Action.ANSWER_SUPERVISION

    reply: Said = Field(title=N_("督办答复"))


class Reopen(Wish):
    """Have a closed ticket done again."""

    action = Action.REOPEN

    reason: Said = Field(title=N_("为什么要重新办理"))


class Withdraw(Wish):
    """Take the request back."""

    action = Action.WITHDRAW

    reason: Said = Field(title=N_("撤回原因"))


class Merge(Wish):
    """Join it to another ticket of the same company."""

    action = Action.MERGE

    into: Code = Field(title=N_("并入哪个单号"))
    message: MaySay = Field(default="", title=N_("说明"))


class Unmerge(Wish):
    """Take it out of the ticket it was joined to."""

    action = Action.UNMERGE

    message: MaySay = Field(default="", title=N_("说明"))


WISHES: dict[Action, type[Wish]] = {wish.action: wish for wish in Wish.__subclasses__() if wish is not Filing}
