"""What the district's history teaches: only confirmed work, nothing confidential, nobody's name."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.tickets.desk import visits, world_now
from tests.tickets.history import CONFIDENTIAL, OF_ONE_COMPANY, filled
from ticketing.core.db import db
from ticketing.learning import queries as learning
from ticketing.learning.cutting import cut
from ticketing.learning.models import LearntModel
from ticketing.learning.words import Target
from ticketing.tickets.actions.learning import train
from ticketing.tickets.queries import lessons
from ticketing.tickets.words import State


def texts(target: Target) -> list[str]:
    return [one.text.partition("\n")[0] for one in lessons.lessons(target)]


def test_only_requests_that_somebody_took_on_teach(world):
    for state in (State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.RETURN_REVIEW, State.WITHDRAWN):
        world.ticket(state, title=f"没有确认：{state}")
    world.ticket(State.PROCESSING, title="办理中")
    world.ticket(State.CLOSED, title="已办结", confidential=True)
    world.ticket(State.CLOSED, title="已办结")

    assert texts(Target.CATEGORY) == ["已办结", "办理中"]


def test_what_was_returned_once_teaches_no_more(world):
    number = world.ticket(State.RETURN_REVIEW, title="退过一次")
    world.act("dispatcher", number, "rule_return", uphold=False, message="请继续办理")
    world.act("dept", number, "sign")

    assert texts(Target.CATEGORY) == []


def test_only_departments_are_suggested_as_lead_with_the_category_as_a_fact(world):
    world.ticket(State.PROCESSING, title="在部门")
    world.ticket(State.PROCESSING, title="在站点", unit="S101")

    (found,) = lessons.lessons(Target.DEPARTMENT)

    assert (found.label, found.marks) == ("D-PWR", ("=PWR",))
    assert "在部门" in found.text
    assert texts(Target.CATEGORY) == ["在站点", "在部门"]


def test_the_newest_teach_when_there_are_too_many(world):
    for number in range(3):
        world.ticket(State.PROCESSING, title=f"第 {number} 件")

    assert [one.text[:5] for one in lessons.lessons(Target.CATEGORY, most=2)] == ["第 2 件", "第 1 件"]


def test_with_too_little_history_nothing_is_kept(world):
    world.ticket(State.CLOSED)

    done = list(train(cut, now=world.now))

    assert not lessons.has_enough()
    assert [one.learnt for one in done] == [None, None]
    assert learning.newest(Target.CATEGORY) is None


@pytest.mark.parametrize("target", Target)
def test_what_one_company_alone_wrote_is_in_no_model(world, target):
    filled(world)

    assert lessons.has_enough()
    done = {one.target: one for one in train(cut, now=world.now)}

    assert done[target].version == 1
    stored = json.dumps(list(db.session.scalars(select(LearntModel.data))), ensure_ascii=False)
    assert "变压器" in stored
    assert OF_ONE_COMPANY not in stored
    assert CONFIDENTIAL not in stored


def test_the_dispatcher_sees_who_led_requests_like_it_and_why(app):
    world = filled(world_now(app))
    list(train(cut, now=world.now))
    number = world.ticket(State.ACCEPTED, title="变压器容量不够", description="申请增容")

    page = visits(app)("dispatcher").get(f"/tickets/{number}/dispatch")

    why = page.text.partition("以往类似的诉求由它办")[2].partition("</li>")[0]
    assert "变压器" in why
    assert "件里前三个猜中" in why
    assert 'name="pick" value="D-PWR"' in page.text
