"""Refusals as pages and as problem+json; bugs logged without what was typed."""

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from ticketing.core import errors
from ticketing.web import errors as web_errors

KINDS = [
    (errors.NotFound(), 404, "not-found"),
    (errors.NotPermitted(), 403, "not-permitted"),
    (errors.WrongState(extra={"available_actions": ["urge"]}), 409, "wrong-state"),
    (errors.ChangedMeanwhile(), 409, "changed-meanwhile"),
    (errors.Invalid(fields={"title": ["请填写此项"]}), 422, "invalid"),
    (errors.TooMany(extra={"retry_after_seconds": 7}), 429, "too-many"),
    (errors.KeyReused(), 422, "key-reused"),
]


class Answer:
    """A response with its text at hand."""

    def __init__(self, response):
        self.status_code = response.status_code
        self.content_type = response.content_type
        self.headers = response.headers
        self.get_json = response.get_json
        self.text = response.get_data(as_text=True)


@pytest.fixture
def answer(app):
    """Returns the answer to an error, as a page or for the API."""

    def give(error, path):
        with app.test_request_context(path):
            return Answer(app.make_response(app.handle_user_exception(error)))

    return give


@pytest.mark.parametrize(("error", "status", "name"), KINDS)
def test_the_api_answers_with_a_problem(answer, error, status, name):
    given = answer(error, "/api/v1/x")

    assert (given.status_code, given.content_type) == (status, "application/problem+json")
    body = given.get_json()
    assert body["type"] == f"urn:closed-loop:problem:{name}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"] == error.text


def test_a_problem_carries_fields_actions_and_waiting(answer):
    assert answer(KINDS[4][0], "/api/x").get_json()["errors"] == {"title": ["请填写此项"]}
    assert answer(KINDS[2][0], "/api/x").get_json()["available_actions"] == ["urge"]
    assert answer(KINDS[5][0], "/api/x").headers["Retry-After"] == "7"


@pytest.mark.parametrize(("error", "status", "name"), KINDS)
def test_a_person_gets_a_page_with_a_way_on(answer, error, status, name):
    given = answer(error, "/x")

    assert given.status_code == status
    said = web_errors.SENTENCES[403] if status == 403 else f"{error.text}。"
    assert said in given.text
    assert 'href="/"' in given.text
    assert "再试一次" not in given.text
    assert given.text.count("<h1>") == 1


def test_facts_fill_the_sentence(answer):
    error = errors.Invalid("最多 %(max)s 个", fields={"files": ["最多 %(max)s 个"]}, max=5)

    assert "最多 5 个" in answer(error, "/x").text
    assert answer(error, "/api/x").get_json()["errors"] == {"files": ["最多 5 个"]}


def test_hostile_text_in_a_refusal_is_only_text(answer):
    given = answer(errors.Invalid("不是 %(what)s", what="<img src=x onerror=alert(1)>"), "/x")

    assert "<img src=x" not in given.text
    assert "&lt;img" in given.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 429])
def test_every_plain_status_has_its_sentence(answer, app, status):
    def raised():
        try:
            abort(status)
        except HTTPException as error:
            return error

    page, problem = answer(raised(), "/x"), answer(raised(), "/api/x")

    assert (page.status_code, problem.status_code) == (status, status)
    assert web_errors.SENTENCES[status] in page.text
    assert problem.get_json()["detail"] == web_errors.SENTENCES[status]


def test_over_http(client):
    assert client.get("/no-such-page").status_code == 404
    assert client.get("/api/no-such-call").content_type == "application/problem+json"
    refused = client.delete("/sign-in")
    assert refused.status_code == 405
    assert "POST" in refused.headers["Allow"]


def test_a_form_beyond_the_limit_is_refused_in_words(client):
    page = client.post("/sign-in", data={"email": "x" * (5 << 20)})
    part = (
        b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + b"x" * (2 << 20) + b"\r\n--x--\r\n"
    )
    many = client.post("/sign-in", data=part, content_type="multipart/form-data; boundary=x")

    assert page.status_code == 413
    assert "允许的大小" in page.text
    assert many.status_code == 413


def test_a_megabyte_of_text_is_looked_at(client):
    assert (
        client.post("/sign-in", data={"email": "长" * 333_333}).status_code == 400
    )  # only the token is missing


def test_a_bug_is_logged_without_what_was_typed(answer, caplog):
    typed = "canary-13812345678"
    with pytest.raises(ValueError, match=typed) as caught:
        int(typed)

    given = answer(caught.value, "/x")

    assert given.status_code == 500
    assert typed not in given.text
    assert typed not in caplog.text
    assert "ValueError" in caplog.text
    assert answer(KeyError("x"), "/api/x").get_json()["status"] == 500


@pytest.mark.parametrize("path", ["/track?number=1", "/track"])
def test_what_failed_can_be_tried_again_where_looking_does_no_harm(app, path):
    for method, offered in (("GET", True), ("POST", False)):
        with app.test_request_context(path, method=method):
            given = Answer(app.make_response(app.handle_user_exception(KeyError("x"))))

        assert given.status_code == 500
        assert (f'href="{path}">再试一次' in given.text) is offered


def test_trying_again_never_leads_to_another_site(answer):
    assert "再试一次" not in answer(KeyError("x"), "//evil.example/x").text


def test_a_broken_frame_still_answers(answer, app, monkeypatch):
    def broken(*_args, **_facts):
        raise RuntimeError

    monkeypatch.setattr(web_errors, "render_template", broken)

    given = answer(KeyError("x"), "/x")

    assert given.status_code == 500
    assert given.content_type.startswith("text/plain")


def test_a_database_away_is_a_503(answer, app):
    given = answer(OperationalError("SELECT 1", {}, RuntimeError("gone")), "/x")

    assert (given.status_code, given.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(("method", "is_typed"), [("GET", False), ("POST", True)])
def test_what_was_typed_is_spoken_of_only_where_something_was(app, method, is_typed):
    with app.test_request_context("/track", method=method):
        gone = OperationalError("SELECT 1", {}, RuntimeError("gone"))
        given = Answer(app.make_response(app.handle_user_exception(gone)))

    assert "请稍后再试。" in given.text
    assert ("您填写的内容还在上一页" in given.text) is is_typed


def test_the_way_back_leads_elsewhere(client):
    def is_offered(referrer):
        page = client.get("/nowhere", headers={"Referer": f"http://localhost{referrer}"}).text
        return "返回上一页" in page

    assert is_offered("/track")
    assert not is_offered("/nowhere")
