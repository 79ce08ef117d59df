"""Forms of the ways in: shape only; the wishes and the actions decide what is taken."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, Form, HiddenField, ValidationError

from ticketing.tickets.wishes import (
    MAX_DESCRIPTION,
    MAX_SATISFACTION,
    MAX_TEXT,
    MAX_TITLE,
    Filing,
    Rate,
)
from ticketing.web.forms import BaseForm, ChoiceField, EmailField, LineField, ParagraphField, RadioField
from ticketing.web.wish_errors import read_wish

_PHONE = re.compile(r"[0-9+()\- ext转]{3,32}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _is_phone(_form: Form, field: Field) -> None:
    if not _PHONE.fullmatch(field.data or "") or not any(char.isdigit() for char in field.data):
        raise ValidationError(_("电话只能有数字、空格、短横线、括号和开头的 +"))


class RequestForm(BaseForm):
    """A company's request: four questions. ``version`` is the draft's that the person saw."""

    title = LineField(_("用一句话说是什么事"), max_chars=MAX_TITLE, min_chars=2)
    description = ParagraphField(_("具体情况"), max_chars=MAX_DESCRIPTION)
    files = MultipleFileField(_("照片或文件"))
    kind = RadioField(_("您希望我们做什么"))
    category = RadioField(_("关于哪方面"))
    level = RadioField(_("急不急"))
    site = ChoiceField(_("在哪里"), required=False)
    contact_name = LineField(_("联系人"), max_chars=60)
    contact_phone = LineField(_("手机或电话"), max_chars=32, validators=[_is_phone])
    contact_email = EmailField(_("电子邮箱"), required=False)
    confidential = BooleanField(_("为我保密"))
    examples: dict[str, str]
    anyway = HiddenField()
    version = HiddenField()

    def validate_contact_email(self, field: Field) -> None:
        """An address is one only with a name, an @ and a host."""
        if field.data and not _EMAIL.fullmatch(field.data):
            raise ValidationError(_("请填写完整的电子邮箱，例如 name@example.com"))

    @property
    def uploads(self) -> list[FileStorage]:
        """The files that were chosen."""
        chosen = self.files.data or ()
        return [one for one in chosen if isinstance(one, FileStorage) and one.filename]

    def wish(self, *, is_draft: bool) -> Filing:
        """Return what the person asks for; raise Invalid naming the fields to mend."""
        contact = {
            "name": self.contact_name.data,
            "phone": self.contact_phone.data,
            "email": self.contact_email.data or "",
        }
        asked = {
            "title": self.title.data,
            "description": self.description.data,
            "kind": self.kind.data,
            "level": self.level.data,
            "category": self.category.data,
            "site": self.site.data or None,
            "contact": contact,
            "confidential": True if self.confidential.data else None,
            "draft": is_draft,
            "version": self.version.data or None,
        }
        return read_wish(Filing, asked)


class RateForm(BaseForm):
    """The two questions after a reply."""

    solved = RadioField(_("问题解决了吗？"))
    satisfaction = RadioField(_("您对办理满意吗？"))
    comment = ParagraphField(_("想说的话"), max_chars=MAX_TEXT, required=False)

    def wish(self) -> Rate:
        """Return the company's verdict; raise Invalid naming the fields to mend."""
        said = {"solved": self.solved.data, "satisfaction": self.satisfaction.data}
        return read_wish(Rate, said | {"comment": self.comment.data or ""})


class TrackForm(BaseForm):
    """Finding a request without signing in."""

    number = LineField(_("诉求编号"), max_chars=40)
    phone = LineField(_("联系电话，或它的后四位"), max_chars=40)


SATISFACTIONS = tuple(str(score) for score in range(MAX_SATISFACTION, 0, -1))
