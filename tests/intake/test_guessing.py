"""The category guessed from the text: by the script's question, and by a press of a button without it."""

from __future__ import annotations

import re

import pytest

from tests.intake.kit import answers, enter, hidden, post_parts
from tests.learning.kit import history
from tests.tickets.desk import visits, world_now
from ticketing.core.pace import Pace
from ticketing.intake.web import guessing
from ticketing.learning import actions as learning
from ticketing.learning.cutting import cut
from ticketing.learning.rules.measuring import Learnt, learn_and_measure
from ticketing.learning.words import Target
from ticketing.tickets.words import State

TEXT = {"title": "变压器容量不够", "description": "产线跳闸，想申请增容"}
EMPTY = "写清是什么事以后"


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    done = learn_and_measure(history(rounds=12), cut, {})
    assert done is not None
    return done


@pytest.fixture
def today(app, learnt):
    world = world_now(app)
    learning.keep(Target.CATEGORY, learnt, now=world.now)
    return world


@pytest.fixture
def clerk(app, today):
    return visits(app)("clerk")


def token_of(page) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def ask(client, **fields):
    token = token_of(client.get("/requests/new" if fields.pop("company", False) else "/tickets/new"))
    return client.post("/requests/guess", data={"csrf_token": token, **TEXT, **fields})


def test_the_script_gets_candidates_with_their_words_and_the_hit_rate(clerk, learnt):
    page = ask(clerk)

    assert page.status_code == 200
    assert 'value="take:PWR"' in page.text
    assert "<q>变压器</q>" in page.text
    assert f"{learnt.latest.asked} 件留作核对的诉求里" in page.text
    assert "<html" not in page.text


def test_a_company_is_spared_how_often_the_guess_is_right(app, today):
    page = ask(visits(app)("enterprise"), company=True)

    assert 'value="take:PWR"' in page.text
    assert "由您来定" in page.text
    assert "留作核对" not in page.text


def test_english_readers_get_the_names_in_english(clerk):
    clerk.set_cookie("language", "en", domain="localhost")

    assert "Electricity" in ask(clerk).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "AND OR NOT ( ) * \" ' : & | ! <->",
        "电",
        "0512-66660000",
        "<script>alert(1)</script>",
        "😀\x00",
    ],
)
def test_a_text_that_says_nothing_gets_a_kind_word(clerk, text):
    page = ask(clerk, title=text, description="")

    assert page.status_code == 200
    assert EMPTY in page.text
    assert "<script>" not in page.text


def test_ten_thousand_characters_are_answered(clerk):
    page = ask(clerk, description="变压器" * 3_400)

    assert 'value="take:PWR"' in page.text


def test_without_anything_learnt_nothing_is_guessed(app):
    world_now(app)

    assert EMPTY in ask(visits(app)("clerk")).text


def test_a_company_is_served_too_and_a_stranger_is_not(app, today):
    assert 'value="take:PWR"' in ask(enter(app), company=True).text
    assert visits(app)("dept").post("/requests/guess").status_code in {400, 403}
    assert app.test_client().post("/requests/guess").status_code in {302, 400, 401}


def test_without_a_token_nothing_is_answered(clerk):
    assert clerk.post("/requests/guess", data=TEXT).status_code == 400


def test_whoever_asks_too_often_is_told_to_wait(clerk, monkeypatch):
    monkeypatch.setattr(guessing, "PACE", Pace(2, 60.0))

    assert [ask(clerk).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(clerk).headers["Retry-After"]


def desk_form(page) -> dict[str, str]:
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page.text)
    assert once
    return {"csrf_token": token_of(page), "once": once[1], **TEXT, "contact_name": "陆工"}


def test_without_the_script_a_press_shows_candidates_and_keeps_what_was_typed(clerk):
    form = desk_form(clerk.get("/tickets/new"))

    page = clerk.post("/tickets/new", data={**form, "do": "suggest"})

    assert page.status_code == 200
    assert 'value="take:PWR"' in page.text
    assert 'value="陆工"' in page.text
    assert 'class="errors"' not in page.text


def test_without_the_script_a_candidate_fills_the_field_and_files_nothing(clerk):
    form = desk_form(clerk.get("/tickets/new"))

    page = clerk.post("/tickets/new", data={**form, "do": "take:PWR"})

    assert re.search(r'<input[^>]*checked[^>]*name="category"[^>]*value="PWR"', page.text)
    assert 'aria-pressed="true"' in page.text
    assert page.request.path == "/tickets/new"


def test_a_candidate_that_is_no_category_fills_nothing(clerk):
    form = desk_form(clerk.get("/tickets/new"))

    page = clerk.post("/tickets/new", data={**form, "do": "take:<b>"})

    assert page.status_code == 200
    assert not re.search(r'<input[^>]*checked[^>]*name="category"', page.text)


def test_a_company_sees_the_guess_and_keeps_what_it_typed(app, today):
    client = enter(app)
    fields = {**hidden(client.get("/requests/new")), **answers(**TEXT, category="", do="suggest")}

    page = post_parts(client, "/requests/new", fields)

    assert page.status_code == 200
    assert 'value="take:PWR"' in page.text
    assert TEXT["description"] in page.text


def test_the_desk_lists_solved_requests_like_it(clerk, today):
    example = today.ticket(State.CLOSED, **TEXT)
    form = desk_form(clerk.get("/tickets/new"))

    asked = clerk.post("/tickets/new/similar", data=form)
    pressed = clerk.post("/tickets/new", data={**form, "do": "suggest"})

    assert example in asked.text
    assert example in pressed.text


def test_solved_requests_are_not_for_companies(app, today):
    client = enter(app)
    token = token_of(client.get("/requests/new"))

    assert client.post("/tickets/new/similar", data={"csrf_token": token, **TEXT}).status_code == 403


def test_the_page_says_it_before_anything_is_typed(clerk):
    assert EMPTY in clerk.get("/tickets/new").text


def test_the_script_fills_the_field_while_one_types(app, today, new_page):
    page = new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "clerk@demo.example")
    page.fill("[name=password]", "closed-loop-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/tickets**")
    page.goto("/tickets/new")
    place = "document.querySelector('#category').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)

    page.fill("[name=title]", TEXT["title"])
    page.get_by_role("button", name="用电", exact=True).wait_for()
    after = page.evaluate(place)
    page.get_by_role("button", name="用电", exact=True).click()

    assert page.locator("[name=category]:checked").get_attribute("value") == "PWR"
    assert before == after
    assert page.get_by_role("button", name="看建议的类别").count() == 0
