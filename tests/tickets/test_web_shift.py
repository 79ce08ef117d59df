"""The desk in a real browser: a shift by keyboard alone, the panel, lines that renew themselves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit.browser import page_width
from tests.kit.entering import enter
from tests.tickets.desk import world_now
from ticketing.tickets.words import Action, State

# What the browser shows does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NEWS = "document.dispatchEvent(new Event('news'))"


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def desk(page):
    """Return a page as wide as a desk's screen."""
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def go(page, *keys: str) -> None:
    """Press keys, the last of which leads to another page, once this one is whole."""
    page.wait_for_load_state()
    press(page, *keys[:-1])
    with page.expect_navigation():
        press(page, keys[-1])


def move_to(page, number: str) -> None:
    """Press j until the row of a ticket is on."""
    for _ in range(page.locator("[data-row]").count()):
        press(page, "j")
        if page.locator("[data-row][data-on]").get_attribute("data-row") == number:
            return
    raise AssertionError(f"{number} is not in the list")


def test_a_shift_is_worked_by_keyboard_alone(today, desk):
    number = today.ticket(State.DISPATCHED, unit="S101")
    today.ticket(State.PROCESSING, unit="S101")
    enter(desk, "station").goto("/")
    go(desk, "g", "q")

    key = desk.locator(".chip", has_text="待签收").get_attribute("data-key")
    go(desk, key)
    go(desk, "j", "s")
    assert "已签收" in desk.content()
    go(desk, "1")
    move_to(desk, number)
    press(desk, "o")
    expect(desk.locator(".panel h2")).to_be_focused()
    press(desk, "Escape")
    expect(desk.locator(f'[data-row="{number}"] .row__title')).to_be_focused()
    go(desk, "c")
    expect(desk.locator("[name=outcome]").first).to_be_focused()
    press(desk, " ", "Tab")
    desk.keyboard.type("已约上门")
    press(desk, "Tab", "Enter")
    expect(desk.locator(".flash")).to_contain_text("联系")
    desk.wait_for_load_state()
    press(desk, "r")
    expect(desk.locator("#submit_reply-reply")).to_be_focused()
    desk.keyboard.type("已上门勘查，周五前完成增容。")
    press(desk, "Tab", "Enter")
    expect(desk.locator(".flash")).to_contain_text("答复")
    assert [event.action for event in today.events(number)][-3:] == [
        Action.SIGN,
        Action.CONTACT,
        Action.SUBMIT_REPLY,
    ]
    go(desk, "g", "q")
    assert desk.url.endswith("/tickets/queue")


def test_many_are_done_by_keyboard_and_the_sheet_can_switch_keys_off(today, desk):
    signed, fresh = today.ticket(State.PROCESSING), today.ticket(State.DISPATCHED)
    enter(desk, "dept")
    desk.goto("/tickets/queue?view=todo")

    press(desk, "X")
    expect(desk.locator(".bulk")).to_contain_text("已选 2 件")
    go(desk, "s")
    assert "1 件办好了，1 件没有办" in desk.content()
    desk.goto("/tickets/queue?view=todo")
    press(desk, "s")  # on no row and with nothing ticked, no row is acted on
    move_to(desk, signed)
    go(desk, "t")
    assert "经办人已认领" in desk.content()
    press(desk, "?")
    expect(desk.locator("#keys")).to_be_visible()
    expect(desk.locator("#keys-title")).to_be_in_viewport()  # the sheet begins at its top
    desk.locator("[data-keys-on]").uncheck()
    press(desk, "Escape", "g", "q")
    assert "view=todo" in desk.url
    actions = [[event.action for event in today.events(number)] for number in (signed, fresh)]
    assert (actions[0][-1], actions[1][-1]) == (Action.CLAIM, Action.SIGN)


def test_lines_renew_themselves_but_not_under_the_hand(today, desk):
    touched, changed, moved = (today.ticket(State.DISPATCHED) for _ in range(3))
    enter(desk, "dept")
    desk.goto("/tickets/queue?view=todo")
    line = {number: desk.locator(f'[data-row="{number}"]') for number in (touched, changed, moved)}
    line[touched].locator(".row__pick input").check()
    top = line[moved].bounding_box()
    for number in (touched, changed):
        today.act("deptlead", number, "assign", user="dept@demo.example")
    today.act("deptlead", moved, "transfer", unit="D-HRS", message="职责所在")
    today.ticket(State.DISPATCHED)

    desk.evaluate(NEWS)

    expect(line[changed]).to_contain_text("刚更新")
    expect(line[moved]).to_contain_text("已不在这里")
    expect(desk.locator(".news")).to_contain_text("新到 1 件")
    expect(line[touched]).not_to_contain_text("刚更新")
    assert line[moved].bounding_box() == top
    assert desk.locator('[data-count="view_todo"]').inner_text() == "3"
    assert line[moved].locator("input").is_disabled()
    line[touched].locator(".row__pick input").uncheck()
    desk.mouse.move(0, 0)
    desk.locator("#main").focus()
    desk.evaluate(NEWS)
    expect(line[touched]).to_contain_text("刚更新")


def test_a_ticket_opens_beside_the_list_and_the_list_stays_where_it_is(today, desk):
    numbers = [today.ticket(State.DISPATCHED, title=f"第 {n} 件 " + "很长的标题" * 12) for n in range(16)]
    enter(desk, "dept")
    desk.goto("/tickets/queue?view=todo")
    row = desk.locator(f'[data-row="{numbers[9]}"]')
    row.scroll_into_view_if_needed()
    before = row.bounding_box()["y"]

    row.locator(".row__title").click()
    expect(desk.locator(".panel h2")).to_have_text(re.compile("第 9 件"))
    assert abs(row.bounding_box()["y"] - before) <= 1
    press(desk, "j")
    expect(desk.locator(".panel h2")).not_to_have_text(re.compile("第 9 件"))
    desk.go_back()
    expect(desk.locator(".panel")).to_have_count(0)
    assert "panel=" not in desk.url
    desk.go_forward()
    expect(desk.locator(".panel")).to_be_visible()
    desk.locator(".panel").get_by_role("button", name="签收").click()
    expect(desk.locator(".flash")).to_contain_text("已签收")
    assert "/tickets/queue" in desk.url
    desk.set_viewport_size({"width": 900, "height": 900})
    desk.goto("/tickets/queue?view=todo")
    desk.locator(".row__title").first.click()
    desk.wait_for_url("**/tickets/QS*")


@pytest.mark.slow
def test_the_queue_is_accessible_in_all_its_states(today, desk, accessibility):
    today.ticket(State.DISPATCHED, title="很长的标题" * 40)
    today.ticket(State.PROCESSING, level="urgent")
    enter(desk, "dept")
    states = {
        "/tickets/queue": (),
        "/tickets/queue?filter=1&level=urgent&light=blue": (),
        "/tickets/queue?view=all": ("j", "x", "b"),
        "/tickets/queue?view=todo": ("j", "o"),
        "/tickets/queue?view=mine": ("?",),
    }

    for path, keys in states.items():
        for width in (390, 1280):
            desk.set_viewport_size({"width": width, "height": 900})
            desk.goto(path)
            if "o" not in keys or width > 390:
                press(desk, *keys)
            if "o" in keys and width > 390:
                desk.locator(".panel").wait_for()
            assert page_width(desk) <= width, (path, width)
            assert accessibility(desk) == [], (path, width)


def test_many_are_done_without_scripts(today, new_page):
    numbers = [today.ticket(State.DISPATCHED) for _ in range(2)]
    page = new_page(java_script_enabled=False)
    enter(page, "dept")
    page.goto("/tickets/queue")

    for number in numbers:
        page.locator(f'[data-row="{number}"] .row__pick input').check()
    with page.expect_navigation():
        page.locator(".bulk").get_by_role("button", name="签收").click()

    assert "2 件都办好了" in page.content()


def test_what_narrows_to_yes_is_told_by_its_name_alone(visit):
    page = visit("clerk").get("/tickets?overdue=1&mine=0").text

    assert "<span>已超时</span>" in page
    assert "<span>我经办的：否</span>" in page


def test_a_line_of_the_thread_names_a_unit_once(today, visit):
    number = today.ticket(State.PROCESSING)

    page = visit("dept").get(f"/tickets/{number}").text

    assert re.search(r"<span>已签收</span><span>供电公司 吴志强</span>", page)
