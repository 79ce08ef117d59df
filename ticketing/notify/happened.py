"""What happened, as one sentence for inboxes and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketing.core.text import N_
from ticketing.network.queries import Network, UnitInfo
from ticketing.tickets import company_words, escalation_words, labels
from ticketing.tickets.queries.view import EventView
from ticketing.tickets.words import Action
from ticketing.web.texts import gettext as _

_OTHER_NEWS = N_("有新进展")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as messages tell of it. ``unit``: who has the ticket now; ``at``: when it happened."""

    action: Action
    said: Mapping[str, Any]
    at: datetime
    unit: UnitInfo


def sentence(event: Event, net: Network, language: str, *, is_company: bool) -> str:
    """Return what happened, in the language in force; to companies in their own words."""
    if event.action is Action.ESCALATE:
        return escalation_words.step_said(event.said.get("metric"), str(event.said.get("step", "")))
    if is_company and event.action in labels.HAPPENED:
        return company_words.told(_seen(event), net, language)
    if event.said.get("parts_again"):
        return _(N_("答复退回修改，协办继续"))
    return _(labels.HAPPENED.get(event.action, _OTHER_NEWS))


def _seen(event: Event) -> EventView:
    return EventView(
        id=0, seq=0, at=event.at, actor=None, actor_id=None, unit=event.unit, action=event.action,
        from_status=None, to_status="", said=dict(event.said), is_internal=False, hash="",
    )  # fmt: skip
