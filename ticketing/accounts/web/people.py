"""Pages of the administrator: everybody's accounts, roles, and new companies."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.actions import people as actions
from ticketing.accounts.forms import CompanyForm, MembershipsForm, StaffForm
from ticketing.accounts.queries import people as queries
from ticketing.accounts.web import base
from ticketing.accounts.web.base import USER_ID, bp
from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError
from ticketing.core.text import clean_line
from ticketing.web import keeping
from ticketing.web.guards import allow, current_actor


@bp.get("/admin/people")
@allow(Role.ADMIN)
def people() -> ResponseReturnValue:
    text = clean_line(request.args.get("q", ""))[:100]
    after = request.args.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0  # noqa: PLR2004
    found, go_on = queries.people(current_actor(), text, after=start)
    return render_template(
        "accounts/people.html",
        people=found,
        text=text,
        is_first=start == 0,
        next_url=url_for("accounts.people", q=text or None, after=go_on) if go_on else None,
        role_names=base.role_names(),
        in_english=base.is_english(),
    )


@bp.route("/admin/people/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_person() -> ResponseReturnValue:
    actor, form = current_actor(), StaffForm()
    form.offer(queries.assignable_units(actor), None, in_english=base.is_english())
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            wish = form.wish()
            try:
                user_id, token = actions.create_staff(actor, wish, now=clock.now())
            except DomainError as error:
                status = base.refuse(form, error)
            else:
                base.offer_link(token, wish.email)
                return redirect(url_for("accounts.person", user_id=user_id), code=303)
    return render_template("accounts/new_person.html", form=form), status


@bp.route("/admin/companies/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_company() -> ResponseReturnValue:
    form = CompanyForm()
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            wish = form.wish()
            try:
                token = actions.admit_company(current_actor(), wish, now=clock.now())
            except DomainError as error:
                status = base.refuse(form, error)
            else:
                base.offer_link(token, wish.email)
                return redirect(url_for("accounts.new_company"), code=303)
    return render_template("accounts/new_company.html", form=form, link=base.offered_link()), status


@bp.route(f"/admin/people/{USER_ID}", methods=["GET", "POST"])
@allow(Role.ADMIN)
def person(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found, form = queries.one_person(actor, user_id), MembershipsForm()
    form.offer(queries.assignable_units(actor), found, in_english=base.is_english())
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                actions.set_memberships(actor, user_id, form.wanted(), now=clock.now())
            except DomainError as error:
                status = base.refuse(form, error)
            else:
                flash(_("岗位已保存，立即生效"), "good")
                return redirect(url_for("accounts.person", user_id=user_id), code=303)
    page = render_template(
        "accounts/person.html",
        form=form,
        person=found,
        is_self=user_id == actor.user_id,
        link=base.offered_link(),
        in_english=base.is_english(),
    )
    return page, status


@bp.post(f"/admin/people/{USER_ID}/active")
@allow(Role.ADMIN)
def set_active(user_id: int) -> ResponseReturnValue:
    is_active = request.form.get("is_active") == "1"
    actions.set_active(current_actor(), user_id, is_active=is_active, now=clock.now())
    flash(_("账号已恢复") if is_active else _("账号已停用，所有设备上的登录都已结束"), "good")
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


@bp.post(f"/admin/people/{USER_ID}/password-link")
@allow(Role.ADMIN)
def password_link(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.one_person(actor, user_id)
    base.offer_link(actions.password_link(actor, user_id, now=clock.now()), found.email)
    return redirect(url_for("accounts.person", user_id=user_id), code=303)
