"""In a real browser: an open queue offers what is new, and nothing on it moves."""

from __future__ import annotations

from datetime import timedelta

from tests.kit.entering import enter
from ticketing.core import clock
from ticketing.notify.actions import relay

LOOKED_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def test_an_open_queue_offers_what_is_new_and_does_not_move(world, page):
    enter(page, "clerk")
    page.goto("/tickets/queue")
    assert page.locator(".news").is_hidden()
    height = page.evaluate("document.body.scrollHeight")
    page.wait_for_timeout(1100)  # what is new is told by the second

    world.now = clock.now() - timedelta(seconds=1)
    number = world.file()
    while relay.relay(clock.now()):
        pass
    page.evaluate(LOOKED_AGAIN)
    page.locator(".news").wait_for()

    assert "1" in page.locator(".news").inner_text()
    assert page.locator("[data-since] .count").inner_text() == "1"
    assert page.evaluate("document.body.scrollHeight") == height
    assert number not in page.content()
    page.click(".news a")
    page.wait_for_load_state()
    assert number in page.content()
