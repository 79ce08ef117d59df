"""Pages: the queue, one list by remaining time, and the list that searches everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import TICKET_READERS, Actor, Role
from ticketing.core.errors import NotPermitted
from ticketing.core.local_day import day_start, local_date
from ticketing.core.paging import BadCursor, Page
from ticketing.network import queries as network
from ticketing.network.queries import Network
from ticketing.tickets import labels, rules
from ticketing.tickets.filters import ReadFilters, read_filters
from ticketing.tickets.queries import desk, helping
from ticketing.tickets.queries.conditions import Filters, Section
from ticketing.tickets.queries.listing import COUNT_CAP, Sort, TicketRow, counts, listing
from ticketing.tickets.web import bulk, company, kept, rows, told
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.finds import finds
from ticketing.tickets.web.views import View
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

READERS = tuple(sorted(TICKET_READERS))
_OWED = "owed"
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
    name: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue's address asks for. ``narrowed``: the chosen view, narrowed by the address."""

    known: list[View]
    chosen: View
    read: ReadFilters
    section: Section | None
    narrowed: Filters

    @property
    def wanted(self) -> Filters:
        """What the list holds."""
        return replace(self.narrowed, section=self.section)

    def counted(self) -> dict[str, Filters]:
        """Every counter on the page by name: the views, and the sections of what is listed."""
        named = {f"view_{view.key}": view.wanted for view in self.known if view.is_counted}
        return named | {one.value: replace(self.narrowed, section=one) for one in Section}


def asked(actor: Actor, net: Network, today: date) -> Asked:
    """Read the queue's address."""
    known = kept.views_of(actor, net, today)
    chosen = next((view for view in known if view.key == request.args.get("view")), known[0])
    read = read_filters(request.args.to_dict(flat=False), net, today)
    narrowed = kept.narrowed(chosen.wanted, replace(read.wanted, section=None))
    return Asked(known, chosen, read, read.wanted.section, narrowed)


@bp.get("/queue")
@allow(*READERS)
def queue() -> ResponseReturnValue:
    """Show what waits for this person, the most pressing first."""
    actor, now = current_actor(), clock.now()
    if request.args.get("q"):  # words are searched for in the list of all
        given: dict[str, Any] = request.args.to_dict(flat=False)
        return redirect(url_for("tickets.index", **given))
    net, today = network.network(), local_date(now)
    here = asked(actor, net, today)
    if here.chosen.elsewhere:
        return redirect(here.chosen.elsewhere)
    owes = {_OWED: helping.owed_total} if helping.own_units(actor) else {}
    totals = counts(actor, here.counted(), owes, now=now)
    page, problems = read_page(actor, here.wanted, Sort.DUE, now)
    made = rows.rows_of(page.rows, actor, net, now)
    shown = [(row.section, line) for row, line in zip(page.rows, made, strict=True)]
    names = told.categories_if(_asks_for_categories(here))
    return render_template(
        "tickets/queue.html",
        title=_name(here.chosen),
        view_chips=_with_parts(_view_chips(here, totals), totals.get(_OWED)),
        section_chips=_section_chips(here.section, totals),
        parts=rows.sections(shown, totals),
        problems=[*here.chosen.told, *_unknown(here, names), *problems, *told.problems(here.read)],
        active=_active(here.read, net, names, {"section"}),
        narrow=_narrowing(actor, net, names) if "filter" in request.args else None,
        given=here.read.given,
        chosen=here.chosen,
        filter_href=_address(filter="1", cursor=None),
        has_kept=any(view.saved for view in here.known),
        save_href=_save_href(here.read, view=here.chosen.key),
        live_url=_address_of("tickets.renewed"),
        bulk=bulk.buttons(page.rows, actor, net),
        once=fresh_key(),
        next_url=_next_url(page),
        first_url=_first_url(),
        told=_how_many(page),
        cap=COUNT_CAP,
        done=None if shown else desk.handled_since(actor, day_start(today)),
        done_href=url_for("tickets.index", mine=1),
        here=request.full_path,
        is_narrowed=bool(here.read.given) or here.chosen is not here.known[0],
    )


def _name(view: View) -> str:
    return view.label if view.saved else _(view.label)


def _save_href(read: ReadFilters, **also: str) -> str:
    """The address of the form that keeps what is shown."""
    given: dict[str, Any] = {**read.given, **also}
    return url_for("tickets.keep", **given, next=request.full_path)


def _asks_for_categories(here: Asked) -> bool:
    names = here.chosen.saved.filters if here.chosen.saved else {}
    return "filter" in request.args or "category" in here.read.given or "category" in names


def _unknown(here: Asked, categories: dict[str, str]) -> list[str]:
    """Sentences about what the address, or the view, names and there is not."""
    found = []
    if request.args.get("view") and here.chosen.key != request.args["view"]:
        found.append(_("没有这个视图，或者它已被删除。下面是“%(name)s”。", name=_(here.chosen.label)))
    named = here.chosen.saved.filters.get("category", ()) if here.chosen.saved else ()
    gone = [code for code in named if code not in categories]
    found += [_("视图里的类别“%(code)s”已不存在。请修改或删除这个视图。", code=code) for code in gone]
    return found


def _view_chips(here: Asked, totals: dict[str, int]) -> list[Chip]:
    return [
        Chip(
            label=_name(view),
            href=view.elsewhere or url_for("tickets.queue", view=view.key),
            count=totals.get(f"view_{view.key}"),
            is_current=view is here.chosen,
            name=f"view_{view.key}",
            icon="users" if view.saved and view.saved.unit_id else "save" if view.saved else "",
        )
        for view in here.known
    ]


def _with_parts(chips: list[Chip], count: int | None) -> list[Chip]:
    """The views, and behind the first what one's units owe others: a list of its own, by the parts' time."""
    if count is None:
        return chips
    own = Chip(_("我们协办的"), url_for("tickets.helping_list"), count, is_current=False)
    return [*chips[:1], own, *chips[1:]]


def _section_chips(section: Section | None, totals: dict[str, int]) -> list[Chip]:
    """The sections as filters; the one in use leads back to all of them."""
    return [
        Chip(
            label=_(labels.SECTIONS[one]),
            href=_address(section=None if one is section else one.value, cursor=None),
            count=totals[one.value],
            is_current=one is section,
            tone=_TONES.get(one, ""),
            name=one.value,
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
    page, problems = read_page(actor, read.wanted, sort, now)
    if _is_exactly(read.wanted.text, page):
        return redirect(url_for("tickets.show", number=page.rows[0].number))
    categories = told.categories_if(is_asked=True)
    return render_template(
        "tickets/index.html",
        rows=rows.rows_of(page.rows, actor, net, now, finds(actor, read.wanted.text, page.rows)),
        given=read.given,
        problems=[*problems, *told.problems(read)],
        choices=_choices(actor, net, categories),
        active=_active(read, net, categories),
        save_href=_save_href(read, sort=sort.value),
        sort=sort.value,
        bulk=bulk.buttons(page.rows, actor, net),
        once=fresh_key(),
        next_url=_next_url(page),
        first_url=_first_url(),
        told=_how_many(page),
        here=request.full_path,
    )


def _how_many(page: Page[TicketRow]) -> str:
    """Say how many there are: in all where one page holds them, else on this page."""
    is_all = page.next_cursor is None and "cursor" not in request.args
    return _("共 %(n)s 件", n=len(page.rows)) if is_all else _("这一页 %(n)s 件", n=len(page.rows))


def _sort(wanted: Filters) -> Sort:
    """The order asked for; of what was searched the best comes first unless another is wanted."""
    usual = Sort.BEST if wanted.text else Sort.RECEIVED
    return next((one for one in Sort if one.value == request.args.get("sort")), usual)


def read_page(actor: Actor, wanted: Filters, sort: Sort, now: datetime) -> tuple[Page[TicketRow], list[str]]:
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
    return _address_of(str(request.endpoint), **changed)


def _address_of(endpoint: str, **changed: str | None) -> str:
    args: dict[str, Any] = {**request.args.to_dict(flat=False), "panel": None, **changed}
    return url_for(endpoint, **{name: value for name, value in args.items() if value})


def _next_url(page: Page[TicketRow]) -> str | None:
    return _address(cursor=page.next_cursor) if page.next_cursor else None


def _first_url() -> str | None:
    return _address(cursor=None) if request.args.get("cursor") else None


def _choices(actor: Actor, net: Network, categories: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What the selects of the filter form offer, by name."""
    found = {
        name: [(word.value, _(label)) for word, label in table.items() if word != "draft"]
        for name, table in told.WORDS.items()
        if name != "section"
    }
    seen = net.within(actor.reading_paths)
    locale = language()
    found["unit"] = [(unit.code, unit.label(locale)) for unit in net.by_id.values() if unit.id in seen]
    found["category"] = list(categories.items())
    return found


def _narrowing(
    actor: Actor, net: Network, categories: dict[str, str]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The selects with which the queue is narrowed: name, label, options; none with nothing to choose."""
    choices = _choices(actor, net, categories)
    names = ("category", "unit", "level", "kind", "light", "channel")
    return [(name, told.name_of(name), choices[name]) for name in names if len(choices[name]) > 1]


def _active(
    read: ReadFilters, net: Network, categories: dict[str, str], but: frozenset[str] | set[str] = frozenset()
) -> list[tuple[str, str]]:
    """What narrows the list now, in words, each with the address without it."""
    return [
        (told.in_words(name, given, net, categories), _address(**{name: None}, cursor=None))
        for name, given in read.given.items()
        if name not in but
    ]
