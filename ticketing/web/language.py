"""Which language a page is in (person, else cookie, else browser, else Chinese), and the switch."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ticketing.core.errors import Invalid
from ticketing.core.text import N_
from ticketing.web import keeping
from ticketing.web.guards import public

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT = "zh"
COOKIE = "language"
COOKIE_SECONDS = 365 * 24 * 3600

bp = Blueprint("web", __name__)


def chosen_locale() -> str:
    """Return the language of this request; Flask-Babel's ``locale_selector``."""
    wishes = (
        current_user.locale if current_user and current_user.is_authenticated else None,
        request.cookies.get(COOKIE),
        request.accept_languages.best_match(LANGUAGES),
    )
    return next((wish for wish in wishes if wish in LANGUAGES), DEFAULT)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    wish = request.form.get("lang", "")
    if wish not in LANGUAGES:
        raise Invalid(N_("没有这种语言"))
    if current_user.is_authenticated:
        keeping.memory_of().set_locale(current_user.id, wish)
    answer = redirect(keeping.local_target(request.form.get("next")) or _came_from(), code=303)
    answer.set_cookie(
        COOKIE,
        wish,
        max_age=COOKIE_SECONDS,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _came_from() -> str:
    """Return the page the switch was used on, or the start page."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc == request.host:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return keeping.local_target(target) or "/"
    return "/"
