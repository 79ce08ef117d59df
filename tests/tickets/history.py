"""A district with a history to learn from: rows as they lie after years, written in one go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from tests.learning.kit import SENTENCES
from tests.world import World
from ticketing.accounts.models import Enterprise
from ticketing.core.db import db, transaction
from ticketing.network.models import Unit
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import Action, Channel, Kind, Level, Solved, State

LEADS = {"PWR": "D-PWR", "TAL": "D-HRS", "WTR": "D-WTR"}
ROUNDS = 12
OF_ONE_COMPANY, CONFIDENTIAL = "轴承", "珍珠"


def filled(world: World) -> World:
    """Add closed, confirmed requests of ten companies, two canaries among them; return the same world."""
    with transaction():
        companies = list(db.session.scalars(select(Enterprise.id).order_by(Enterprise.id).limit(10)))
        found: Any = db.session.execute(select(Unit.code, Unit.id)).all()
        units = dict(found)
        told = [
            (category, sentence)
            for _ in range(ROUNDS)
            for category, sentences in SENTENCES.items()
            for sentence in sentences
        ]
        rows = [
            _row(world, number, companies[number % len(companies)], units, category, sentence)
            for number, (category, sentence) in enumerate(told)
        ]
        alone = [
            row | {"title": f"{row['title']}，{OF_ONE_COMPANY}"}
            for row in rows
            if row["enterprise_id"] == companies[0]
        ]
        hidden = [row | {"title": CONFIDENTIAL, "is_confidential": True} for row in rows[:20]]
        everything = [
            row | {"number": f"QS20-{number:09d}"} for number, row in enumerate([*rows, *alone, *hidden])
        ]
        db.session.execute(insert(Ticket), everything)
    return world


def _row(
    world: World, age: int, company: int, units: dict[str, int], category: str, sentence: str
) -> dict[str, Any]:
    at = world.now - timedelta(hours=age + 1)
    return {
        "status": State.CLOSED,
        "kind": Kind.HELP,
        "level": Level.NORMAL,
        "category": category,
        "channel": Channel.PLATFORM,
        "title": sentence,
        "description": "请尽快处理",
        "enterprise_id": company,
        "origin_unit_id": units["C0"],
        "unit_id": units[LEADS[category]],
        "received_at": at,
        "dispatched_at": at,
        "replied_at": at,
        "closed_at": at,
        "queue_at": at,
        "reply": "已办结",
        "solved": Solved.YES,
        "satisfaction": 5,
        "last_action": Action.REVISIT,
        "last_at": at,
    }
