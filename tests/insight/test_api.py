"""GET /stats/rates as integrators see it."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.world import World
from ticketing.accounts.actions import signing
from ticketing.core import clock
from ticketing.tickets.words import State

RATES = {
    "closure_rate", "sign_on_time_rate", "response_rate", "resolution_rate", "satisfaction_rate",
    "on_time_rate", "return_rate", "redo_rate",
}  # fmt: skip


def ask(world: World, who: str, query: str = "") -> TestResponse:
    user_id = world.actor(who).user_id
    assert user_id is not None
    token = signing.create_token(user_id, "test", now=clock.now())
    client = world.app.test_client()
    return client.get(f"/api/v1/stats/rates{query}", headers={"Authorization": f"Bearer {token}"})


def answered(world: World, who: str, query: str = "") -> dict[str, Any]:
    answer = ask(world, who, query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.fixture
def present(world: World) -> World:
    """Return the world at the present moment, for requests read the machine's clock."""
    world.now = clock.now()
    return world


def test_rates_come_with_what_they_are_made_of(present):
    present.ticket(State.CLOSED)
    present.ticket(State.PROCESSING)

    found = answered(present, "manager")

    (item,) = found["items"]
    assert (item["key"], item["name"]) == ("D-PWR", "供电公司")
    assert (item["received"], item["closed"], item["open"]) == (2, 1, 1)
    assert item["closure_rate"] == {"value": 0.5, "numerator": 1, "denominator": 2}
    assert item["satisfaction_rate"] == {"value": 1.0, "numerator": 1, "denominator": 1}
    assert item["return_rate"] == {"value": 0.0, "numerator": 0, "denominator": 2}
    assert item["median_hours"] == item["p90_hours"] == 0.1
    assert set(found["total"]) == RATES | {"received", "closed", "open", "median_hours", "p90_hours"}
    assert found["total"] == {name: value for name, value in item.items() if name not in {"key", "name"}}


def test_nothing_counted_is_null_and_not_zero(present):
    found = answered(present, "manager")

    assert found["items"] == []
    assert found["total"]["closure_rate"] == {"value": None, "numerator": 0, "denominator": 0}
    assert found["total"]["median_hours"] is None


@pytest.mark.parametrize(
    ("by", "key", "name"),
    [
        ("unit", "D-PWR", "供电公司"),
        ("area", "A1", "狮山商务创新功能片区企业服务中心"),
        ("category", "PWR", None),
        ("channel", "platform", None),
        ("kind", "help", "求助"),
    ],
)
def test_keys_have_names(present, by, key, name):
    present.ticket(State.CLOSED)

    (item,) = answered(present, "manager", f"?by={by}")["items"]

    assert item["key"] == key
    assert item["name"] == (name or item["name"]) != key


@pytest.mark.parametrize("by", ["day", "month"])
def test_time_is_its_own_name(present, by):
    present.ticket(State.CLOSED)

    (item,) = answered(present, "manager", f"?by={by}")["items"]

    assert item["key"] == item["name"]
    assert len(item["key"]) == (10 if by == "day" else 7)


def test_a_span_of_days_includes_both_ends(present):
    present.file()
    today = clock.now().astimezone().date()

    assert answered(present, "manager", "?from=2020-01-01&to=2020-01-02")["total"]["received"] == 0
    assert answered(present, "manager", f"?from={today}&to={today}")["total"]["received"] in {0, 1}
    assert answered(present, "manager", "?from=2026-01-01T00:00:00%2B08:00")["total"]["received"] == 1


@pytest.mark.parametrize("query", ["?by=colour", "?from=x", "?from=2026-11-02&to=2026-11-01", "?days=3"])
def test_what_makes_no_sense_is_422(present, query):
    answer = ask(present, "manager", query)

    assert answer.status_code == 422
    assert answer.get_json()["errors"]


@pytest.mark.parametrize(
    ("who", "status"), [("enterprise", 403), ("policy", 403), ("dept", 200), ("clerk", 200)]
)
def test_companies_have_no_figures(present, who, status):
    assert ask(present, who).status_code == status


def test_a_unit_counts_only_its_own(present):
    present.ticket(State.CLOSED, unit="D-PWR")
    present.ticket(State.CLOSED, unit="D-HRS")

    assert [item["key"] for item in answered(present, "dept")["items"]] == ["D-PWR"]
