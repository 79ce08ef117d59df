"""Pages: the queue, one list by remaining time, and the list that searches everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import TICKET_READERS, Actor, Role
from ticketing.core.errors import NotPermitted
from ticketing.core.local_day import day_start, local_date
from ticketing.core.paging import BadCursor, Page
from ticketing.core.text import N_
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import labels, rules
from ticketing.tickets.filters import YES, ReadFilters, read_filters
from ticketing.tickets.queries import desk, helping
from ticketing.tickets.queries.conditions import Filters, Section
from ticketing.tickets.queries.listing import COUNT_CAP, Sort, TicketRow, counts, listing
from ticketing.tickets.web import base, bulk, company, rows, views
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.finds import finds
from ticketing.tickets.web.views import View
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _

READERS = tuple(sorted(TICKET_READERS))
_TONES = {Section.OVERDUE: "red", Section.TODAY: "yellow"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter with its count, for parts/filter_chips.html."""

    label: str
    href: str
    count: int | None
    is_current: bool
    tone: str = ""
    cap: int = COUNT_CAP


@bp.get("/queue")
@allow(*READERS)
def queue() -> ResponseReturnValue:
    """Show what waits for this person, the most pressing first."""
    actor, now = current_actor(), clock.now()
    net = network.network()
    known = views.views(actor, net)
    chosen = next((view for view in known if view.key == request.args.get("view")), known[0])
    section = next((one for one in Section if one.value == request.args.get("section")), None)
    totals = counts(actor, _counted(known, chosen), now=now)
    page, problems = _read(actor, replace(chosen.wanted, section=section), Sort.DUE, now)
    made = rows.rows_of(page.rows, actor, net, now)
    shown = [(row.section, line) for row, line in zip(page.rows, made, strict=True)]
    return render_template(
        "tickets/queue.html",
        title=_(chosen.label),
        view_chips=_with_parts(_view_chips(known, chosen, totals), actor),
        section_chips=_section_chips(chosen, section, totals),
        parts=rows.sections(shown, totals),
        problems=problems,
        bulk=bulk.buttons(page.rows, actor, net),
        once=fresh_key(),
        next_url=_next_url(page),
        first_url=_first_url(),
        told=_("这一页 %(n)s 件", n=len(page.rows)),
        cap=COUNT_CAP,
        done=None if shown else desk.handled_since(actor, day_start(local_date(now))),
        done_href=url_for("tickets.index", mine=1),
        here=request.full_path,
        is_narrowed=section is not None or chosen is not known[0],
    )


def _counted(known: list[View], chosen: View) -> dict[str, Filters]:
    """Every counter on the page by name: the views, and the sections of the chosen one."""
    named = {f"view_{view.key}": view.wanted for view in known if view.is_counted}
    return named | {one.value: replace(chosen.wanted, section=one) for one in Section}


def _view_chips(known: list[View], chosen: View, totals: dict[str, int]) -> list[Chip]:
    return [
        Chip(
            label=_(view.label),
            href=url_for("tickets.queue", view=view.key),
            count=totals.get(f"view_{view.key}"),
            is_current=view is chosen,
        )
        for view in known
    ]


def _with_parts(chips: list[Chip], actor: Actor) -> list[Chip]:
    """The views, and behind the first what one's units owe others: a list of its own, by the parts' time."""
    if not helping.own_units(actor):
        return chips
    own = Chip(_("协办"), url_for("tickets.helping_list"), helping.count_owed(actor), is_current=False)
    return [*chips[:1], own, *chips[1:]]


def _section_chips(chosen: View, section: Section | None, totals: dict[str, int]) -> list[Chip]:
    """The sections as filters; the one in use leads back to all of them."""
    return [
        Chip(
            label=_(labels.SECTIONS[one]),
            href=url_for("tickets.queue", view=chosen.key, section=None if one is section else one.value),
            count=totals[one.value],
            is_current=one is section,
            tone=_TONES.get(one, ""),
        )
        for one in Section
        if totals[one.value] or one is section
    ]


@bp.get("", strict_slashes=False)
@allow(Role.ENTERPRISE, *READERS)
def index() -> ResponseReturnValue:
    """Search and narrow all tickets in sight; a company's people get their own list."""
    actor, now = current_actor(), clock.now()
    if actor.enterprise_id is not None:
        return company.index_page(actor)
    if not actor.holds(*READERS):
        raise NotPermitted
    net = network.network()
    read = read_filters(request.args.to_dict(flat=False), net, local_date(now))
    sort = _sort(read.wanted)
    page, problems = _read(actor, read.wanted, sort, now)
    if _is_exactly(read.wanted.text, page):
        return redirect(url_for("tickets.show", number=page.rows[0].number))
    return render_template(
        "tickets/index.html",
        rows=rows.rows_of(page.rows, actor, net, now, finds(actor, read.wanted.text, page.rows)),
        given=read.given,
        problems=[*problems, *_told(read)],
        choices=_choices(actor, net),
        active=_active(read, net),
        sort=sort.value,
        bulk=bulk.buttons(page.rows, actor, net),
        once=fresh_key(),
        next_url=_next_url(page),
        first_url=_first_url(),
        told=_("这一页 %(n)s 件", n=len(page.rows)),
        here=request.full_path,
    )


def _sort(wanted: Filters) -> Sort:
    """The order asked for; of what was searched the best comes first unless another is wanted."""
    usual = Sort.BEST if wanted.text else Sort.RECEIVED
    return next((one for one in Sort if one.value == request.args.get("sort")), usual)


def _read(actor: Actor, wanted: Filters, sort: Sort, now: datetime) -> tuple[Page[TicketRow], list[str]]:
    """The page of the address; a cursor made elsewhere is ignored with a word."""
    cursor = request.args.get("cursor") or None
    try:
        return listing(actor, wanted, sort=sort, cursor=cursor, now=now), []
    except BadCursor as wrong:
        return listing(actor, wanted, sort=sort, now=now), [_(wrong.text)]


def _is_exactly(text: str, page: Page[TicketRow]) -> bool:
    """Whether somebody typed a number and it is there."""
    return len(page.rows) == 1 and rules.read_number(text) == page.rows[0].number


def _address(**changed: str | None) -> str:
    """This page's address with some of its arguments changed."""
    args: dict[str, Any] = {**request.args.to_dict(flat=False), **changed}
    return url_for(str(request.endpoint), **{name: value for name, value in args.items() if value})


def _next_url(page: Page[TicketRow]) -> str | None:
    return _address(cursor=page.next_cursor) if page.next_cursor else None


def _first_url() -> str | None:
    return _address(cursor=None) if request.args.get("cursor") else None


def _told(read: ReadFilters) -> list[str]:
    """The sentences about values that were ignored."""
    return [
        _("%(name)s：%(why)s", name=_(NAMES.get(name, name)), why=_(sentence))
        for name, sentences in read.problems.items()
        for sentence in sentences
    ]


NAMES = {
    "q": N_("搜索词"),
    "status": N_("状态"),
    "unit": N_("单位"),
    "at": N_("仅本单位"),
    "sent_to": N_("派给过"),
    "returned_by": N_("退单单位"),
    "category": N_("类别"),
    "kind": N_("类型"),
    "level": N_("紧急程度"),
    "channel": N_("来源渠道"),
    "light": N_("亮灯"),
    "section": N_("时间"),
    "mine": N_("我经办的"),
    "overdue": N_("已超时"),
    "open": N_("在办"),
    "rated": N_("已评价"),
    "satisfied": N_("满意"),
    "from": N_("接到时间从"),
    "to": N_("接到时间到"),
    "closed_from": N_("办结时间从"),
    "closed_to": N_("办结时间到"),
}
_FLAGS = frozenset({"mine", "overdue", "open", "rated", "satisfied"})
_WORDS: dict[str, dict[Any, str]] = {
    "status": dict(labels.STATES),
    "kind": dict(labels.KINDS),
    "level": dict(labels.LEVELS),
    "channel": dict(labels.CHANNELS),
    "light": dict(labels.LIGHTS),
    "section": dict(labels.SECTIONS),
}


def _choices(actor: Actor, net: Network) -> dict[str, list[tuple[str, str]]]:
    """What the selects of the filter form offer, by name."""
    found = {
        name: [(word.value, _(label)) for word, label in table.items() if word != "draft"]
        for name, table in _WORDS.items()
        if name != "section"
    }
    seen = net.within(actor.reading_paths)
    locale = base.locale()
    found["unit"] = [(unit.code, unit.label(locale)) for unit in net.by_id.values() if unit.id in seen]
    found["category"] = [(one.code, one.label(locale)) for one in network.categories()]
    return found


def _active(read: ReadFilters, net: Network) -> list[tuple[str, str]]:
    """What narrows the list now, in words, each with the address without it."""
    return [
        (
            _("%(name)s：%(why)s", name=_(NAMES[name]), why=_values(name, given, net)),
            _address(**{name: None}, cursor=None),
        )
        for name, given in read.given.items()
    ]


def _values(name: str, given: Iterable[str], net: Network) -> str:
    words = list(given)
    if name in _WORDS:
        table = {word.value: label for word, label in _WORDS[name].items()}
        words = [_(table[value]) for value in given]
    elif name in {"unit", "at", "sent_to", "returned_by"}:
        words = [net.by_code[code].label(base.locale()) for code in given]
    elif name in _FLAGS:
        words = [_("是") if value.lower() in YES else _("否") for value in given]
    return _("、").join(words)
