"""The company's own pages over HTTP: its list, its ticket page, and what it can do there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.accounts.kit import csrf_of
from tests.intake.kit import PDF, enter, post_parts, upload
from ticketing.core.db import db
from ticketing.tickets.models import Attachment
from ticketing.tickets.words import State


@pytest.fixture
def client(world, app):
    world.come_to_today()
    return enter(app)


def add(client, number, **fields):
    page = client.get(f"/tickets/{number}")
    return post_parts(client, f"/tickets/{number}/add", {"csrf_token": csrf_of(page), "once": "k", **fields})


@pytest.mark.parametrize("state", [state for state in State if state is not State.DRAFT])
def test_every_state_has_a_page_and_a_row_in_plain_words(world, client, state):
    number = world.ticket(state)

    page, row = client.get(f"/tickets/{number}?own=1"), client.get("/tickets?show=all")

    assert page.status_code == 200
    assert "车间用电增容" in page.text
    assert number in row.text
    assert f">{state.value}<" not in page.text + row.text


def test_an_action_s_page_says_where_it_stands_as_the_list_does(world, client):
    number = world.ticket(State.DISPATCHED)

    page = client.get(f"/tickets/{number}/withdraw").text

    assert "已派单" in page
    assert "待签收" not in page


def test_the_list_says_who_does_what_by_when(world, client):
    world.ticket(State.PROCESSING, title="正在办的事")

    page = client.get("/tickets").text

    row = page.partition("正在办的事")[2].partition("</li>")[0]
    assert "供电公司正在办理" in row
    assert "联系您" in row
    assert "前答复" in row
    assert "林知夏" in row  # who filed it


def test_what_waits_for_the_company_comes_first(world, client):
    world.file(title="普通的事")
    world.ticket(State.NEED_INFO, title="要补充的事")

    page = client.get("/tickets").text

    assert page.index("等您处理") < page.index("要补充的事") < page.index("普通的事")


def test_the_tabs_narrow_the_list(world, client):
    titles = {"open": "在办件", "closed": "办完件", "drafts": "草稿件"}
    states = {"open": State.PROCESSING, "closed": State.CLOSED, "drafts": State.DRAFT}
    for tab, title in titles.items():
        world.ticket(states[tab], title=title)

    for tab, title in titles.items():
        page = client.get(f"/tickets?show={tab}").text
        assert [one for one in titles.values() if one in page] == [title], tab
    everything = client.get("/tickets?show=all").text
    assert all(title in everything for title in titles.values())


def test_searching_finds_by_word_and_by_number(world, client):
    number = world.file(title="蒸汽管道改造")
    world.file(title="班车站点")

    assert "班车站点" not in client.get("/tickets?q=蒸汽").text
    assert "蒸汽管道改造" in client.get(f"/tickets?q={number.replace('-', '')}").text
    nothing = client.get("/tickets?q=<b>没有").text
    assert "没有找到“&lt;b&gt;没有”" in nothing


def test_the_list_is_read_page_by_page(world, client):
    numbers = [world.file(title=f"第{place}件") for place in range(25)]
    seen, address = [], "/tickets?show=all"
    while address:
        page = client.get(address).text
        seen += [number for number in numbers if number in page]
        address = (
            page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        )
        address = address if 'rel="next"' in page else ""

    assert sorted(seen) == sorted(numbers)
    assert client.get("/tickets?cursor=nonsense").status_code == 422


def test_an_empty_list_invites(client):
    assert "提交第一件诉求" in client.get("/tickets").text


def test_the_list_takes_few_statements_whatever_its_length(world, client, statements):
    for place in range(22):
        world.file(title=f"第{place}件")
    world.ticket(State.REPLIED)
    client.get("/tickets")

    with statements() as seen:
        client.get("/tickets")

    assert len([one for one in seen if one.lstrip().upper().startswith("SELECT")]) <= 8, seen


def test_the_ticket_page_takes_as_many_statements_whatever_its_history(world, client, statements):
    number = world.ticket(State.PROCESSING)
    client.get(f"/tickets/{number}")
    with statements() as before:
        client.get(f"/tickets/{number}")
    for _time in range(5):
        world.act("dept", number, "message", body="进展")

    with statements() as after:
        client.get(f"/tickets/{number}")

    assert len(after) == len(before), after


def test_another_company_finds_nothing(world, app, client):
    number = world.ticket(State.REPLIED, title="别人的事")
    stranger = enter(app, "enterprise2")

    assert stranger.get(f"/tickets/{number}").status_code == 404
    assert "别人的事" not in stranger.get("/tickets?show=all").text
    token = csrf_of(stranger.get("/requests/new"))
    for path, fields in (("add", {"body": "x"}), ("rate", {"solved": "yes", "satisfaction": "5"})):
        answer = stranger.post(f"/tickets/{number}/{path}", data={"csrf_token": token, **fields})
        assert answer.status_code == 404, path
    assert len(world.events(number)) == len(world.events(world.ticket(State.REPLIED)))


def test_internal_words_never_reach_the_company(world, client):
    number = world.ticket(State.PROCESSING)
    world.act("dept", number, "note", body="内部说法")
    world.act("supervisor", number, "supervise", demand="督办说法", due_limit="1wd")
    world.act("dept", number, "request_return", reason_code="wrong_function", message="退单说法")

    page = client.get(f"/tickets/{number}").text

    for hidden in ("内部说法", "督办说法", "退单说法"):
        assert hidden not in page


def test_words_and_files_are_added_together(world, client):
    number = world.ticket(State.PROCESSING)

    answer = add(client, number, body="补充<script>", files=[upload("照片.pdf", PDF)])

    assert answer.status_code == 303
    page = client.get(f"/tickets/{number}").text
    assert "补充&lt;script&gt;" in page
    assert "照片.pdf" in page
    actions = [event.action.value for event in world.events(number)]
    assert actions[-2:] == ["attach", "message"]


def test_what_is_added_twice_with_one_key_is_added_once(world, client):
    number = world.ticket(State.PROCESSING)

    assert {add(client, number, body="同一句").status_code for _press in range(2)} == {303}
    assert [event.action.value for event in world.events(number)].count("message") == 1


def test_a_refused_file_keeps_the_words_and_adds_nothing(world, client):
    number = world.ticket(State.PROCESSING)
    before = world.row(number).version

    answer = add(client, number, body="写好的话", files=[upload("a.pdf", PDF), upload("坏.exe", b"MZ")])

    assert answer.status_code == 422
    assert "坏.exe：不能添加这个文件" in answer.text
    assert ">写好的话</textarea>" in answer.text
    assert world.row(number).version == before
    assert db.session.scalars(select(Attachment)).all() == []


def test_nothing_at_all_is_refused_with_a_sentence(world, client):
    answer = add(client, world.ticket(State.PROCESSING), body="  ")

    assert answer.status_code == 422
    assert "请填写此项" in answer.text


def test_a_question_is_answered_where_it_is_asked(world, client):
    number = world.ticket(State.NEED_INFO)
    page = client.get(f"/tickets/{number}").text
    assert "请补充变压器容量" in page

    answer = add(client, number, what="supply_info", message="", files=[upload("铭牌.pdf", PDF)])

    assert answer.status_code == 303
    assert world.row(number).status is State.SUBMITTED
    assert "见附件。" in client.get(f"/tickets/{number}").text


@pytest.mark.parametrize(
    ("state", "action", "field"),
    [(State.PROCESSING, "message", "body"), (State.NEED_INFO, "supply_info", "message")],
)
def test_what_is_being_written_is_kept_on_the_server_for_its_writer_until_it_is_sent(
    world, client, state, action, field
):
    number = world.ticket(state)
    path = f"/tickets/{number}"
    page = client.get(path)
    form = page.text.split(f'data-draft="{action}" data-drafts="{path}/drafts"')[1].split("</form>")[0]
    assert f'name="{field}"' in form
    assert "data-draft-line" in form
    kept = {"csrf_token": csrf_of(page), "action": action, "once": "k", field: "写到一半"}

    saved = client.post(f"{path}/drafts", data=kept, headers={"Accept": "application/json"})

    assert saved.json["saved"]
    found = client.get(f"{path}/drafts").json["drafts"]
    assert [(one["action"], one["fields"]) for one in found] == [(action, [[field, "写到一半"]])]
    sent = add(client, number, what=action, **{field: "写到一半，写完了"})
    assert sent.status_code == 303
    assert client.get(f"{path}/drafts").json["drafts"] == []


def test_the_reply_is_rated_on_the_page_without_a_script(world, client):
    number = world.ticket(State.REPLIED)
    page = client.get(f"/tickets/{number}")
    assert page.text.count("已安排增容,周五前送电") == 1

    answer = client.post(
        f"/tickets/{number}/rate",
        data={"csrf_token": csrf_of(page), "once": "k", "solved": "partly", "satisfaction": "4"},
    )

    assert answer.status_code == 303
    closed = client.get(f"/tickets/{number}").text
    assert world.row(number).status is State.CLOSED
    assert "您的评价：部分解决，4 分（满意）" in closed
    assert "谢谢您的评价，这件诉求办结了" in closed
    assert "重新办理" in closed


def test_who_has_the_request_can_be_called_from_where_it_says_so(world, client):
    page = client.get(f"/tickets/{world.ticket(State.PROCESSING)}").text

    assert 'href="tel:' in page.split('aria-labelledby="where"')[1].split("</section>")[0]


@pytest.mark.parametrize(
    ("state", "action", "fields", "told"),
    [
        (
            State.REPLIED,
            "rate",
            {"solved": "no", "satisfaction": "1"},
            "已退回供电公司重新办理，督办员会跟进",
        ),
        (State.PROCESSING, "urge", {"message": "请快一点"}, "已替您催办，供电公司和它的领导马上会看到"),
        (State.CLOSED, "reopen", {"reason": "昨天又跳闸了"}, "已交给供电公司重新办理"),
        (State.PROCESSING, "withdraw", {"reason": "已经解决了"}, "已撤回，不再办理"),
    ],
)
def test_the_company_hears_what_comes_of_what_it_did(world, client, state, action, fields, told):
    number = world.ticket(state)
    page = client.get(f"/tickets/{number}")

    sent = {"csrf_token": csrf_of(page), "once": "k", **fields}
    client.post(f"/tickets/{number}/{action}", data=sent)

    assert told in client.get(f"/tickets/{number}").text


def test_a_paused_promise_is_hatched_with_its_reason(world, client):
    number = world.ticket(State.SUSPENDED)

    page = client.get(f"/tickets/{number}").text

    assert "meter__gap" in page
    assert "斜纹部分不计时：等待工程条件" in page
    assert "预计 12月15日 恢复办理" in page


def test_a_merged_request_points_to_the_one_that_goes_on(world, client):
    main, twin = world.file(), world.file()
    world.act("clerk", twin, "merge", into=main)

    assert f'href="/tickets/{main}"' in client.get(f"/tickets/{twin}?own=1").text
    assert re.search(rf"您的 <a [^>]*>{twin}</a> 已并入这里", client.get(f"/tickets/{main}").text)


def test_a_refused_request_says_why_and_where_to_go(world, client):
    page = client.get(f"/tickets/{world.ticket(State.REJECTED)}").text

    assert "没有受理：不属受理范围" in page
    assert "请向物业提出" in page


def test_urging_is_offered_once_a_day(world, client):
    number = world.ticket(State.PROCESSING)
    assert f"/tickets/{number}/urge" in client.get(f"/tickets/{number}").text

    world.act("enterprise", number, "urge", message="请快一点")

    page = client.get(f"/tickets/{number}").text
    assert f"/tickets/{number}/urge" not in page
    assert "请快一点" in page


def test_the_page_reads_in_english(world, client):
    number = world.ticket(State.PROCESSING)
    page = client.get(f"/tickets/{number}")
    client.post("/language", data={"csrf_token": csrf_of(page), "lang": "en", "next": "/"})

    shown = client.get(f"/tickets/{number}")

    assert shown.status_code == 200
    assert "Power Supply Company" in shown.text
