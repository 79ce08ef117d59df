"""The dispatch catalogue: what comes back from whom; each number is its list; few requests are not ranked."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.accounts.kit import browser
from tests.kit.entering import client_of
from tests.tickets.desk import world_now
from tests.world import World
from ticketing.accounts.rules import DEMO_PASSWORD
from ticketing.core.local_day import local_date
from ticketing.insight import catalogue
from ticketing.insight.queries import Scope
from ticketing.insight.rules import Period, Sent, to_review
from ticketing.network.queries import network
from ticketing.tickets.words import State

RETURN = {"reason_code": "wrong_function", "message": "不属于我单位职能"}


def returned(world: World, *, to: str = "", **fields: object) -> str:
    """A request the power company sends back: it goes on to ``to``, or stays."""
    number = world.ticket(State.DISPATCHED, **fields)
    world.act("dept", number, "request_return", **RETURN)
    rule = {"uphold": True, "unit": to} if to else {"uphold": False}
    world.act("dispatcher", number, "rule_return", message="已核实", **rule)
    return number


def counted(world: World, wanted: Scope | None = None) -> dict[tuple[str, str], tuple[int, int]]:
    net, period = network(), Period.ending(local_date(world.now), 30)
    rows = catalogue.sent(wanted or Scope(None), period)
    return {(one.category, net.by_id[one.unit_id].code): (one.sent, one.returned) for one in rows}


def test_a_return_counts_for_the_unit_that_sent_it_back_wherever_the_ticket_is_now(world):
    returned(world, to="D-TAX")
    again = returned(world)
    world.act("dept", again, "request_return", **RETURN)
    world.ticket(State.PROCESSING)
    world.ticket(State.ACCEPTED)
    gone = returned(world, to="D-TAX")
    world.act("enterprise", gone, "withdraw", reason="不需要了")

    assert counted(world) == {("PWR", "D-PWR"): (3, 2), ("PWR", "D-TAX"): (1, 0)}
    one = Scope(frozenset({network().by_code["D-TAX"].id}))
    assert counted(world, one) == {("PWR", "D-TAX"): (1, 0)}


def test_it_takes_two_statements_however_many_requests(world, statements):
    returned(world)
    with statements() as seen:
        counted(world)

    assert len([one for one in seen if "count" in one]) == 2


def test_the_worst_comes_first_small_samples_are_not_ranked():
    rows = [
        Sent("PWR", 1, 10, 5),
        Sent("TAX", 2, 20, 10),
        Sent("FIN", 3, 5, 4),
        Sent("LAW", 4, 4, 4),
        Sent("ENV", 5, 90, 0),
    ]

    found = to_review(rows)

    assert [one.category for one in found.ranked] == ["FIN", "TAX", "PWR"]
    assert [one.category for one in found.small] == ["LAW"]
    assert [one.category for one in found.quiet] == ["ENV"]


def test_every_number_opens_its_list_and_the_rule_behind_it(app):
    world = world_now(app)
    returned(world, to="D-TAX")
    for _ in range(3):
        returned(world)
    world.ticket(State.PROCESSING)
    client = browser(app, "dispatcher@demo.example", DEMO_PASSWORD)

    page = client.get("/figures/dispatch-catalogue").text
    row = re.search(r"用电</th><td[^>]*>供电公司</td>(.*?)</tr>", page, re.DOTALL)
    assert row
    links = re.findall(r'<a href="([^"]+)">(\d+)</a>', row[1])

    assert [count for _href, count in links] == ["5", "4"]
    for href, count in links:
        listed = client.get(unescape(href)).text
        assert len(set(re.findall(r"QS\d\d-\d{3}-\d{3}-\d{3}", listed))) == int(count)
    assert 'href="/admin/routing/rules/R5"' in row[1]
    assert "80%" in row[1]
    assert client.get("/figures/dispatch-catalogue?from=2026-12-01&to=2026-01-01").status_code == 422


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("dispatcher", 200),
        ("supervisor", 200),
        ("manager", 200),
        ("admin", 200),
        ("dept", 403),
        ("enterprise", 403),
    ],
)
def test_those_who_answer_for_dispatching_read_it(world, who, status):
    assert client_of(world.app, who).get("/figures/dispatch-catalogue").status_code == status
