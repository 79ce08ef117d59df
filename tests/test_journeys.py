"""Whole loops in a real browser, each person with an account of their own; one of them on each database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.kit import entering
from tests.kit.browser import page_width
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.tickets import ledger

TITLE = "二期车间用电增容"
REPLY = "已现场勘查，周五前完成增容到 1000 kVA。经办人吴工 0512-16800022。"
WIDTHS = (390, 1280)
Visit = Callable[[str], Page]


@pytest.fixture
def visit(world, new_page) -> Visit:
    """Return a maker of people, each signed in; the company types its password."""
    people: dict[str, Page] = {}

    def enter(who: str) -> Page:
        if who not in people:
            page = people[who] = new_page(viewport={"width": WIDTHS[-1], "height": 900})
            type_password(page) if who == "enterprise" else entering.enter(page, who)
        return people[who]

    return enter


def type_password(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", "enterprise@demo.example")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def look(page: Page, name: str) -> None:
    """With SHOTS=folder, keep what the page looks like; at no width may it be wider than the screen."""
    folder = os.environ.get("SHOTS")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page_width(page) <= width, f"{name} at {width}"
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def file(page: Page) -> str:
    """File a request as a company does, and return its number."""
    page.goto("/requests/new")
    look(page, "1-new-request")
    page.fill("[name=title]", TITLE)
    page.fill("[name=description]", "新设备十二月进场，变压器已满负荷，请安排现场勘查。")
    page.check("[name=category][value=PWR]", force=True)
    page.get_by_role("button", name="提交诉求").click()
    page.wait_for_url("**/filed")
    look(page, "2-filed")
    return page.url.rsplit("/", 2)[1]


def act(page: Page, number: str, action: str, *, picks: tuple[str, ...] = (), **texts: str) -> None:
    """Open the ticket, find the action there, fill in what it asks for, and send it.

    How the form looks is seen in test_pages.
    """
    address = f"/tickets/{number}/{action}"
    page.goto(f"/tickets/{number}")
    look(page, f"{action}-ticket")
    offered = page.locator(f"a[href='{address}'], form[action='{address}']")
    assert offered.count() > 0, f"{action} is not offered"
    page.goto(address)
    for pick in picks:
        page.check(pick, force=True)
    for name, text in texts.items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    page.locator(f"main form[action='{address}'] button.button--primary").click()
    page.wait_for_url(f"**/tickets/{number}")


def to_reply(visit: Visit, number: str) -> None:
    """From dispatched to replied, in the power company."""
    act(visit("dept"), number, "sign")
    act(visit("dept"), number, "contact", picks=("[name=outcome][value=reached]",), note="周四现场勘查")
    act(visit("dept"), number, "submit_reply", reply=REPLY)
    act(visit("deptlead"), number, "approve_reply")


def rate(company: Page, number: str, *, solved: str, satisfaction: int) -> None:
    """Give the company's verdict on its ticket's page."""
    company.goto(f"/tickets/{number}")
    company.check(f"[name=solved][value={solved}]", force=True)
    company.check(f"[name=satisfaction][value='{satisfaction}']", force=True)
    with company.expect_navigation():
        company.get_by_role("button", name="提交评价").click()


@pytest.mark.browser
def test_a_request_goes_round_the_whole_loop_and_closes(world, visit):
    company = visit("enterprise")
    number = file(company)

    act(visit("clerk"), number, "accept")
    act(visit("dispatcher"), number, "dispatch", unit="D-PWR")
    to_reply(visit, number)
    company.goto(f"/tickets/{number}")
    look(company, "8-company-sees-the-reply")
    assert REPLY in company.content()
    act(
        visit("caller"), number, "revisit",
        picks=("[name=reached][value=true]", "[name=solved][value=yes]", "[name=satisfaction][value='5']"),
    )  # fmt: skip

    company.goto(f"/tickets/{number}")
    look(company, "9-closed")
    visit("manager").goto("/figures")
    look(visit("manager"), "10-figures")
    assert world.row(number).status == "closed"
    assert list(ledger.verify()) == []


@pytest.mark.browser
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_company_that_is_not_satisfied_gets_it_done_again(world, visit):
    company = visit("enterprise")
    number = file(company)
    act(visit("clerk"), number, "accept")
    act(visit("dispatcher"), number, "dispatch", unit="D-PWR")
    to_reply(visit, number)

    rate(company, number, solved="no", satisfaction=1)
    again = world.row(number)
    assert (again.status, again.cycle) == ("dispatched", 2)
    visit("dept").goto("/tickets/queue")
    look(visit("dept"), "redo-queue")
    assert number in visit("dept").content()
    to_reply(visit, number)
    rate(company, number, solved="yes", satisfaction=4)

    assert world.row(number).status == "closed"
    assert list(ledger.verify()) == []


RETURN = {"message": "配电设施归园区物业管理", "basis": "权责清单第 12 条"}


def twice_returned(visit: Visit) -> str:
    """A request that goes up, down and across, and that the power company sends back twice."""
    number = file(visit("enterprise"))
    act(visit("clerk"), number, "accept")
    act(visit("station"), number, "up_report", message="涉及多个园区，请片区协调")
    act(visit("area"), number, "sign")
    act(visit("area"), number, "send_down", unit="S102", message="由所在园区办理")
    act(visit("dispatcher"), number, "transfer", unit="D-PWR", message="属供电职能")
    wrong = ("[name=reason_code][value=wrong_function]",)
    act(visit("dept"), number, "request_return", picks=wrong, suggested_unit="D-URB", **RETURN)
    act(
        visit("dispatcher"), number, "rule_return",
        picks=("[name=uphold][value=false]",), message="请继续办理",
    )  # fmt: skip
    act(visit("dept"), number, "request_return", picks=wrong, suggested_unit="D-URB", **RETURN)
    return number


@pytest.mark.browser
def test_a_ticket_goes_up_and_down_comes_back_twice_and_the_district_rules(world, visit, accessibility):
    number = twice_returned(visit)

    desk = visit("dispatcher")
    desk.goto("/tickets/dispatching")
    look(desk, "rule-at-the-desk")
    assert accessibility(desk) == []
    assert "本次裁定为最终裁定" in desk.content()
    desk.keyboard.press("1")
    assert desk.is_checked("[name=pick][value=D-URB]")
    assert desk.is_checked("[name=uphold][value=true]")
    desk.fill("[name=message]", "由城管局牵头，裁定为最终裁定")
    desk.get_by_role("button", name="裁定退单").click()
    desk.get_by_text("没有等着派单或裁定的诉求").wait_for()

    ticket = world.row(number)
    assert (ticket.status, ticket.return_count) == ("dispatched", 2)
    assert world.events(number)[-1].data["said"] | {"message": ""} == {
        "unit": "D-URB", "uphold": True, "message": "", "is_final": True,
    }  # fmt: skip
    for who in ("station", "area", "dept"):
        visit(who).goto(f"/tickets/{number}")
        look(visit(who), f"way-{who}")
        assert visit(who).locator(".way__stop").count() == 8
    assert visit("station").locator(".way__dot--return").count() == 2
    assert accessibility(visit("station")) == []
    assert list(ledger.verify()) == []
