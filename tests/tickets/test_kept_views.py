"""Views of the queue that people keep: whose they are, what they hold; their counters equal their lists."""

from __future__ import annotations

import re
from itertools import product
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from tests.tickets.desk import hidden, send, statements
from tests.tickets.test_web_queue import MOST_STATEMENTS, numbers
from tests.world import MONDAY_10
from ticketing.core.db import db, transaction
from ticketing.core.errors import Invalid, NotFound, NotPermitted
from ticketing.network import queries as network
from ticketing.network.models import Unit
from ticketing.tickets.actions import saving
from ticketing.tickets.actions.saving import ViewWish
from ticketing.tickets.filters import read_filters
from ticketing.tickets.models import SavedView
from ticketing.tickets.queries.listing import Sort, counts, listing
from ticketing.tickets.queries.saved import MOST_KEPT, saved_views
from ticketing.tickets.web import kept, views
from ticketing.tickets.words import State


def keep(world, who: str, name: str = "紧急用电", *, unit: str = "", **wish: object) -> str:
    fields = {"filters": {"category": ["PWR"]}, "sort": "due_at"} | wish
    unit_id = network.network().by_code[unit].id if unit else None
    return saving.save(world.actor(who), ViewWish(name, unit_id=unit_id, **fields), now=world.now)


def names(world, who: str) -> list[str]:
    return [one.name for one in saved_views(world.actor(who))]


def test_a_personal_view_is_seen_by_nobody_else_and_a_shared_one_by_the_unit(world):
    keep(world, "deptlead", "我的")
    keep(world, "deptlead", "大家的", unit="D-PWR")

    assert names(world, "deptlead") == ["我的", "大家的"]
    assert names(world, "dept") == ["大家的"]
    assert names(world, "dept2") == names(world, "dispatcher") == []


@pytest.mark.parametrize(("who", "unit"), [("dept", "D-PWR"), ("deptlead", "D-HRS"), ("station", "A1")])
def test_only_who_heads_a_unit_shares_with_it(world, who, unit):
    before = world.fingerprint()

    with pytest.raises(NotPermitted):
        keep(world, who, unit=unit)

    assert world.fingerprint() == before


def test_a_shared_view_is_changed_by_its_maker_and_the_heads_alone(world):
    key = keep(world, "deptlead", "大家的", unit="D-PWR")

    for change in (
        lambda who: saving.rename(world.actor(who), key, "新名字"),
        lambda who: saving.move(world.actor(who), key, 1),
        lambda who: saving.remove(world.actor(who), key),
    ):
        with pytest.raises(NotPermitted):
            change("dept")
        with pytest.raises(NotFound):
            change("dept2")
    saving.rename(world.actor("deptlead"), key, "新名字")
    assert names(world, "dept") == ["新名字"]
    saving.remove(world.actor("deptlead"), key)
    assert names(world, "dept") == []


def test_views_are_put_in_order(world):
    keys = [keep(world, "dept", name) for name in ("一", "二", "三")]

    saving.move(world.actor("dept"), keys[2], -1)
    saving.move(world.actor("dept"), keys[0], 1)
    saving.move(world.actor("dept"), keys[2], -5)

    assert names(world, "dept") == ["三", "一", "二"]


@pytest.mark.parametrize("name", ["", "   ", "长" * 21, "已有的"])
def test_a_view_has_a_short_name_of_its_own(world, name):
    keep(world, "dept", "已有的")

    with pytest.raises(Invalid) as refused:
        keep(world, "dept", name)

    assert "name" in refused.value.fields


def test_nobody_keeps_too_many(world):
    for number in range(MOST_KEPT):
        keep(world, "dept", f"视图{number}")

    with pytest.raises(Invalid):
        keep(world, "dept", "再一个")


WORDS = {
    "category": [[], ["PWR"]],
    "level": [[], ["urgent"]],
    "unit": [[], ["D-PWR", "S101"]],
    "section": [[], ["later"]],
}


@pytest.mark.parametrize("who", ["dept", "supervisor"])
def test_the_counter_of_any_kept_view_equals_its_list(today, who):
    for state in (State.SUBMITTED, State.DISPATCHED, State.PROCESSING, State.REPLIED, State.NEED_INFO):
        today.ticket(state)
        today.ticket(state, level="urgent", category="LAB" if state is State.SUBMITTED else "PWR")
    actor, net = today.actor(who), network.network()
    built_in = views.views(actor, net)
    narrowing = list(product(*WORDS.values()))
    for under in [*built_in, None]:
        wanted = [kept_filters(under, dict(zip(WORDS, values, strict=True)), net) for values in narrowing]
        counted = counts(actor, {f"n{i}": one for i, one in enumerate(wanted)}, now=today.now)

        listed = [listing(actor, one, sort=Sort.DUE, limit=100, now=today.now).rows for one in wanted]

        assert list(counted.values()) == list(map(len, listed)), under


def kept_filters(under, filters, net):
    read = read_filters(filters, net, MONDAY_10.date())
    return kept.narrowed(under.wanted, read.wanted) if under else read.wanted


# The pages.


def queue_of(visit, who: str, key: str):
    return visit(who).get("/tickets/queue", query_string={"view": key})


def test_what_a_list_shows_is_kept_and_found_again_in_the_queue(today, visit):
    urgent = today.ticket(State.PROCESSING, level="urgent")
    other = today.ticket(State.PROCESSING)
    narrowed = visit("deptlead").get("/tickets/queue?view=all&level=urgent&light=blue")
    href = re.search(r'href="(/tickets/views/new[^"]+)"', narrowed.text)

    assert numbers(narrowed.text) == [urgent]
    assert "亮灯：不认识的值" in narrowed.text
    assert href
    form = visit("deptlead").get(href.group(1).replace("&amp;", "&"))
    answer = visit("deptlead").post(
        "/tickets/views/new",
        data={**hidden(form, "/tickets/views/new"), "name": "加急", "share": "D-PWR"},
    )
    seen = visit("dept").get(answer.location)

    assert (numbers(seen.text), "<h1>加急</h1>" in seen.text) == ([urgent], True)
    assert re.search(r'aria-current="true"[^>]*>.*?加急\s*<b[^>]*>1</b>', seen.text)
    assert other in numbers(visit("dept").get("/tickets/queue").text)
    stored = db.session.scalars(select(SavedView)).one()
    assert (stored.base, stored.filters, stored.sort) == ("all", {"level": ["urgent"]}, "due_at")


def test_a_shared_view_shows_each_only_what_is_theirs(today, visit):
    theirs = today.ticket(State.PROCESSING, unit="S101")
    other = today.ticket(State.PROCESSING)
    key = keep(today, "station", "本站", unit="S101", filters={"unit": ["D-PWR", "S101"]})

    assert set(numbers(queue_of(visit, "station", key).text)) == {theirs, other}
    assert numbers(queue_of(visit, "dept", key).text) == [other]  # it is no view of theirs
    assert "没有这个视图" in queue_of(visit, "dept", key).text


def test_a_view_of_what_is_gone_says_so_and_shows_nothing_rather_than_more(today, visit):
    number = today.ticket(State.PROCESSING)
    gone = keep(today, "dept", "撤了", filters={"unit": ["OLD"], "level": ["normal"]})
    foreign = keep(today, "dept", "不再", base="returns", filters={})
    category = keep(today, "dept", "类别", filters={"category": ["OLD"]})
    closed = keep(today, "dept", "停用", filters={"unit": ["D-PWR"]})
    with transaction():
        db.session.execute(update(Unit).where(Unit.code == "D-PWR").values(is_active=False))

    told = {
        gone: "“OLD”已不存在",
        foreign: "建立在“退单待裁定”之上",
        category: "类别“OLD”已不存在",
        closed: "已停用",
    }
    for key, sentence in told.items():
        page = queue_of(visit, "dept", key)
        assert (page.status_code, sentence in page.text) == (200, True)
        assert numbers(page.text) == ([number] if key == closed else [])
    assert "“OLD”已不存在" in visit("dept").get("/tickets/views").text


def test_a_view_of_everything_ever_leads_to_the_list(today, visit):
    number = today.ticket(State.CLOSED)
    key = keep(today, "dept", "办结的", sort="-received_at", filters={"status": ["closed"]})

    answer = queue_of(visit, "dept", key)

    assert answer.location == "/tickets?" + urlencode({"status": "closed", "sort": "-received_at"})
    assert number in numbers(visit("dept").get(answer.location).text)


def test_views_are_looked_after_on_a_page_of_their_own(today, visit):
    key = keep(today, "dept", "用电")
    keep(today, "dept", "别的")

    assert send(visit("dept"), f"/tickets/views/{key}", do="rename", name="用电的").status_code == 303
    wrong = send(visit("dept"), f"/tickets/views/{key}", do="rename", name="别的")
    assert (wrong.status_code, "请换一个名字" in wrong.text) == (422, True)
    send(visit("dept"), f"/tickets/views/{key}", do="later")
    assert names(today, "dept") == ["别的", "用电的"]
    assert send(visit("dept2"), f"/tickets/views/{key}", do="delete").status_code == 404
    assert send(visit("dept"), f"/tickets/views/{key}", do="delete").status_code == 303
    assert names(today, "dept") == ["别的"]
    assert "还没有存下的视图" in visit("clerk").get("/tickets/views").text


def test_the_queue_with_many_views_takes_no_more_statements(app, today, visit):
    today.ticket(State.PROCESSING)
    for number in range(MOST_KEPT):
        keep(today, "supervisor", f"视图{number}", filters={"category": ["PWR"], "level": ["urgent"]})

    for path in ("/tickets/queue", "/tickets/queue?filter=1&category=PWR"):
        visit("supervisor").get(path)
        with statements(app) as seen:
            assert visit("supervisor").get(path).status_code == 200
        assert len(seen) <= MOST_STATEMENTS, "\n".join(seen)


def test_words_are_searched_for_in_the_list_of_all(visit):
    assert visit("dept").get("/tickets/queue?q=用电&level=urgent").location.startswith("/tickets?")
