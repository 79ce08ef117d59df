"""The pages for everybody: the start, tracking that tells nothing, rating by a signed link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.accounts.kit import post
from tests.intake.kit import enter
from ticketing.core import clock
from ticketing.intake import rules
from ticketing.tickets.words import State

PHONE = "138 1234 5678"


def tracked(client, number, phone):
    return post(client, "/track", number=number, phone=phone)


def link(app, number, *, cycle=1, now=None):
    return "/r/" + rules.rating_token(app.secret_key, number, cycle, now=now or clock.now())


def test_the_start_says_what_is_promised(world, app, client):
    page = client.get("/")

    assert page.status_code == 200
    row = page.text.partition("咨询</th>")[2].partition("</tr>")[0]
    assert "4 个工作小时" in row
    assert "2 个工作日" in row
    assert "110、119、120" in page.text


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("enterprise", "/tickets"),
        ("clerk", "/tickets/queue"),
        ("dept", "/tickets/queue"),
        ("manager", "/figures"),
        ("admin", "/admin/people"),
    ],
)
def test_who_is_signed_in_starts_at_home(world, app, who, home):
    assert enter(app, who).get("/").location == home


@pytest.mark.parametrize("typed", [PHONE, "13812345678", "5678", " 138-1234-5678 "])
def test_number_and_phone_show_how_far_it_is(world, app, client, typed):
    number = world.ticket(State.PROCESSING, contact={"name": "林", "phone": PHONE, "email": ""})

    answer = tracked(client, number.replace("-", "").lower(), typed)

    assert answer.status_code == 200
    assert number in answer.text
    assert "供电公司正在办理" in answer.text
    assert "供电公司签收，开始办理" in answer.text


def test_tracking_shows_no_words_and_no_names(world, app, client):
    number = world.ticket(
        State.PROCESSING,
        contact={"name": "林知夏", "phone": PHONE, "email": "lin@x.example"},
        title="秘密标题",
        description="秘密内容",
    )
    world.act("dept", number, "message", body="秘密留言")
    world.act("enterprise", number, "urge", message="秘密催办")

    page = tracked(client, number, "5678").text

    for secret in ("秘密", "林知夏", "lin@x.example", "5678", world.actor("dept").name):
        assert secret not in page, secret


def test_an_unknown_number_and_a_wrong_phone_get_the_same_answer(world, app, client):
    number = world.file(contact={"name": "林", "phone": PHONE, "email": ""})
    other = "QS26-482-109-375"

    pages = {
        tracked(client, *pair).text.replace(pair[0], "").replace(pair[1], "").partition("<main")[2]
        for pair in ((number, "0000"), (other, "0000"), ("what", "0000"), (number, "678"))
    }

    plain = {page.partition('id="csrf_token"')[0] for page in pages}
    assert len(plain) == 1
    assert "编号和电话对不上" in plain.pop()


def test_guessing_ends_after_five_tries_even_with_the_right_phone(world, app, client):
    number = world.file(contact={"name": "林", "phone": PHONE, "email": ""})
    for guess in range(5):
        assert tracked(client, number, f"000{guess}").status_code == 422

    answer = tracked(client, number, "5678")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "尝试次数过多" in answer.text


def test_right_answers_are_not_counted(world, app, client):
    number = world.file(contact={"name": "林", "phone": PHONE, "email": ""})

    assert {tracked(client, number, "5678").status_code for _time in range(8)} == {200}


def test_a_satisfied_company_closes_by_the_link(world, app, client):
    number = world.ticket(State.REPLIED)
    page = client.get(link(app, number))
    assert "已安排增容" in page.text

    answer = post(client, link(app, number), solved="yes", satisfaction="5", comment="很快")

    row = world.row(number)
    assert answer.status_code == 303
    assert (row.status, row.satisfaction, row.solved.value) == (State.CLOSED, 5, "yes")
    assert "谢谢，这件诉求已办结" in client.get(answer.location).text


@pytest.mark.parametrize(("solved", "score"), [("no", "5"), ("yes", "2")])
def test_a_dissatisfied_one_sends_it_round_again(world, app, client, solved, score):
    number = world.ticket(State.REPLIED)

    answer = post(client, link(app, number), solved=solved, satisfaction=score)

    row = world.row(number)
    assert (row.status, row.cycle) == (State.DISPATCHED, 2)
    assert "已退回重办" in client.get(answer.location).text


def test_the_link_works_once_and_for_its_own_reply(world, app, client):
    number = world.ticket(State.REPLIED)
    address = link(app, number)
    form = post(client, address, solved="yes", satisfaction="5")
    assert form.status_code == 303
    closed = world.row(number).version

    again = post(client, address, page="/track", solved="no", satisfaction="1")

    assert again.status_code == 200
    assert "已办结" in again.text
    assert world.row(number).version == closed


def test_missing_answers_are_asked_for_and_the_words_are_kept(world, app, client):
    number = world.ticket(State.REPLIED)

    answer = post(client, link(app, number), satisfaction="9", comment="说了很多<b>")

    assert answer.status_code == 422
    assert "请选一项" in answer.text
    assert "请从列表中选择" in answer.text
    assert "说了很多&lt;b&gt;" in answer.text
    assert world.row(number).status is State.REPLIED


def test_an_expired_a_forged_and_a_cut_link_are_refused_with_a_sentence(world, app, client):
    number = world.ticket(State.REPLIED)
    good = link(app, number)
    old = link(app, number, now=clock.now() - rules.RATING_LINK_LIFE - timedelta(seconds=1))
    forged = "/r/" + rules.rating_token("another secret" * 4, number, 1, now=clock.now())

    expired, refused, cut = client.get(old), client.get(forged), client.get(good[:-3])

    assert (expired.status_code, refused.status_code, cut.status_code) == (410, 404, 404)
    assert "这个评价链接已过期" in expired.text
    assert "这个评价链接不对" in refused.text
    assert post(client, old, page="/track", solved="yes", satisfaction="5").status_code == 410
    assert world.row(number).status is State.REPLIED


def test_the_link_of_an_earlier_cycle_rates_nothing(world, app, client):
    number = world.ticket(State.REPLIED)
    post(client, link(app, number), solved="no", satisfaction="1")
    for who, action, fields in (
        ("dept", "sign", {}),
        ("dept", "submit_reply", {"reply": "重办结果"}),
        ("deptlead", "approve_reply", {}),
    ):
        world.act(who, number, action, **fields)

    answer = post(client, link(app, number, cycle=1), page="/track", solved="yes", satisfaction="5")

    assert "已退回重办" in answer.text
    assert world.row(number).status is State.REPLIED
