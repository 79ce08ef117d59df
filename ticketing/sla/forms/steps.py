"""The rows of warning and escalation on a form, and a plan in words."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, SelectField, SelectMultipleField, StringField

from ticketing.core.text import clean_line
from ticketing.sla.rules.step_rows import AUDIENCES, StepRow, rows_of
from ticketing.sla.rules.steps import MOST_STEPS, WHOLE, Audience, StepPlan
from ticketing.web.forms import choices
from ticketing.web.texts import gettext as _
from ticketing.web.texts import ngettext

LEAST_ROWS, SPARE_ROWS = 8, 2
SHARE, LATE = "share", "late"


class StepForm(Form):
    """One row; what is on no list counts as not chosen."""

    amount = StringField(filters=[lambda text: clean_line(text) if isinstance(text, str) else text])
    when = SelectField(choices=choices([(SHARE, ""), (LATE, "")]), validate_choice=False)
    to = SelectMultipleField(choices=choices((word.value, "") for word in Audience), validate_choice=False)

    def row(self) -> StepRow:
        """Return what was typed."""
        audience = tuple(Audience(word) for word in self.to.data or () if word in set(Audience))
        return StepRow(self.amount.data or "", self.when.data == LATE, audience)


class StepsField(FieldList):
    """The rows of a plan, and some that are empty."""

    def __init__(self, label: object, **options: Any) -> None:
        most = {"min_entries": LEAST_ROWS, "max_entries": MOST_STEPS}
        super().__init__(FormField(StepForm), label, **most, **options)

    def show(self, plan: StepPlan) -> None:
        """Fill in a plan."""
        rows = rows_of(plan)
        wanted = max(LEAST_ROWS, min(len(rows) + SPARE_ROWS, MOST_STEPS))
        while len(self.entries) < wanted:
            self.append_entry()
        for entry, row in zip(self.entries, rows, strict=False):
            form: StepForm = entry.form
            form.amount.data, form.when.data = row.amount, LATE if row.is_late else SHARE
            form.to.data = [word.value for word in row.audience]

    def rows(self) -> list[StepRow]:
        """Return what was typed."""
        return [entry.form.row() for entry in self.entries]


def steps_words(plan: StepPlan) -> list[str]:
    """Return a plan as people say it: 时限用到 80%，告知经办人; then how it goes on."""
    said = [
        _(
            "%(when)s，告知%(who)s",
            when=_when(row),
            who=_("、").join(_(AUDIENCES[one]) for one in row.audience),
        )
        for row in rows_of(plan)
    ]
    if plan.further:
        hours = plan.further[-1].every_hours or 0
        said.append(ngettext("此后每 %(num)s 小时再告知一次", "此后每 %(num)s 小时再告知一次", hours))
    return said


def _when(row: StepRow) -> str:
    amount = int(row.amount)
    if row.is_late:
        return ngettext("超时 %(num)s 小时", "超时 %(num)s 小时", amount)
    return _("到期时") if amount == WHOLE else _("时限用到 %(percent)s", percent=f"{amount}%")
