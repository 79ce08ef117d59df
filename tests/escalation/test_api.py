"""GET /escalations as integrators see it."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.escalation.kit import at, rows, swept
from tests.world import World
from ticketing.accounts.actions import signing
from ticketing.core.db import db
from ticketing.tickets.words import State


def ask(world: World, who: str, query: str = "") -> TestResponse:
    user_id = world.actor(who).user_id
    assert user_id is not None
    token = signing.create_token(user_id, "test", now=world.now)
    client = world.app.test_client()
    return client.get(f"/api/v1/escalations{query}", headers={"Authorization": f"Bearer {token}"})


def items(world: World, who: str, query: str = "") -> list[dict[str, Any]]:
    answer = ask(world, who, query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def test_what_fired_is_listed_the_latest_first(world):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "claim")
    swept(at("2026-11-24 10:00"))
    swept(at("2026-11-24 17:00"))

    found = items(world, "supervisor")

    assert [(one["metric"], one["step"], one["late"]) for one in found] == [
        ("respond", "100", False),
        ("respond", "80", True),
        ("respond", "50", False),
    ]
    assert found[-1] == {
        "ticket": number,
        "metric": "respond",
        "step": "50",
        "cycle": 1,
        "level": "handler",
        "due_moment": "2026-11-24T09:30:00+08:00",
        "fired_at": "2026-11-24T10:00:00+08:00",
        "late": False,
        "notified": [{"id": world.actor("dept").user_id, "name": "吴志强"}],
    }


def test_the_list_is_narrowed_by_when_it_fired_and_read_page_by_page(world):
    world.ticket(State.PROCESSING)
    swept(at("2026-11-24 10:00"))
    swept(at("2026-12-05 10:00"))
    every = items(world, "supervisor")

    assert len(items(world, "supervisor", "?to=2026-11-24")) == 1
    assert len(items(world, "supervisor", "?from=2026-11-25")) == len(every) - 1
    read, cursor = [], ""
    while True:
        page = ask(world, "supervisor", f"?limit=3{cursor}").get_json()
        read += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert read == every
    assert len(every) == len(rows())


def test_everybody_reads_what_fired_on_the_tickets_in_sight(world):
    ours, theirs = world.ticket(State.PROCESSING), world.ticket(State.PROCESSING, unit="D-HRS")
    swept(at("2026-12-05 10:00"))

    assert {one["ticket"] for one in items(world, "deptlead")} == {ours}
    assert {one["ticket"] for one in items(world, "dept2")} == {theirs}
    assert {one["ticket"] for one in items(world, "manager", "?limit=200")} == {ours, theirs}
    assert items(world, "station2") == []


def test_companies_and_people_without_tickets_are_refused(world):
    for who in ("enterprise", "admin", "policy"):
        assert ask(world, who).status_code == 403, who
    db.session.rollback()
    assert world.app.test_client().get("/api/v1/escalations").status_code == 401
    assert ask(world, "supervisor", "?cursor=x").status_code == 422
