"""What an open queue asks again and again: which of its lines changed, which left it, how many came."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from ticketing.core import clock
from ticketing.core.actor import Actor
from ticketing.core.local_day import local_date
from ticketing.core.paging import DEFAULT_LIMIT, Page
from ticketing.network import queries as network
from ticketing.tickets import rules
from ticketing.tickets.queries.conditions import Filters
from ticketing.tickets.queries.listing import Sort, TicketRow, counts, listing
from ticketing.tickets.web import queue, rows
from ticketing.tickets.web.base import bp
from ticketing.web.guards import allow, current_actor

_SEEN = re.compile(r"([0-9QS-]{1,20})\.([0-9]+\.[a-z]+)", re.ASCII)


@bp.get("/queue/rows")
@allow(*queue.READERS)
def renewed() -> ResponseReturnValue:
    """Answer what became of the lines of a queue's page since they were drawn.

    The address is the page's own, with the lines it shows under ``seen``. Lines are drawn with the reader's
    rights of now. Nothing is said of a ticket that is not in the list any more but that it is gone.
    """
    actor, now = current_actor(), clock.now()
    net = network.network()
    here = queue.asked(actor, net, local_date(now))
    seen = _seen(request.args.get("seen", ""))
    page, _problems = queue.read_page(actor, here.wanted, Sort.DUE, now)
    shown = {row.number: row for row in page.rows}
    shown |= {row.number: row for row in _further(actor, here.wanted, seen.keys() - shown.keys(), now)}
    changed = [row for number, row in shown.items() if number in seen and rows.seen(row) != seen[number]]
    gone = sorted(seen.keys() - shown.keys())
    arrived = _arrived(page, seen)
    told = {
        row.number: line for row, line in zip(changed, rows.rows_of(changed, actor, net, now), strict=True)
    }
    answer = {"rows": told, "gone": gone, "arrived": arrived}
    if changed or gone or arrived:
        answer["counts"] = counts(actor, here.counted(), now=now)
    return jsonify(answer)


def _seen(text: str) -> dict[str, str]:
    """The lines a page shows: numbers, and how they were drawn."""
    found = {}
    for written in text.split(",")[:DEFAULT_LIMIT]:
        line = _SEEN.fullmatch(written)
        number = rules.read_number(line.group(1)) if line else None
        if line and number:
            found[number] = line.group(2)
    return found


def _further(actor: Actor, wanted: Filters, numbers: set[str], now: datetime) -> Sequence[TicketRow]:
    """Those of the lines that are still in the list, only no longer on this page of it."""
    if not numbers:
        return ()
    return listing(actor, replace(wanted, numbers=frozenset(numbers)), sort=Sort.DUE, now=now).rows


def _arrived(page: Page[TicketRow], seen: dict[str, str]) -> int:
    """How many lines came. Of a list that went on below (``full``) those at the end only moved up."""
    numbers = [row.number for row in page.rows]
    if "full" in request.args:
        last = max((at for at, number in enumerate(numbers) if number in seen), default=-1)
        numbers = numbers[: last + 1]
    return sum(number not in seen for number in numbers)
