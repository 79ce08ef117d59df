"""The staff's pages in a real browser: usable by everybody, at every width, without scripts too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit.entering import enter
from tests.tickets.desk import world_now
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.tickets.words import Action, State

# What the browser shows does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.mark.slow
def test_the_desk_is_accessible_also_when_something_is_wrong(today, page, accessibility):
    enter(page, "clerk")
    page.goto("/tickets/new")

    assert accessibility(page) == []
    page.fill("[name=name]", "光电")
    page.click("button[value=find]")
    assert page.locator("[name=pick]").count() > 1
    assert accessibility(page) == []
    page.click("button[value=send]")
    expect(page.locator(".errors")).to_have_count(1)
    assert accessibility(page) == []


@pytest.mark.slow
def test_a_ticket_goes_on_without_scripts(today, new_page):
    number = today.ticket(State.DISPATCHED)
    page = new_page(java_script_enabled=False)
    page.goto("/sign-in")
    page.fill("[name=email]", "dept@demo.example")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.click("form[action*='sign-in'] button, main form button")

    page.goto("/tickets/queue")
    page.locator(".row__quick", has_text="签收").click()
    assert "已签收" in page.locator(".flash").inner_text()
    page.goto(f"/tickets/{number}")
    page.locator("#do-contact label", has_text="已联系上").click()
    page.fill("#do-contact textarea", "约好周四")
    page.locator("#do-contact .button--primary").click()

    assert re.search(number, page.url)
    assert "约好周四" in page.locator(".thread").inner_text()


def test_on_a_phone_the_button_at_the_edge_sends_what_was_written_just_now(today, new_page):
    number = today.ticket(State.PROCESSING)
    page = enter(new_page(viewport={"width": 390, "height": 844}), "dept")
    page.goto(f"/tickets/{number}")
    edge = page.locator(".now .button--primary")

    edge.click()  # nothing is written yet: it leads to the box
    expect(page.locator("#do-contact [name=outcome]").first).to_be_focused()
    page.locator("#do-contact label", has_text="已联系上").click()
    page.locator("#do-contact textarea").press_sequentially("约好周四")
    edge.click()

    expect(page.locator(".flash")).to_contain_text("已联系企业")
    expect(page.locator(".flash")).to_be_in_viewport()
    assert today.events(number)[-1].action is Action.CONTACT


# The pixels of the first row by which what is left of the time reaches into its state or its button.
REACH = """() => {
  const row = document.querySelector(".row"), light = row.querySelector(".light").getBoundingClientRect()
  const beside = [...row.querySelectorAll(".row__state > *")].map((one) => one.getBoundingClientRect())
  return Math.max(0, ...beside.filter((one) => one.top < light.bottom).map((one) => light.right - one.left))
}"""


@pytest.mark.slow
def test_on_a_phone_what_is_left_stands_beside_the_state_in_the_longer_language(today, new_page):
    today.ticket(State.DISPATCHED)
    page = new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    enter(page, "dept")
    page.goto("/tickets/queue")

    # Longer than it gets, whatever the hour of the test.
    page.eval_on_selector(".row .light", "(light) => { light.lastChild.data = '125 working hours overdue' }")
    assert page.locator(".row__quick").first.inner_text() == "Sign for it"
    assert page.evaluate(REACH) == 0
