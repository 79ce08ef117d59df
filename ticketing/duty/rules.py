"""What may be entered about an absence, and whose turn it is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ticketing.core.errors import Invalid
from ticketing.core.text import N_

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody's days away, both included, and who stands in."""

    user_id: int
    starts_on: date
    ends_on: date
    deputy_id: int | None = None

    def meets(self, other: Away) -> bool:
        """Return whether the two have a day in common."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def check_period(wanted: Away, today: date) -> None:
    """Raise Invalid for days that are over, in the wrong order, or beyond a year."""
    if wanted.ends_on < wanted.starts_on:
        raise Invalid(fields={"ends_on": [N_("结束日期早于开始日期")]})
    if wanted.ends_on < today:
        raise Invalid(fields={"ends_on": [N_("这段日子已经过去，不必登记")]})
    if wanted.ends_on - wanted.starts_on > timedelta(days=MOST_DAYS):
        raise Invalid(fields={"ends_on": [N_("一次最长登记一年")]})


def check_others(wanted: Away, others: Iterable[Away]) -> None:
    """Raise Invalid when ``wanted`` cannot stand beside the absences known already.

    Nobody is away twice on one day, has a deputy who is away then, or goes away while standing in for
    somebody; so no chain and no circle of deputies can come about.
    """
    for other in others:
        if not wanted.meets(other):
            continue
        if other.user_id == wanted.user_id:
            raise Invalid(fields={"starts_on": [N_("这段时间已经登记过离岗")]})
        if other.user_id == wanted.deputy_id:
            raise Invalid(fields={"deputy_id": [N_("代理人这段时间自己也离岗，请换一位")]})
        if other.deputy_id == wanted.user_id:
            raise Invalid(fields={"starts_on": [N_("这段时间正在代理别人，请先为那位同事换一位代理人")]})


def check_deputy(wanted: Away, colleagues: Collection[int]) -> None:
    """Raise Invalid when the deputy is none of the active ``colleagues`` of the same unit."""
    if wanted.deputy_id is None:
        return
    if wanted.deputy_id == wanted.user_id:
        raise Invalid(fields={"deputy_id": [N_("不能由自己代理自己")]})
    if wanted.deputy_id not in colleagues:
        raise Invalid(fields={"deputy_id": [N_("代理人应是同一单位在职的人员")]})


def in_turn(people: Sequence[int], last: int | None) -> list[int]:
    """Return ``people`` in the order of their turns: whoever comes behind ``last`` first."""
    order = sorted(people)
    if last is None:
        return order
    return [one for one in order if one > last] + [one for one in order if one <= last]


def least_busy(people: Sequence[int], load: Mapping[int, int], last: int | None) -> int:
    """Return who has the least to do; of equals, whose turn it is. There is at least one."""
    return min(in_turn(people, last), key=lambda one: load.get(one, 0))
