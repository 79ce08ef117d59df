"""The pages of supervision, and what a ticket's own page says of escalations."""

from __future__ import annotations

import re

import pytest

from tests.accounts.kit import csrf_of
from tests.escalation.kit import at, rows, swept
from tests.tickets.desk import visits
from tests.world import World
from ticketing.core.db import db
from ticketing.sla.rules.steps import Audience
from ticketing.tickets import escalation_words
from ticketing.tickets.models import Supervision
from ticketing.tickets.words import Card, State


@pytest.fixture
def visit(app, world):
    return visits(app)


@pytest.fixture
def overdue(world: World) -> str:
    """A ticket of the power company, two days past its solution: with the parent unit and supervision."""
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "contact", outcome="reached")
    swept(world.clocks(number)["resolve"].due_at + (at("2026-01-03 12:00") - at("2026-01-01 10:00")))
    return number


def chip(html: str, label: str) -> tuple[int, str]:
    """The number on a chip, and where it leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{label}\s*<b>([0-9,]+)</b>', html)
    assert found, label
    return int(found[2].replace(",", "")), found[1].replace("&amp;", "&")


def test_each_number_opens_a_list_with_as_many(visit, overdue, world):
    for number in (world.ticket(State.PROCESSING), world.ticket(State.PROCESSING, unit="D-HRS")):
        world.act("supervisor", number, "supervise", demand="请说明", due_limit="1wd", card="yellow")
    client = visit("supervisor")
    html = client.get("/supervision").text

    for label in (
        "经办人",
        "单位领导",
        "上级单位",
        "督办",
        "区领导",
        "督办未答复",
        "黄牌",
        "红牌",
        "其中已逾期",
    ):
        count, href = chip(html, label)
        page = client.get(href).text
        assert page.count('<th scope="row"') == count, label
    assert chip(html, "督办")[0] == 1
    assert chip(html, "黄牌")[0] == 2
    assert overdue in client.get(chip(html, "督办")[1]).text
    assert f'href="/supervision/{overdue}/notice"' in client.get(chip(html, "督办")[1]).text
    assert "办结答复已超时 2 天" in client.get(chip(html, "督办")[1]).text


def test_a_unit_s_leader_sees_the_own_unit_only(visit, overdue, world):
    other = world.ticket(State.PROCESSING, unit="D-HRS")
    world.act("supervisor", other, "supervise", demand="请说明", due_limit="1wd", card="red")

    ours, theirs = visit("deptlead").get("/supervision").text, visit("dept2").get("/supervision").text

    assert chip(ours, "督办")[0] == 1
    assert chip(ours, "红牌")[0] == 0
    assert chip(theirs, "督办")[0] == 0
    assert chip(theirs, "红牌")[0] == 1


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 403), ("enterprise", 403), ("admin", 403), ("auditor", 403)]
)
def test_the_page_is_for_those_who_answer_for_units(visit, who, status):
    assert visit(who).get("/supervision").status_code == status


def test_where_nothing_rose_the_page_begins_with_what_is_to_be_answered(visit, world):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "supervise", demand="请说明原因", due_limit="1wd", card="yellow")

    html = visit("supervisor").get("/supervision").text

    assert 'id="list">督办未答复' in html or "督办未答复</h2>" in html
    assert "请说明原因" in html


def test_what_was_met_or_closed_is_no_longer_among_the_escalated(visit, overdue, world):
    world.now = at("2026-12-03 10:00")
    world.act("dept", overdue, "submit_reply", reply="已送电")
    world.act("deptlead", overdue, "approve_reply")

    html = visit("supervisor").get("/supervision").text

    assert chip(html, "督办")[0] == 0


def test_the_ticket_says_in_words_what_rose_to_whom_and_the_company_reads_none_of_it(visit, overdue):
    staff, company = (
        visit("deptlead").get(f"/tickets/{overdue}").text,
        visit("enterprise").get(f"/tickets/{overdue}").text,
    )

    assert "办结答复时限已用 80%" in staff
    assert "办结答复已超时 2 天" in staff
    assert "告知：上级单位、督办" in staff
    assert "办结逾期，发出催办通知书" in staff
    assert "预警升级" not in company
    assert "超时 2 天" not in company


def test_the_written_notice_can_be_printed_by_those_it_goes_to(visit, overdue, world):
    for who, status in (
        ("deptlead", 200),
        ("supervisor", 200),
        ("dept2", 404),
        ("clerk", 403),
        ("enterprise", 403),
    ):
        assert visit(who).get(f"/supervision/{overdue}/notice").status_code == status, who
    html = visit("deptlead").get(f"/supervision/{overdue}/notice").text
    assert "供电公司：" in html
    assert overdue in html
    fresh = world.ticket(State.PROCESSING)
    assert visit("supervisor").get(f"/supervision/{fresh}/notice").status_code == 404


def test_every_step_that_can_fire_has_words(world, overdue):
    swept(at("2027-02-01 10:00"))
    with world.app.test_request_context():
        said = {escalation_words.step_said(row.metric, row.step) for row in rows()}
        assert all(said)
        assert escalation_words.audience_said(Audience)


def test_a_case_without_a_card_can_be_opened_after_looking_at_the_cards(visit, world):
    number = world.ticket(State.PROCESSING)
    client = visit("supervisor")
    html = client.get(f"/tickets/{number}/supervise").text
    assert "不给牌" in html
    fields = {"demand": "请说明", "due_limit": "1wd", "csrf_token": csrf_of(client.get("/me"))}

    for card in ("", "red"):
        answer = client.post(f"/tickets/{number}/supervise", data={**fields, "card": card})
        assert answer.status_code == 303

    db.session.rollback()
    cards = [case.card for case in db.session.query(Supervision).order_by(Supervision.id)]
    assert cards == [None, Card.RED]


@pytest.mark.parametrize("who", ["supervisor", "dept", "manager", "auditor"])
def test_a_ticket_with_a_card_says_so_on_its_page(visit, world, who):
    number = world.ticket(State.PROCESSING)
    world.act("supervisor", number, "supervise", demand="请说明", due_limit="1wd", card="red")

    page = visit(who).get(f"/tickets/{number}")

    assert page.status_code == 200
    assert "红牌" in page.text
