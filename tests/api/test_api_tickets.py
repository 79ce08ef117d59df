"""Tickets over the API: filing, reading, listing, the whole loop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.api.conftest import FILING
from tests.kit.site import engine_of
from ticketing.tickets import ledger
from ticketing.tickets.words import State

# Who calls, key, network, place and category, person, limits and calendar; ticket, clocks (two on SQLite),
# event and outbox (two on SQLite), sight, search text, stored answer.
MOST_TO_FILE = {"postgresql": 12, "sqlite": 14}
# On SQLite one for the work, one that ends the reading of the token.
MOST_COMMITS = {"postgresql": 1, "sqlite": 2}
MOST_TO_READ = 8
FIELDS = {
    "number", "status", "cycle", "version", "kind", "level", "category", "title", "description", "channel",
    "enterprise", "contact", "confidential", "site", "unit", "origin_unit", "co_units", "handler",
    "handler_away", "light", "received_at", "dispatched_at", "replied_at", "closed_at", "reply", "solved",
    "satisfaction", "return_count", "clocks", "available_actions", "merged_into", "attachments", "routed_by",
    "url",
}  # fmt: skip


@pytest.fixture
def statements(app):
    """Return the list of statements sent to the database, and how often it was told to commit."""
    sent: list[str] = []
    engine = engine_of(app)

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    def commit(connection):
        # A reader of PostgreSQL is in autocommit: it has nothing to commit and is sent nothing.
        if connection.dialect.name == "sqlite" or connection.get_execution_options().get("is_writer"):
            sent.append("COMMIT")

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
    event.remove(engine, "commit", commit)


def test_a_company_files_and_reads_its_ticket(by, site):
    answer = by.enterprise.post("/tickets", FILING | {"kind": "complaint", "level": "urgent"})

    found = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/tickets/{found['number']}"
    assert set(found) == FIELDS
    assert (found["status"], found["cycle"], found["version"]) == ("submitted", 1, 1)
    assert (found["kind"], found["level"], found["channel"]) == ("complaint", "urgent", "platform")
    assert found["enterprise"]["is_verified"] is True
    assert found["contact"] == {
        "name": "林知夏",
        "phone": "13800001111",
        "email": "",
        "is_masked": False,
    }
    assert found["received_at"].endswith("+08:00")
    assert [clock["metric"] for clock in found["clocks"]] == ["respond", "resolve"]
    assert all(clock["state"] == "running" and clock["met_at"] is None for clock in found["clocks"])
    assert found["url"] == f"{site.config.base_url}/tickets/{found['number']}"
    assert "withdraw" in found["available_actions"]
    assert by.enterprise.get(f"/tickets/{found['number']}").json == found


def test_staff_file_for_a_company_nobody_knows_yet(by, world):
    received = (world.now - timedelta(days=5)).isoformat()

    answer = by.clerk.post(
        "/tickets",
        FILING
        | {"enterprise": {"name": "苏州新月轴承有限公司"}, "channel": "phone", "received_at": received},
    )

    assert answer.status_code == 201, answer.text
    assert answer.json["enterprise"] == {"name": "苏州新月轴承有限公司", "uscc": None, "is_verified": False}
    assert answer.json["channel"] == "phone"
    assert by.clerk.post("/tickets", FILING).json["errors"].keys() == {"enterprise"}
    later = FILING | {"enterprise": {"name": "甲"}, "received_at": "2099-01-01T00:00:00+08:00"}
    assert by.clerk.post("/tickets", later).json["errors"].keys() == {"received_at"}


def test_the_whole_loop_from_filed_to_closed(by, world):
    number = by.enterprise.file()
    steps = [
        ("clerk", "accept", {}, "accepted"),
        ("dispatcher", "dispatch", {"unit": "D-PWR", "co_units": ["D-HRS"]}, "dispatched"),
        ("dept", "sign", {}, "processing"),
        ("dept", "contact", {"outcome": "reached"}, "processing"),
        ("dept", "submit_reply", {"reply": "已送电", "reason": "协办不影响送电"}, "reply_review"),
        ("deptlead", "approve_reply", {}, "replied"),
        ("caller", "revisit", {"reached": True, "solved": "yes", "satisfaction": 5}, "closed"),
    ]

    for who, action, body, status in steps:
        assert isinstance(body, dict)
        answer = getattr(by, who).act(number, action, **body)
        assert (answer.status_code, answer.json.get("status")) == (200, status), answer.text
        seen = by.enterprise.get(f"/tickets/{number}").json
        assert seen["reply"] == ("已送电" if status in {"replied", "closed"} else None)

    seen = by.enterprise.get(f"/tickets/{number}").json
    assert (seen["solved"], seen["satisfaction"]) == ("yes", 5)
    assert seen["closed_at"] is not None
    assert {clock["state"] for clock in seen["clocks"]} == {"met"}
    assert list(ledger.verify()) == []


def test_the_history_is_chained_and_shows_the_company_its_part(by, world):
    number = world.ticket(State.REPLY_REVIEW)

    staff = by.dept.get(f"/tickets/{number}/events").json["items"]
    company = by.enterprise.get(f"/tickets/{number}/events").json["items"]

    assert [event["seq"] for event in staff] == [1, 2, 3, 4, 5]
    assert set(staff[0]) == {"seq", "at", "actor", "unit", "action", "from", "to", "data", "hash"}
    assert (staff[2]["from"], staff[2]["to"]) == ("accepted", "dispatched")
    assert len({event["hash"] for event in staff}) == 5
    assert [event["action"] for event in company] == ["submit", "accept", "dispatch", "sign"]
    first = by.dept.get(f"/tickets/{number}/events?limit=2").json
    rest = by.dept.get(f"/tickets/{number}/events?limit=200&cursor={first['next_cursor']}").json
    assert [*first["items"], *rest["items"]] == staff
    assert rest["next_cursor"] is None


def test_a_list_is_read_page_by_page(by):
    numbers = [by.enterprise.file() for _ in range(5)]

    found, cursor = [], ""
    while cursor is not None:
        page = by.enterprise.get(f"/tickets?limit=2&cursor={cursor}").json
        found += [line["number"] for line in page["items"]]
        cursor = page["next_cursor"]

    assert found == numbers[::-1]


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("status=submitted", True),
        ("status=closed,submitted", True),
        ("status=closed&status=submitted", True),
        ("status=closed", False),
        ("unit=C0", True),
        ("unit=A1", False),
        ("category=PWR", True),
        ("category=FIN", False),
        ("kind=help&level=normal&channel=platform", True),
        ("kind=praise", False),
        ("light=green", True),
        ("light=red", False),
        ("mine=true", True),
        ("overdue=false", True),
        ("overdue=true", False),
        ("q=用电", True),
        ("q=供水", False),
        ("from=2026-01-01&to=2099-12-31", True),
        ("to=2026-01-01", False),
        ("from=2026-01-01T00:00:00+08:00", True),
        ("from=2026-01-01T00:00:00%2B08:00&sort=due_at", True),
    ],
)
def test_a_list_is_narrowed(by, query, finds):
    number = by.enterprise.file()

    answer = by.enterprise.get(f"/tickets?{query}")

    assert answer.status_code == 200, answer.text
    assert [line["number"] for line in answer.json["items"]] == ([number] if finds else [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=open", "status"),
        ("unit=ZZ", "unit"),
        ("category=ZZZ", "category"),
        ("light=blue", "light"),
        ("mine=perhaps", "mine"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1&limit=2", "limit"),
        ("from=yesterday", "from"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("sort=title", "sort"),
        ("colour=red", "colour"),
    ],
)
def test_a_list_refuses_what_it_does_not_know(by, query, field):
    answer = by.enterprise.get(f"/tickets?{query}")

    assert answer.status_code == 422
    assert answer.json["errors"].keys() == {field}


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "WzEsMl0", "é", "W1siMDAwMS0wMS0wMVQwMDowMDowMCswODowMCIsIDFd"]
)
def test_a_foreign_cursor_is_refused(by, cursor):
    assert by.enterprise.get(f"/tickets?cursor={cursor}").status_code == 422


def test_what_is_not_for_the_caller_does_not_exist(by, world):
    number = world.ticket(State.DISPATCHED)

    for who in ("enterprise2", "dept2", "station2"):
        other = getattr(by, who)
        assert other.get(f"/tickets/{number}").status_code == 404
        assert other.get(f"/tickets/{number}/events").status_code == 404
        assert other.act(number, "note", body="x").status_code == 404
        assert other.get("/tickets").json["items"] == []
    assert by.dept.act(number, "accept").status_code == 403


def test_a_confidential_contact_is_masked_for_those_who_need_not_know(by, world):
    number = world.ticket(State.DISPATCHED, kind="violation_report")

    seen = by.deptlead.get(f"/tickets/{number}").json
    full = by.clerk.get(f"/tickets/{number}").json

    assert seen["contact"]["is_masked"]
    assert seen["contact"]["phone"] != full["contact"]["phone"]
    assert seen["enterprise"]["uscc"] is None
    assert seen["enterprise"]["name"].endswith("***")
    assert not full["contact"]["is_masked"]


def test_calls_cost_few_statements_and_one_commit(by, statements, database):
    first = by.enterprise.post("/tickets", FILING | {"site": "BD01"}, key="warm")
    statements.clear()

    by.enterprise.post("/tickets", FILING | {"site": "BD01"}, key="measured")
    assert statements.count("COMMIT") <= MOST_COMMITS[database]
    assert len([one for one in statements if one != "COMMIT"]) <= MOST_TO_FILE[database]
    for path in (f"/tickets/{first.json['number']}", "/tickets?unit=C0&status=submitted"):
        statements.clear()
        assert by.enterprise.get(path).status_code == 200
        assert len([one for one in statements if one != "COMMIT"]) <= MOST_TO_READ


def test_a_ticket_names_the_rules_that_routed_it_to_staff_and_not_to_companies(by, world):
    number = world.ticket(State.ACCEPTED)
    filed = by.clerk.post(
        "/tickets", FILING | {"enterprise": {"name": "苏州澄砚光电科技有限公司"}, "site": world.site}
    ).json

    acted = by.dispatcher.act(number, "dispatch", unit="D-PWR").json
    read = by.dispatcher.get(f"/tickets/{number}").json

    assert filed["routed_by"]["intake"]["code"] == "R1"
    assert filed["routed_by"]["dispatch"] is None
    assert acted["routed_by"] == read["routed_by"]
    assert read["routed_by"]["intake"]["name"] == "属地服务站先接"
    assert read["routed_by"]["dispatch"] | {"name": "", "name_en": ""} == {
        "code": "R5", "version": 1, "name": "", "name_en": "", "why": "rule",
        "proposed": ["D-PWR"], "is_followed": True,
    }  # fmt: skip
    assert by.enterprise.get(f"/tickets/{number}").json["routed_by"] is None
