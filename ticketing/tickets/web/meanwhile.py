"""The difference a second save is shown: what others did meanwhile, and both texts where both wrote one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.core.text import N_
from ticketing.network.queries import categories
from ticketing.tickets import labels
from ticketing.tickets.difference import Stretch, side_by_side
from ticketing.tickets.forms import ActionForm
from ticketing.tickets.queries import meanwhile
from ticketing.tickets.queries.meanwhile import Field, Happened
from ticketing.tickets.queries.view import TicketView
from ticketing.tickets.web import base, hints, thread
from ticketing.tickets.words import Action, Kind, Level, State
from ticketing.web import filters
from ticketing.web.guards import current_actor
from ticketing.web.texts import gettext as _
from ticketing.web.texts import language

_NAMES = {
    "status": N_("状态"),
    "unit_id": N_("承办单位"),
    "handler_id": N_("经办人"),
    "level": N_("紧急程度"),
    "kind": N_("类型"),
    "category": N_("类别"),
    "due_at": N_("最近的时限"),
    "resume_on": N_("恢复日期"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One field, before and after, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: who, when, what, the fields it changed, and what was written."""

    who: str
    at: datetime
    what: str
    facts: str
    turns: list[Turn]
    body: str


@dataclass(frozen=True, slots=True)
class TwoTexts:
    """What somebody else wrote where one writes oneself, and one's own, compared."""

    who: str
    is_own: bool
    at: datetime
    theirs: list[Stretch]
    mine: list[Stretch]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything the page shows between the form that was sent and the ticket as it is."""

    changes: list[Change]
    texts: TwoTexts | None
    mine: str


def difference(found: TicketView, seen_version: int, action: Action, form: ActionForm) -> Difference:
    """Return what stands between the version somebody saw and the ticket now, as this reader may know it."""
    happened = meanwhile.since(found, seen_version)
    people = meanwhile.names(
        {
            value
            for one in happened
            for field in one.fields
            if field.name == "handler_id"
            for value in (field.before, field.after)
            if value is not None
        }
    )
    say = _sayer(found, people)
    mine = _typed(form)
    return Difference(
        [_change(one, found, say) for one in happened], _two_texts(happened, action, mine), mine
    )


def _typed(form: ActionForm) -> str:
    """The longest running text of a form: what would hurt most to lose."""
    texts = [str(one.data or "") for one in form.asked if one.type == "ParagraphField"]
    return max(texts, key=len, default="")


def _two_texts(happened: list[Happened], action: Action, mine: str) -> TwoTexts | None:
    """The last text of the same sort that was written, beside one's own; none where they are the same."""
    for one in reversed(happened):
        text = thread.text_of(one.event)
        if one.event.action is action and text and mine:
            theirs, own = side_by_side(text, mine)
            is_own = one.event.actor_id == current_actor().user_id
            both = TwoTexts(one.event.actor or _("系统"), is_own, one.event.at, theirs, own)
            return both if text.split() != mine.split() else None
    return None


def _change(one: Happened, found: TicketView, say: Callable[[Field], list[Turn]]) -> Change:
    event = one.event
    name = thread.text_field(event)
    return Change(
        who=" ".join(part for part in (thread.unit_name(event), event.actor or _("系统")) if part),
        at=event.at,
        what=hints.happened(event.action),
        facts=" · ".join(thread.facts(event, found, name or "")),
        turns=[turn for field in one.fields for turn in say(field)],
        body=str(event.said[name]) if name else "",
    )


def _sayer(found: TicketView, people: dict[int, str]) -> Callable[[Field], list[Turn]]:
    """Return who puts one field into words."""
    kinds = {one.code: one.label(language()) for one in categories()}
    words: dict[str, Callable[[Any], str]] = {
        "status": lambda value: base.state_word(State(value)),
        "unit_id": lambda value: found.net.by_id[value].label(language()),
        "handler_id": lambda value: people.get(value, ""),
        "level": lambda value: _(labels.LEVELS[Level(value)]),
        "kind": lambda value: _(labels.KINDS[Kind(value)]),
        "category": lambda value: kinds.get(value, str(value)),
        "due_at": lambda value: filters.exact(datetime.fromisoformat(value)),
        "resume_on": str,
    }

    def said(name: str, value: Any) -> str:
        return _("（无）") if value is None else words[name](value)

    def say(field: Field) -> list[Turn]:
        before, after = said(field.name, field.before), said(field.name, field.after)
        return [] if before == after else [Turn(_(_NAMES[field.name]), before, after)]

    return say
