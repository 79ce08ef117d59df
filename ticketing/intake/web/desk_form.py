"""The desk's form: what a company asks, plus whose request it is, how and when it came in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from pydantic import BaseModel
from wtforms import BooleanField

from ticketing.intake.forms import RequestForm
from ticketing.tickets.wishes import Contact, EnterpriseRef, Filing
from ticketing.web.forms import LineField, MomentField, RadioField
from ticketing.web.wish_errors import read_wish

NEW_COMPANY = "new"
MAX_NAME = 120


class DeskForm(RequestForm):
    """On behalf of a company. ``pick`` is one of the companies found, or NEW_COMPANY."""

    files = None  # files are added on the ticket's page
    name = LineField(_("企业名称"), max_chars=MAX_NAME, required=False)
    uscc = LineField(_("统一社会信用代码"), max_chars=40, required=False)
    pick = RadioField(_("是哪一家"), required=False)
    kind = RadioField(_("企业希望做什么"))
    confidential = BooleanField(_("为企业保密"))
    channel = RadioField(_("怎么来的"))
    received_at = MomentField(_("什么时候接到的"))
    wrong_code: list[str] = []  # noqa: RUF012 - replaced, never changed

    def wish(self, *, is_draft: bool = False) -> Filing:
        """Return what is to be filed, for the company that was picked or written down."""
        return Filing(
            **self._request(),
            enterprise=self.company(),
            channel=self.channel.data,
            received_at=self.received_at.data,
        )

    def _request(self) -> dict[str, Any]:
        contact: BaseModel = read_wish(
            Contact,
            {
                "name": self.contact_name.data,
                "phone": self.contact_phone.data,
                "email": self.contact_email.data or "",
            },
        )
        return {
            "title": self.title.data,
            "description": self.description.data,
            "kind": self.kind.data,
            "level": self.level.data,
            "category": self.category.data,
            "site": self.site.data or None,
            "contact": contact,
            "confidential": True if self.confidential.data else None,
        }

    def company(self) -> EnterpriseRef:
        """Return the company by code, or by name."""
        how, _colon, value = (self.pick.data or "").partition(":")
        if how == "u":
            return EnterpriseRef(uscc=value, name="")
        if how == "n":
            return EnterpriseRef(uscc="", name=value)
        return EnterpriseRef(uscc=self.uscc.data or "", name=self.name.data or "")
