"""What can be refused, named after the fact. Each kind carries its sentence; the edge translates it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ticketing.core.text import N_


class DomainError(Exception):
    """A refusal: nothing was changed. ``facts`` fill the sentence; ``fields`` name what to mend."""

    sentence: ClassVar[str] = N_("操作未能完成")

    def __init__(
        self,
        sentence: str | None = None,
        *,
        fields: Mapping[str, list[str]] | None = None,
        extra: Mapping[str, object] | None = None,
        **facts: object,
    ) -> None:
        self.text = sentence or self.sentence
        self.facts = facts
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})
        super().__init__(self.text)


class NotFound(DomainError):
    """Absent, or not for this person to know of."""

    sentence = N_("没有找到，或者您无权查看")


class NotPermitted(DomainError):
    """Seen, but not this person's to do."""

    sentence = N_("您没有权限进行此操作")


class WrongState(DomainError):
    """The action exists but not from the state the thing is in."""

    sentence = N_("当前状态不能进行此操作")


class ChangedMeanwhile(DomainError):
    """Somebody else changed the thing after this person read it."""

    sentence = N_("在您填写期间，这件诉求已被他人更新")


class Invalid(DomainError):
    """What was typed cannot be taken; ``fields`` says where and why."""

    sentence = N_("有内容需要修改")


class TooMany(DomainError):
    """Tried too often; ``extra['retry_after_seconds']`` says when to come back."""

    sentence = N_("操作过于频繁，请稍后再试")


class KeyReused(DomainError):
    """An idempotency key came again with another body."""

    sentence = N_("这个幂等键已用于另一份内容")
