"""The form of a rule and that of the simulator: shape only; the rules decide what is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.widgets import NumberInput

from ticketing.network.queries import CategoryInfo, Network, SiteInfo, UnitInfo
from ticketing.network.words import UnitKind
from ticketing.routing.actions import RuleWish
from ticketing.routing.rules.checking import MAX_PRIORITY
from ticketing.routing.rules.deciding import Asked, Conditions, Rule
from ticketing.routing.words import CHANNELS, DECIDES, TARGETS, Decides, Target
from ticketing.sla.words import KINDS, LEVELS
from ticketing.web.forms import (
    BaseForm,
    ChoiceField,
    DayField,
    LineField,
    MultiChoiceField,
    ParagraphField,
    RadioField,
    choices,
)

LISTS = ("categories", "kinds", "levels", "channels", "sites", "areas")
_BETWEEN = re.compile(r"[,，、;；\n]+")


def _named(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(word), gettext(label)) for word, label in words.items()]


class RuleForm(BaseForm):
    """A rule, from a day on."""

    name = LineField(_("名称"), max_chars=60)
    name_en = LineField(_("英文名称"), max_chars=100, required=False)
    decides = RadioField(_("决定什么"))
    priority = LineField(_("优先级"), max_chars=3, widget=NumberInput(min=1, max=MAX_PRIORITY))
    categories = MultiChoiceField(_("类别"))
    kinds = MultiChoiceField(_("类型"))
    levels = MultiChoiceField(_("紧急程度"))
    channels = MultiChoiceField(_("来源渠道"))
    sites = MultiChoiceField(_("地点"))
    areas = MultiChoiceField(_("辖区"))
    words = LineField(_("标题或内容里有这些词之一"), max_chars=200, required=False)
    target = RadioField(_("交给谁"))
    unit = ChoiceField(_("指定的单位"), required=False)
    starts_on = DayField(_("从哪天起"))

    def offer(
        self,
        categories: Iterable[CategoryInfo],
        sites: Iterable[SiteInfo],
        units: Iterable[UnitInfo],
        locale: str,
    ) -> None:
        """Fill the lists."""
        held = list(units)
        self.decides.choices = choices(_named(DECIDES))
        self.target.choices = choices(_named(TARGETS))
        self.categories.choices = choices((one.code, one.label(locale)) for one in categories)
        self.kinds.choices = choices(_named(KINDS))
        self.levels.choices = choices(_named(LEVELS))
        self.channels.choices = choices(_named(CHANNELS))
        self.sites.choices = choices((one.code, one.label(locale)) for one in sites)
        self.areas.choices = choices(
            (one.code, one.label(locale))
            for one in held
            if one.is_active and one.kind in {UnitKind.AREA, UnitKind.STATION}
        )
        self.unit.choices = choices(
            ((one.code, _with_state(one, locale)) for one in held), empty=gettext("不指定")
        )

    def show(self, rule: Rule) -> None:
        """Show what is stored, unless something was sent."""
        if self.is_submitted():
            return
        for name in ("name", "name_en", "unit", "starts_on"):
            self[name].data = getattr(rule, name)
        self.decides.data, self.target.data = rule.decides.value, rule.target.value
        self.priority.data = str(rule.priority)
        for name in LISTS:
            self[name].data = list(getattr(rule.conditions, name))
        self.words.data = gettext("，").join(rule.conditions.words)

    def wish(self) -> RuleWish:
        """Return what is wanted, once the form has been checked."""
        typed = self.priority.data
        listed = {name: tuple(self[name].data or ()) for name in LISTS}
        words = tuple(dict.fromkeys(word.strip() for word in _BETWEEN.split(self.words.data or "")))
        return RuleWish(
            name=self.name.data,
            name_en=self.name_en.data or "",
            decides=Decides(self.decides.data),
            priority=int(typed) if typed.isascii() and typed.isdecimal() else 0,
            conditions=Conditions(**listed, words=tuple(word for word in words if word)),
            target=Target(self.target.data),
            unit=self.unit.data or "",
            starts_on=cast(date, self.starts_on.data),
        )


def _with_state(unit: UnitInfo, locale: str) -> str:
    name = f"{unit.code} {unit.label(locale)}"
    return name if unit.is_active else gettext("%(unit)s（已停用）", unit=name)


class EndForm(BaseForm):
    """From when a rule holds no more."""

    starts_on = DayField(_("从哪天起不再使用"))


class TryForm(BaseForm):
    """A request that might come, for "who would get this?"."""

    category = ChoiceField(_("类别"))
    kind = ChoiceField(_("类型"))
    level = ChoiceField(_("紧急程度"))
    channel = ChoiceField(_("来源渠道"))
    site = ChoiceField(_("地点"), required=False)
    taker = ChoiceField(_("谁登记"), required=False)
    text = ParagraphField(_("标题和内容"), max_chars=2000, required=False)
    on = DayField(_("哪天提交"))

    def offer(
        self, categories: Iterable[CategoryInfo], sites: Iterable[SiteInfo], net: Network, locale: str
    ) -> None:
        """Fill the lists. Whoever takes requests in sits at a station or a centre."""
        self.category.choices = choices((one.code, one.label(locale)) for one in categories)
        self.kind.choices = choices(_named(KINDS))
        self.level.choices = choices(_named(LEVELS))
        self.channel.choices = choices(_named(CHANNELS))
        named = [(one.code, one.label(locale)) for one in sites]
        self.site.choices = choices(named, empty=gettext("没有写地点"))
        takers = [
            (one.code, one.label(locale))
            for one in net.by_id.values()
            if one.is_active and one.kind is not UnitKind.DEPARTMENT
        ]
        self.taker.choices = choices(takers, empty=gettext("企业自己提交"))

    def asked(self, path: str, net: Network) -> Asked:
        """Return the request as rules see it; ``path`` is that of the unit whose territory the place is."""
        taker = net.by_code.get(self.taker.data or "")
        return Asked(
            category=self.category.data,
            kind=self.kind.data,
            level=self.level.data,
            channel=self.channel.data,
            site=self.site.data or "",
            path=path,
            text=self.text.data or "",
            own=taker.id if taker else None,
        )
