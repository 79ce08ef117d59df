"""What the minutes say, as plain facts: written down once when they are issued, with a hash over them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from ticketing.meetings.queries.reading import ItemView, MeetingView, TaskView, TicketLine
from ticketing.network.queries import UnitInfo

FORM = 1


def facts(found: MeetingView, *, issued_by: str, now: datetime) -> dict[str, Any]:
    """Return what the minutes of a meeting say at ``now``: names in Chinese, moments as RFC 3339.

    Of a confidential ticket they say the number only, for the paper goes to every unit that took part.
    """
    meeting = found.meeting
    return {
        "form": FORM,
        "number": meeting.number,
        "theme": meeting.theme,
        "host": _unit(found.host),
        "place": meeting.place,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "called_by": found.called_by,
        "units": [_unit(unit) for unit in found.units],
        "people": [{"name": name, "unit": _unit(unit)} for _id, name, unit in found.people],
        "guests": meeting.guests,
        "earlier": [_task(task) for task in found.earlier],
        "items": [_item(one) for one in found.items],
        "issued_at": now.isoformat(),
        "issued_by": issued_by,
    }


def _unit(unit: UnitInfo) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name, "name_en": unit.name_en or unit.name}


def _ticket(ticket: TicketLine | None) -> dict[str, str] | None:
    if ticket is None:
        return None
    is_open = not ticket.is_confidential
    return {
        "number": ticket.number,
        "title": ticket.title if is_open else "",
        "company": ticket.company if is_open else "",
    }


def _item(one: ItemView) -> dict[str, Any]:
    return {
        "issue": one.item.issue,
        "kind": one.item.kind.value,
        "raised_by": _unit(one.raised_by) if one.raised_by else None,
        "ticket": _ticket(one.ticket),
        "decision": one.item.decision,
        "for_company": one.item.for_company,
        "tasks": [_task(task) for task in one.tasks],
    }


def _task(task: TaskView) -> dict[str, Any]:
    return {
        "what": task.what,
        "unit": _unit(task.unit),
        "person": task.person or "",
        "due_on": task.due_on.isoformat(),
        "meeting": task.meeting,
    }


def written(told: dict[str, Any]) -> str:
    """Return facts as the one text that is stored and hashed."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(body: str, previous: str = "") -> str:
    """Return the hash over a paper and the hash of the one before it."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
