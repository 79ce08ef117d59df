"""The blueprint of limits and calendars, and what their pages share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint

from ticketing.core.actor import Role
from ticketing.core.errors import DomainError
from ticketing.sla.rules.calendars import WorkCalendar
from ticketing.web import errors
from ticketing.web.forms import BaseForm

bp = Blueprint("sla", __name__, url_prefix="/admin")
NOTICE_MONTH = 11
READERS = (Role.ADMIN, Role.AUDITOR, Role.LEADER)


def missing_year(found: WorkCalendar, today: date) -> int | None:
    """Return the year whose notice should be there by now: this one, or from November on the next."""
    wanted = [today.year, *([today.year + 1] if today.month >= NOTICE_MONTH else [])]
    missing = [year for year in wanted if year not in found.published_years]
    return missing[0] if missing and found.follows_notices else None


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
