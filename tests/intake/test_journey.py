"""A company files in a real browser, on a phone, and says later whether it is solved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.kit.browser import page_width
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core import clock
from ticketing.tickets.words import State

PHONE_SCREEN = {"width": 390, "height": 844}


@pytest.fixture
def phone(world, new_page):
    world.now = clock.now() - timedelta(hours=1)
    return new_page(viewport=PHONE_SCREEN)


def enter(page):
    page.goto("/sign-in")
    page.fill("[name=email]", "enterprise@demo.example")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.click("main form button.button--primary")
    page.wait_for_url("**/tickets")


def fits(page):
    return page_width(page) <= PHONE_SCREEN["width"]


def test_filing_takes_four_answers_on_a_phone(phone, accessibility):
    enter(phone)
    assert fits(phone)
    phone.get_by_role("link", name="提交第一件诉求").click()
    assert fits(phone)
    assert accessibility(phone) == []

    phone.get_by_label("用一句话说是什么事").fill("厂区屋顶光伏并网申请没有回音")
    phone.get_by_label("具体情况").fill("11 月 3 日交了材料，至今没有答复。")
    phone.locator("[name=category][value=PWR]").check()
    phone.locator(".form__end").get_by_role("button", name="提交诉求").dblclick()

    phone.wait_for_url("**/filed")
    number = phone.locator(".sent__no").inner_text()
    assert number.startswith("QS")
    phone.get_by_role("link", name="打开这件诉求").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "厂区屋顶光伏并网申请没有回音"
    assert fits(phone)
    assert accessibility(phone) == []
    phone.goto("/tickets")
    assert phone.locator(".row").count() == 1
    assert accessibility(phone) == []


def test_rating_with_big_buttons_on_a_phone(phone, world, accessibility):
    number = world.ticket(State.REPLIED)
    enter(phone)
    phone.goto(f"/tickets/{number}")
    assert accessibility(phone) == []

    phone.locator("[name=solved][value=yes]").check()
    phone.locator("[name=satisfaction][value='5']").check()
    phone.get_by_role("button", name="提交评价").click()

    phone.get_by_text("您的评价：已解决，5 分（非常满意）").wait_for()
    assert world.row(number).status is State.CLOSED


def test_everybodys_pages_fit_a_phone(phone, accessibility):
    for address in ("/", "/track"):
        phone.goto(address)
        assert fits(phone), address
        assert accessibility(phone) == [], address
