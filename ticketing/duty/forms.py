"""Forms of duty: shape only; the rules decide what is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ticketing.duty.actions import AbsenceWish
from ticketing.duty.queries import Colleague
from ticketing.duty.words import WAYS, Way
from ticketing.web.forms import BaseForm, ChoiceField, DayField, RadioField, choices


class AbsenceForm(BaseForm):
    """Who is away, from when to when, and who stands in."""

    user_id = ChoiceField(_("谁离岗"))
    starts_on = DayField(_("从哪天"))
    ends_on = DayField(_("到哪天"))
    deputy_id = ChoiceField(_("代理人"), required=False)

    def offer(self, people: Iterable[Colleague], colleagues: Iterable[Colleague]) -> None:
        """Fill the lists: whose absence may be entered, and who can stand in."""
        self.user_id.choices = choices((str(one.id), one.name) for one in people)
        self.deputy_id.choices = choices(
            ((str(one.id), one.name) for one in colleagues), empty=gettext("没有，由值班人代办")
        )

    def wish(self) -> AbsenceWish:
        """Return what is wanted, once the form has been checked."""
        return AbsenceWish(
            user_id=int(self.user_id.data),
            starts_on=cast(date, self.starts_on.data),
            ends_on=cast(date, self.ends_on.data),
            deputy_id=int(self.deputy_id.data) if self.deputy_id.data else None,
        )


class WayForm(BaseForm):
    """How a unit's new tickets find a handler."""

    way = RadioField(_("新签收的诉求怎样有经办人"))

    def offer(self, present: Way) -> None:
        """Fill the list, and show what holds now."""
        self.way.choices = choices((way.value, gettext(label)) for way, label in WAYS.items())
        if not self.is_submitted():
            self.way.data = present.value
