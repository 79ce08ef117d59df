"""From one request to the next: what waits for the person, the most pressing first, without the list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.duty.test_absences import enter as be_away
from tests.intake.kit import enter
from ticketing.core import clock
from ticketing.core.local_day import local_date
from ticketing.tickets.queries import view
from ticketing.tickets.web import following, now
from ticketing.tickets.words import Action, State


def next_of(client, number: str) -> str:
    """Return where the way on from a ticket leads."""
    page = client.get(f"/tickets/{number}").text
    (way_on,) = re.findall(r'href="(/tickets/next\?[^"]+)"', page)
    return str(client.get(way_on.replace("&amp;", "&")).headers["Location"])


@pytest.fixture
def dept(world, app):
    return enter(app, "dept")


def test_after_the_reply_the_page_leads_to_the_next_request(world, dept):
    done, waiting = world.ticket(State.REPLY_REVIEW), world.ticket(State.PROCESSING)
    world.ticket(State.REPLIED)

    page = dept.get(f"/tickets/{done}").text

    assert "下一件" in page
    assert "现在没有等您办的事" in page
    assert next_of(dept, done).startswith(f"/tickets/{waiting}?passed={done}")


def test_what_gives_a_request_away_stands_last_among_the_others(world, dept):
    number = world.ticket(State.DISPATCHED)
    found = view.view(world.actor("dept"), number, now=world.now, today=local_date(world.now))

    with world.app.test_request_context():
        _best, more = now.buttons(world.actor("dept"), found, world.now)

    assert more[-1].action is Action.REQUEST_RETURN


def test_what_can_no_longer_be_asked_for_says_why(world, dept):
    number = world.ticket(State.PROCESSING)
    world.now += timedelta(days=40)
    found = view.view(world.actor("dept"), number, now=world.now, today=local_date(world.now))

    with world.app.test_request_context():
        _best, more = now.buttons(world.actor("dept"), found, world.now)

    told = {one.action: one.why for one in more if one.why}
    assert told == {
        Action.REQUEST_RETURN: "已超过派单后 1 个工作日的退单期限",
        Action.REQUEST_EXTENSION: "办理期限已过，只能在到期前申请和批准延期",
    }
    assert not [one.href for one in more if one.why and one.href]


def test_what_was_passed_over_does_not_come_again(world, dept):
    first, second = world.ticket(State.DISPATCHED), world.ticket(State.DISPATCHED)

    away = next_of(dept, first)
    page = dept.get(away).text

    assert away.startswith(f"/tickets/{second}?")
    assert "先办下一件" in page
    way_on = re.findall(r'href="(/tickets/next\?[^"]+)"', page)[0].replace("&amp;", "&")
    assert (first in way_on, second in way_on) == (True, True)
    answer = dept.get(way_on)
    assert answer.headers["Location"] == "/tickets/queue"
    assert "没有别的等您办的了" in dept.get("/tickets/queue").text


def test_what_a_colleague_has_in_hand_is_not_the_next(world, dept):
    held = world.ticket(State.PROCESSING)
    world.act("deptlead", held, "assign", user="d-pwr-handler@demo.example")
    done = world.ticket(State.REPLIED)

    assert held not in next_of(dept, done)


def test_behind_many_that_colleagues_have_in_hand_the_next_is_found(world, dept, monkeypatch):
    monkeypatch.setattr(following, "_AT_ONCE", 1)
    for _held in range(2):
        held = world.ticket(State.PROCESSING)
        world.act("deptlead", held, "assign", user="d-pwr-handler@demo.example")
    waiting, done = world.ticket(State.PROCESSING), world.ticket(State.REPLIED)

    assert waiting in next_of(dept, done)


def test_what_somebody_has_in_hand_who_is_away_is_the_next_of_the_deputy(world, dept):
    held, done = world.ticket(State.PROCESSING), world.ticket(State.REPLIED)
    world.act("deptlead", held, "assign", user="d-pwr-handler@demo.example")
    world.now = clock.now()
    be_away(world, "deptlead", "d-pwr-handler", "dept")

    assert held in next_of(dept, done)


@pytest.mark.parametrize("who", ["manager", "auditor", "enterprise"])
def test_who_works_through_no_queue_is_not_led_on(world, app, who):
    number = world.ticket(State.PROCESSING)
    client = enter(app, who)

    assert "/tickets/next" not in client.get(f"/tickets/{number}").text
    assert client.get("/tickets/next").status_code in {403, 404}


def test_the_number_to_call_is_asked_for_where_the_call_is_written_down(world, dept):
    number = world.ticket(State.PROCESSING)
    phone = world.row(number).contact_phone
    page = dept.get(f"/tickets/{number}").text
    assert phone not in page
    form = page.split('<form class="call"')[1].split("</form>")[0]
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))

    answer = dept.post(f"/tickets/{number}/reveal", data=given)

    assert answer.headers["Location"] == f"/tickets/{number}#do-contact"
    assert f'href="tel:{phone}"' in dept.get(f"/tickets/{number}").text.split('id="do-contact"')[1]
    assert world.events(number)[-1].action is Action.REVEAL


def test_from_the_reply_one_gets_to_what_was_answered_before(world, dept):
    page = dept.get(f"/tickets/{world.ticket(State.PROCESSING)}").text
    box = page.split('id="do-submit_reply"')[1].split("</details>")[0]

    assert 'href="#similar"' in box
    assert page.count('id="similar"') == 1


def test_a_company_that_changes_its_mind_goes_back(world, app):
    page = enter(app, "enterprise").get(f"/tickets/{world.ticket(State.PROCESSING)}/withdraw").text

    assert "返回" in page
    assert "先不办" not in page


def test_after_asking_for_the_number_nobody_is_sent_off_the_site(world, dept):
    number = world.ticket(State.PROCESSING)
    page = dept.get(f"/tickets/{number}").text
    form = page.split('<form class="call"')[1].split("</form>")[0]
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) | {"next": "//evil.example"}

    answer = dept.post(f"/tickets/{number}/reveal", data=given)

    assert answer.headers["Location"] == f"/tickets/{number}#contact"
