"""Pages: reply templates, written by those who lead a unit, and chosen into a form of a ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import HiddenField

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.errors import ChangedMeanwhile, DomainError, NotFound
from ticketing.core.local_day import local_date
from ticketing.network import queries as network
from ticketing.sla.words import Metric
from ticketing.tickets import labels, reply_texts
from ticketing.tickets.blanks import MEANINGS, Blank, fill, name_of
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.reply_texts import EDITORS, MAX_BODY, MAX_NAME, ReplyText, TextWish
from ticketing.tickets.web import base
from ticketing.tickets.web.base import bp
from ticketing.tickets.words import Action, Kind
from ticketing.web import errors, filters, keeping
from ticketing.web.forms import BaseForm, ChoiceField, LineField, ParagraphField, choices, fresh_key
from ticketing.web.guards import allow, current_actor, signed_in
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

# The forms whose text is for the company, or for whoever answers it.
FOR = frozenset(
    {
        Action.SUBMIT_REPLY,
        Action.ANSWER_NOW,
        Action.MESSAGE,
        Action.REQUEST_INFO,
        Action.REJECT,
        Action.FINISH_PART,
    }
)
MAX_ID = 2**31 - 1
DISTRICT = "district"


class TextForm(BaseForm):
    """A reply template."""

    version = HiddenField()
    unit = ChoiceField(lazy_gettext("谁用"))
    name = LineField(lazy_gettext("名称"), max_chars=MAX_NAME)
    body = ParagraphField(lazy_gettext("内容"), max_chars=MAX_BODY)
    category = ChoiceField(lazy_gettext("只用于这个类别"), required=False)
    kind = ChoiceField(lazy_gettext("只用于这个类型"), required=False)

    def offer(self, actor: Actor) -> None:
        """Fill the lists."""
        units, net, locale = reply_texts.editable_units(actor), network.network(), language()
        whole = [(DISTRICT, _("全区"))] if units is None else []
        known = [
            unit for unit in net.by_id.values() if unit.is_active and (units is None or unit.id in units)
        ]
        self.unit.choices = choices([*whole, *((unit.code, unit.label(locale)) for unit in known)])
        self.category.choices = choices(
            ((one.code, one.label(locale)) for one in network.categories()), empty=_("所有类别")
        )
        self.kind.choices = choices(((k.value, _(labels.KINDS[k])) for k in Kind), empty=_("所有类型"))

    def show(self, found: ReplyText) -> None:
        """Fill in what a template is now."""
        net = network.network()
        self.unit.data = net.by_id[found.unit_id].code if found.unit_id else DISTRICT
        self.name.data, self.body.data, self.version.data = found.name, found.body, str(found.version)
        self.category.data, self.kind.data = found.category or "", found.kind.value if found.kind else ""

    def wish(self) -> TextWish:
        """Return what is wanted, once the form has been checked."""
        unit = network.network().by_code.get(self.unit.data)
        return TextWish(
            unit_id=unit.id if unit else None,
            name=self.name.data,
            body=self.body.data,
            category=self.category.data or None,
            kind=Kind(self.kind.data) if self.kind.data else None,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One template in the list."""

    name: str
    href: str
    owner: str
    narrowed: str
    body: str
    changed_at: datetime


@bp.get("/texts")
@allow(*EDITORS)
def texts() -> ResponseReturnValue:
    """List the templates this person may change."""
    net, locale = network.network(), language()
    names = {one.code: one.label(locale) for one in network.categories()}
    rows = [
        Row(
            name=one.name,
            href=url_for("tickets.edit_text", text_id=one.id),
            owner=net.by_id[one.unit_id].label(locale) if one.unit_id else _("全区"),
            narrowed=" · ".join(
                [
                    *([names[one.category]] if one.category else []),
                    *([_(labels.KINDS[one.kind])] if one.kind else []),
                ]
            ),
            body=one.body,
            changed_at=one.changed_at,
        )
        for one in reply_texts.editable(current_actor())
    ]
    return render_template("tickets/texts.html", rows=rows)


@bp.route("/texts/new", methods=["GET", "POST"])
@allow(*EDITORS)
def new_text() -> ResponseReturnValue:
    """Write a new template."""
    actor = current_actor()
    form = _form(actor)
    return _answer(form, lambda now: reply_texts.create(actor, form.wish(), now=now))


@bp.route(f"/texts/<int(max={MAX_ID}):text_id>", methods=["GET", "POST"])
@allow(*EDITORS)
def edit_text(text_id: int) -> ResponseReturnValue:
    """Change a template."""
    actor = current_actor()
    found, form = reply_texts.text(actor, text_id), _form(actor)
    if request.method == "GET":
        form.show(found)

    def save(now: datetime) -> None:
        seen = form.version.data or ""
        reply_texts.change(
            actor, text_id, form.wish(), seen_version=int(seen) if seen.isdecimal() else 0, now=now
        )

    return _answer(form, save, found)


@bp.post(f"/texts/<int(max={MAX_ID}):text_id>/remove")
@allow(*EDITORS)
def remove_text(text_id: int) -> ResponseReturnValue:
    """Remove a template."""
    flash(_("模板“%(name)s”已删除", name=reply_texts.remove(current_actor(), text_id)), "good")
    return redirect(url_for("tickets.texts"), code=303)


def _form(actor: Actor) -> TextForm:
    form = TextForm()
    form.offer(actor)
    return form


def _answer(
    form: TextForm, save: Callable[[datetime], object], found: ReplyText | None = None
) -> ResponseReturnValue:
    keeping.refill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                save(clock.now())
            except NotFound:
                raise
            except DomainError as refusal:
                status = _refuse(form, refusal, found)
            else:
                flash(_("模板已保存，马上可以选用"), "good")
                return redirect(url_for("tickets.texts"), code=303)
    page = render_template(
        "tickets/edit_text.html",
        form=form,
        found=found,
        once=fresh_key(),
        blanks=[(name_of(blank, language()), _(MEANINGS[blank])) for blank in Blank],
    )
    return page, status


def _refuse(form: TextForm, refusal: DomainError, found: ReplyText | None) -> int:
    form.take_errors(errors.fields_of(refusal))
    if not refusal.fields:
        form.form_errors.append(errors.sentence_of(refusal))
    if isinstance(refusal, ChangedMeanwhile) and found is not None:
        form.version.data = str(reply_texts.text(current_actor(), found.id).version)
    return errors.status_of(refusal)


@bp.get("/<number>/texts")
@signed_in
def texts_for(number: str) -> ResponseReturnValue:
    """Give the templates for a ticket to the page's script, each filled in as this person may read it."""
    return jsonify(texts=[{"name": name, "body": body} for _id, name, body in filled_for(number)])


def filled_for(number: str) -> list[tuple[int, str, str]]:
    """Return id, name and filled-in text of what can be chosen for a ticket; raise NotFound."""
    actor, now = current_actor(), clock.now()
    if actor.enterprise_id is not None:
        raise NotFound(number=number)
    found = base.look(actor, base.canonical(number), now)
    values = values_of(actor, found, now)
    return [(one.id, one.name, fill(one.body, values)) for one in reply_texts.offered(actor, found.ticket)]


def values_of(actor: Actor, found: TicketView, now: datetime) -> dict[Blank, str]:
    """Return what a ticket has for each blank, as far as this person may read it."""
    resolve = found.clock(Metric.RESOLVE)
    contact = found.contact
    return {
        Blank.COMPANY: "" if contact.is_masked and found.ticket.is_confidential else found.enterprise,
        Blank.CONTACT: "" if contact.is_masked else contact.name,
        Blank.NUMBER: found.ticket.number,
        Blank.TITLE: found.ticket.title,
        Blank.UNIT: found.unit.label(language()),
        Blank.HANDLER: found.handler or actor.name,
        Blank.PHONE: found.unit.phone,
        Blank.DEADLINE: filters.dated(resolve.due_at) if resolve else "",
        Blank.RECEIVED: local_date(found.ticket.received_at).isoformat(),
        Blank.TODAY: local_date(now).isoformat(),
    }
