"""Pages of the network: the tree with its picture, and the forms of administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.accounts.queries import people
from ticketing.accounts.rules import STAFF_ROLES
from ticketing.core.actor import Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.network import actions, queries, rules
from ticketing.network.actions import StillHolding
from ticketing.network.forms import SiteForm, UnitForm
from ticketing.network.queries import Network, SiteInfo, UnitInfo
from ticketing.network.words import ScopePart, UnitKind
from ticketing.web import errors, keeping
from ticketing.web.forms import BaseForm
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import language

bp = Blueprint("network", __name__, url_prefix="/admin/network")
READERS = (Role.ADMIN, Role.AUDITOR, Role.LEADER)


@dataclass(slots=True)
class Node:
    """One unit of the tree with what hangs on it."""

    unit: UnitInfo
    name: str
    kind: str
    duty: str
    sites: list[SiteInfo]
    leads: list[str]
    helps: list[str]
    below: list[Node] = field(default_factory=list)


@bp.get("", strict_slashes=False)
@allow(*READERS)
def units() -> ResponseReturnValue:
    net = queries.network()
    root = _nodes(net, _locale())[net.centre.code]
    return render_template(
        "network/units.html",
        root=root,
        areas=[node for node in root.below if node.unit.kind is UnitKind.AREA],
        rest=[node for node in root.below if node.unit.kind is not UnitKind.AREA],
        counts={kind: sum(u.kind is kind and u.is_active for u in net.by_id.values()) for kind in UnitKind},
        may_write=_may_write(),
        locale_label=_locale(),
    )


@bp.route("/units/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_unit() -> ResponseReturnValue:
    form, net = _unit_form(None), queries.network()
    if request.method == "GET":
        form.parent.data = request.args.get("parent", net.centre.code)
        form.kind.data = UnitKind.STATION.value

    def save() -> str:
        code = actions.create_unit(current_actor(), form.code.data, form.wish())
        flash(_("已新建单位 %(code)s", code=code), "good")
        return url_for("network.unit", code=code)

    return _answer(form, save, "network/edit_unit.html", unit=None)


@bp.get("/units/<code>")
@allow(*READERS)
def unit(code: str) -> ResponseReturnValue:
    net = queries.network()
    found = _known(net, code)
    node = _nodes(net, _locale())[found.code]
    return render_template(
        "network/unit.html",
        node=node,
        way=[(one.label(_locale()), url_for("network.unit", code=one.code)) for one in _above(net, found)],
        held=queries.holdings(found.id),
        may_write=_may_write(),
        locale_label=_locale(),
    )


@bp.route("/units/<code>/edit", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_unit(code: str) -> ResponseReturnValue:
    net = queries.network()
    found = _known(net, code)
    form = _unit_form(found)
    parent = net.parent(found).code if found.parent_id is not None else ""
    on_duty = queries.duty_people().get(found.id)
    form.show(found, parent, on_duty[0] if on_duty else None, queries.scopes().get(found.id, []))

    def save() -> str:
        actions.edit_unit(current_actor(), found.code, form.wish())
        flash(_("已保存，立即生效"), "good")
        return url_for("network.unit", code=found.code)

    return _answer(form, save, "network/edit_unit.html", unit=found)


@bp.route("/sites/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_site() -> ResponseReturnValue:
    form = _site_form()
    if request.method == "GET":
        form.unit.data = request.args.get("unit", "")

    def save() -> str:
        code = actions.create_site(current_actor(), form.code.data, form.wish())
        flash(_("已新建地点 %(code)s", code=code), "good")
        return url_for("network.unit", code=form.unit.data)

    return _answer(form, save, "network/edit_site.html", site=None)


@bp.route("/sites/<code>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_site(code: str) -> ResponseReturnValue:
    net = queries.network()
    found = next((site for site in queries.sites() if site.code == code), None)
    if found is None:
        raise NotFound
    form = _site_form()
    del form.code
    form.show(found, net.by_id[found.unit_id].code)

    def save() -> str:
        actions.edit_site(current_actor(), found.code, form.wish())
        flash(_("已保存，立即生效"), "good")
        return url_for("network.unit", code=form.unit.data)

    return _answer(form, save, "network/edit_site.html", site=found)


def _answer(form: BaseForm, save: Callable[[], str], template: str, **shown: object) -> ResponseReturnValue:
    """Show a form, or save it and go on to the address ``save`` gives; a refusal shows it again."""
    keeping.refill(form)
    status, refused = 200, None
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                return redirect(save(), code=303)
            except DomainError as error:
                refused = error if isinstance(error, StillHolding) else None
                loose = form.take_errors(errors.fields_of(error))
                if loose or not error.fields:
                    form.form_errors.append(errors.sentence_of(error))
                status = errors.status_of(error)
    return render_template(template, form=form, held=refused.extra if refused else None, **shown), status


def _unit_form(unit: UnitInfo | None) -> UnitForm:
    form = UnitForm()
    net, locale = queries.network(), _locale()
    others = [one for one in net.by_id.values() if one.is_active and one != unit]
    form.offer(others, queries.calendar_names(), queries.categories(), locale)
    if unit is not None:
        del form.code
        form.offer_people(people.users_in([unit.id], STAFF_ROLES))
    return form


def _site_form() -> SiteForm:
    form = SiteForm()
    net = queries.network()
    form.offer(
        [one for one in net.by_id.values() if one.is_active and one.kind in rules.TERRITORIAL], _locale()
    )
    return form


def _known(net: Network, code: str) -> UnitInfo:
    if code not in net.by_code:
        raise NotFound
    return net.by_code[code]


def _above(net: Network, unit: UnitInfo) -> list[UnitInfo]:
    codes = unit.path.split("/")[:-1]
    return [net.by_code[code] for code in codes]


def _locale() -> str:
    return language()


def _may_write() -> bool:
    return current_actor().holds(Role.ADMIN)


def _nodes(net: Network, locale: str) -> dict[str, Node]:
    """Return every unit with what hangs on it, by code; units below are in the order of their codes."""
    sites: dict[int, list[SiteInfo]] = {}
    for site in queries.sites():
        sites.setdefault(site.unit_id, []).append(site)
    duty, scope = queries.duty_people(), queries.scopes()
    names = {one.code: one.label(locale) for one in queries.categories()}
    nodes = {
        one.code: Node(
            unit=one,
            name=one.label(locale),
            kind=_(rules.UNIT_KINDS[one.kind]),
            duty=duty[one.id][1] if one.id in duty else "",
            sites=sites.get(one.id, []),
            leads=[names[code] for code, part in scope.get(one.id, []) if part is ScopePart.LEAD],
            helps=[names[code] for code, part in scope.get(one.id, []) if part is ScopePart.HELP],
        )
        for one in net.by_id.values()
    }
    for node in nodes.values():
        if node.unit.parent_id is not None:
            nodes[net.by_id[node.unit.parent_id].code].below.append(node)
    return nodes
