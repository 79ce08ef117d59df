"""Pages: signing in and out, changing the password, going on with what was kept."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ticketing.accounts import rules
from ticketing.accounts.actions import signing as actions
from ticketing.accounts.forms import PasswordForm, SignInForm
from ticketing.accounts.queries import identity, people
from ticketing.accounts.web import base
from ticketing.accounts.web.base import bp
from ticketing.core import clock
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.text import clean_line
from ticketing.web import keeping
from ticketing.web.guards import current_actor, public, signed_in


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(keeping.local_target(request.args.get("next")) or "/")
        form.next.data = request.args.get("next", "")
        form.email.data = clean_line(request.args.get("email", ""))[:254]
        return _page(form), 200
    if not form.validate():
        return _page(form), 422
    now = clock.now()
    wish = actions.SignIn(form.email.data, form.password.data, base.address(), base.device())
    try:
        token = actions.sign_in(wish, now=now)
    except DomainError as error:
        status = base.refuse(form, error)
        answer = current_app.make_response((_page(form), status))
        if "retry_after_seconds" in error.extra:
            answer.headers["Retry-After"] = str(error.extra["retry_after_seconds"])
        return answer
    target, is_refilled = _carried_on(form, token)
    base.remember(token)
    if is_refilled:
        flash(_("您填写的内容还在；如果选过附件，请重新选择。"), "info")
    return redirect(target, code=303)


def _page(form: SignInForm, **facts: Any) -> str:
    demo = people.demo_accounts() if current_app.config["IS_DEMO"] else []
    return render_template(
        "accounts/sign_in.html",
        form=form,
        demo=demo,
        demo_password=rules.DEMO_PASSWORD,
        role_names=base.role_names(),
        in_english=base.is_english(),
        **facts,
    )


def ask_again(sealed: str | None, *, has_text: bool) -> ResponseReturnValue:
    """Answer a form posted without a session: sign in here, the text comes along."""
    form = SignInForm(formdata=None, next=keeping.here(), kept=sealed or "")
    page = _page(form, is_kept=sealed is not None, is_lost=has_text and sealed is None)
    return page, 401


def ask_once_more() -> ResponseReturnValue:
    """Answer a sign-in form that lay open too long; everything but the password stays."""
    form = SignInForm()
    form.form_errors.append(_("页面放得太久了，请再登录一次"))
    return _page(form), 400


def _carried_on(form: SignInForm, token: str) -> tuple[str, bool]:
    """Return where to go after signing in, and whether a form there is filled in with what came along.

    That is kept for the person it belongs to.
    """
    target = keeping.local_target(form.next.data) or "/"
    kept = keeping.unseal(form.kept.data) if form.kept.data else None
    if kept is None:
        return target, False
    person = identity.person_by_session(token, now=clock.now(), life=base.session_life())
    if person is None or kept.owner not in {None, person.id}:
        return "/", False
    actions.keep_form(person.id, kept.path, kept.fields, now=clock.now())
    if keeping.refills_itself(kept.path):
        return keeping.with_mark(kept.target), True
    return url_for("accounts.kept", path=kept.target), False


@bp.get("/kept")
@signed_in
def kept() -> ResponseReturnValue:
    target = request.args.get("path", "")
    path = target.partition("?")[0]
    fields = identity.kept_form(base.me().id, path, now=clock.now())
    if fields is None or keeping.endpoint_of(path, "POST") is None:
        raise NotFound
    return render_template(
        "accounts/kept.html",
        target=target,
        fields=fields,
        shown=keeping.written(fields),
        is_expired=False,
        has_files=False,
    )


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if current_user.is_authenticated:
        actions.sign_out(base.me().session_id or 0, now=clock.now())
    session.clear()
    flash(_("您已退出"), "good")
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    form = PasswordForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                actions.change_password(
                    current_actor(), form.wish(), session_id=base.me().session_id, now=clock.now()
                )
            except DomainError as error:
                status = base.refuse(form, error)
            else:
                flash(_("密码已修改，其他设备上的登录都已结束"), "good")
                return redirect(url_for("accounts.mine"), code=303)
    return render_template("accounts/password.html", form=form), status
