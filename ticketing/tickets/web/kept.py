"""Pages: views of the queue that people keep; and how a kept view becomes one of the queue's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from ticketing.core import clock
from ticketing.core.actor import TICKET_READERS, Actor
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.idempotency import Answer
from ticketing.core.local_day import local_date
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets.actions import saving
from ticketing.tickets.actions.saving import MAX_NAME_CHARS, ViewWish
from ticketing.tickets.filters import ReadFilters, read_filters
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort
from ticketing.tickets.queries.saved import Saved, may_change, saved_views, sharing_units
from ticketing.tickets.web import acting, told, views
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.views import View
from ticketing.web import errors, keeping
from ticketing.web.forms import BaseForm, ChoiceField, LineField
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

READERS = tuple(sorted(TICKET_READERS))
_GONE_BASE = N_("这个视图建立在“%(name)s”之上，您现在没有它，下面什么也不列")
_GONE_VALUE = N_("%(name)s里的“%(value)s”已不存在，下面什么也不列。请修改或删除这个视图")
_CLOSED_UNIT = N_("单位“%(name)s”已停用")
_NOTHING = Filters(unit_ids=frozenset())


class ViewForm(BaseForm):
    """A name, and whom to share it with."""

    name = LineField(lazy_gettext("视图名称"), max_chars=MAX_NAME_CHARS)
    share = ChoiceField(lazy_gettext("给谁用"), required=False)


def views_of(actor: Actor, net: Network, today: date) -> list[View]:
    """Return what the person can choose from in the queue: what the roles bring, then what was kept."""
    built_in = views.views(actor, net)
    return [*built_in, *(_view(one, built_in, net, today) for one in saved_views(actor))]


def narrowed(wanted: Filters, by: Filters) -> Filters:
    """Return what is in ``wanted`` and in ``by`` as well."""
    if by == Filters():
        return wanted
    also = by if wanted.also is None else replace(by, also=wanted.also)
    return replace(wanted, also=also)


def _view(one: Saved, built_in: Sequence[View], net: Network, today: date) -> View:
    """A kept view as one of the queue's, read anew: what it names may be gone, rights may have changed."""
    read = read_filters(one.filters, net, today)
    is_first = one.base == views.TODO  # whose duty is everything has it under another name
    under = next((view for view in built_in if is_first or view.key == one.base), None)
    sentences = _gone(one, read)
    if one.base and under is None:
        sentences.append(_(_GONE_BASE, name=_(views.NAMES.get(one.base, one.base))))
    if sentences:
        return View(one.key, one.name, _NOTHING, is_counted=False, saved=one, told=tuple(sentences))
    notes = tuple(
        _(_CLOSED_UNIT, name=net.by_code[code].label(language()))
        for name in ("unit", "at")
        for code in read.given.get(name, ())
        if not net.by_code[code].is_active
    )
    if not one.base and (one.sort != Sort.DUE or read.wanted.text):
        there = url_for("tickets.index", **_args(read.given), sort=one.sort)
        return View(one.key, one.name, read.wanted, is_counted=False, saved=one, told=notes, elsewhere=there)
    wanted = narrowed(under.wanted, read.wanted) if under else read.wanted
    return View(one.key, one.name, wanted, saved=one, told=notes)


def _gone(one: Saved, read: ReadFilters) -> list[str]:
    """Sentences about values that nothing answers to any more; without them the view would show too much."""
    return [
        _(_GONE_VALUE, name=told.name_of(name), value=value)
        for name, values in one.filters.items()
        for value in values
        if value not in read.given.get(name, ())
    ]


def _args(given: dict[str, list[str]]) -> dict[str, Any]:
    return dict(given)


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept view on the page where they are looked after."""

    view: View
    href: str
    about: str
    unit: str
    is_theirs: bool


@bp.get("/views")
@allow(*READERS)
def kept() -> ResponseReturnValue:
    """Show the kept views, to be renamed, put in order or deleted."""
    return _kept_page()


def _kept_page(wrong: dict[str, str] | None = None) -> ResponseReturnValue:
    actor, today = current_actor(), local_date(clock.now())
    net = network.network()
    held = [(view, view.saved) for view in views_of(actor, net, today) if view.saved]
    names = told.categories_if([one for _view, one in held if "category" in one.filters])
    entries = [_entry(view, one, actor, net, names) for view, one in held]
    page = render_template(
        "tickets/views.html",
        own=[one for one in entries if not one.unit],
        shared=[one for one in entries if one.unit],
        wrong=wrong or {},
        max_chars=MAX_NAME_CHARS,
    )
    return page, 422 if wrong else 200


def _entry(view: View, saved: Saved, actor: Actor, net: Network, names: Mapping[str, str]) -> Entry:
    known = read_filters(saved.filters, net, local_date(clock.now()))
    return Entry(
        view=view,
        href=view.elsewhere or url_for("tickets.queue", view=view.key),
        about=_about(saved.base, known, net, names, saved.sort),
        unit=net.by_id[saved.unit_id].label(language()) if saved.unit_id else "",
        is_theirs=may_change(actor, saved.owner_id, saved.unit_id),
    )


def _about(under: str, read: ReadFilters, net: Network, names: Mapping[str, str], sort: str) -> str:
    """What a view holds, in words."""
    words = [_(views.NAMES[under])] if under in views.NAMES else []
    words += [told.in_words(name, values, net, names) for name, values in read.given.items()]
    if sort == Sort.RECEIVED:
        words.append(_("最新接到的在前"))
    return _("；").join(words) or _(views.NAMES[views.ALL])


@bp.route("/views/new", methods=["GET", "POST"])
@allow(*READERS)
def keep() -> ResponseReturnValue:
    """Keep what a list or the queue shows now as a view, alone or for one's unit."""
    actor, now = current_actor(), clock.now()
    net = network.network()
    sent = request.args if request.method == "GET" else request.form
    under, sort, read = _asked(sent, actor, net, local_date(now))
    names = told.categories_if(read.given.get("category"))
    form = ViewForm()
    form.share.choices = [("", _("只给我自己"))] + [
        (net.by_id[unit_id].code, _("%(unit)s的所有人", unit=net.by_id[unit_id].label(language())))
        for unit_id in sorted(sharing_units(actor))
    ]
    sentences: list[str] = []
    if request.method == "GET":
        form.name.data = _first_name(under, read, net, names)
        keeping.refill(form)
    elif form.validate():
        unit = net.by_code.get(form.share.data or "")
        wish = ViewWish(form.name.data or "", read.given, sort, under, unit.id if unit else None)
        try:
            done = acting.once(actor, lambda: Answer(303, saving.save(actor, wish, now=now)), now)
        except DomainError as refusal:
            sentences = form.take_errors(errors.fields_of(refusal))
            if not refusal.fields:
                sentences.insert(0, errors.sentence_of(refusal))
        else:
            flash(_("已存为视图“%(name)s”", name=wish.name), "good")
            return redirect(url_for("tickets.queue", view=done.body), code=303)
    page = render_template(
        "tickets/keep.html",
        form=form,
        about=_about(under, read, net, names, sort),
        hidden=[("view", under), ("sort", sort), *((n, v) for n, vs in read.given.items() for v in vs)],
        problems=told.problems(read),
        sentences=sentences,
        back=keeping.local_target(sent.get("next")) or url_for("tickets.queue"),
        can_share=len(form.share.choices) > 1,
    )
    return page, 422 if form.errors or sentences else 200


def _asked(
    sent: MultiDict[str, str], actor: Actor, net: Network, today: date
) -> tuple[str, str, ReadFilters]:
    """What is to be kept: the view of the queue below it, the order, and the values understood."""
    known = {view.key: view for view in views_of(actor, net, today)}
    chosen = known.get(sent.get("view", ""))
    values = {name: list(found) for name, found in sent.to_dict(flat=False).items()}
    under = chosen.key if chosen else ""
    if chosen and chosen.saved:  # a view made of a kept one holds all that it holds
        under = chosen.saved.base
        values = {**chosen.saved.filters, **values}
    read = read_filters(values, net, today)
    order = next((one for one in Sort if one.value == sent.get("sort") and not under), Sort.DUE)
    return under, order.value, read


def _first_name(under: str, read: ReadFilters, net: Network, names: Mapping[str, str]) -> str:
    """A name to begin with."""
    words = [told.values(name, values, net, names) for name, values in read.given.items() if name != "mine"]
    words = words or ([_(views.NAMES[under])] if under in views.NAMES else [])
    return " ".join(words)[:MAX_NAME_CHARS]


@bp.post("/views/<key>")
@allow(*READERS)
def change(key: str) -> ResponseReturnValue:
    """Rename, move or delete a kept view."""
    actor, now = current_actor(), clock.now()
    deed = request.form.get("do", "")
    deeds = {
        "rename": lambda: saving.rename(actor, key, request.form.get("name", "")),
        "earlier": lambda: saving.move(actor, key, -1),
        "later": lambda: saving.move(actor, key, 1),
        "delete": lambda: saving.remove(actor, key),
    }
    if deed not in deeds:
        raise NotFound

    def make() -> Answer:
        deeds[deed]()
        return Answer(303, "")

    try:
        acting.once(actor, make, now)
    except NotFound:
        raise
    except DomainError as refusal:
        said = [text for texts in errors.fields_of(refusal).values() for text in texts]
        return _kept_page({key: " ".join(said) or errors.sentence_of(refusal)})
    flash(_("已删除") if deed == "delete" else _("已保存"), "good")
    return redirect(url_for("tickets.kept"), code=303)
