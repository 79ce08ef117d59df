"""The manager's first page: every number is a link, and the list behind it holds exactly that many."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.kit import entering
from tests.kit.databases import Sites
from tests.kit.entering import client_of
from tests.kit.site import Site
from tests.world import World
from ticketing.core import clock
from ticketing.core.db import db
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.tickets.filters import read_filters
from ticketing.tickets.queries.listing import listing
from ticketing.tickets.words import State

LINK = re.compile(r'<a href="(/tickets[^"]*)">([\d,]+)</a>')
CARD = re.compile(r'<a class="stat" href="([^"]+)">.*?</a>', re.DOTALL)
CLOSURE = re.compile(r'data-label="办结率"><a href="([^"]+)" title="办结 (\d+) ÷ 应办 \d+">\d+%</a>')
ON_TIME = re.compile(r'data-label="按时办结率"><a href="([^"]+)" title="按时 \d+ ÷ 应办完 \d+">\d+%</a>')
BAR = re.compile(r'<li class="barrow"><a href="([^"]+)">.*?<span class="num">([\d,]+)', re.DOTALL)


@pytest.fixture
def site(sites: Sites, database: str, request: pytest.FixtureRequest) -> Site:
    """Return the application, the requests of ``busy`` in its database when the test asks for them."""
    found = sites.on(database)
    if "busy" in request.fixturenames:
        found.reset_to("busy", lambda: fill(World(found.app)))
    else:
        found.reset(with_base=True)
    return found


@pytest.fixture
def busy(world: World) -> World:
    """Return a district with requests old and new, open, late, closed, rated, sent back and taken back."""
    world.now = clock.now()
    return world


def fill(world: World) -> None:
    """File the requests of ``busy`` and bring each to its state."""
    start = clock.now() - timedelta(days=45)
    for days, state, unit in (
        (0, State.CLOSED, "D-PWR"),
        (5, State.PROCESSING, "D-PWR"),
        (10, State.DISPATCHED, "D-HRS"),
        (20, State.CLOSED, "S101"),
        (30, State.WITHDRAWN, "D-PWR"),
        (33, State.REPLIED, "A1"),
        (36, State.CLOSED, "C0"),
        (38, State.MERGED, "D-PWR"),
        (40, State.REJECTED, "D-PWR"),
        (41, State.SUSPENDED, "D-HRS"),
        (43, State.CLOSED, "D-HRS"),
        (44, State.DRAFT, "D-HRS"),
        (44, State.SUBMITTED, "D-HRS"),
    ):
        world.now = start + timedelta(days=days)
        category = "FIN" if unit == "D-HRS" else "PWR"
        world.ticket(state, unit=unit, category=category)
    world.now = start + timedelta(days=44)
    number = world.ticket(State.REPLIED)
    world.act("enterprise", number, "rate", solved="no", satisfaction=1)


def visit(app: Flask, who: str) -> FlaskClient:
    return client_of(app, who)


def behind(world: World, who: str, href: str) -> int:
    """Return how many tickets the list at an address holds for a person."""
    args = parse_qs(urlsplit(unescape(href)).query)
    now = clock.now()
    read = read_filters(args, network(), local_date(now))
    assert not read.problems, (href, read.problems)
    page = listing(world.actor(who), read.wanted, limit=200, now=now)
    return len(page.rows)


@pytest.mark.parametrize(
    "query", ["", "?days=7", "?days=90", "?month=2026-10", "?from=2026-11-01&to=2026-11-10"]
)
def test_every_number_leads_to_exactly_as_many_tickets(busy, query):
    page = visit(busy.app, "manager").get(f"/figures{query}").text

    links = LINK.findall(page) + BAR.findall(page)
    assert len(links) > 15
    for href, shown in links:
        assert behind(busy, "manager", href) == int(shown.replace(",", "")), href


def test_rates_lead_to_what_they_are_made_of(busy):
    page = visit(busy.app, "manager").get("/figures?days=90").text

    closures = CLOSURE.findall(page)
    assert len(closures) > 3
    for href, part in closures:
        assert behind(busy, "manager", href) == int(part), href
    assert len(ON_TIME.findall(page)) > 3


@pytest.mark.parametrize("who", ["deptlead", "area", "station", "dept2"])
def test_numbers_of_one_s_own_units_lead_to_as_many_too(busy, who):
    client = visit(busy.app, who)
    page = client.get("/figures?days=90").text

    for href, shown in LINK.findall(page) + BAR.findall(page):
        assert behind(busy, who, href) == int(shown.replace(",", "")), href
        assert client.get(unescape(href)).status_code == 200


def test_the_four_cards_lead_to_what_they_count(busy):
    page = visit(busy.app, "manager").get("/figures?days=90").text
    cards = [(match.group(1), re.sub(r"<[^>]+>", " ", match.group(0))) for match in CARD.finditer(page)]
    received, closed, closure, satisfaction = cards

    assert behind(busy, "manager", received[0]) == 14
    assert "14" in received[1]
    assert behind(busy, "manager", closed[0]) == 4
    assert behind(busy, "manager", closure[0]) == 4
    assert "已办结 4 件，应办 11 件" in closure[1]
    assert "36.4%" in closure[1]
    assert behind(busy, "manager", satisfaction[0]) == 4
    assert "已评价 5 件，其中基本满意及以上 4 件" in satisfaction[1]
    assert "80.0%" in satisfaction[1]


def test_where_it_burns_comes_first(busy):
    page = visit(busy.app, "manager").get("/figures?days=90").text

    cell = re.compile(
        r'data-label="超时占在办"><span class="figures__share"><span class="num">(?:<a[^>]*>)?(\d+)%'
    )
    shares = [int(share) for share in cell.findall(page)]

    assert len(shares) > 2
    assert shares[:-1] == sorted(shares[:-1], reverse=True)
    assert shares[0] == 100


def test_nothing_at_all_is_said_kindly(world):
    page = visit(world.app, "manager").get("/figures")

    assert page.status_code == 200
    assert "这段时间没有收到" in page.text


def test_the_wall_shows_only_what_is_read_from_afar_and_renews_itself(busy):
    client = visit(busy.app, "manager")

    wall, desk = client.get("/figures?wall=1"), client.get("/figures")

    assert (wall.headers["Refresh"], desk.headers.get("Refresh")) == ("300", None)
    for tool in ("自选时段", "派单目录复核", "这些数怎么算"):
        assert tool in desk.text
        assert tool not in wall.text


def test_a_bad_period_is_told_and_the_usual_one_shown(world):
    page = visit(world.app, "manager").get("/figures?from=2026-11-30&to=2026-11-01")

    assert page.status_code == 422
    assert "统计时段应从早到晚" in page.text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 200),
        ("auditor", 200),
        ("station", 200),
        ("clerk", 403),
        ("enterprise", 403),
        ("admin", 403),
    ],
)
def test_figures_are_for_those_who_lead(world, who, status):
    assert visit(world.app, who).get("/figures").status_code == status


def test_another_s_unit_is_refused(world):
    assert visit(world.app, "area").get("/figures?unit=S201").status_code == 403


def test_the_page_takes_few_statements_whatever_it_shows(busy):
    client = visit(busy.app, "manager")
    seen: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: seen.append(statement)
    )

    client.get("/figures?days=90")

    assert len([one for one in seen if not one.startswith("BEGIN")]) <= 8


def test_the_page_is_accessible(busy, page, accessibility):
    entering.enter(page, "manager")
    page.goto("/figures?days=90")

    assert page.get_by_role("heading", level=1).inner_text() == "数据"
    assert accessibility(page) == []
