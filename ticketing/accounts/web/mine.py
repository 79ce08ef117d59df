"""Pages: my data, my devices, my tokens."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.actions import signing as actions
from ticketing.accounts.forms import OwnDataForm
from ticketing.accounts.queries import identity
from ticketing.accounts.web import base
from ticketing.accounts.web.base import bp
from ticketing.core import clock
from ticketing.core.errors import Invalid
from ticketing.web import keeping
from ticketing.web.guards import current_actor, signed_in


@bp.route("/me", methods=["GET", "POST"])
@signed_in
def mine() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    own = identity.own_data(actor)
    form = OwnDataForm(name=own.name, phone=own.phone)
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                actions.set_own_data(actor, form.name.data, form.phone.data or "")
            except Invalid as error:
                status = base.refuse(form, error)
            else:
                flash(_("已保存"), "good")
                return redirect(url_for("accounts.mine"), code=303)
    page = render_template(
        "accounts/mine.html",
        form=form,
        own=own,
        devices=identity.devices(actor, now=now, life=base.session_life()),
        this_session=base.me().session_id,
        tokens=identity.tokens(actor),
    )
    return page, status


@bp.post("/me/sessions/<int(max=2147483647):session_id>/end")
@signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    actions.end_session(current_actor(), session_id, now=clock.now())
    flash(_("那台设备已退出"), "good")
    return redirect(url_for("accounts.mine"), code=303)


@bp.post("/me/tokens/<int(max=2147483647):token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> ResponseReturnValue:
    actions.revoke_token(current_actor(), token_id, now=clock.now())
    flash(_("令牌已作废"), "good")
    return redirect(url_for("accounts.mine"), code=303)
