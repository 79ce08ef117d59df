"""Pages: a company's own people, and the link by which somebody joins."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.actions import people as actions
from ticketing.accounts.forms import InviteForm, WelcomeForm
from ticketing.accounts.queries import people
from ticketing.accounts.web import base
from ticketing.accounts.web.base import USER_ID, bp
from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.web import keeping
from ticketing.web.guards import allow, current_actor, public


@bp.get("/company")
@allow(Role.ENTERPRISE)
def company() -> ResponseReturnValue:
    form = InviteForm(formdata=None)
    return _page(form), 200


def _page(form: InviteForm) -> str:
    actor = current_actor()
    return render_template(
        "accounts/company.html",
        form=form,
        company=people.own_company(actor),
        people=people.colleagues(actor),
        invitations=people.open_invitations(actor, now=clock.now()),
        link=base.offered_link(),
    )


@bp.route("/company/invite", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def invite() -> ResponseReturnValue:
    form = InviteForm()
    keeping.refill(form)
    if request.method == "GET":
        return _page(form), 200
    if not form.validate():
        return _page(form), 422
    wish = form.wish()
    try:
        token = actions.invite(current_actor(), wish, now=clock.now())
    except DomainError as error:
        status = base.refuse(form, error)
        return _page(form), status
    base.offer_link(token, wish.email)
    return redirect(url_for("accounts.company"), code=303)


@bp.post("/company/invitations/<int(max=2147483647):invitation_id>/withdraw")
@allow(Role.ENTERPRISE)
def withdraw_invitation(invitation_id: int) -> ResponseReturnValue:
    actions.withdraw_invitation(current_actor(), invitation_id, now=clock.now())
    flash(_("邀请已收回"), "good")
    return redirect(url_for("accounts.company"), code=303)


@bp.post(f"/company/people/{USER_ID}/active")
@allow(Role.ENTERPRISE)
def set_colleague_active(user_id: int) -> ResponseReturnValue:
    is_active = request.form.get("is_active") == "1"
    actions.set_colleague_active(current_actor(), user_id, is_active=is_active, now=clock.now())
    flash(_("账号已恢复") if is_active else _("账号已停用，所有设备上的登录都已结束"), "good")
    return redirect(url_for("accounts.company"), code=303)


@bp.post(f"/company/people/{USER_ID}/admin")
@allow(Role.ENTERPRISE)
def set_colleague_admin(user_id: int) -> ResponseReturnValue:
    is_admin = request.form.get("is_admin") == "1"
    actions.set_colleague_admin(current_actor(), user_id, is_admin=is_admin)
    flash(_("已设为管理员") if is_admin else _("已取消管理员"), "good")
    return redirect(url_for("accounts.company"), code=303)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    try:
        invited = people.invitation(token, now=clock.now())
    except NotFound:
        return render_template("accounts/invitation_gone.html"), 404
    form = WelcomeForm(name=invited.name, phone=invited.phone)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                session_token = actions.accept_invitation(token, form.wish(base.device()), now=clock.now())
            except DomainError as error:
                status = base.refuse(form, error)
            else:
                base.remember(session_token)
                flash(_("欢迎！账号已可使用"), "good")
                return redirect("/", code=303)
    return render_template("accounts/invitation.html", form=form, invited=invited), status
