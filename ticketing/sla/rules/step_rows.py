"""Steps of warning and escalation as people fill them in: a row each, in any order.

A row says how much of the limit is used, or how many hours it is late, counted from the due moment; stored
are the hours between one step and the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ticketing.core.text import N_
from ticketing.sla.rules.steps import LADDER, Audience, BadSteps, Step, StepPlan

AUDIENCES: dict[Audience, str] = {
    Audience.HANDLER: N_("经办人"),
    Audience.UNIT_LEADER: N_("单位领导"),
    Audience.PARENT: N_("上级单位"),
    Audience.SUPERVISION: N_("督办"),
    Audience.DISTRICT_LEADER: N_("区领导"),
}
_MOST_DIGITS = 4
_SHOWN_CHARS = 20
_Told = Mapping[int, tuple[Audience, ...]]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row as it was typed: ``amount`` percent of the limit, or hours late; whom to tell."""

    amount: str
    is_late: bool
    audience: tuple[Audience, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not self.amount and not self.audience


def plan_of(rows: Iterable[StepRow]) -> StepPlan:
    """Return the plan the rows make; empty ones are left out. Raises BadSteps with the row's number."""
    shares: dict[int, tuple[Audience, ...]] = {}
    late: dict[int, tuple[Audience, ...]] = {}
    for number, row in enumerate(rows, 1):
        if row.is_empty:
            continue
        amount, known = _amount(number, row), late if row.is_late else shares
        if amount in known:
            raise BadSteps(N_("第 %(row)s 步和前面一步是同一个时候"), row=number)
        known[amount] = tuple(sorted(set(row.audience), key=LADDER.index))
    return StepPlan((*_shares(shares), *_further(late)))


def _amount(number: int, row: StepRow) -> int:
    if not row.amount:
        raise BadSteps(N_("第 %(row)s 步没有写什么时候告知"), row=number)
    if not row.audience:
        raise BadSteps(N_("第 %(row)s 步没有选告知谁"), row=number)
    if not row.amount.isdecimal() or len(row.amount) > _MOST_DIGITS:
        raise BadSteps(N_("第 %(row)s 步的“%(value)s”不是数字"), row=number, value=row.amount[:_SHOWN_CHARS])
    return int(row.amount)


def _shares(told: _Told) -> Iterable[Step]:
    return (Step(told[percent], percent=percent) for percent in sorted(told))


def _further(told: _Told) -> Iterable[Step]:
    """The steps after the due moment, each so many hours after the one before."""
    return (Step(told[hours], every_hours=hours - before) for before, hours in pairwise([0, *sorted(told)]))


def rows_of(plan: StepPlan) -> list[StepRow]:
    """Return a plan as rows; ``plan_of`` gives it back."""
    late = accumulate(step.every_hours or 0 for step in plan.further)
    return [
        *(StepRow(str(step.percent), False, step.audience) for step in plan.shares),
        *(StepRow(str(hours), True, step.audience) for hours, step in zip(late, plan.further, strict=True)),
    ]
