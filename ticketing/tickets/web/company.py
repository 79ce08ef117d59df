"""The company's pages: its requests, and one request as it may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor, Role
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.idempotency import Answer
from ticketing.core.text import N_, clean_line, clean_text
from ticketing.core.tokens import unfit
from ticketing.sla.words import ClockState, Metric
from ticketing.tickets import company_words, drafts, labels
from ticketing.tickets.actions.adding import say
from ticketing.tickets.company_words import YOUR_TURN, Promised, Said
from ticketing.tickets.filters import TOO_LONG
from ticketing.tickets.queries import company as queries
from ticketing.tickets.queries import listing, view
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import TicketRow
from ticketing.tickets.queries.view import ClockView, EventView, TicketView
from ticketing.tickets.web import acting, base
from ticketing.tickets.web.base import bp
from ticketing.tickets.web.finds import Find, finds
from ticketing.tickets.wishes import MAX_SATISFACTION, Message, SupplyInfo, Wish
from ticketing.tickets.words import ENDED, OPEN, Action, State, SuspendReason
from ticketing.web import errors, filters, uploads
from ticketing.web.forms import fresh_key
from ticketing.web.guards import allow, current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language
from ticketing.web.wish_errors import read_wish

ROWS = 20
KILOBYTE, MEGABYTE = 1 << 10, 1 << 20
MAX_QUERY_CHARS = 100
TABS = {"open": N_("正在办"), "closed": N_("已办完"), "drafts": N_("草稿"), "all": N_("全部")}
FILTERS = {
    "open": Filters(statuses=OPEN - YOUR_TURN),
    "closed": Filters(statuses=ENDED),
    "drafts": Filters(statuses=frozenset({State.DRAFT})),
    "all": Filters(),
}
# What is said in words belongs to the conversation; the rest makes the timeline.
SPOKEN = {
    Action.MESSAGE: "body",
    Action.REQUEST_INFO: "message",
    Action.SUPPLY_INFO: "message",
    Action.URGE: "message",
    Action.ANSWER_NOW: "reply",
    Action.APPROVE_REPLY: "reply",
    Action.REOPEN: "reason",
    Action.CONSULTED: "message",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list."""

    href: str
    number: str
    title: str
    said: Said
    filer: str | None
    received_at: datetime
    light: str
    due_at: datetime | None
    is_draft: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to narrow the list, with how many it holds."""

    label: str
    href: str
    count: int | None
    is_current: bool
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise as a bar: shares of its whole span in per cent."""

    id: str
    label: str
    left: str
    used: int
    light: str
    pauses: list[tuple[int, int, str]]
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline."""

    icon: str
    what: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of the conversation. ``way`` is "in" from the company, "out" to it."""

    who: str
    about: str
    at: datetime
    body: str
    way: str


def index_page(actor: Actor) -> ResponseReturnValue:
    """Show the company's requests: what waits for it first, then what is being done."""
    now = clock.now()
    show = request.args.get("show", "open")
    show = show if show in TABS else "open"
    typed = clean_line(request.args.get("q", "")[: 2 * MAX_QUERY_CHARS])
    text = typed[:MAX_QUERY_CHARS]
    problem = unfit(text) or (TOO_LONG if typed != text else None)
    cursor = request.args.get("cursor")
    wanted = replace(FILTERS["all" if text and show == "open" else show], text=text)
    yours: list[TicketRow] = []
    if show == "open" and not text and not cursor:
        first = Filters(statuses=YOUR_TURN)
        yours = list(listing.listing(actor, first, limit=ROWS, now=now).rows)
    page = listing.listing(actor, wanted, sort=listing.Sort.BEST, cursor=cursor, limit=ROWS, now=now)
    more = queries.more([row.id for row in (*yours, *page.rows)])
    tally = queries.tally(actor)
    shown = finds(actor, text, page.rows)
    return render_template(
        "tickets/company_list.html",
        yours=[_row(row, more[row.id], now) for row in yours],
        rows=[_row(row, more[row.id], now, shown.get(row.id)) for row in page.rows],
        problem=_(problem) if problem else "",
        tabs=_tabs(tally, "all" if text and show == "open" else show, text),
        total=sum(tally.values()),
        show=show,
        text=text,
        next_url=_here(show, text, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=_here(show, text) if cursor else None,
    )


def _here(show: str, text: str, **more: Any) -> str:
    return url_for("tickets.index", show=show, q=text or None, **more)


def _tabs(tally: dict[State, int], current: str, text: str) -> list[Tab]:
    counts: dict[str, int | None] = {
        "open": sum(count for status, count in tally.items() if status in OPEN),
        "drafts": tally.get(State.DRAFT, 0),
    }
    return [
        Tab(_(label), _here(show, text), counts.get(show), show == current) for show, label in TABS.items()
    ]


def _row(row: TicketRow, more: queries.More, now: datetime, found: Find | None = None) -> Row:
    unit = (row.unit_name_en or row.unit_name) if language() == "en" else row.unit_name
    promised = Promised(more.respond_due, more.resolve_due)
    is_draft = row.status is State.DRAFT
    return Row(
        href=url_for("intake.edit" if is_draft else "tickets.show", number=row.number),
        number=found.number if found else row.number,
        title=found.title if found else row.title,
        why=found.why if found else (),
        said=company_words.standing(row.status, unit, promised, now),
        filer=more.filer,
        received_at=row.received_at,
        light=row.light.value,
        due_at=more.resolve_due if row.status in company_words.OWED else None,
        is_draft=is_draft,
    )


@bp.post("/<number>/add")
@allow(Role.ENTERPRISE)
def add(number: str) -> ResponseReturnValue:
    """Take what the company adds: words, files or both; the answer to a question of the clerk's."""
    actor, now = current_actor(), clock.now()
    number = base.canonical(number)
    is_answer = request.form.get("what") == Action.SUPPLY_INFO.value
    text = clean_text(request.form.get("message") or request.form.get("body", ""))
    chosen = [uploads.read(one) for one in request.files.getlist("files") if one.filename]

    def make() -> Answer:
        wish = _wish(text, is_answer=is_answer, has_files=bool(chosen))
        ticket = say(actor, number, wish, chosen, shelf=uploads.shelf(), now=now)
        if ticket is not None:
            drafts.drop(actor, ticket.id, ticket.last_action)
        return Answer(303, "")

    try:
        acting.once(actor, make, now)
    except NotFound:
        raise
    except DomainError as refused:
        shown = page(base.look(actor, number, now), typed=text, wrong=_told(refused))
        return make_response(shown, errors.status_of(refused))
    flash(_("已发出，%(number)s 的承办单位看得到。", number=number), "good")
    return redirect(url_for("tickets.show", number=number), code=303)


def _wish(text: str, *, is_answer: bool, has_files: bool) -> Wish | None:
    """Return what the words ask for; files alone are enough, but a question is answered with words too."""
    if is_answer:
        return read_wish(SupplyInfo, {"message": text or (_("见附件。") if has_files else "")})
    return None if has_files and not text else read_wish(Message, {"body": text})


def _told(refused: DomainError) -> list[str]:
    """Return a refusal in sentences; one about a file names it."""
    told = [text for texts in errors.fields_of(refused).values() for text in texts]
    name = refused.extra.get("file_name")
    if name:
        return [_("%(name)s：%(why)s", name=name, why=why) for why in told]
    return told or [errors.sentence_of(refused)]


def page(found: TicketView, *, typed: str = "", wrong: Sequence[str] = ()) -> ResponseReturnValue:
    """Show one request to its company; ``typed`` and ``wrong`` when what it added was refused."""
    ticket = found.ticket
    if ticket.status is State.DRAFT:
        return redirect(url_for("intake.edit", number=ticket.number))
    now = clock.now()
    events = view.history(found)
    locale = language()
    unit = found.unit.label(locale)
    return render_template(
        "tickets/company_show.html",
        found=found,
        ticket=ticket,
        unit=unit,
        can={action.value for action in found.actions},
        said=company_words.standing(ticket.status, unit, _promised(found), now),
        bars=_bars(found, now),
        lines=[_line(one, found, locale) for one in reversed(events) if one.action is not Action.MESSAGE],
        words=[_word(one, locale) for one in events if _belongs_to_talk(one, found)],
        last=_last_said(events),
        labels=labels,
        scores=range(MAX_SATISFACTION, 0, -1),
        fresh_key=fresh_key,
        typed=typed,
        wrong=wrong,
        files=[(one.name, size_words(one.size_bytes), _file_href(one.token)) for one in found.attachments],
    )


def _file_href(token: str) -> str:
    return url_for("tickets.attachment", token=token)


def size_words(size_bytes: int) -> str:
    """Return a file's size as people say it: 214 KB, 3.2 MB."""
    if size_bytes < MEGABYTE:
        return f"{max(size_bytes // KILOBYTE, 1)} KB"
    return f"{size_bytes / MEGABYTE:.1f} MB"


def _promised(found: TicketView) -> Promised:
    return Promised(
        _due_of(found.clock(Metric.RESPOND)), _due_of(found.clock(Metric.RESOLVE)), found.ticket.resume_on
    )


def _due_of(promise: ClockView | None) -> datetime | None:
    return promise.due_at if promise and promise.met_at is None else None


def _bars(found: TicketView, now: datetime) -> list[Bar]:
    """Return the promises of this cycle: contact until it was made, then the solution."""
    if found.ticket.status in ENDED:
        return []
    shown, stretches = [], queries.pauses(found)
    for metric, label in ((Metric.RESPOND, N_("联系您")), (Metric.RESOLVE, N_("答复您"))):
        promise = found.clock(metric)
        if promise is not None and promise.cycle == found.ticket.cycle:
            shown.append(_bar(promise, _(label), stretches.get(metric, []), now))
    return shown


def _bar(promise: ClockView, label: str, stretches: list[queries.Pause], now: datetime) -> Bar:
    begin, end = promise.started_at, max(promise.due_at, promise.met_at or promise.due_at)
    span = (end - begin).total_seconds() or 1.0

    def share(moment: datetime) -> int:
        return round(100 * min(max((moment - begin).total_seconds() / span, 0), 1))

    gaps = [
        (share(gap.from_at), max(share(gap.to_at or now) - share(gap.from_at), 1), _why(gap, now))
        for gap in stretches
    ]
    return Bar(
        id=f"m-{promise.metric.value}",
        label=label,
        left=_left(promise, now),
        used=share(promise.met_at or now),
        light=_light(promise, now),
        pauses=gaps,
        begin=_("%(moment)s 开始", moment=filters.moment(begin, now)),
        end=filters.due(promise.due_at, now),
    )


def _why(gap: queries.Pause, now: datetime) -> str:
    reason = _(labels.SUSPEND_REASONS[SuspendReason(gap.reason)])
    begin = filters.moment(gap.from_at, now)
    if gap.to_at is None:
        return _("%(reason)s（%(begin)s 起）", reason=reason, begin=begin)
    end = filters.moment(gap.to_at, now)
    return _("%(reason)s（%(begin)s 至 %(end)s）", reason=reason, begin=begin, end=end)


def _left(promise: ClockView, now: datetime) -> str:
    if promise.met_at is not None:
        is_late = promise.met_at > promise.due_at
        moment = filters.moment(promise.met_at, now)
        return (
            _("%(moment)s 完成，晚于承诺", moment=moment) if is_late else _("%(moment)s 完成", moment=moment)
        )
    return _("暂停计时") if promise.state is ClockState.PAUSED else filters.left(promise.due_at, now)


def _light(promise: ClockView, now: datetime) -> str:
    if promise.state is ClockState.PAUSED:
        return "grey"
    if (promise.met_at or now) > promise.due_at:
        return "red"
    return "yellow" if promise.met_at is None and promise.warn_at <= now else "green"


def _line(event: EventView, found: TicketView, locale: str) -> Line:
    who = [event.actor, event.unit.label(locale) if event.unit else None]
    return Line(
        icon=company_words.ICONS.get(event.action, "check"),
        what=company_words.told(event, found.net, locale),
        at=event.at,
        who=" · ".join(part for part in who if part),
    )


def _belongs_to_talk(event: EventView, found: TicketView) -> bool:
    """What stands on top of the page is not said again below: the present reply, the present question."""
    said = event.said.get(SPOKEN.get(event.action, ""))
    status = found.ticket.status
    if event.action in {Action.APPROVE_REPLY, Action.ANSWER_NOW}:
        return bool(said) and not (status in {State.REPLIED, State.CLOSED} and said == found.ticket.reply)
    return bool(said) and not (event.action is Action.REQUEST_INFO and status is State.NEED_INFO)


def _word(event: EventView, locale: str) -> Word:
    return Word(
        who=event.actor or _("您"),
        about=event.unit.label(locale) if event.unit else "",
        at=event.at,
        body=str(event.said[SPOKEN[event.action]]),
        way="out" if event.unit else "in",
    )


def _last_said(events: list[EventView]) -> dict[str, Any]:
    """Return what the last deciding step said: the question asked, why it was refused."""
    deciding = {Action.REQUEST_INFO, Action.REJECT, Action.SUSPEND, Action.WITHDRAW}
    return next((event.said for event in reversed(events) if event.action in deciding), {})
