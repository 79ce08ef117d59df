"""Who is told when a clock nears or passes its due moment: steps as data, and the moments they fall on.

A plan is a list of steps. Those at a share of the allowance come first, rising to 100 % (the due moment);
those after it follow, each so many hours round the clock after the one before, and the last one of them
repeats until the clock ends. Time in which the clock is paused counts for neither. Steps are numbered from
zero in the order in which they come and have stable names: "50", "80", "100", "100+24h", "100+48h".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.sla.rules.calendars import Stretch, WorkCalendar
from ticketing.sla.rules.deadlines import running, share_at
from ticketing.sla.rules.limits import Limit

WHOLE = 100
MOST_STEPS = 20
MOST_HOURS = 24 * 30
_PERCENT, _HOURS, _AUDIENCE = "percent", "every_hours", "audience"


class Audience(StrEnum):
    """Who is told, from the nearest to the highest; the order of the words is the ladder."""

    HANDLER = "handler"
    UNIT_LEADER = "unit_leader"
    PARENT = "parent"
    SUPERVISION = "supervision"
    DISTRICT_LEADER = "district_leader"


LADDER: tuple[Audience, ...] = tuple(Audience)


class BadSteps(Invalid):
    """Steps that cannot be read or do not come one after the other."""

    sentence = N_("预警步骤无法识别")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: at ``percent`` of the allowance, or ``every_hours`` after the step before; one of the two."""

    audience: tuple[Audience, ...]
    percent: int | None = None
    every_hours: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the step as it is stored."""
        when = {_PERCENT: self.percent} if self.percent is not None else {_HOURS: self.every_hours}
        return {**when, _AUDIENCE: [word.value for word in self.audience]}


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a plan as it comes: its stable name, when it comes, and who is told."""

    name: str
    audience: tuple[Audience, ...]
    percent: int | None
    hours_after_due: int


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A checked list of steps. Raises BadSteps."""

    steps: tuple[Step, ...]
    _known: dict[int, Planned | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self.steps)

    @property
    def shares(self) -> tuple[Step, ...]:
        """The steps at a share of the allowance."""
        return tuple(step for step in self.steps if step.percent is not None)

    @property
    def further(self) -> tuple[Step, ...]:
        """The steps after the due moment."""
        return tuple(step for step in self.steps if step.percent is None)

    def at(self, number: int) -> Planned | None:
        """Return the step with this number, counted from zero; None when the plan has ended by then."""
        if number not in self._known:
            self._known[number] = self._at(number)
        return self._known[number]

    def _at(self, number: int) -> Planned | None:
        shares, further = self.shares, self.further
        if number < len(shares):
            step = shares[number]
            return Planned(str(step.percent), step.audience, step.percent, 0)
        if not further:
            return None
        place = number - len(shares)
        last = further[-1]
        hours = sum(step.every_hours or 0 for step in further[: place + 1])
        hours += max(place + 1 - len(further), 0) * (last.every_hours or 0)
        return Planned(f"{WHOLE}+{hours}h", further[min(place, len(further) - 1)].audience, None, hours)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the plan as it is stored; ``read`` gives it back."""
        return [step.as_json() for step in self.steps]


class Course(NamedTuple):
    """What the moments of a clock's steps depend on: its terms, its due moment and its pauses."""

    start: datetime
    limit: Limit
    calendar: WorkCalendar
    due: datetime
    pauses: Sequence[Stretch] = ()
    extra_days: int = 0


def step_at(plan: StepPlan, number: int, course: Course) -> datetime | None:
    """Return the moment (UTC) of the step with this number; None when the plan has ended by then."""
    planned = plan.at(number)
    if planned is None:
        return None
    if planned.percent == WHOLE:
        return course.due
    if planned.percent is not None:
        shared = share_at(
            course.start, planned.percent, course.limit, course.calendar, course.pauses, course.extra_days
        )
        return min(shared, course.due)
    return _hours_after(course.due, planned.hours_after_due, course.pauses)


def _hours_after(due: datetime, hours: int, pauses: Sequence[Stretch]) -> datetime:
    """So many hours of the 24-hour clock after ``due``, outside ``pauses``."""
    left = timedelta(hours=hours)
    if not pauses:
        return due + left
    at = due
    for at, stop in running(due, pauses):
        if stop is None or stop - at >= left:
            break
        left -= stop - at
    return at + left


@lru_cache(maxsize=256)
def _known(steps: tuple[Step, ...]) -> StepPlan:
    return StepPlan(steps)


def read(stored: Any) -> StepPlan:
    """Return the plan that was stored or typed as JSON; None is the default one. Raises BadSteps."""
    if stored is None:
        return DEFAULT
    if not isinstance(stored, list):
        raise BadSteps
    return _known(tuple(_step(item) for item in stored))


def _step(item: Any) -> Step:
    if not isinstance(item, dict) or not {_AUDIENCE} < item.keys() <= {_AUDIENCE, _PERCENT, _HOURS}:
        raise BadSteps
    words = item[_AUDIENCE]
    if not isinstance(words, list) or not set(map(str, words)) <= set(Audience):
        raise BadSteps(N_("不认识的告知对象；可用的是 %(known)s"), known=", ".join(Audience))
    when = {name: _whole(item[name]) for name in (_PERCENT, _HOURS) if item.get(name) is not None}
    if len(when) != 1:
        raise BadSteps(N_("每一步要么写百分比，要么写到期后的小时数"))
    return Step(tuple(sorted(map(Audience, set(words)), key=LADDER.index)), **when)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise BadSteps(N_("百分比和小时数须为整数"))
    return value


def _check(steps: tuple[Step, ...]) -> None:
    if not 1 <= len(steps) <= MOST_STEPS:
        raise BadSteps(N_("预警步骤须有 1 到 %(most)s 步"), most=MOST_STEPS)
    if any(not step.audience for step in steps):
        raise BadSteps(N_("每一步都要有告知对象"))
    after = False
    reached = 0
    for step in steps:
        if step.percent is None:
            after = True
            if not 1 <= (step.every_hours or 0) <= MOST_HOURS:
                raise BadSteps(N_("到期后的间隔须在 1 到 %(most)s 小时之间"), most=MOST_HOURS)
        elif after or not reached < step.percent <= WHOLE:
            raise BadSteps(N_("百分比须在 1 到 100 之间、由小到大，并排在到期后的步骤之前"))
        else:
            reached = step.percent


def _default() -> StepPlan:
    """Handler, unit leader, the unit above, supervision, district leader: one rung higher with each step."""
    handler, leader, parent, supervision, district = LADDER
    return StepPlan(
        (
            Step((handler,), percent=50),
            Step((handler, leader), percent=80),
            Step((handler, leader), percent=100),
            Step((leader, parent), every_hours=24),
            Step((parent, supervision), every_hours=24),
            Step((supervision, district), every_hours=24),
        )
    )


DEFAULT = _default()
"""The steps of a rule that names none."""
