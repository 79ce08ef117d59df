"""Forms of messages: shape only; the rules decide what is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, TimeField

from ticketing.network.queries import UnitInfo
from ticketing.notify.actions.settings import Hours, RobotWish
from ticketing.notify.labels import REACHES
from ticketing.notify.rules.wording import MAX_CHARS
from ticketing.web.forms import BaseForm, ChoiceField, LineField, ParagraphField, RadioField, choices


class HourField(TimeField):
    """A time of day, or none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; say in our own words when it is none."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        try:
            self.data = time.fromisoformat(typed).replace(tzinfo=None)
        except ValueError:
            raise ValueError(_("请写成 22:00 这样的时间")) from None


class _QuietForm(BaseForm):
    quiet_from = HourField(_("免打扰开始"))
    quiet_to = HourField(_("免打扰结束"))

    @property
    def hours(self) -> Hours:
        """The quiet hours as typed."""
        return Hours(self.quiet_from.data, self.quiet_to.data)


class RobotForm(_QuietForm):
    """A robot of a unit's group."""

    unit = ChoiceField(_("单位"))
    name = LineField(_("群的名称"), max_chars=60)
    address = LineField(_("机器人地址"), max_chars=300)
    secret = LineField(_("签名密钥"), max_chars=128, required=False)

    def offer(self, units: Iterable[UnitInfo], locale: str) -> None:
        """Fill the list of units."""
        self.unit.choices = choices(
            ((one.code, f"{one.code} {one.label(locale)}") for one in units), empty=gettext("请选择")
        )

    def wish(self) -> RobotWish:
        """Return what is wanted, once the form has been checked."""
        return RobotWish(
            self.unit.data, self.name.data, self.address.data, self.secret.data or "", self.hours
        )


class GatewayForm(BaseForm):
    """The SMS gateway."""

    url = LineField(_("网关地址"), max_chars=300)
    secret = LineField(_("密钥"), max_chars=200, required=False)
    is_on = BooleanField(_("启用短信"))


class RuleForm(_QuietForm):
    """What a role gets over a channel."""

    reach = RadioField(_("发送哪些消息"))

    def offer(self) -> None:
        """Fill the list of reaches."""
        self.reach.choices = choices((one.value, gettext(label)) for one, label in REACHES.items())


class TextForm(BaseForm):
    """A text worded anew."""

    body = ParagraphField(_("文字"), max_chars=max(MAX_CHARS.values()), required=False)


class SwitchForm(BaseForm):
    """A person's own wish."""

    email = BooleanField(_("与我有关的一般进展也发邮件给我"))
