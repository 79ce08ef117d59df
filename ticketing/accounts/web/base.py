"""The blueprint of the accounts pages and what its pages share."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Blueprint, current_app, request, session, url_for
from flask_babel import gettext
from flask_login import current_user

from ticketing.accounts import rules
from ticketing.accounts.queries.identity import SignedIn
from ticketing.core.errors import DomainError
from ticketing.web import errors
from ticketing.web.forms import BaseForm
from ticketing.web.texts import language

bp = Blueprint("accounts", __name__)

SESSION_KEY = "_user_id"  # where Flask-Login looks
USER_ID = "<int(max=2147483647):user_id>"
_LINK_KEY = "new_link"


def me() -> SignedIn:
    """Return the person behind the request; only behind a guard that asks for signing in."""
    return cast(SignedIn, current_user)


def session_life() -> timedelta:
    """Return how long a session lasts without use."""
    return cast(timedelta, current_app.config["PERMANENT_SESSION_LIFETIME"])


def remember(token: str) -> None:
    """Begin the browser's session anew with this token: nothing from before signing in stays in it."""
    session.clear()
    session.permanent = True
    session[SESSION_KEY] = token


def device() -> str:
    """Return a short name of the browser at the other end."""
    return rules.device_name(request.user_agent.string)


def address() -> str:
    """Return the network address at the other end, as far as the configured proxies are believed."""
    return request.remote_addr or ""


def is_english() -> bool:
    """Return whether the page is in English."""
    return language() == "en"


def refuse(form: BaseForm, error: DomainError) -> int:
    """Put a refusal into the form, beside its fields where it names them; return the status to answer."""
    loose = form.take_errors(errors.fields_of(error))
    if loose or not error.fields:
        form.form_errors.append(errors.sentence_of(error))
    return errors.status_of(error)


def offer_link(token: str, email: str) -> None:
    """Show the link once, on the next page: mail does not carry it yet."""
    path = url_for("accounts.invitation", token=token)
    session[_LINK_KEY] = {"href": current_app.config["BASE_URL"] + path, "email": email}


def offered_link() -> dict[str, str] | None:
    """Return the link to show on this page, if there is one, and forget it."""
    return cast(dict[str, str] | None, session.pop(_LINK_KEY, None))


def role_names() -> dict[str, str]:
    """Return the roles' names in the reader's language."""
    return {role.value: gettext(name) for role, name in rules.ROLE_NAMES.items()}
