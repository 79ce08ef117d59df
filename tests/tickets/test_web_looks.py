"""The staff's pages in a real browser: usable by everybody, at every width, without scripts too."""

from __future__ import annotations

import re

import pytest

from tests.kit.browser import page_width
from tests.tickets.desk import world_now
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.tickets.words import State

# What the browser shows does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def today(app):
    return world_now(app)


def enter(page, who: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{who}@demo.example")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def busy(today) -> str:
    """Return a ticket on which everything hangs that a page can show."""
    number: str = today.ticket(State.PROCESSING, title="很长的标题" * 30)
    today.act("dept", number, "contact", outcome="reached", note="已通话")
    today.act("dept", number, "invite", unit="D-HRS", due_limit="3wd", message="请协助")
    today.act("dept", number, "request_extension", days=3, reason="设备采购")
    today.act("supervisor", number, "supervise", demand="请说明", due_limit="1wd")
    today.act("enterprise", number, "message", body="周四可以")
    today.act("dept", number, "note", body="容量富余")
    return number


@pytest.mark.slow
@pytest.mark.parametrize(("who", "action"), [("dept", "invite"), ("deptlead", "decide_extension")])
def test_pages_are_accessible_and_never_wider_than_the_screen(today, page, accessibility, who, action):
    number = busy(today)
    today.ticket(State.DISPATCHED)
    enter(page, who)
    paths = [
        "/tickets/queue",
        "/tickets?status=processing",
        f"/tickets/{number}",
        f"/tickets/{number}/{action}",
    ]

    for path in [*paths, f"/tickets/{number}/note", "/inbox"]:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.goto(path).status == 200
            assert page_width(page) <= width, (path, width)
        page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(box => { box.open = true })")
        assert accessibility(page) == [], path


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
    assert page.locator(".errors").count() == 1
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
