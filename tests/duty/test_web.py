"""Pages of duty: absences entered and refused, the way of assigning, the ticket page, the orphans."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from tests.accounts.kit import csrf_of
from tests.tickets.desk import visits, world_now
from ticketing.accounts.actions.people import set_active
from ticketing.accounts.models import Membership
from ticketing.core import clock
from ticketing.core.actor import Role
from ticketing.core.db import db, transaction
from ticketing.core.local_day import local_date
from ticketing.duty import queries as duty
from ticketing.network.models import Unit
from ticketing.network.queries import network
from ticketing.tickets.actions.handing_over import look
from ticketing.tickets.models import Ticket
from ticketing.tickets.words import State


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def visit(app, today):
    return visits(app)


def send(client, code: str, what: str, **fields: object):
    token = csrf_of(client.get(f"/duty?unit={code}"))
    return client.post(f"/duty/{code}/{what}", data={"csrf_token": token, **fields})


def days(days: int = 2) -> dict[str, str]:
    first = local_date(clock.now())
    return {"starts_on": first.isoformat(), "ends_on": (first + timedelta(days=days)).isoformat()}


def test_an_absence_is_entered_shown_acted_upon_and_called_off(today, visit):
    number = today.ticket(State.PROCESSING)
    today.act("dept", number, "claim")
    me, deputy = today.actor("dept").user_id, today.actor("d-pwr-handler").user_id
    page = visit("dept").get("/duty").text
    assert "大家都在岗" in page
    assert 'action="/duty/D-PWR/way"' not in page

    assert send(visit("dept"), "D-PWR", "absences", user_id=me, deputy_id=deputy, **days()).status_code == 303

    page = visit("dept").get("/duty").text
    assert "今天离岗" in page
    ticket = f"/tickets/{number}"
    assert f"今天由{today.actor('d-pwr-handler').name}代办" in visit("deptlead").get(ticket).text
    assert f"{ticket}/submit_reply" in visit("d-pwr-handler").get(ticket).text
    assert number in visit("d-pwr-handler").get("/tickets/queue?view=mine").text
    names = [today.actor(who).name for who in ("dept", "d-pwr-handler")]
    for form in (f"{ticket}/assign", f"/tickets/many/assign?pick={number}"):
        choices = re.findall(r">([^<>]+（(?:在办|离岗到) [^<]*)<", visit("deptlead").get(form).text)
        assert f"{names[1]}（在办 " in choices[0] + choices[1]
        assert re.fullmatch(rf"{names[0]}（离岗到 .*日，由{names[1]}代办）", choices[-1]), choices
    again = send(visit("dept"), "D-PWR", "absences", user_id=me, deputy_id=deputy, **days())
    assert again.status_code == 422
    assert "这段时间已经登记过离岗" in again.text
    assert days()["ends_on"] in again.text  # what was typed stays
    (absence,) = duty.coming([me], local_date(clock.now()))
    assert send(visit("dept2"), "D-HRS", f"absences/{absence.id}/cancel").status_code == 404
    assert send(visit("dept"), "D-PWR", f"absences/{absence.id}/cancel").status_code == 303
    assert "代办" not in visit("deptlead").get(ticket).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_said_beside_its_field(today, visit):
    me = today.actor("dept").user_id

    answer = send(visit("dept"), "D-PWR", "absences", user_id=me, starts_on="morgen", ends_on="2026-13-01")

    assert answer.status_code == 422
    assert answer.text.count("请写成 2026-11-22 这样的日期") >= 2
    foreign = send(visit("dept"), "D-PWR", "absences", user_id=today.actor("deptlead").user_id, **days())
    assert foreign.status_code == 422  # not on the list


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_head_and_the_administrator_choose_the_way_and_others_only_read_it(today, visit):
    assert send(visit("deptlead"), "D-PWR", "way", way="turn").status_code == 303
    assert "轮流" in visit("dept").get("/duty").text
    assert send(visit("admin"), "S101", "way", way="load").status_code == 303
    assert send(visit("deptlead"), "D-PWR", "way", way="by dice").status_code == 422
    assert send(visit("dept"), "D-PWR", "way", way="load").status_code == 404
    assert visit("dept").get("/duty?unit=D-HRS").status_code == 404
    assert visit("caller").get("/duty").status_code == 403
    assert visit("enterprise").get("/duty").status_code == 403
    assert duty.way_of(network().by_code["S101"].id) == "load"


def test_the_list_of_orphans_is_empty_kindly_and_names_what_is_on_it(today, visit):
    number = today.ticket(State.PROCESSING, unit="S101")
    assert "每件诉求都有人办" in visit("dispatcher").get("/tickets/orphans").text
    today.now = clock.now()
    set_active(today.actor("admin"), today.actor("station").user_id or 0, is_active=False, now=today.now)

    page = visit("dispatcher").get("/tickets/orphans").text

    assert number in page
    assert "单位里没有能办这一步的人在岗" in page
    assert today.actor("area").name in page
    assert "车间用电增容" not in visit("admin").get("/tickets/orphans").text
    assert number in visit("admin").get("/tickets/orphans").text
    assert visit("dept").get("/tickets/orphans").text.count(number) == 0
    look(today.now)
    assert "每件诉求都有人办" in visit("dispatcher").get("/tickets/orphans").text
    assert "没有。每件诉求都有人办" in visit("admin").get("/admin/messages").text
    assert "无人能办，已转值班人经办" in visit("area").get(f"/tickets/{number}").text


def test_what_is_overdue_comes_first_with_its_light_and_who_may_names_an_officer(today, visit):
    later, first = (today.ticket(State.PROCESSING, unit="S101") for _ in range(2))
    today.now = clock.now()
    with transaction():
        db.session.execute(update(Unit).values(duty_user_id=None))
        db.session.execute(delete(Membership).where(Membership.role == Role.DISPATCHER))
        overdue = today.now - timedelta(days=2)
        db.session.execute(update(Ticket).where(Ticket.number == first).values(due_at=overdue))
    set_active(today.actor("admin"), today.actor("station").user_id or 0, is_active=False, now=today.now)

    page = visit("admin").get("/tickets/orphans").text

    assert page.index(first) < page.index(later)
    assert re.search(r'light--red"><svg.*?</svg><time[^>]*>已超时 2 天', page)
    assert 'href="/admin/network/units/S101/edit">没有值班人，请指定' in page
    assert "units/S101/edit" not in visit("supervisor").get("/tickets/orphans").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_prints_orphans_and_says_kindly_that_there_are_none(today):
    run = today.app.test_cli_runner()
    assert (
        run.invoke(args=["tickets", "orphans"]).output == "no open ticket is without somebody to act on it\n"
    )
    number = today.ticket(State.PROCESSING, unit="S101")
    set_active(today.actor("admin"), today.actor("station").user_id or 0, is_active=False, now=clock.now())

    told = run.invoke(args=["tickets", "orphans"])

    assert told.exit_code == 1
    assert number in told.output
    assert today.actor("area").name in told.output
