"""A form too large to be read, in a real browser: the way back finds everything that was typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit.entering import enter
from tests.tickets.desk import world_now
from ticketing.tickets.words import State


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_form_beyond_the_limit_is_still_filled_in_on_the_way_back(app, page, monkeypatch):
    world_now(app)
    enter(page, "enterprise")
    page.goto("/requests/new")
    page.get_by_label("用一句话说是什么事").fill("门口道路积水")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)

    page.locator("form[enctype] .button--primary").click()
    expect(page.locator("h1")).to_have_text("内容太大")
    page.get_by_role("link", name="返回上一页").click()

    expect(page.get_by_label("用一句话说是什么事")).to_have_value("门口道路积水")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_sent_does_not_come_back_after_another_page_was_refused(app, page):
    number = world_now(app).ticket(State.PROCESSING)
    enter(page, "dept")
    page.goto(f"/tickets/{number}/note")
    page.locator("main textarea").fill("已约企业周一面谈")
    page.locator("main form .button--primary").click()
    expect(page).to_have_url(re.compile(rf"/tickets/{number}$"))
    page.wait_for_load_state()

    page.goto("/nowhere")
    page.goto(f"/tickets/{number}/note")

    expect(page.locator("main textarea")).to_have_value("")
