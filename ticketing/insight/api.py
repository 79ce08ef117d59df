"""The figures of the API: rates over a period, told apart by unit, area, category, channel, kind or time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from pydantic import Field

from ticketing.core import clock
from ticketing.core.errors import Invalid
from ticketing.core.local_day import day_end
from ticketing.core.text import N_
from ticketing.insight import queries, rules
from ticketing.insight.queries import By, Group
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import labels
from ticketing.web.endpoints import Tag, get
from ticketing.web.guards import current_actor
from ticketing.web.shapes import Answer, Query, Since, Until
from ticketing.web.texts import language

USUAL_SPAN = timedelta(days=rules.USUAL_DAYS)
LONGEST_SPAN = timedelta(days=rules.MAX_DAYS)
MEDIAN, NINE_TENTHS = 0.5, 0.9
_DIGITS = 4


class RatesQuery(Query):
    """Which requests, told apart by what."""

    since: Since = Field(None, alias="from", description=N_("从哪天或哪一刻收到的起;默认 30 天前"))
    until: Until = Field(None, alias="to", description=N_("到哪天(含)或哪一刻(不含)为止;默认到今天"))
    by: By = Field(By.UNIT, description=N_("按什么分组"))


class Rate(Answer):
    """A share and what it was made of."""

    value: float | None = Field(description=N_("比率;分母为 0 时为 null"))
    numerator: int | float = Field(description=N_("分子"))
    denominator: int = Field(description=N_("分母"))


class Rates(Answer):
    """Counts and rates of the requests received in the period."""

    received: int = Field(description=N_("时段内收到的诉求,不含草稿"))
    closed: int = Field(description=N_("其中已办结的"))
    open: int = Field(description=N_("其中仍在办的"))
    closure_rate: Rate = Field(description=N_("办结 ÷ 应办(收到的,不含并单、撤回、不予受理)"))
    sign_on_time_rate: Rate = Field(description=N_("按时签收 ÷ 应签收(按时、超时和已过期未签的)"))
    response_rate: Rate = Field(description=N_("按时联系企业 ÷ 应联系"))
    resolution_rate: Rate = Field(description=N_("(解决 + 部分解决的一半)÷ 有解决结论的"))
    satisfaction_rate: Rate = Field(description=N_("评价为基本满意及以上 ÷ 已评价"))
    on_time_rate: Rate = Field(description=N_("按时办完 ÷ 应办完(按时、超时和已过期未完的)"))
    return_rate: Rate = Field(description=N_("退过单的 ÷ 派过单的"))
    redo_rate: Rate = Field(description=N_("重办过的 ÷(办结 + 重办中)"))
    median_hours: float | None = Field(description=N_("从收到到办结的小时数,中位数"))
    p90_hours: float | None = Field(description=N_("从收到到办结的小时数,九成不超过"))


class RatesItem(Rates):
    """The rates under one key."""

    key: str = Field(description=N_("单位、片区、类别的代码,渠道或类型,日期或月份"))
    name: str = Field(description=N_("名称"))


class RatesAnswer(Answer):
    """All keys, and everything together."""

    items: list[RatesItem]
    total: Rates


@get(
    "/stats/rates",
    answer=RatesAnswer,
    query=RatesQuery,
    tag=Tag.FIGURES,
    summary=N_("统计办理情况"),
    help=N_("统计对象是时段内收到的诉求,范围是调用者所在单位及其下级主办的。"),
)
def rates(query: RatesQuery) -> RatesAnswer:
    now = clock.now()
    end = query.until or day_end(now)
    start = query.since or end - USUAL_SPAN
    if not timedelta() < end - start <= LONGEST_SPAN:
        raise Invalid(fields={"from": [rules.BadPeriod.sentence]})
    net = network.network()
    groups = queries.rates(queries.scope(current_actor(), net), start, end, query.by, net=net, now=now)
    names = _names(query.by, net)
    total = Group("", hours=sorted(hours for group in groups for hours in group.hours))
    for group in groups:
        total.tally += group.tally
    return RatesAnswer(
        items=[
            RatesItem(key=group.key, name=names.get(group.key, group.key), **_said(group)) for group in groups
        ],
        total=Rates(**_said(total)),
    )


def _said(group: Group) -> dict[str, Any]:
    tally = group.tally
    shares = {
        "closure_rate": tally.closure,
        "sign_on_time_rate": tally.sign_on_time,
        "response_rate": tally.response,
        "resolution_rate": tally.resolution,
        "satisfaction_rate": tally.satisfaction,
        "on_time_rate": tally.on_time,
        "return_rate": tally.returns,
        "redo_rate": tally.redo,
    }
    return {
        "received": tally.received,
        "closed": tally.closed,
        "open": tally.open,
        **{name: _rate(rate) for name, rate in shares.items()},
        "median_hours": _hours(group.hours, MEDIAN),
        "p90_hours": _hours(group.hours, NINE_TENTHS),
    }


def _rate(rate: rules.Rate) -> Rate:
    value = None if rate.value is None else round(rate.value, _DIGITS)
    return Rate(value=value, numerator=rate.numerator, denominator=rate.denominator)


def _hours(ordered: Sequence[float], share: float) -> float | None:
    found = rules.percentile(ordered, share)
    return None if found is None else round(found, 2)


def _names(by: By, net: Network) -> Mapping[str, str]:
    """What keys are called in the reader's language; days and months are called as they are."""
    locale = language()
    words: dict[By, Mapping[StrEnum, str]] = {By.CHANNEL: labels.CHANNELS, By.KIND: labels.KINDS}  # type: ignore[dict-item] # closed sets of their own
    if by in {By.UNIT, By.AREA}:
        return {code: unit.label(locale) for code, unit in net.by_code.items()}
    if by is By.CATEGORY:
        return {one.code: one.label(locale) for one in network.categories()}
    return {word.value: gettext(label) for word, label in words.get(by, {}).items()}
