"""Every page of the site in a real browser, from the route table: readable by everybody, never too wide.

A new page is looked at without being named here, unless its address has a part that nobody has given a value
yet, or the person who is let in first finds nothing there: then the test says what it wants to know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.routing import Rule

from tests.escalation.kit import swept
from tests.kit.browser import AXE, page_width
from tests.kit.entering import enter
from tests.meetings import kit as meetings
from tests.test_access import NOBODY, PEOPLE
from tests.world import World
from ticketing.core import clock
from ticketing.core.errors import NotFound
from ticketing.demo import texts
from ticketing.tickets import wishes as w
from ticketing.tickets.flow import FLOW
from ticketing.tickets.words import Action, State
from ticketing.web.guards import guard_of

WIDTHS = (1280, 390)
UNFOLDED = "document.querySelectorAll('details:not(.menu)').forEach(box => { box.open = true })"
NO_PAGES = {
    "static", "api.openapi", "notify.news", "notify.stream", "tickets.attachment",
    "tickets.drafts_of", "tickets.texts_for",
    "tickets.renewed", "tickets.panel",
    "health.healthz", "health.readyz", "health.metrics",
}  # fmt: skip
# Links that are secrets, and what is shown after something was lost: looked at where they are made.
ELSEWHERE = {"accounts.invitation", "public.rate", "accounts.kept"}
# Who looks at a page, where the first who is let in has nothing there.
WHO = {"intake.edit": "enterprise", "accounts.company": "enterprise", "accounts.invite": "enterprise"}
WHO |= {"tickets.edit_text": "admin", "tickets.texts": "admin"}
# Who leads a meeting sees the most of it; its files and its paper are no pages.
NO_PAGES |= {"meetings.file", "meetings.minutes"}
WHO |= {f"meetings.{name}": "dispatcher" for name in (*meetings.WRITING, *meetings.ISSUED)}
# A value for each part of an address; "endpoint:part" where a page wants another one,
# "endpoint?" what is asked for.
VALUES = {
    "name": "cn", "notify.text:name": "mail_body", "language": "zh", "role": "liaison", "channel": "email",
    "code": "S101", "network.edit_site:code": "PK01", "user_id": "2",
    "routing.rule:code": "R1", "routing.edit_rule:code": "R1", "routing.end_rule:code": "R1",
    "tickets.many:action": "note", "text_id": "1",
}  # fmt: skip
# Whose work the actions are.
HANDS = (
    "enterprise", "clerk", "dispatcher", "station", "area", "dept", "deptlead", "dept2", "supervisor",
    "caller",
)  # fmt: skip


class Scene:
    """Tickets in every state, and who may open what."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.late = self._late()
        self.tickets = {state.value: world.ticket(state) for state in State}
        self.tickets |= {unit: world.ticket(State.PROCESSING, unit=unit) for unit in ("S101", "A1")}
        self.tickets["full"] = self._full()
        self.tickets["part"] = self._part()
        texts.make(world.now)
        self.meetings = meetings.pages(world, self.tickets["processing"])

    def _late(self) -> str:
        """A ticket that is late: it escalates, and the written notice goes out."""
        self.world.now = clock.now() - timedelta(days=30)
        number = self.world.ticket(State.PROCESSING)
        self.world.now = clock.now()
        swept(self.world.now)
        return number

    def _full(self) -> str:
        """A ticket on whose page there is everything."""
        number = self.world.ticket(State.PROCESSING, title="标题很长" * 40, description="<b>& 说明\n" * 20)
        for who, wish in (
            ("dept", w.RecordContact(outcome="reached", note="已联系")),
            ("dept", w.Invite(unit="D-HRS", due_limit="3wd", message="请协助核实")),
            ("dept", w.RequestExtension(days=3, reason="设备交货晚")),
            ("enterprise", w.Message(body="请尽快")),
            ("dept", w.Note(body="内部说明")),
            ("enterprise", w.Urge(message="请加快")),
            ("supervisor", w.Supervise(demand="请三日内答复", due_limit="2wd", card="yellow")),
        ):
            self.world.do(who, number, wish)
        return number

    def _part(self) -> str:
        """A ticket with a part that waits for its sign-off."""
        number = self.world.ticket(State.PROCESSING, unit="D-HRS")
        self.world.act("dept2", number, "invite", unit="D-PWR", due_limit="1wd", message="请核实用电容量")
        self.world.act("dept", number, "finish_part", reply="容量足够")
        return number

    def visits(self) -> Iterator[tuple[str, str]]:
        """Yield who opens which address: each page once, each action's form once."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            is_data = rule.rule.startswith("/api/") and rule.endpoint != "api.docs"
            is_page = "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES | ELSEWHERE
            if is_page and not is_data and rule.endpoint != "tickets.act":
                yield self._visitor(rule), self._address(rule)
        yield from self._forms()
        for who in ("dept", "enterprise"):
            yield who, f"/tickets/{self.tickets['full']}"
        yield "enterprise", "/tickets"

    def _forms(self) -> Iterator[tuple[str, str]]:
        """Yield for each action somebody to whom it is offered, and its form."""
        offered: dict[str, tuple[str, str]] = {}
        for number in self.tickets.values():
            for who in HANDS:
                for action in self._may(who, number):
                    offered.setdefault(action, (who, f"/tickets/{number}/{action}"))
        by_meetings = {Action.ASSIGN_PART.value}
        assert set(offered) == {action.value for action in FLOW} - by_meetings, (
            "an action is offered to nobody here"
        )
        yield from offered.values()

    def _may(self, who: str, number: str) -> set[str]:
        try:
            return self.world.may(who, number)
        except NotFound:
            return set()

    def _visitor(self, rule: Rule) -> str:
        """The first person the guard lets in."""
        guard = guard_of(self.app, rule.endpoint)
        if rule.endpoint in WHO:
            return WHO[rule.endpoint]
        if guard == "public":
            return NOBODY
        if not isinstance(guard, tuple):
            return "clerk"
        return next(who for who in PEOPLE if self.world.actor(who).holds(*guard))

    def _address(self, rule: Rule) -> str:
        values = VALUES | {
            "number": self.late,
            "intake.edit:number": self.tickets["draft"],
            "tickets.many?": f"pick={self.late}",
        } | self.meetings  # fmt: skip

        def value(part: re.Match[str]) -> str:
            found = values.get(f"{rule.endpoint}:{part[1]}", values.get(part[1]))
            assert found, f"give <{part[1]}> of {rule.rule} a value in VALUES"
            return found

        asked = values.get(f"{rule.endpoint}?")
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", value, rule.rule) + (f"?{asked}" if asked else "")


@pytest.mark.browser
@pytest.mark.slow
def test_every_page_can_be_read_by_everybody_at_every_width(
    app: Flask,
    world: World,
    new_page: Callable[..., Page],
    accessibility: Callable[[Page], list[str]],
) -> None:
    scene = Scene(app, world)
    page = new_page(viewport={"width": WIDTHS[0], "height": 900})
    page.add_init_script(path=AXE)
    cookies: dict[str, list[Any]] = {NOBODY: []}
    found = []
    for who, address in dict.fromkeys(scene.visits()):
        _become(page, who, cookies)
        answer = page.goto(address)
        page.evaluate(UNFOLDED)
        faults = accessibility(page)
        faults += [f"answers {answer.status}"] if answer and answer.status != 200 else []
        faults += [f"{count} h1"] if (count := page.locator("h1").count()) != 1 else []
        faults += list(_too_wide(page, f"{who}{address}"))
        found += [f"{who} {address}: {fault}" for fault in faults]

    assert found == []


def _become(page: Page, who: str, cookies: dict[str, list[Any]]) -> None:
    """Make the next visit somebody's: in one window all see the pages, each with the cookies of their own."""
    page.context.clear_cookies()
    if who in cookies:
        page.context.add_cookies(cookies[who])
    else:
        cookies[who] = enter(page, who).context.cookies()


def _too_wide(page: Page, name: str) -> Iterator[str]:
    """Yield the widths at which the page is wider than the screen. With SHOTS=folder, keep how it looks."""
    folder = os.environ.get("SHOTS")
    for width in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page_width(page)) > width:
            yield f"{wide} px wide at {width}"
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name.replace('/', '_')}-{width}.png", full_page=True)
