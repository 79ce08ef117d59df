"""Pages of the network: who may open them, what they show, and a refusal that leads to the list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.kit import csrf_of
from tests.kit.entering import client_of
from tests.world import World
from ticketing.network import queries
from ticketing.tickets.words import State

UNIT = {
    "name": "电力服务公司", "name_en": "Power", "kind": "department", "parent": "C0", "calendar_name": "cn",
    "phone": "0512-16800100", "leads": ["PWR"], "helps": ["GAS"],
}  # fmt: skip


def visit(world: World, who: str) -> FlaskClient:
    return client_of(world.app, who)


def send(client: FlaskClient, path: str, fields: Mapping[str, object]) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_of(client.get(path)), **fields})


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("admin", 200, 200),
        ("auditor", 200, 403),
        ("manager", 200, 403),
        ("station", 403, 403),
        ("enterprise", 403, 403),
    ],
)
def test_administrators_write_auditors_and_leaders_read(world, who, reads, writes):
    client = visit(world, who)

    assert client.get("/admin/network").status_code == reads
    assert client.get("/admin/network/units/S101").status_code == reads
    for path in ("units/new", "units/S101/edit", "sites/new", "sites/PK01"):
        assert client.get(f"/admin/network/{path}").status_code == writes


def test_the_tree_shows_every_unit_and_the_picture_every_station(world):
    page = visit(world, "auditor").get("/admin/network").text

    for unit in queries.network().by_id.values():
        assert unit.name in page
    assert len(re.findall('class="network-map__station', page)) == 17
    assert "新建单位" not in page


def test_a_unit_is_changed_over_its_form(world):
    answer = send(visit(world, "admin"), "/admin/network/units/D-PWR/edit", {**UNIT, "is_active": "y"})

    assert answer.status_code == 303
    unit = queries.network().by_code["D-PWR"]
    assert (unit.name, unit.phone, unit.is_active) == ("电力服务公司", "0512-16800100", True)


def test_the_form_shows_what_is_stored(world):
    page = visit(world, "admin").get("/admin/network/units/D-PWR/edit").text

    assert 'value="供电公司"' in page
    assert re.search(r'<input checked[^>]*name="leads"[^>]*value="PWR"', page)
    assert re.search(r'<option selected value="C0">', page)


def test_closing_a_unit_with_work_says_how_much_and_leads_to_the_list(world):
    world.ticket(State.PROCESSING, unit="D-PWR")
    client = visit(world, "admin")

    answer = send(client, "/admin/network/units/D-PWR/edit", UNIT)

    assert answer.status_code == 409
    assert "不能停用" in answer.text
    link = re.search(r'<a href="([^"]+)">还有 1 件在办的诉求', answer.text)
    assert link
    assert unescape(link[1]) == "/tickets?at=D-PWR&open=1"
    assert "电力服务公司" in answer.text


def test_a_new_unit_and_a_new_place(world):
    client = visit(world, "admin")

    unit = send(
        client,
        "/admin/network/units/new",
        {**UNIT, "code": "S107", "kind": "station", "parent": "A1", "is_active": "y"},
    )
    place = send(
        client, "/admin/network/sites/new", {"code": "PK99", "name": "新园", "kind": "park", "unit": "S107"}
    )

    assert (unit.status_code, place.status_code) == (303, 303)
    assert queries.network().by_code["S107"].path == "C0/A1/S107"
    assert queries.network().by_id[queries.site("PK99").unit_id].code == "S107"


def test_a_refused_form_keeps_what_was_typed(world):
    answer = send(
        visit(world, "admin"),
        "/admin/network/units/new",
        {**UNIT, "code": "S101", "name": "<b>新站</b>", "kind": "station", "parent": "A1"},
    )

    assert answer.status_code == 422
    assert "这个编码已经在用" in answer.text
    assert "&lt;b&gt;新站&lt;/b&gt;" in answer.text


@pytest.mark.parametrize("path", ["units/NO", "units/NO/edit", "sites/NO"])
def test_what_is_not_there_is_404(world, path):
    assert visit(world, "admin").get(f"/admin/network/{path}").status_code == 404
