"""The blueprint of limits and calendars, and what their pages share."""

from __future__ import annotations

from flask import Blueprint

from ticketing.core.actor import Role
from ticketing.core.errors import DomainError
from ticketing.web import errors
from ticketing.web.forms import BaseForm

bp = Blueprint("sla", __name__, url_prefix="/admin")
READERS = (Role.ADMIN, Role.AUDITOR, Role.LEADER)


def refuse(form: BaseForm, error: DomainError, field: str = "") -> int:
    """Put a refusal beside its fields, or beside ``field``; return the status of the page."""
    loose = form.take_errors(errors.fields_of(error))
    if error.fields and not loose:
        return errors.status_of(error)
    if field and not error.fields:
        form.take_errors({field: [errors.sentence_of(error)]})
    else:
        form.form_errors.append(errors.sentence_of(error))
    return errors.status_of(error)
