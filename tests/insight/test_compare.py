"""The rates side by side: each number is its list, the file says the same, and not everybody sees them."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from html import unescape
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.kit.entering import client_of
from tests.world import World
from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.network.queries import network
from ticketing.tickets.filters import read_filters
from ticketing.tickets.queries.listing import listing
from ticketing.tickets.words import State

RECEIVED = re.compile(r'data-label="收到"><a href="([^"]+)">([\d,]+)</a>')
LINKED = re.compile(
    r'data-label="(?:办结率|满意率)"><span title="(\d+) ÷ \d+"><a href="([^"]+)">[\d.]+%</a>', re.DOTALL
)
WAYS = ("unit", "category", "kind", "channel", "month")


@pytest.fixture
def world(app):
    """Six requests of two units: closed, closed unrated, sent round again, at work, waiting, taken back."""
    made = World(app)
    made.now = clock.now() - timedelta(days=40)
    made.ticket(State.CLOSED)
    made.now = clock.now() - timedelta(days=3)
    again = made.ticket(State.REPLIED)
    made.act("enterprise", again, "rate", solved="no", satisfaction=1)
    unrated = made.ticket(State.REPLIED)
    for who in ("caller", "caller", "c0-caller2"):
        made.act(who, unrated, "revisit", reached=False)
    made.ticket(State.PROCESSING, unit="D-HRS", category="TAL")
    made.ticket(State.SUBMITTED)
    made.ticket(State.WITHDRAWN)
    made.now = clock.now()
    return made


def behind(world: World, who: str, href: str) -> int:
    read = read_filters(parse_qs(urlsplit(unescape(href)).query), network(), local_date(clock.now()))
    assert not read.problems, href
    return len(listing(world.actor(who), read.wanted, limit=200, now=clock.now()).rows)


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("who", ["manager", "deptlead"])
def test_every_number_leads_to_exactly_as_many_requests(world, who, by):
    page = client_of(world.app, who).get(f"/figures/rates?by={by}&days=90").text

    numbers = RECEIVED.findall(page)
    shares = [(href, part) for part, href in LINKED.findall(page)]
    assert len(numbers) > 1
    assert shares
    for href, shown in numbers + shares:
        assert behind(world, who, href) == int(shown), href


def test_the_rates_say_what_they_are_made_of(world):
    page = client_of(world.app, "manager").get("/figures/rates?days=90").text
    total = page.split("<tfoot>")[1]

    cells = dict(re.findall(r'data-label="(\w+)"><span title="([^"]+)">', total))
    assert cells["办结率"] == "2 ÷ 5"
    assert cells["解决率"] == "1 ÷ 2"
    assert cells["满意率"] == "1 ÷ 2"
    assert "自选时段" in page


def test_the_file_holds_the_same_numbers(world):
    client = client_of(world.app, "manager")

    answer = client.get("/figures/rates?by=category&days=90&format=csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert "rates-category-" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][:5] == ["按类别", "收到", "办结率", "分子", "分母"]
    assert rows[-1][:5] == ["合计", "6", "40.0%", "2", "5"]
    assert {row[0] for row in rows[1:-1]} == {"用电", "用工/人才"}


def test_it_takes_few_statements_however_many_units(world, statements):
    client = client_of(world.app, "manager")
    client.get("/figures/rates")
    with statements() as seen:
        client.get("/figures/rates?days=90")

    assert len(seen) <= 8


def test_a_bad_period_is_told_and_the_usual_one_shown(world):
    answer = client_of(world.app, "manager").get("/figures/rates?from=2026-12-01&to=2026-01-01&by=nothing")

    assert answer.status_code == 422
    assert "统计时段应从早到晚" in answer.text


def test_a_bad_period_gives_no_file_of_another(world):
    answer = client_of(world.app, "manager").get("/figures/rates?from=2026-13-01&to=2026-12-01&format=csv")

    assert answer.status_code == 422
    assert answer.content_type.startswith("text/html")


@pytest.mark.parametrize(("who", "status"), [("enterprise", 403), ("dept", 403), ("station", 200)])
def test_who_reads_no_figures_does_not_see_it(world, who, status):
    assert client_of(world.app, who).get("/figures/rates").status_code == status
