"""What a rule may not be: one that matches nothing, names a closed unit, or contradicts another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.network.words import UnitKind
from ticketing.routing.rules.deciding import Asked, Conditions, Net, Rule, meant
from ticketing.routing.words import TARGETS_OF, Decides, Target

MAX_PRIORITY = 999
MOST_WORDS = 20
_LISTS = ("categories", "kinds", "levels", "channels")
_TERRITORIAL = frozenset({UnitKind.CENTRE, UnitKind.AREA, UnitKind.STATION})


class MatchesNothing(Invalid):
    """No request could ever come under the rule."""

    sentence = N_("没有一件诉求会用到这条规则")


class PointsAtClosed(Invalid):
    """The rule names a unit that takes no more tickets."""

    sentence = N_("规则指定的单位已停用，请换一个启用中的单位")


class Conflict(Invalid):
    """Another rule of the same priority says something else for the same requests."""

    sentence = N_("与规则 %(code)s“%(name)s”冲突：优先级相同，条件有重叠，去向不同。请换一个优先级，或改条件")


@dataclass(frozen=True, slots=True)
class Known:
    """What there is: the path of every place's unit by the place's code, and who leads in each category."""

    sites: Mapping[str, str]
    leads: Mapping[str, tuple[int, ...]]


def check(rule: Rule, net: Net, known: Known, standing: Iterable[Rule]) -> None:
    """Raise what speaks against keeping ``rule``, naming the field to mend.

    ``standing`` are the other rules in force when it begins or later.
    """
    _check_shape(rule)
    _check_target(rule, net)
    _check_reach(rule, net, known)
    for other in standing:
        if other.code == rule.code:
            continue
        facts: dict[str, Any] = {"code": other.code, "name": other.name}
        if is_the_same(rule, other):
            raise Conflict(fields={"name": [N_("已有同样的规则 %(code)s“%(name)s”")]}, **facts)
        if is_in_conflict(rule, other, net, known):
            raise Conflict(fields={"priority": [Conflict.sentence]}, **facts)
        if other.starts_on <= rule.starts_on and is_hidden_by(rule, other, net, known):
            hidden = N_("永远轮不到它：规则 %(code)s“%(name)s”排在前面，这些条件它全管到了")
            raise MatchesNothing(fields={"priority": [hidden]}, **facts)


def _check_shape(rule: Rule) -> None:
    if not 1 <= rule.priority <= MAX_PRIORITY:
        raise Invalid(fields={"priority": [N_("请填写 1 到 999 的整数，小的先看")]})
    words = rule.conditions.words
    if any(len(word) < 2 for word in words) or len(words) > MOST_WORDS:  # noqa: PLR2004 - one character fits anything
        raise Invalid(fields={"words": [N_("每个词至少 2 个字，最多 20 个词，用逗号或换行隔开")]})


def _check_target(rule: Rule, net: Net) -> None:
    if rule.target not in TARGETS_OF[rule.decides]:
        raise Invalid(fields={"target": [N_("这样的去向不适合这条规则要决定的事")]})
    if rule.target is not Target.UNIT:
        return
    unit = net.by_code.get(rule.unit)
    if unit is None:
        raise Invalid(fields={"unit": [N_("请选择单位")]})
    if not unit.is_active:
        raise PointsAtClosed(fields={"unit": [PointsAtClosed.sentence]})
    if rule.decides is Decides.INTAKE and unit.kind not in _TERRITORIAL:
        raise Invalid(fields={"unit": [N_("受理的单位应是服务站、片区中心或区中心；部门在派单时才接")]})


def _check_reach(rule: Rule, net: Net, known: Known) -> None:
    """Refuse conditions that exclude each other, or a target that no such request can have."""
    when = rule.conditions
    if not _in_places(when, known):
        field = "areas" if when.areas else "sites"
        nowhere = N_("没有一件诉求会用到：所选辖区里没有地点，或所选地点不在所选辖区里")
        raise MatchesNothing(fields={field: [nowhere]})
    if not places(rule, net, known):
        nobody = N_("没有一件诉求会用到：满足这些地点条件的诉求都没有这样的去向")
        raise MatchesNothing(fields={"target": [nobody]})
    if (
        rule.target is Target.CATEGORY_LEAD
        and when.categories
        and not any(map(known.leads.get, when.categories))
    ):
        unled = N_("没有一件诉求会用到：所选类别都还没有主办部门")
        raise MatchesNothing(fields={"categories": [unled]})


def _in_places(when: Conditions, known: Known) -> frozenset[str]:
    """Return the codes of the places that ``when`` allows; "" stands for a request without a place."""
    return frozenset(
        code
        for code, path in {**known.sites, "": ""}.items()
        if (not when.sites or code in when.sites)
        and (not when.areas or not set(when.areas).isdisjoint(path.split("/")))
    )


def places(rule: Rule, net: Net, known: Known) -> frozenset[str]:
    """Return from which places (codes, "" for none) a request could get somewhere by the rule."""
    found = _in_places(rule.conditions, known)
    if rule.target is Target.OWN:
        return found & {""}
    if rule.target not in {Target.STATION, Target.AREA}:
        return found
    return frozenset(
        code
        for code in found
        if meant(rule, Asked("", "", "", "", site=code, path=known.sites.get(code, "")), net)
    )


def is_the_same(one: Rule, other: Rule) -> bool:
    """Return whether two rules say the same of the same requests at the same place in the order."""

    def said(rule: Rule) -> tuple[object, ...]:
        return rule.decides, rule.priority, rule.conditions, rule.target, rule.unit

    return said(one) == said(other)


def is_in_conflict(one: Rule, other: Rule, net: Net, known: Known) -> bool:
    """Return whether some request could come under both, at one priority, and go to different units."""
    if one.decides is not other.decides or one.priority != other.priority:
        return False
    if (one.target, one.unit) == (other.target, other.unit):
        return False
    is_apart = any(
        _are_apart(getattr(one.conditions, name), getattr(other.conditions, name)) for name in _LISTS
    )
    return not is_apart and bool(places(one, net, known) & places(other, net, known))


def _are_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return bool(one and other) and set(one).isdisjoint(other)


def is_hidden_by(rule: Rule, other: Rule, net: Net, known: Known) -> bool:
    """Return whether ``other`` always decides before ``rule`` gets its turn."""
    if other.decides is not rule.decides or other.priority >= rule.priority or other.conditions.words:
        return False
    if other.target is Target.CATEGORY_LEAD and not _are_all_led(rule, known):
        return False
    return all(
        not wide or (narrow and set(narrow) <= set(wide))
        for wide, narrow in (
            (getattr(other.conditions, name), getattr(rule.conditions, name)) for name in _LISTS
        )
    ) and places(rule, net, known) <= places(other, net, known)


def _are_all_led(rule: Rule, known: Known) -> bool:
    return all(known.leads.get(code) for code in rule.conditions.categories or known.leads)
