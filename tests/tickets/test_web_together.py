"""Two people and two devices at one ticket, in a real browser: drafts, presence, two saves, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit.entering import enter
from tests.tickets.desk import world_now
from ticketing.core.db import db
from ticketing.tickets.words import Action, State

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def sit(new_page):
    """Return who sits somebody down at a machine of his own."""

    def at(who):
        page = new_page()
        enter(page, who)
        return page

    return at


def test_two_handlers_at_once_see_each_other_and_neither_text_is_lost(today, sit, accessibility):
    number = today.ticket(State.PROCESSING)
    first, second = sit("dept"), sit("dept")
    head = sit("deptlead")
    head.goto(f"/tickets/{number}")
    for page in (first, second):
        page.goto(f"/tickets/{number}")
        page.locator("#do-submit_reply > summary").click()
        page.fill("#do-submit_reply textarea", "")
    first.locator("#do-submit_reply textarea").press_sequentially("已勘查。周五送电。")
    expect(head.locator("[data-others]")).to_have_text("")
    head.reload()
    expect(head.locator("[data-others]")).to_have_text(f"{today.actor('dept').name}正在写答复")

    first.keyboard.press("Control+Enter")
    first.wait_for_selector(".flash")
    second.fill("#do-submit_reply textarea", "已勘查。下周一送电。")
    second.keyboard.press("Control+Enter")
    second.wait_for_selector(".meanwhile")
    assert accessibility(second) == []
    head.reload()

    shown = second.locator(".twotexts").inner_text()
    assert "周五送电。" in shown
    assert "下周一送电。" in shown
    assert second.input_value("main form[data-draft] textarea") == "已勘查。下周一送电。"
    second.get_by_role("button", name="留作内部备注").click()
    second.wait_for_url(f"**/tickets/{number}")
    db.session.rollback()
    said = [event.action for event in today.events(number)][-2:]
    assert said == [Action.SUBMIT_REPLY, Action.NOTE]


def test_what_is_typed_here_is_found_on_another_device_until_it_is_sent(today, sit):
    number = today.ticket(State.PROCESSING)
    here, there = sit("dept"), sit("dept")
    here.goto(f"/tickets/{number}")
    here.locator("#do-note > summary").click()
    here.locator("#do-note textarea").press_sequentially("写到一半")
    expect(here.locator("#do-note [data-draft-line]")).to_have_text(re.compile("草稿已存 今天"))

    there.goto(f"/tickets/{number}")
    expect(there.locator("#do-note textarea")).to_have_value("写到一半")
    there.locator("#do-note > summary").click()
    there.locator("#do-note .form__end button").first.click()
    there.wait_for_selector(".flash")
    third = sit("dept")
    third.goto(f"/tickets/{number}/note")

    assert third.input_value("main form textarea") == ""


def test_what_the_company_is_writing_is_found_on_its_other_device_too(today, sit, accessibility):
    number = today.ticket(State.NEED_INFO)
    here, there = sit("enterprise"), sit("enterprise")
    here.goto(f"/tickets/{number}")
    here.locator("#body").press_sequentially("铭牌写着 800 kVA")
    expect(here.locator("[data-draft-line]")).to_have_text(re.compile("草稿已存 今天"))
    with here.expect_response(re.compile("/drafts$")):
        here.reload()
    here.evaluate("new Promise(requestAnimationFrame)")
    assert here.input_value("#body") == "铭牌写着 800 kVA"
    assert (
        here.inner_text("[data-draft-line]") == ""
    )  # the text of this tab is the draft: no other is offered

    there.goto(f"/tickets/{number}")
    expect(there.locator("#body")).to_have_value("铭牌写着 800 kVA")
    assert accessibility(there) == []
    there.locator("#add button:not([name])").click()
    there.wait_for_selector(".flash")
    db.session.rollback()
    assert today.row(number).status is State.SUBMITTED
    there.goto(f"/tickets/{number}/drafts")
    assert '"drafts":[]' in there.content().replace(" ", "")


def test_a_page_says_that_the_ticket_has_moved_on_and_does_not_move_itself(today, sit):
    number = today.ticket(State.PROCESSING)
    page = sit("dept")
    page.goto(f"/tickets/{number}")
    today.act("deptlead", number, "note", body="请加快")

    expect(page.locator("[data-changed]")).to_be_visible()
    assert "请加快" not in page.locator(".thread").inner_text()


def test_a_template_comes_in_where_the_cursor_is_and_by_keyboard(today, sit, accessibility):
    from tests.tickets.test_reply_texts import make

    number = today.ticket(State.PROCESSING)
    make(today, body="您好，{单号}已收到。")
    page = sit("dept")
    page.goto(f"/tickets/{number}")
    page.locator("#do-message > summary").click()
    area = page.locator("#do-message textarea")
    area.fill("前后")
    area.evaluate("area => area.setSelectionRange(1, 1)")

    page.locator("#do-message [data-texts]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".textpick button")).to_be_focused()
    assert accessibility(page) == []
    page.keyboard.press("Enter")

    expect(area).to_have_value(f"前您好，{number}已收到。后")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    expect(area).not_to_be_focused()
    for _time in range(2):
        page.keyboard.press("r")
        expect(page.locator("#do-submit_reply textarea")).to_be_focused()
        page.keyboard.press("Escape")


def test_the_pages_of_templates_are_accessible(today, sit, accessibility):
    from tests.tickets.test_reply_texts import make

    text_id = make(today)
    page = sit("deptlead")

    for path in ("/tickets/texts", "/tickets/texts/new", f"/tickets/texts/{text_id}"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility(page) == [], path
    page.goto("/tickets/texts/new")
    page.fill("[name=name]", "x")
    page.fill("[name=body]", "{不存在}")
    page.click("main .button--primary")
    expect(page.locator(".errors")).to_contain_text("没有 {不存在} 这个占位符")
    assert accessibility(page) == []
