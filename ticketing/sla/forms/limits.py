"""The form of a limit: shape only; the rules decide what is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from ticketing.core.errors import DomainError
from ticketing.network.queries import CategoryInfo, UnitInfo
from ticketing.sla.actions.limits import RuleWish
from ticketing.sla.forms.limit_field import LimitField
from ticketing.sla.forms.steps import StepsField
from ticketing.sla.models import LimitRule
from ticketing.sla.queries import ANY
from ticketing.sla.rules.limits import Limit
from ticketing.sla.rules.step_rows import plan_of, rows_of
from ticketing.sla.rules.steps import DEFAULT, StepPlan, read
from ticketing.sla.words import KINDS, LEVELS, METRICS, Metric
from ticketing.web.forms import BaseForm, ChoiceField, DayField, choices


class LimitForm(BaseForm):
    """One limit from a day on."""

    metric = ChoiceField(_("哪个时限"))
    kind = ChoiceField(_("类型"))
    level = ChoiceField(_("紧急程度"))
    category_code = ChoiceField(_("类别"))
    unit_code = ChoiceField(_("单位"))
    limit = LimitField(_("多久"))
    is_none = BooleanField(_("不设这个时限"))
    starts_on = DayField(_("从哪天起"))
    calendar_name = ChoiceField(_("按哪个工作日历"), required=False)
    usual_steps = BooleanField(_("用默认的步骤"), default=True)
    steps = StepsField(_("预警和升级"))
    _plan: StepPlan | None = None
    _shown: StepPlan = DEFAULT

    def offer(
        self,
        categories: Iterable[CategoryInfo],
        units: Iterable[UnitInfo],
        calendars: Iterable[str],
        locale: str,
    ) -> None:
        """Fill the lists."""
        self.calendar_name.choices = choices(
            ((name, name) for name in calendars), empty=gettext("办理单位自己的日历")
        )
        self.metric.choices = choices((one.value, gettext(label)) for one, label in METRICS.items())
        for field, words in ((self.kind, KINDS), (self.level, LEVELS)):
            field.choices = choices(
                [(ANY, gettext("不限")), *((value, gettext(label)) for value, label in words.items())]
            )
        self.category_code.choices = choices(
            [(ANY, gettext("不限")), *((one.code, one.label(locale)) for one in categories)]
        )
        self.unit_code.choices = choices(
            [(ANY, gettext("不限")), *((one.code, f"{one.code} {one.label(locale)}") for one in units)]
        )

    def begins_with(self, rule: LimitRule | None) -> None:
        """Say whose steps stood in the rows at first: those of a rule, or the usual ones."""
        self._shown = read(rule.steps if rule else None)

    def start_from(self, rule: LimitRule | None, start: date) -> None:
        """Fill in a rule that holds, if one is named, and the day from which another can."""
        self.starts_on.data = start
        self.begins_with(rule)
        self.steps.show(self._shown)
        if rule is None:
            return
        for name in ("metric", "kind", "level", "category_code", "unit_code"):
            self[name].data = str(getattr(rule, name))
        self.limit.process_data(Limit.parse(rule.limit) if rule.limit else None)
        self.is_none.data = rule.limit is None
        self.calendar_name.data = rule.calendar_name or ""
        self.usual_steps.data = not rule.steps
        self.starts_on.data = max(start, rule.starts_on)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an empty limit that was not meant to be none; a limit beside that is no limit."""
        if self.is_none.data:
            self.limit.process_errors = []
        is_good = bool(super().validate(extra_validators)) & self._has_good_steps()
        if self.limit.data or self.limit.errors or self.is_none.data:
            return is_good
        self.limit.errors = [gettext("请填写多久；或者勾选“不设这个时限”")]
        return False

    def _has_good_steps(self) -> bool:
        """Read the rows, unless the usual steps are wanted; put what is wrong beside them."""
        self._plan = None
        if self.usual_steps.data:
            filled = [row for row in self.steps.rows() if not row.is_empty]
            is_changed = bool(filled) and filled != rows_of(self._shown)
            if is_changed:
                self.steps.errors = [gettext("步骤改过了：要用它们，请取消“用默认的步骤”的勾选")]
            return not is_changed
        try:
            self._plan = plan_of(self.steps.rows())
        except DomainError as error:
            self.steps.errors = [gettext(error.text, **error.facts)]
        return self._plan is not None

    def wish(self) -> RuleWish:
        """Return what is wanted, once the form has been checked."""
        return RuleWish(
            metric=Metric(self.metric.data),
            kind=self.kind.data,
            level=self.level.data,
            category_code=self.category_code.data,
            unit_code=self.unit_code.data,
            limit=None if self.is_none.data else self.limit.data,
            starts_on=cast(date, self.starts_on.data),
            calendar_name=self.calendar_name.data or None,
            steps=self._plan,
        )
