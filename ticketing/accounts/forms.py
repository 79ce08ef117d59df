"""Forms about people: shape only; the rules decide what is taken."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import ValidationError

from ticketing.accounts import rules
from ticketing.accounts.actions.people import Invite, NewCompany, NewStaff, Welcome
from ticketing.accounts.actions.signing import NewPassword
from ticketing.accounts.queries.people import Person, UnitName
from ticketing.core.actor import Role
from ticketing.web.forms import (
    BaseForm,
    ChoiceField,
    EmailField,
    LineField,
    MultiChoiceField,
    PasswordField,
    choices,
)

ADDED_ROWS = 3


class SignInForm(BaseForm):
    email = EmailField(_("电子邮箱"))
    password = PasswordField(_("密码"))
    next = HiddenField()
    kept = HiddenField()


class _TwicePassword(BaseForm):
    """A new password, typed twice."""

    password = PasswordField(_("新密码"))
    again = PasswordField(_("再输入一次"))

    def validate_again(self, field: StringField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_("两次输入的密码不一样"))


class PasswordForm(_TwicePassword):
    old = PasswordField(_("现在的密码"))

    def wish(self) -> NewPassword:
        return NewPassword(self.old.data, self.password.data)


class WelcomeForm(_TwicePassword):
    name = LineField(_("姓名"), max_chars=60)
    phone = LineField(_("手机或电话"), max_chars=32, required=False)

    def wish(self, device: str) -> Welcome:
        return Welcome(self.name.data, self.phone.data or "", self.password.data, device)


class OwnDataForm(BaseForm):
    name = LineField(_("姓名"), max_chars=60)
    phone = LineField(_("手机或电话"), max_chars=32, required=False)


class InviteForm(BaseForm):
    email = EmailField(_("同事的电子邮箱"))
    is_admin = BooleanField(_("让他管理本企业的账号"))

    def wish(self) -> Invite:
        return Invite(self.email.data, self.is_admin.data)


class CompanyForm(BaseForm):
    uscc = LineField(_("统一社会信用代码"), max_chars=40)
    name = LineField(_("企业名称"), max_chars=120)
    email = EmailField(_("企业管理员的电子邮箱"))

    def wish(self) -> NewCompany:
        return NewCompany(self.uscc.data, self.name.data, self.email.data)


class MembershipsForm(BaseForm):
    """The roles a person keeps, and up to three to add."""

    memberships = MultiChoiceField(_("岗位"))
    role_1 = ChoiceField(_("岗位"), required=False)
    unit_1 = ChoiceField(_("单位"), required=False)
    role_2 = ChoiceField(_("岗位"), required=False)
    unit_2 = ChoiceField(_("单位"), required=False)
    role_3 = ChoiceField(_("岗位"), required=False)
    unit_3 = ChoiceField(_("单位"), required=False)

    def offer(self, units: list[UnitName], person: Person | None, *, in_english: bool) -> None:
        """Fill the lists: the units one may give roles in, and the roles the person holds."""
        roles = [(role.value, gettext(rules.ROLE_NAMES[role])) for role in rules.STAFF_ROLES]
        places = [
            (str(unit.id), f"{unit.code} {(unit.name_en if in_english else '') or unit.name}")
            for unit in units
        ]
        for row in range(1, ADDED_ROWS + 1):
            self[f"role_{row}"].choices = choices(roles, empty=_("不添加"))
            self[f"unit_{row}"].choices = choices(places, empty=_("请选择单位"))
        held = person.roles if person else ()
        self.memberships.choices = choices(
            (
                f"{role.value}:{unit_id}",
                f"{gettext(rules.ROLE_NAMES[role])} · {(name_en if in_english else '') or name}",
            )
            for role, unit_id, name, name_en in held
        )
        if not self.is_submitted():
            self.memberships.data = [one.value for one in self.memberships.choices]

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse half a row."""
        is_good = bool(super().validate(extra_validators))
        for row in range(1, ADDED_ROWS + 1):
            role, unit = self[f"role_{row}"], self[f"unit_{row}"]
            if bool(role.data) != bool(unit.data):
                (unit if role.data else role).errors = [_("岗位和单位要一起选")]
                is_good = False
        return is_good

    def wanted(self) -> list[tuple[Role, int]]:
        """Return the (role, unit id) pairs of the form."""
        kept = [value.split(":") for value in self.memberships.data or ()]
        added = [(self[f"role_{row}"].data, self[f"unit_{row}"].data) for row in range(1, ADDED_ROWS + 1)]
        return [(Role(role), int(unit_id)) for role, unit_id in [*kept, *added] if role and unit_id]


class StaffForm(MembershipsForm):
    email = EmailField(_("电子邮箱"))
    name = LineField(_("姓名"), max_chars=60)

    def wish(self) -> NewStaff:
        return NewStaff(self.email.data, self.name.data, self.wanted())
