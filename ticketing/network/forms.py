"""Forms about units and places: shape only; the rules decide what is taken."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from ticketing.accounts.queries.people import Holder
from ticketing.network import rules
from ticketing.network.actions import SiteWish, UnitWish
from ticketing.network.queries import CategoryInfo, SiteInfo, UnitInfo
from ticketing.network.words import ScopePart, SiteKind, UnitKind
from ticketing.web.forms import BaseForm, ChoiceField, LineField, MultiChoiceField, choices

MAX_CODE = 16


class UnitForm(BaseForm):
    """A unit; ``code`` is asked for once, when it is made."""

    code = LineField(_("编码"), max_chars=MAX_CODE)
    name = LineField(_("名称"), max_chars=80)
    name_en = LineField(_("英文名称"), max_chars=120, required=False)
    kind = ChoiceField(_("层级"))
    parent = ChoiceField(_("上级单位"), required=False)
    calendar_name = ChoiceField(_("工作日历"))
    phone = LineField(_("电话"), max_chars=32, required=False)
    duty_user_id = ChoiceField(_("值班人"), required=False)
    leads = MultiChoiceField(_("主办的类别"))
    helps = MultiChoiceField(_("协办的类别"))
    is_active = BooleanField(_("启用"), default=True)

    def offer(
        self, units: Iterable[UnitInfo], calendars: list[str], categories: Iterable[CategoryInfo], locale: str
    ) -> None:
        """Fill the lists that do not depend on the unit."""
        self.kind.choices = choices((kind.value, gettext(rules.UNIT_KINDS[kind])) for kind in UnitKind)
        self.parent.choices = choices(
            ((unit.code, f"{unit.code} {unit.label(locale)}") for unit in units), empty=gettext("没有上级")
        )
        self.calendar_name.choices = choices((name, name) for name in calendars)
        named = choices((one.code, one.label(locale)) for one in categories)
        self.leads.choices = self.helps.choices = named
        self.duty_user_id.choices = choices((), empty=gettext("未指定"))

    def offer_people(self, holders: Iterable[Holder]) -> None:
        """Offer the unit's people for duty."""
        people = {str(one.user_id): one.name for one in holders}
        self.duty_user_id.choices = choices(people.items(), empty=gettext("未指定"))

    def show(self, unit: UnitInfo, parent: str, duty: int | None, scope: list[tuple[str, ScopePart]]) -> None:
        """Show what is stored, unless something was sent."""
        if self.is_submitted():
            return
        self.name.data, self.name_en.data, self.kind.data = unit.name, unit.name_en, unit.kind.value
        self.parent.data, self.calendar_name.data, self.phone.data = parent, unit.calendar_name, unit.phone
        self.duty_user_id.data = "" if duty is None else str(duty)
        self.leads.data = [code for code, part in scope if part is ScopePart.LEAD]
        self.helps.data = [code for code, part in scope if part is ScopePart.HELP]
        self.is_active.data = unit.is_active

    def wish(self) -> UnitWish:
        """Return what is wanted, once the form has been checked."""
        return UnitWish(
            name=self.name.data,
            name_en=self.name_en.data or "",
            kind=UnitKind(self.kind.data),
            parent=self.parent.data or "",
            calendar_name=self.calendar_name.data,
            phone=self.phone.data or "",
            duty_user_id=int(self.duty_user_id.data) if self.duty_user_id.data else None,
            leads=frozenset(self.leads.data or ()),
            helps=frozenset(self.helps.data or ()),
            is_active=self.is_active.data,
        )


class SiteForm(BaseForm):
    """A place; ``code`` is asked for once, when it is made."""

    code = LineField(_("编码"), max_chars=MAX_CODE)
    name = LineField(_("名称"), max_chars=80)
    name_en = LineField(_("英文名称"), max_chars=120, required=False)
    kind = ChoiceField(_("种类"))
    unit = ChoiceField(_("负责的单位"))

    def offer(self, units: Iterable[UnitInfo], locale: str) -> None:
        """Fill the lists."""
        self.kind.choices = choices((kind.value, gettext(rules.SITE_KINDS[kind])) for kind in SiteKind)
        self.unit.choices = choices((unit.code, f"{unit.code} {unit.label(locale)}") for unit in units)

    def show(self, site: SiteInfo, unit: str) -> None:
        """Show what is stored, unless something was sent."""
        if not self.is_submitted():
            self.name.data, self.name_en.data = site.name, site.name_en
            self.kind.data, self.unit.data = site.kind.value, unit

    def wish(self) -> SiteWish:
        """Return what is wanted, once the form has been checked."""
        return SiteWish(self.name.data, self.name_en.data or "", SiteKind(self.kind.data), self.unit.data)
