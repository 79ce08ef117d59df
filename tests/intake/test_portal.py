"""The company's form over HTTP: one ticket whatever is pressed, nothing lost whatever is wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.accounts.kit import csrf_of
from tests.intake.kit import PDF, answers, enter, hidden, send, upload
from ticketing.core.db import db
from ticketing.tickets.models import Attachment, Ticket
from ticketing.tickets.words import State

FORM = "/requests/new"


def tickets() -> list[Ticket]:
    db.session.rollback()
    return list(db.session.scalars(select(Ticket).order_by(Ticket.id)))


def test_the_form_is_filled_in_as_far_as_we_know(world, app):
    page = enter(app).get(FORM)

    assert page.status_code == 200
    assert 'value="林知夏"' in page.text  # whom to call
    assert '<option selected value="PK01">' in page.text  # the company's own place
    assert "4 个工作小时内联系您，2 个工作日内答复" in page.text  # the limit of a question
    assert "2 小时内联系您，24 小时内答复" in page.text  # what urgent brings


def test_the_place_of_the_last_request_is_remembered(world, app):
    world.file(site="BD02")

    assert '<option selected value="BD02">' in enter(app).get(FORM).text


def test_sending_gives_one_ticket_and_its_page(world, app):
    client = enter(app)

    answer = send(client)

    (ticket,) = tickets()
    assert answer.status_code == 303
    assert answer.location == f"/tickets/{ticket.number}/filed"
    assert (ticket.status, ticket.category, ticket.contact_phone) == (
        State.SUBMITTED,
        "PWR",
        "0512-6680 0000",
    )
    assert ticket.number in client.get(answer.location).text


def test_a_double_click_a_resend_and_the_back_button_give_one_ticket(world, app):
    client = enter(app)
    form = {**hidden(client.get(FORM)), **answers()}

    found = [client.post(FORM, data=form) for _press in range(3)]

    assert len(tickets()) == 1
    assert {answer.location for answer in found} == {f"/tickets/{tickets()[0].number}/filed"}


def test_another_text_under_a_used_key_is_asked_about_and_can_be_sent(world, app):
    client = enter(app)
    form = {**hidden(client.get(FORM)), **answers()}
    client.post(FORM, data=form)

    refused = client.post(FORM, data=form | {"title": "食堂燃气开口"})

    assert refused.status_code == 422
    assert "这份表单刚才已经提交过" in refused.text
    assert "食堂燃气开口" in refused.text
    again = client.post(FORM, data={**hidden(refused), **answers(title="食堂燃气开口", category="GAS")})
    assert again.status_code == 303
    assert [ticket.title for ticket in tickets()][1:] == ["食堂燃气开口"]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", " \u200b ", "请填写此项"),
        ("title", "x", "至少 2 个字"),
        ("title", "长" * 201, "最多 200 个字"),
        ("description", "", "请填写此项"),
        ("description", "a" * 900_000, "最多 10000 个字"),
        ("category", "NOPE", "请从列表中选择"),
        ("category", "", "请选一项"),
        ("kind", "praise'--", "请从列表中选择"),
        ("level", "major", "请从列表中选择"),
        ("site", "NOWHERE", "请从列表中选择"),
        ("contact_phone", "打给我", "电话只能有数字"),
        ("contact_phone", "++", "电话只能有数字"),
        ("contact_name", "\x00", "请填写此项"),
        ("contact_email", "not an address", "请填写完整的电子邮箱"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field_and_the_rest_is_kept(
    world, app, field, typed, sentence
):
    answer = send(enter(app), **{field: typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#{field}"' in answer.text  # the summary on top
    for other in {"title", "description", "contact_name"} - {field}:
        assert answers()[other] in answer.text
    assert tickets() == []


def test_hostile_text_is_stored_clean_and_shown_as_text(world, app):
    title = "停电\u202e<script>alert(1)</script>\x07😀"
    client = enter(app)

    answer = send(client, title=title, description="<img src=x onerror=alert(1)>\x00第二行")

    (ticket,) = tickets()
    assert answer.status_code == 303
    assert ticket.title == "停电<script>alert(1)</script> 😀"
    page = client.get(f"/tickets/{ticket.number}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_files_come_with_the_request(world, app):
    client = enter(app)

    answer = send(client, files=[upload("单线图.pdf", PDF), upload("说明.txt", "见图".encode())])

    assert answer.status_code == 303, answer.text
    (ticket,) = tickets()
    names = db.session.scalars(
        select(Attachment.name).where(Attachment.ticket_id == ticket.id).order_by(Attachment.id)
    )
    assert list(names) == ["单线图.pdf", "说明.txt"]
    assert "单线图.pdf" in client.get(f"/tickets/{ticket.number}").text


@pytest.mark.parametrize(
    ("name", "content", "status", "sentence"),
    [
        ("假的.pdf", b"MZ\x90\x00" + b"\x00" * 200, 422, "假的.pdf：不能添加这个文件"),
        ("大图.pdf", PDF + b"0" * (20 << 20), 413, "大图.pdf：文件超过 10 MB"),
    ],
    ids=["exe called pdf", "20 MB"],
)
def test_a_bad_file_is_named_and_nothing_is_stored(world, app, name, content, status, sentence):
    answer = send(enter(app), files=[upload("好的.pdf", PDF), upload(name, content)])

    assert answer.status_code == status
    assert sentence in answer.text
    assert answers()["description"] in answer.text
    assert "请在下面重新选择附件" in answer.text
    assert tickets() == []
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_similar_open_requests_are_shown_once_and_can_be_overruled(world, app):
    known = world.file(title="屋顶光伏并网一直没有回音")
    client = enter(app)

    asked = send(client)

    assert asked.status_code == 200
    assert "您有相似的诉求" in asked.text
    assert known in asked.text
    assert len(tickets()) == 1
    sent = client.post(FORM, data={**hidden(asked), **answers()})
    assert sent.status_code == 303
    assert len(tickets()) == 2


def test_instead_of_filing_again_it_is_added_to_the_one_that_is_there(world, app):
    known = world.file(title="屋顶光伏并网一直没有回音")
    client = enter(app)
    asked = send(client)

    added = client.post(FORM, data={**hidden(asked), **answers(), "add": known, "do": ""})
    again = client.post(FORM, data={**hidden(asked), **answers(), "add": known, "do": ""})

    assert (added.status_code, added.location) == (303, f"/tickets/{known}")
    assert again.location == added.location
    assert len(tickets()) == 1
    assert [event.action for event in world.events(known)] == ["submit", "message"]
    assert answers()["description"] in world.events(known)[-1].data["said"]["body"]


def test_a_question_of_the_clerks_is_answered_by_adding(world, app):
    known = world.ticket(State.NEED_INFO, title="屋顶光伏并网一直没有回音")
    client = enter(app)

    client.post(FORM, data={**hidden(send(client)), **answers(), "add": known, "do": ""})

    assert world.row(known).status is State.SUBMITTED


def test_one_closed_lately_is_shown_with_the_way_to_open_it_again(world, app):
    known = world.ticket(State.CLOSED, title="屋顶光伏并网一直没有回音")

    asked = send(enter(app))

    assert f"/tickets/{known}/reopen" in asked.text
    assert 'name="add"' not in asked.text


def test_nothing_is_added_to_another_companys_request(world, app):
    theirs = world.file("enterprise2", title="屋顶光伏并网一直没有回音")
    client = enter(app)

    answer = client.post(FORM, data={**hidden(client.get(FORM)), **answers(), "add": theirs, "do": ""})

    assert answer.status_code == 404
    assert len(world.events(theirs)) == 1
    assert len(tickets()) == 1


def test_requests_of_other_companies_are_never_similar(world, app):
    theirs = world.file(who="enterprise2", title=answers()["title"])

    answer = send(enter(app))

    assert answer.status_code == 303
    assert theirs not in answer.text


def test_a_draft_is_kept_edited_and_sent(world, app):
    client = enter(app)

    saved = send(client, do="draft")

    (ticket,) = tickets()
    assert saved.location == "/tickets?show=drafts"
    assert ticket.status is State.DRAFT
    assert ticket.title in client.get(saved.location).text
    edit = f"/requests/{ticket.number}/edit"
    assert client.get(f"/tickets/{ticket.number}").location == edit
    assert answers()["description"] in client.get(edit).text
    form = {**hidden(client.get(edit)), **answers(title="改好的标题", category="TAX", site="")}
    answers_given = [client.post(edit, data=form) for _press in range(2)]
    assert {answer.location for answer in answers_given} == {f"/tickets/{ticket.number}/filed"}
    (sent,) = tickets()
    assert (sent.status, sent.title, sent.category) == (State.SUBMITTED, "改好的标题", "TAX")
    assert world.clocks(sent.number).keys() == {"respond", "resolve"}
    assert [event.action.value for event in world.events(sent.number)] == ["submit"]


def test_a_colleagues_newer_draft_is_not_overwritten_unseen(world, app):
    number = world.file(draft=True)
    mine, colleague = enter(app), enter(app, "enterprise-staff")
    edit = f"/requests/{number}/edit"
    form = {**hidden(mine.get(edit)), **answers(title="我的标题", do="draft")}
    send(colleague, edit, title="同事的标题", do="draft")

    refused = mine.post(edit, data=form)

    assert refused.status_code == 409
    assert "我的标题" in refused.text
    assert tickets()[0].title == "同事的标题"


def test_a_sent_draft_cannot_be_edited_and_a_strangers_is_not_there(world, app):
    draft, sent = world.file(draft=True), world.file()
    client, stranger = enter(app), enter(app, "enterprise2")

    assert client.get(f"/requests/{sent}/edit").location == f"/tickets/{sent}"
    refused = client.post(
        f"/requests/{sent}/edit", data={"csrf_token": csrf_of(client.get(FORM)), "anyway": "1", **answers()}
    )
    assert refused.status_code == 409
    assert "这份草稿已经提交" in refused.text
    assert stranger.get(f"/requests/{draft}/edit").status_code == 404


def test_staff_do_not_get_the_companies_form(world, app):
    assert enter(app, "clerk").get(FORM).status_code == 403


def test_a_lost_session_keeps_the_text(world, app):
    client = enter(app)
    form = {**hidden(client.get(FORM)), **answers(title="写了很久的标题")}
    client.post("/sign-out", data={"csrf_token": form["csrf_token"]})

    asked = client.post(FORM, data=form)

    assert asked.status_code == 401
    sealed = asked.text.partition('name="kept"')[2].partition('value="')[2].partition('"')[0]
    entered = client.post(
        "/sign-in",
        data={
            "csrf_token": csrf_of(asked),
            "email": "enterprise@demo.example",
            "password": "closed-loop-demo",
            "next": FORM,
            "kept": sealed,
        },
    )
    page = client.get(entered.location)
    assert "写了很久的标题" in page.text
    assert "请重新选择" in page.text
    assert tickets() == []


def test_the_form_takes_few_statements(world, app, statements):
    client = enter(app)
    client.get(FORM)

    with statements() as seen:
        client.get(FORM)

    assert len([one for one in seen if one.lstrip().upper().startswith("SELECT")]) <= 8, seen
