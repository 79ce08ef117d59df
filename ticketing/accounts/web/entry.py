"""Joins accounts to the application: who is behind a request, and what happens when nobody is."""

from __future__ import annotations

from flask import Flask, Request, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError

from config import Config
from ticketing.accounts import passwords
from ticketing.accounts.actions import signing as actions
from ticketing.accounts.queries import identity
from ticketing.accounts.web import base, company, mine, people, signing
from ticketing.core import clock
from ticketing.web import errors, keeping
from ticketing.web.guards import guard_of

_PAGES = (signing, mine, company, people)
_BEARER = "Bearer "


def set_up(app: Flask, config: Config) -> None:
    """Register the pages, the loaders of people, and the answers to lost sessions."""
    if config.is_testing:
        passwords.use_cheap()
    app.config.update(BASE_URL=config.base_url, IS_DEMO=config.is_demo)
    login = LoginManager()
    login.session_protection = None  # the token in the cookie is looked up at every request
    login.user_loader(_by_cookie)
    login.request_loader(_by_bearer)
    login.unauthorized_handler(_nobody)
    login.init_app(app)
    app.register_error_handler(CSRFError, _not_ours)
    app.register_blueprint(base.bp)
    keeping.set_up(
        app,
        keeping.Memory(
            kept_form=lambda user_id, path: identity.kept_form(user_id, path, now=clock.now()),
            set_locale=actions.set_locale,
        ),
    )


def _by_cookie(token: str) -> identity.SignedIn | None:
    """Load the person of a session; the API does not take the cookie."""
    if errors.wants_problem():
        return None
    now = clock.now()
    found = identity.person_by_session(token, now=now, life=base.session_life())
    if found and found.session_id and found.is_due_for_touch(now):
        actions.touch_session(found.session_id, now=now)
    return found


def _by_bearer(asked: Request) -> identity.SignedIn | None:
    """Load the owner of an API token; pages do not take tokens."""
    header = asked.headers.get("Authorization", "")
    if not errors.wants_problem() or not header.startswith(_BEARER):
        return None
    now = clock.now()
    found = identity.person_by_api_token(header.removeprefix(_BEARER).strip(), now=now)
    if found and found.token_id and found.is_due_for_touch(now):
        actions.touch_token(found.token_id, now=now)
    return found


def _nobody() -> ResponseReturnValue:
    """Ask to sign in, and carry along what was typed."""
    if errors.wants_problem():
        answer = errors.problem(401, _("需要有效的令牌：Authorization: Bearer …"), name="unauthenticated")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="api"'
        return answer
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.sign_in", next=keeping.here()))
    if not keeping.is_own_page():
        return errors.page(401)
    token = session.get(base.SESSION_KEY)
    sealed = keeping.seal(identity.owner_of_session(token) if isinstance(token, str) else None)
    return signing.ask_again(sealed, has_text=bool(keeping.posted_fields()))


def _not_ours(_error: CSRFError) -> ResponseReturnValue:
    """Answer a form whose CSRF token does not fit: an old page of ours keeps its text, others are refused."""
    if request.endpoint == "accounts.sign_in":
        return signing.ask_once_more()
    if not keeping.is_own_page() or request.endpoint is None:
        return errors.page(400)
    is_public = guard_of(current_app, request.endpoint) == "public"
    if not current_user.is_authenticated and not is_public:
        return _nobody()
    fields = keeping.posted_fields()
    if not fields:
        return errors.page(400)
    if not is_public and keeping.refills_itself(request.path):
        return _back_in_the_form(fields)
    page = render_template(
        "accounts/kept.html",
        target=keeping.here(),
        fields=fields,
        shown=keeping.written(fields),
        is_expired=True,
        has_files=_has_files(),
    )
    return page, 400


def _has_files() -> bool:
    return any(file.filename for file in request.files.values())


def _back_in_the_form(fields: keeping.Fields) -> ResponseReturnValue:
    """Lead back to the page the form stands on, filled in as it was: there every line has its label."""
    actions.keep_form(base.me().id, request.path, fields, now=clock.now())
    if _has_files():
        flash(_("页面放得太久，刚才没有提交成功。内容还在，附件请重新选择，核对后再提交一次。"), "info")
    else:
        flash(_("页面放得太久，刚才没有提交成功。请核对后再提交一次。"), "info")
    return redirect(keeping.with_mark(keeping.here()), code=303)
