"""In the field, in a real browser: what is sent without a network comes later, once; photos are small."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.kit.entering import enter
from tests.tickets.desk import world_now
from ticketing.core.db import db
from ticketing.tickets.models import Attachment
from ticketing.tickets.words import Action, State

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Makes a photo of 3000 x 2000 points with noise in it, and gives it to the camera's field.
TAKE_PHOTO = """async () => {
  const sheet = Object.assign(document.createElement('canvas'), { width: 3000, height: 2000 });
  const brush = sheet.getContext('2d');
  for (let nth = 0; nth < 4000; nth++) {
    brush.fillStyle = `hsl(${nth * 37 % 360} 80% 50%)`;
    brush.fillRect(nth * 71 % 3000, nth * 53 % 2000, 90, 60);
  }
  const blob = await new Promise((done) => sheet.toBlob(done, 'image/jpeg', 0.95));
  const files = new DataTransfer();
  files.items.add(new File([blob], '现场.jpg', { type: 'image/jpeg' }));
  const field = document.getElementById('camera');
  field.files = files.files;
  field.dispatchEvent(new Event('change'));
  return blob.size;
}"""


@pytest.fixture
def today(app):
    return world_now(app)


@pytest.fixture
def phone(new_page):
    page = new_page(is_alone=True, **PHONE)
    enter(page, "dept")
    return page


def acted(today, number, action):
    db.session.rollback()  # a new read: the server has written meanwhile
    return [event for event in today.events(number) if event.action is action]


def test_what_is_sent_without_a_network_waits_in_sight_and_comes_once_when_it_is_back(
    today, phone, accessibility
):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")
    phone.context.set_offline(True)

    phone.locator("#do-note > summary").click()
    phone.fill("#do-note textarea", "现场：配电房门锁着")
    phone.locator("#do-note .form__end button").first.click()
    phone.wait_for_selector("[data-outbox]:not([hidden])")
    waiting = phone.locator("[data-told]").inner_text()
    emptied = phone.input_value("#do-note textarea")
    phone.fill("#do-note textarea", "又来了一次，还是锁着")
    phone.locator("#do-note .form__end button").first.click()
    expect(phone.locator("[data-outbox] li")).to_have_count(2)
    assert accessibility(phone) == []
    nothing_yet = acted(today, number, Action.NOTE)
    phone.context.set_offline(False)
    expect(phone.locator("[data-told]")).to_contain_text("已发送 2 条")
    phone.locator("#do-note textarea").press_sequentially("接着写")
    expect(phone.locator("#do-note [data-draft-line]")).to_contain_text("草稿已存")
    phone.reload()
    expect(phone.locator("#do-note textarea")).to_have_value("接着写")

    assert (waiting, emptied, nothing_yet) == ("等待发送 1 条", "", [])
    said = [event.data["said"]["body"] for event in acted(today, number, Action.NOTE)]
    assert said == ["现场：配电房门锁着", "又来了一次，还是锁着"]
    assert phone.locator("[data-outbox]").is_hidden()


def test_an_answer_lost_on_the_way_does_not_double_what_was_done(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")

    def lose_the_answer(route):
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    phone.route("**/note", lose_the_answer, times=1)
    phone.locator("#do-note > summary").click()
    phone.fill("#do-note textarea", "约好周四")
    phone.locator("#do-note .form__end button").first.click()
    phone.wait_for_selector("[data-outbox] li")
    phone.locator("[data-now]").click()
    expect(phone.locator("[data-told]")).to_contain_text("已发送 1 条")

    assert len(acted(today, number, Action.NOTE)) == 1


def test_what_waits_can_be_taken_back_into_its_box(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")
    phone.context.set_offline(True)
    phone.locator("#do-note > summary").click()
    phone.fill("#do-note textarea", "写错了")
    phone.locator("#do-note .form__end button").first.click()

    phone.locator("[data-outbox] li button", has_text="取回").click()
    expect(phone.locator("[data-outbox]")).to_be_hidden()
    back = phone.input_value("#do-note textarea")
    phone.context.set_offline(False)
    phone.wait_for_timeout(200)

    assert back == "写错了"
    assert acted(today, number, Action.NOTE) == []


def test_what_is_refused_later_is_said_so_and_opens_with_everything_typed(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")
    phone.context.set_offline(True)
    phone.locator("#do-contact label", has_text="已联系上").click()
    phone.fill("#do-contact textarea", "已通话，约周四")
    phone.locator("#do-contact .form__end button").first.click()
    phone.wait_for_selector("[data-outbox] li")
    today.act("supervisor", number, "suspend", reason_code="engineering", resume_on="2027-01-15")

    phone.context.set_offline(False)
    phone.locator("[data-outbox] li button", has_text="打开看看").click()
    phone.wait_for_selector(".meanwhile")

    assert "挂起" in phone.locator(".meanwhile").inner_text()
    assert phone.input_value("main textarea") == "已通话，约周四"
    assert acted(today, number, Action.CONTACT) == []


def test_nobody_else_on_the_same_device_sends_what_waits(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")
    phone.context.set_offline(True)
    phone.locator("#do-note > summary").click()
    phone.fill("#do-note textarea", "只是我的话")
    phone.locator("#do-note .form__end button").first.click()
    phone.wait_for_selector("[data-outbox] li")
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    enter(phone, "deptlead")
    phone.goto(f"/tickets/{number}")
    phone.wait_for_load_state("networkidle")

    assert phone.locator("[data-outbox]").is_hidden()
    assert acted(today, number, Action.NOTE) == []


def test_a_photo_is_made_smaller_and_waits_for_the_network_too(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}")
    taken = phone.evaluate(TAKE_PHOTO)
    expect(phone.locator("[data-picked]")).to_contain_text("现场.jpg")
    phone.context.set_offline(True)

    phone.locator("[data-files] button").click()
    phone.wait_for_selector("[data-outbox] li")
    phone.context.set_offline(False)
    expect(phone.locator("[data-told]")).to_contain_text("已发送 1 条")

    [stored] = db.session.scalars(select(Attachment)).all()
    assert stored.name == "现场.jpg"
    assert stored.size_bytes < taken / 2
    assert len(acted(today, number, Action.ATTACH)) == 1


def test_a_form_refused_with_scripts_shows_the_page_with_the_reason(today, phone):
    number = today.ticket(State.PROCESSING)
    phone.goto(f"/tickets/{number}/message")
    phone.fill("main textarea", "@王工 请看")
    phone.locator("main .form__end .button--primary").click()
    phone.wait_for_selector(".errors--ask")
    phone.locator("button[name=confirmed]").click()
    phone.wait_for_url(f"**/tickets/{number}")

    assert len(acted(today, number, Action.MESSAGE)) == 1
