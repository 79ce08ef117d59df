"""The desk's form and the page after filing."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.tickets.desk import statements, visits, world_now
from ticketing.accounts.models import Enterprise
from ticketing.core.db import db
from ticketing.tickets.models import Ticket

CODE = "91350100M000100Y43"  # the example of GB 32100-2015
REQUEST = {
    "name": "苏州新来的企业有限公司",
    "channel": "phone",
    "title": "厂区停电",
    "description": "凌晨起停电,两条产线停了",
    "kind": "help",
    "level": "urgent",
    "category": "PWR",
    "site": "",
    "contact_name": "陆工",
    "contact_phone": "0512-66660000",
    "do": "send",
}


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def visit(app, today):
    return visits(app)


def form_of(page) -> dict[str, str]:
    """Return the control fields and the time of receipt the page came with."""
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page.text)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    at = re.search(r'name="received_at"[^>]*value="([^"]+)"', page.text)
    assert once
    assert token
    assert at
    return {"csrf_token": token[1], "once": once[1], "received_at": at[1]}


def file(client, **fields):
    return client.post("/tickets/new", data={**form_of(client.get("/tickets/new")), **REQUEST, **fields})


def tickets() -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def company(name: str) -> Enterprise | None:
    return db.session.scalar(select(Enterprise).where(Enterprise.name == name))


def test_a_call_becomes_a_ticket_and_the_page_says_number_unit_and_promises(app, visit):
    answer = file(visit("clerk"))

    assert answer.status_code == 303
    page = visit("clerk").get(answer.location).text
    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.number in page
    assert "苏州高新区企业服务中心" in page
    assert page.count(" 前") >= 2
    assert (ticket.channel, ticket.level, ticket.contact_name) == ("phone", "urgent", "陆工")
    made = company("苏州新来的企业有限公司")
    assert made is not None
    assert not made.is_verified


def test_a_double_click_makes_one_ticket(app, visit):
    form = {**form_of(visit("clerk").get("/tickets/new")), **REQUEST}

    first, second = (visit("clerk").post("/tickets/new", data=form) for _time in range(2))

    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert tickets() == 1


def test_part_of_a_name_finds_companies_and_keeps_what_was_typed(app, visit):
    page = file(visit("clerk"), name="光电", do="find")

    assert page.status_code == 200
    assert "苏州澄砚光电科技有限公司" in page.text
    assert "都不是，登记为新企业" in page.text
    assert "两条产线停了" in page.text
    assert tickets() == 0


def test_with_companies_alike_one_must_be_picked(app, visit):
    unclear = file(visit("clerk"), name="光电")
    known = db.session.scalars(select(Enterprise).where(Enterprise.name == "苏州澄砚光电科技有限公司")).one()
    picked = file(visit("clerk"), name="光电", pick=f"u:{known.uscc}")

    assert unclear.status_code == 422
    assert "请选是哪一家" in unclear.text
    assert picked.status_code == 303
    assert db.session.scalars(select(Ticket.enterprise_id)).one() == known.id


def test_a_new_company_may_be_written_down_although_others_sound_alike(app, visit):
    assert file(visit("clerk"), name="光电", pick="new").status_code == 303

    assert company("光电") is not None


def test_likely_duplicates_are_shown_once_and_can_be_added_to_instead(app, visit):
    known = file(visit("clerk")).location.split("/")[2]
    page = visit("clerk").get("/tickets/new")

    asked = visit("clerk").post("/tickets/new", data={**form_of(page), **REQUEST})
    assert asked.status_code == 200
    assert "这家企业有相似的诉求" in asked.text
    assert known in asked.text
    assert tickets() == 1

    added = visit("clerk").post("/tickets/new", data={**form_of(asked), **REQUEST, "add": known, "do": ""})
    assert (added.status_code, added.location) == (303, f"/tickets/{known}")
    assert tickets() == 1

    assert re.search(r'name="anyway"[^>]*value="1"', asked.text)
    again = {**form_of(asked), **REQUEST, "once": "another-key-here", "anyway": "1"}
    anyway = visit("clerk").post("/tickets/new", data=again)
    assert anyway.status_code == 303
    assert tickets() == 2


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("9135", "应为 18 位"),
        ("91350100M000100Y44", "校验位不对"),
        ("91350100M000100I43", "不会有字符 I"),
    ],
)
@pytest.mark.parametrize("step", ["find", "send"])
def test_a_wrong_credit_code_is_named(app, visit, code, told, step):
    page = file(visit("clerk"), uscc=code, do=step)

    assert page.status_code == 422
    assert told in page.text
    assert tickets() == 0


def test_a_right_credit_code_is_kept_in_its_stored_form(app, visit):
    assert file(visit("clerk"), uscc=CODE.lower()).status_code == 303

    made = company("苏州新来的企业有限公司")
    assert made is not None
    assert made.uscc == CODE


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", "", "请填写此项"),
        ("description", "\u200b ", "请填写此项"),
        ("title", "长" * 201, "最多 200 个字"),
        ("received_at", "2031-01-01T09:00", "接到时间不能晚于现在"),
        ("received_at", "yesterday", "这样的日期和时间"),
        ("category", "NOPE", "请从列表中选择"),
        ("contact_phone", "打给我", "电话只能有"),
        ("name", "", "请填写企业名称或统一社会信用代码"),
        ("channel", "telepathy", "请从列表中选择"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(app, visit, field, value, told):
    page = file(visit("clerk"), **{field: value})

    assert page.status_code == 422
    assert told in page.text
    assert "陆工" in page.text
    assert tickets() == 0


def test_markup_is_shown_as_text(app, visit):
    bad = '<b onmouseover="x()">'

    page = file(visit("clerk"), name=bad, title=bad, description=bad, contact_name=bad, contact_phone=bad)

    assert page.status_code == 422
    assert bad not in page.text


def test_a_station_files_for_itself_and_takes_it_first(app, visit):
    answer = file(visit("station"))

    assert answer.status_code == 303
    ticket = db.session.scalars(select(Ticket)).one()
    assert "狮山" in visit("station").get(answer.location).text
    assert visit("clerk").get(f"/tickets/{ticket.number}").status_code == 200
    assert visit("station2").get(f"/tickets/{ticket.number}").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("enterprise", 403), ("caller", 403), ("auditor", 403), ("dept", 200)]
)
def test_the_desk_is_for_those_who_take_requests(app, visit, who, status):
    assert visit(who).get("/tickets/new").status_code == status


def test_a_text_survives_a_lost_session(app, visit):
    client = visit("clerk")
    form = {**form_of(client.get("/tickets/new")), **REQUEST}
    client.delete_cookie("loop")

    asked = client.post("/tickets/new", data=form)

    assert asked.status_code in {400, 401}
    assert "登录" in asked.text
    assert tickets() == 0


def test_the_form_takes_few_statements(app, visit):
    visit("clerk").get("/tickets/new")

    with statements(app) as sent:
        visit("clerk").get("/tickets/new")

    assert len(sent) <= 8
