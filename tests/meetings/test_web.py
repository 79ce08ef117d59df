"""The pages of meetings: from a ticket to minutes as PDF; what was typed stays; a company sees none of it."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.meetings import kit
from tests.tickets.desk import Visit, fields_of, send, visits, world_now
from tests.world import World
from ticketing.core import clock
from ticketing.core.local_day import DISTRICT_ZONE
from ticketing.tickets.words import State

FORM = re.compile(r'<form class="form[^"]*" method="post".*?</form>', re.DOTALL)


@pytest.fixture
def world(app) -> World:
    """The district at the present moment: pages read the real clock."""
    return world_now(app)


@pytest.fixture
def visit(app, world) -> Visit:
    return visits(app)


def posted(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Open a form's page, fill it in and send it."""
    page = client.get(path)
    assert page.status_code == 200, (page.status_code, path)
    form = FORM.search(page.text)
    assert form, path
    return client.post(path, data={**fields_of(form.group(0)), **fields})


def first(pattern: str, text: str) -> str:
    """The first match, which must be there."""
    found = re.search(pattern, text, re.DOTALL)
    assert found, pattern
    return found[0]


def moment(**ahead: float) -> str:
    """So much from now, as a form has it."""
    return f"{(clock.now() + timedelta(**ahead)).astimezone(DISTRICT_ZONE):%Y-%m-%dT%H:%M}"


def arranged(**fields: object) -> dict[str, object]:
    """A meeting that began half an hour ago."""
    usual = {
        "theme": "用电增容协调",
        "host": "C0",
        "starts_at": moment(minutes=-30),
        "ends_at": moment(hours=1),
        "place": "区中心 301",
        "units": ["D-PWR", "D-HRS"],
    }
    return usual | fields


def test_from_a_ticket_to_issued_minutes(world, visit):
    ticket = world.ticket(State.PROCESSING)
    host = visit("dispatcher")
    assert f"/meetings/new?ticket={ticket}" in host.get(f"/tickets/{ticket}").text

    made = posted(host, f"/meetings/new?ticket={ticket}", **arranged())
    assert made.status_code == 303, made.text
    here = made.location.partition("#")[0]
    assert ticket in host.get(here).text
    item = first(rf"{here}/items/(\d+)/edit", host.get(here).text)
    assert posted(
        host, item, issue="变压器由谁出资", kind="utilities", ticket=ticket, decision="企业和供电公司各半",
        for_company="下周一上门定方案",
    ).status_code == 303  # fmt: skip
    assert posted(
        host, item.replace("/edit", "/tasks/new"), what="核实用工人数", unit="D-HRS",
        due_on=kit.due_day(world).isoformat(),
    ).status_code == 303  # fmt: skip
    assert "核实用工人数" in host.get(f"{here}/issue").text
    assert posted(host, f"{here}/issue").status_code == 303

    page = host.get(here).text
    assert "纪要 PDF" in page
    assert host.get(f"{here}/minutes.pdf").data.startswith(b"%PDF")
    assert here.rpartition("/")[2] in visit("dept").get(f"/tickets/{ticket}").text
    company = visit("enterprise").get(f"/tickets/{ticket}").text
    assert "下周一上门定方案" in company
    assert "各半" not in company
    assert "核实用工人数" not in company
    assert "核实用工人数" in visit("dept2").get("/meetings").text
    for path in (here, f"{here}/minutes.pdf", "/meetings", f"{here}/issue"):
        assert visit("enterprise").get(path).status_code == 403


def test_what_was_typed_stays_and_each_mistake_is_told_where_it_is(world, visit):
    host = visit("dispatcher")
    for fields, told in (
        ({"units": []}, "请至少邀请一个"),
        ({"ends_at": moment(minutes=-50)}, "结束时间须晚于"),
        ({"starts_at": "明天"}, "这样的日期和时间"),
        ({"place": ""}, "请填写此项"),
        ({"host": "D-NIL"}, "请从列表中选择"),
    ):
        answer = posted(host, "/meetings/new", **arranged(theme="甲乙丙丁戊", **fields))
        assert answer.status_code == 422, fields
        assert told in answer.text, fields
        assert "甲乙丙丁戊" in answer.text


def test_the_second_writer_sees_it_and_keeps_the_text(world, visit):
    number = kit.called(world)
    path = f"/meetings/{number}/items/new"
    host, second = visit("dispatcher"), visit("supervisor")
    stale = fields_of(first(FORM.pattern, second.get(path).text))
    assert posted(host, path, issue="第一个", kind="other").status_code == 303

    refused = second.post(path, data={**stale, "issue": "第二个问题", "kind": "other"})

    assert refused.status_code == 409
    assert "已被他人更新" in refused.text
    assert "第二个问题" in refused.text
    again = fields_of(first(FORM.pattern, refused.text))
    assert second.post(path, data={**again, "issue": "第二个问题", "kind": "other"}).status_code == 303
    assert second.post(path, data={**again, "issue": "第二个问题", "kind": "other"}).status_code == 303
    assert [one.issue for one in kit.items_of(number)] == ["第一个", "第二个问题"]


def test_buttons_move_and_remove_questions_once(world, visit):
    number, host = kit.called(world), visit("dispatcher")
    for issue in ("第一个", "第二个"):
        posted(host, f"/meetings/{number}/items/new", issue=issue, kind="other")
    second = kit.items_of(number)[1].id

    for _n in range(2):
        send(host, f"/meetings/{number}/items/{second}/up", once="same")
    assert [one.issue for one in kit.items_of(number)] == ["第二个", "第一个"]
    moved = send(host, f"/meetings/{number}/items/{second}/remove")
    assert [one.issue for one in kit.items_of(number)] == ["第一个"]
    assert moved.location.endswith("#agenda")
    stale = send(host, f"/meetings/{number}/items/{kit.items_of(number)[0].id}/remove", version="1")
    assert stale.location == f"/meetings/{number}"  # why not stands on top
    assert "flash--bad" in host.get(stale.location).text


def test_a_reader_by_ticket_sees_that_item_only_and_no_papers(world, visit):
    ticket = world.ticket(State.PROCESSING)
    number = kit.called(world, ticket, units=("D-HRS",))
    posted(visit("dispatcher"), f"/meetings/{number}/items/new", issue="另一件内部事", kind="other")

    reader = visit("dept")  # leads the ticket, was not invited
    page = reader.get(f"/meetings/{number}").text

    assert ticket in page
    assert "另一件内部事" not in page
    assert reader.get(f"/meetings/{number}/minutes.pdf").status_code == 404
    for stranger in ("station2", "area"):
        is_reader = stranger == "area"  # the ticket's station is the area's
        assert (visit(stranger).get(f"/meetings/{number}").status_code == 200) is is_reader


def test_a_confidential_ticket_is_masked_to_who_has_no_sight_of_it(world, visit):
    ticket = world.ticket(State.PROCESSING, kind="violation_report", title="举报某公司")
    number = kit.called(world, ticket)

    page = visit("dept2").get(f"/meetings/{number}").text

    assert ticket in page
    assert "举报某公司" not in page
    assert "保密诉求" in page
    assert "举报某公司" in visit("dept").get(f"/meetings/{number}").text


def test_files_are_for_those_who_read_the_meeting_whole(world, visit):
    ticket = world.ticket(State.PROCESSING)
    number = kit.called(world, ticket, units=("D-HRS",))
    data = {"file": (io.BytesIO("现场情况".encode()), "情况说明.txt")}

    added = send(visit("dept2"), f"/meetings/{number}/files", **data)

    assert added.status_code == 303
    href = first(r"/meetings/files/[\w-]+", visit("dept2").get(f"/meetings/{number}").text)
    with visit("dispatcher").get(href) as given:
        assert given.data.decode() == "现场情况"
    assert visit("dept").get(href).status_code == 404
    assert visit("enterprise").get(href).status_code == 403


def test_a_file_that_is_not_taken_is_named_where_files_are_added(world, visit):
    number = kit.called(world, world.ticket(State.PROCESSING), units=("D-HRS",))
    host, path = visit("dispatcher"), f"/meetings/{number}/files"

    send(host, path, file=(io.BytesIO(b"MZ"), "run.exe"))
    page = host.get(f"/meetings/{number}").text

    assert re.search(r'id="files".*?role="alert">.*?run.exe：不能添加这个文件', page, re.DOTALL)
    assert "flash--bad" not in page


def test_pages_take_few_statements(world, visit, statements):
    for _n in range(3):
        kit.issued(world, world.ticket(State.PROCESSING), "D-HRS")
    number = kit.called(world, world.ticket(State.PROCESSING))
    host = visit("dispatcher")
    host.get("/meetings")

    with statements() as listed:
        host.get("/meetings")
    with statements() as shown:
        host.get(f"/meetings/{number}")

    assert len([one for one in listed if one.startswith("SELECT")]) <= 8
    assert len([one for one in shown if one.startswith("SELECT")]) <= 12


def test_units_are_called_by_their_english_names_in_english(world, visit):
    number = kit.issued(world, world.ticket(State.PROCESSING), "D-HRS")

    for path in ("/meetings", f"/meetings/{number}"):
        page = visit("dispatcher").get(path, headers={"Accept-Language": "en"}).text
        assert "Human Resources and Social Security Bureau" in page, path
        assert "人力资源和社会保障局" not in page, path
