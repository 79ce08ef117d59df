"""What the API refuses, and how it says so: problem+json, never a 5xx."""

from __future__ import annotations

import pytest

from tests.api.conftest import FILING
from ticketing.tickets import wishes as w
from ticketing.tickets.words import State

PROBLEM = "application/problem+json"


def test_without_a_valid_token_nothing_is_answered(app, world):
    for header in ("", "Bearer ", "Bearer clt_nothing", "Basic Zm9vOmJhcg==", "Bearer é"):
        answer = app.test_client().get("/api/v1/me", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.content_type == PROBLEM
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_cookie_is_no_token(app, world):
    browser = app.test_client()
    page = browser.get("/sign-in").text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"csrf_token": token, "email": "clerk@demo.example", "password": "closed-loop-demo"}
    assert browser.post("/sign-in", data=form).status_code == 303

    assert browser.get("/api/v1/me").status_code == 401
    assert browser.post("/api/v1/tickets", json=FILING).status_code == 401


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        (b"{", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"title": "\\ud800\\ud800"}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"[]", {}, 422),
        (b'"text"', {}, 422),
        (b"null", {}, 422),
        (b"{}", {"content_type": "text/plain"}, 415),
        (b"title=x", {"content_type": "application/x-www-form-urlencoded"}, 415),
        (b'{"title": "' + b"a" * (1 << 20) + b'"}', {}, 413),
    ],
)
def test_a_body_that_is_no_object_is_refused(by, body, options, status):
    answer = by.enterprise.post("/tickets", data=body, **({"content_type": "application/json"} | options))

    assert answer.status_code == status, answer.text
    assert answer.content_type == PROBLEM
    assert answer.json["status"] == status
    assert answer.json.keys() >= {"type", "title", "detail"}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"title": "a"}, {"title": ["至少 2 个字"]}),
        ({"title": " \u200b "}, {"title": ["至少 2 个字"]}),
        ({"title": "字" * 201}, {"title": ["最多 200 个字"]}),
        ({"title": 5}, {"title": ["请填写文字"]}),
        ({"title": None}, {"title": ["请填写文字"]}),
        ({"description": ""}, {"description": ["请填写此项"]}),
        ({"kind": "joke"}, {"kind": ["请从列表中选择："]}),
        ({"category": "ZZZ"}, {"category": ["没有这个类别"]}),
        ({"site": "ZZZ"}, {"site": ["没有这个园区或楼宇"]}),
        ({"contact": {"name": "张"}}, {"contact.phone": ["请填写此项"]}),
        ({"contact": {"name": "张", "phone": "abc"}}, {"contact.phone": ["格式不正确"]}),
        ({"contact": []}, {"contact": ["请填写 JSON 对象"]}),
        ({"confidential": "yes"}, {"confidential": ["请填写 true 或 false"]}),
        ({"received_at": "2026-11-22T09:30:00"}, {"received_at": ["请写成 2026-11-22T09:30:00+08:00"]}),
        ({"received_at": 1_700_000_000}, {"received_at": ["请写成 2026-11-22T09:30:00+08:00"]}),
        ({"colour": "red"}, {"colour": ["这里没有这一项"]}),
    ],
)
def test_each_field_is_told_what_is_wrong(by, change, errors):
    answer = by.enterprise.post("/tickets", FILING | change)

    assert answer.status_code == 422
    assert answer.json["errors"].keys() == errors.keys()
    for field, sentences in errors.items():
        assert answer.json["errors"][field][0].startswith(sentences[0])


def test_a_model_of_our_own_says_which_field(by, world):
    number = world.ticket(State.REPLIED)

    answer = by.caller.act(number, "revisit", reached=True)

    assert answer.status_code == 422
    assert answer.json["errors"].keys() == {"solved"}


HOSTILE = [
    "\x00",
    "a\x00b",
    "'; DROP TABLE tickets; --",
    "\u202egnp.exe",
    "%s%n",
    "{{7*7}}",
    "🀄" * 50,
    "x" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_anything(by, world, text):
    number = world.ticket(State.PROCESSING)
    unit_fields = {"unit": text, "due_limit": text, "message": text}

    answers = [
        by.enterprise.post(
            "/tickets", FILING | dict.fromkeys(("title", "description", "category", "site"), text)
        ),
        by.clerk.post("/tickets", FILING | {"enterprise": {"uscc": text, "name": text}}),
        by.dept.act(number, "note", body=text),
        by.dept.act(number, "invite", **unit_fields),
        by.deptlead.act(number, "assign", user=text),
        by.dispatcher.act(number, "merge", into=text),
        by.supervisor.act(number, "supervise", demand=text, due_limit=text),
        by.enterprise.get(
            "/tickets", query_string={"q": text, "unit": text, "category": text, "cursor": text}
        ),
        by.enterprise.get(f"/tickets/{text.replace('/', '')}"),
        by.enterprise.get(f"/attachments/{text.replace('/', '')}"),
    ]

    assert max(answer.status_code for answer in answers) < 500
    assert by.enterprise.get("/tickets?q=" + "%00").status_code == 200


def test_a_wrong_state_says_what_can_be_done(by, world):
    number = world.ticket(State.ACCEPTED)

    answer = by.clerk.act(number, "accept")

    assert answer.status_code == 409
    assert answer.json["type"] == "urn:closed-loop:problem:wrong-state"
    assert answer.json["available_actions"] == by.clerk.get(f"/tickets/{number}").json["available_actions"]


def test_a_stale_version_says_what_has_changed(by, world):
    number = world.ticket(State.PROCESSING)
    world.do("dept", number, w.Note(body="看过现场"))

    answer = by.dept.act(number, "note", body="同时", version=4)

    assert answer.status_code == 409
    assert (answer.json["version"], answer.json["changes"][0]["action"]) == (5, "note")
    assert "submit_reply" in answer.json["available_actions"]
    assert by.dept.act(number, "note", body="同时", version=5).status_code == 200


def test_too_often_says_when_to_come_back(by, world):
    number = world.ticket(State.PROCESSING)
    assert by.enterprise.act(number, "urge", message="请尽快").status_code == 200

    answer = by.enterprise.act(number, "urge", message="请尽快")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_what_is_not_there_is_a_problem_too(by):
    assert by.clerk.get("/nothing").status_code == 404
    assert by.clerk.post("/tickets/QS26-000-000-000/actions/dance", {}).status_code == 404
    assert by.clerk.post("/tickets/QS26-000-000-000/actions/accept", {}).status_code == 404
    answer = by.clerk.post("/me", {})
    assert (answer.status_code, answer.content_type) == (405, PROBLEM)
    assert "GET" in answer.headers["Allow"]
