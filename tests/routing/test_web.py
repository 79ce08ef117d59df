"""Rules in the browser: the list, a rule tried on late requests and kept, what is refused, the simulator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.kit import csrf_of
from tests.kit.entering import client_of
from tests.tickets.desk import world_now
from tests.world import World
from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.routing import queries

TODAY = local_date(clock.now()).isoformat()
FORM: dict[str, Any] = {
    "name": "用电<先>到 S102", "name_en": "Power to S102", "decides": "intake", "priority": "100",
    "target": "unit", "categories": ["PWR"], "areas": ["A1"], "unit": "S102", "words": "", "starts_on": TODAY,
}  # fmt: skip
MARK = re.compile(r'name="confirm" value="([0-9a-f]+)"')


@pytest.fixture
def here(app) -> World:
    return world_now(app)


def visit(world: World, who: str) -> FlaskClient:
    return client_of(world.app, who)


def send(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_of(client.get(path)), **fields})


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("admin", 200, 200),
        ("auditor", 200, 403),
        ("dispatcher", 200, 403),
        ("station", 403, 403),
        ("enterprise", 403, 403),
    ],
)
def test_administrators_write_rules_and_those_who_answer_for_them_read(here, who, reads, writes):
    client = visit(here, who)

    for path in ("", "/try", "/rules/R1"):
        assert client.get(f"/admin/routing{path}").status_code == reads
    for path in ("/new", "/rules/R1/edit", "/rules/R1/end"):
        assert client.get(f"/admin/routing{path}").status_code == writes
    if reads == 200:
        assert client.get("/admin/routing/rules/R77").status_code == 404


def test_a_rule_is_tried_on_late_requests_then_kept_as_it_was_seen(here):
    number = here.file()
    client = visit(here, "admin")

    tried = send(client, "/admin/routing/new", **FORM)
    assert tried.status_code == 200
    assert re.search(r"最近 30 天收到的 1 件.*?1 件的去向会不同", tried.text, re.DOTALL)
    assert number in tried.text
    mark = MARK.search(tried.text)
    assert mark
    other = send(client, "/admin/routing/new", **FORM | {"priority": "90", "confirm": mark[1]})
    assert (other.status_code, "内容在核对之后有改动" in other.text) == (200, True)
    assert len(queries.book().latest()) == 7

    kept = send(client, "/admin/routing/new", **FORM, confirm=mark[1])
    assert kept.status_code == 303
    page = client.get("/admin/routing").text
    assert "用电&lt;先&gt;到 S102" in page
    assert "类别：用电；辖区：" in page
    assert here.row(here.file()).unit_id == network().by_code["S102"].id

    ended = send(client, "/admin/routing/rules/R8/end", starts_on=TODAY)
    mark = MARK.search(ended.text)
    assert mark
    assert send(client, "/admin/routing/rules/R8/end", starts_on=TODAY, confirm=mark[1]).status_code == 303
    assert here.row(here.file()).unit_id == network().by_code["S101"].id
    assert re.search(r"从 \d+月\d+日 起停用", client.get("/admin/routing/rules/R8").text)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"priority": "900"}, "与规则 R1“属地服务站先接”冲突"),
        ({"priority": "abc"}, "请填写 1 到 999 的整数"),
        ({"sites": ["PK04"]}, "所选地点不在所选辖区里"),
        ({"unit": ""}, "请选择单位"),
        ({"starts_on": "2020-01-01"}, "请选择今天或以后"),
        ({"name": ""}, "请填写此项"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_refused_is_said_beside_its_field_and_what_was_typed_stays(here, changes, sentence):
    answer = send(visit(here, "admin"), "/admin/routing/new", **FORM | changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Power to S102"' in answer.text
    assert re.search(r'<input checked[^>]*name="categories"[^>]*value="PWR"', answer.text)
    assert MARK.search(answer.text) is None


def test_the_simulator_says_who_by_which_rule_and_what_was_passed_over(here):
    client = visit(here, "dispatcher")
    asked = {
        "category": "PWR",
        "kind": "help",
        "level": "normal",
        "channel": "platform",
        "on": TODAY,
        "text": "",
    }

    station = client.get("/admin/routing/try", query_string=asked | {"site": "PK01"}).text
    nowhere = client.get("/admin/routing/try", query_string=asked | {"site": ""}).text
    at_a_station = client.get("/admin/routing/try", query_string=asked | {"taker": "S101"}).text
    elsewhere = client.get("/admin/routing/try", query_string=asked | {"taker": "S201", "site": "PK01"}).text
    wrong = client.get("/admin/routing/try", query_string=asked | {"category": "NO"})
    nobody = client.get("/admin/routing/try", query_string=asked | {"taker": "D-PWR"})

    names = re.compile(r'<p class="outcome__who">([^<]+)</p>')
    assert names.findall(station) == ["狮山生命健康产业园服务站", "供电公司"]
    assert names.findall(nowhere) == ["苏州高新区企业服务中心", "供电公司"]
    assert "规则 R4：其余由区中心分拨台接（第 1 版）" in nowhere
    assert re.search(r"R1 属地服务站先接</a> · 没有写地点", nowhere)
    assert "不是工作人员登记的" in nowhere
    assert names.findall(at_a_station) == ["狮山生命健康产业园服务站", "供电公司"]
    assert names.findall(elsewhere) == names.findall(station)
    assert wrong.status_code == nobody.status_code == 422
    assert "请从列表中选择" in wrong.text


def test_a_unit_that_a_rule_names_cannot_be_closed_and_the_page_leads_to_the_rules(here):
    client = visit(here, "admin")
    tried = send(client, "/admin/routing/new", **FORM)
    mark = MARK.search(tried.text)
    assert mark
    send(client, "/admin/routing/new", **FORM, confirm=mark[1])
    unit = {"name": "站", "kind": "station", "parent": "A1", "calendar_name": "cn"}

    answer = send(client, "/admin/network/units/S102/edit", **unit)

    assert answer.status_code == 409
    assert '<a href="/admin/routing">还有 1 条分派规则指向它' in answer.text
