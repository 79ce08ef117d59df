"""Solved requests like one: who sees what of them, and how an answer cites one and betrays nobody."""

from __future__ import annotations

import pytest

from tests.learning.kit import history
from tests.tickets.desk import fill, visits, world_now
from ticketing.accounts.models import Enterprise
from ticketing.core.db import db
from ticketing.core.errors import NotFound
from ticketing.learning import actions as learning
from ticketing.learning.cutting import cut
from ticketing.learning.rules.measuring import Learnt, learn_and_measure
from ticketing.learning.words import Target
from ticketing.tickets import wishes as w
from ticketing.tickets.queries import similar
from ticketing.tickets.words import State

TEXT = "变压器容量不够，想增容"
REPLY = "已安排增容,周五前送电"
CITED = f"参照以往同类诉求的办理：{REPLY}"


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


def company_of(world, number: str):
    return db.session.get_one(Enterprise, world.row(number).enterprise_id).name


def solved(world, **fields):
    return world.ticket(State.CLOSED, **({"title": "车间变压器增容", "description": TEXT} | fields))


def found(world, who: str, text: str = TEXT):
    return similar.similar(world.actor(who), text, now=world.now)


def test_a_unit_sees_number_and_answer_of_its_own_and_how_it_went(today):
    number = solved(today)

    (case,) = found(today, "dept")

    assert (case.number, case.reply, case.unit) == (number, REPLY, "供电公司")
    assert {"变压器", "增容"} <= set(case.words)


def test_another_unit_sees_neither_number_nor_answer_nor_who_it_was(today):
    number = solved(today)
    name = company_of(today, number)
    named = solved(today, title=f"{name}的变压器要增容", description=f"{TEXT}，请打 13800001234 找林知夏")

    cases = found(today, "station2")

    assert len(cases) == 2
    assert {(case.number, case.reply) for case in cases} == {("", "")}
    assert {case.title for case in cases} == {"车间变压器增容", "某企业的变压器要增容"}
    assert not any(secret in repr(cases) for secret in (number, named, name, "13800001234", "林知夏"))


def test_a_company_sees_none(today):
    solved(today)

    assert found(today, "enterprise") == []


@pytest.mark.parametrize("fields", [{"confidential": True}, {"kind": "violation_report"}])
def test_what_is_confidential_is_shown_to_nobody(today, fields):
    number = solved(today, **fields)

    assert today.row(number).is_confidential
    assert found(today, "dept") == []


@pytest.mark.parametrize(("is_solved", "satisfaction"), [("partly", 5), ("yes", 3)])
def test_only_what_was_solved_to_satisfaction_is_an_example(today, is_solved, satisfaction):
    number = today.ticket(State.REPLIED, title="车间变压器增容", description=TEXT)
    today.do("caller", number, w.Revisit(reached=True, solved=is_solved, satisfaction=satisfaction))

    assert found(today, "dept") == []


@pytest.mark.parametrize("text", ["", "变压器", 'AND OR NOT * ( "', "电" * 10_000, "请尽快处理", "😀"])
def test_a_text_with_less_than_two_learnt_words_finds_none(today, text):
    solved(today)

    assert found(today, "dept", text) == []


def test_without_anything_learnt_none_is_found(world):
    solved(world)

    assert found(world, "dept") == []


def selects(seen: list[str]) -> int:
    return sum(one != "BEGIN" for one in seen)


def test_cases_that_read_alike_are_one_and_the_cost_stays_the_same(today, statements):
    for number in range(3):
        solved(today, title=f"变压器增容第{number}次")
    found(today, "dept")  # the model is read once
    with statements() as few:
        found(today, "dept")
    for number in range(6):
        solved(today, title=f"变压器增容第{number}次")

    with statements() as many:
        cases = found(today, "dept")

    assert len(cases) == 1
    # The search looks up how common words are, now and then.
    assert max(selects(few), selects(many)) <= 6


def test_the_cited_must_be_in_sight(today):
    number = solved(today)

    assert similar.cited(today.actor("dept"), number).reply == REPLY
    for who in ("station2", "enterprise2"):
        with pytest.raises(NotFound):
            similar.cited(today.actor(who), number)
    with pytest.raises(NotFound):
        similar.cited(today.actor("dept"), today.ticket(State.PROCESSING))


def test_the_page_lists_them_and_offers_to_cite(app, today):
    example, number = solved(today), today.ticket(State.PROCESSING, title=TEXT)
    visit = visits(app)

    page = visit("dept").get(f"/tickets/{number}/similar")
    part = visit("dept").get(f"/tickets/{number}/similar?part=1")

    for shown in (page.text, part.text):
        assert example in shown
        assert f"/tickets/{number}/submit_reply?cite={example}" in shown
    assert "<html" not in part.text
    assert f"/tickets/{number}/similar" in visit("dept").get(f"/tickets/{number}").text
    assert visit("enterprise").get(f"/tickets/{number}/similar").status_code == 404
    assert visit("station2").get(f"/tickets/{number}/similar").status_code == 404


def test_a_citation_stands_in_the_form_without_number_or_name(app, today):
    example, number = solved(today), today.ticket(State.PROCESSING, title=TEXT)
    client = visits(app)("dept")

    page = client.get(f"/tickets/{number}/submit_reply?cite={example}")

    written = page.text.partition("<textarea")[2].partition("</textarea>")[0]
    assert CITED in written
    assert example not in written
    assert company_of(today, example) not in written
    assert f"已引用 {example}" in page.text
    assert "<textarea" in client.get(f"/tickets/{number}/message?cite={example}").text


def test_what_cannot_be_cited_leaves_the_form_as_it_was(app, today):
    hidden = solved(today, confidential=True)
    number = today.ticket(State.PROCESSING, title=TEXT)

    for wrong in (hidden, number, "QS00-000-000-000", "<script>"):
        page = visits(app)("dept").get(f"/tickets/{number}/submit_reply", query_string={"cite": wrong})
        assert page.status_code == 200
        assert "这件诉求不能引用" in page.text
        assert "参照以往" not in page.text


def test_accepting_shows_what_it_sounds_like_and_takes_it_at_a_press(app, today):
    number = today.file(title="招聘会", description="希望招聘普工，招工困难", category="PWR")
    client = visits(app)("clerk")
    page = client.get(f"/tickets/{number}/accept")
    assert 'value="take:TAL"' in page.text

    again = fill(client, number, "accept", do="take:TAL", level="urgent")

    assert again.status_code == 200
    assert '<option selected value="TAL">' in again.text
    assert today.row(number).status is State.SUBMITTED


def test_taking_a_suggestion_needs_the_right_to_act(app, today):
    number = today.ticket(State.PROCESSING)
    client = visits(app)("dept")
    token = client.get("/me").text.partition('name="csrf_token" value="')[2].partition('"')[0]

    refused = client.post(f"/tickets/{number}/accept", data={"csrf_token": token, "do": "take:TAL"})

    assert refused.status_code in {403, 409}
    assert today.row(number).category == "PWR"
