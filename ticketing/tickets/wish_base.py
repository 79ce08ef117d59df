"""What all wishes are made of: clean text within limits, codes, whom to call; and the wish to file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)

from ticketing.core.text import N_, clean_line, clean_text
from ticketing.tickets.words import Action, Channel, Kind, Level

MAX_TITLE = 200
MAX_DESCRIPTION = 10_000
MAX_TEXT = 4_000
MAX_SATISFACTION = 5


def cleaned(clean: Callable[[str], str]) -> BeforeValidator:
    """Return what cleans text before its length and form are checked."""
    return BeforeValidator(lambda value: clean(value) if isinstance(value, str) else value)


def _none_if_blank(value: object, info: ValidationInfo) -> object:
    """Take an empty form field as nothing; JSON has null for that."""
    return None if value == "" and info.mode == "python" else value


Code = Annotated[str, cleaned(clean_line), StringConstraints(min_length=1, max_length=20)]
OptionalCode = Annotated[str, cleaned(clean_line), StringConstraints(max_length=20)]
Said = Annotated[str, cleaned(clean_text), StringConstraints(min_length=1, max_length=MAX_TEXT)]
# A reason that another has to judge: a word or two is none.
Reasoned = Annotated[str, cleaned(clean_text), StringConstraints(min_length=4, max_length=MAX_TEXT)]
MaySay = Annotated[str, cleaned(clean_text), StringConstraints(max_length=MAX_TEXT)]
Blankable = BeforeValidator(_none_if_blank)
Satisfaction = Annotated[int, Field(ge=1, le=MAX_SATISFACTION)]
UnitCode = Annotated[Code, Field(title=N_("承办单位"))]


class Wish(BaseModel):
    """Base of all: unknown fields are refused; ``version`` is the one the person saw."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    action: ClassVar[Action]

    version: int | None = Field(default=None, ge=1, title=N_("看到的版本"))


class Contact(BaseModel):
    """Whom to call about the request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, cleaned(clean_line), StringConstraints(min_length=1, max_length=60)] = Field(
        title=N_("联系人")
    )
    phone: Annotated[
        str,
        cleaned(clean_line),
        StringConstraints(min_length=3, max_length=32, pattern=r"^[0-9+()\- ext转]+$"),
    ] = Field(title=N_("联系电话"))
    email: Annotated[
        str, cleaned(clean_line), StringConstraints(max_length=254, pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")
    ] = Field(default="", title=N_("电子邮箱"))


class EnterpriseRef(BaseModel):
    """The company a request is filed for: by credit code, by name, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uscc: Annotated[str, cleaned(clean_line), StringConstraints(max_length=30)] = Field(
        default="", title=N_("统一社会信用代码")
    )
    name: Annotated[str, cleaned(clean_line), StringConstraints(max_length=120)] = Field(
        default="", title=N_("企业名称")
    )


class AssignPart(Wish):
    """Give a unit its part of the ticket, as a joint meeting decided; ``meeting`` is the meeting's number."""

    action = Action.ASSIGN_PART

    unit: UnitCode = Field(title=N_("责任单位"))
    due_limit: Code = Field(title=N_("完成时限"))
    message: Said = Field(title=N_("任务"))
    meeting: Code = Field(title=N_("会商编号"))


class Filing(Wish):
    """A new request. ``enterprise``, ``channel`` and ``received_at`` are for staff who file for a company."""

    action = Action.SUBMIT

    title: Annotated[str, cleaned(clean_line), StringConstraints(min_length=2, max_length=MAX_TITLE)] = Field(
        title=N_("标题")
    )
    description: Annotated[
        str, cleaned(clean_text), StringConstraints(min_length=1, max_length=MAX_DESCRIPTION)
    ] = Field(title=N_("具体情况"))
    kind: Kind = Field(default=Kind.HELP, title=N_("类型"))
    level: Level = Field(default=Level.NORMAL, title=N_("紧急程度"))
    category: Code = Field(title=N_("类别"))
    contact: Contact | None = Field(default=None, title=N_("联系方式"))
    confidential: bool | None = Field(default=None, title=N_("为我保密"))
    site: Annotated[OptionalCode | None, Blankable] = Field(default=None, title=N_("地点"))
    enterprise: EnterpriseRef | None = Field(default=None, title=N_("企业"))
    channel: Channel | None = Field(default=None, title=N_("来源渠道"))
    received_at: AwareDatetime | None = Field(default=None, title=N_("接到时间"))
    draft: bool = Field(default=False, title=N_("先存草稿"))
