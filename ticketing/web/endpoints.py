"""The routes of the REST API: each declares what it takes and gives, and that is all its documentation.

A feature's ``api.py`` writes::

    class RatesQuery(Query):
        since: Since = Field(None, alias="from", description=N_("从哪天起"))

    class Rates(Answer):
        closed: int = Field(description=N_("办结件数"))

    @get("/stats/rates", answer=Rates, query=RatesQuery, tag=Tag.FIGURES, summary=N_("统计办理情况"))
    def rates(query: RatesQuery) -> Rates:
        return Rates(closed=queries.closed(current_actor(), query.since))

The caller is known (``current_actor()``), the query or body is checked, refusals become problem+json, every
POST honours Idempotency-Key; ``/api/v1/openapi.json`` and ``/api/v1/docs`` show the route. ``app.py`` names
the module in ``API``.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, NoReturn, TypeVar, get_origin

from flask import Blueprint, Response, abort, current_app, request
from flask_babel import gettext
from pydantic import BaseModel, ValidationError

from ticketing.core import clock
from ticketing.core.errors import Invalid
from ticketing.core.idempotency import MAX_KEY_CHARS, once
from ticketing.core.idempotency import Answer as StoredAnswer
from ticketing.core.text import N_
from ticketing.web import errors
from ticketing.web.guards import current_actor, with_token
from ticketing.web.shapes import Answer, Query
from ticketing.web.wish_errors import invalid

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"
KEY_HEADER = "Idempotency-Key"
_KEY_CHARS = frozenset(string.printable) - frozenset(string.whitespace)

bp = Blueprint("api", __name__, url_prefix="/api/v1")


class Tag(StrEnum):
    """The chapters of the documentation, in order; the values are their headings."""

    TICKETS = N_("诉求")
    ACTIONS = N_("办理动作")
    FILES = N_("附件")
    NETWORK = N_("服务网络与目录")
    FIGURES = N_("统计")
    ME = N_("调用者")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One documented route. ``answer`` None: a file; ``form`` is the schema of a multipart body."""

    method: str
    path: str
    name: str
    summary: str
    help: str
    tag: Tag
    answer: type[Answer] | None
    query: type[Query] | None = None
    body: type[BaseModel] | None = None
    form: Mapping[str, Any] | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Made:
    """What a POST made: the answer, and where the new thing is found."""

    answer: Answer
    location: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in with a POST: the checked content, and the bytes that tell two contents apart."""

    content: Any
    fingerprint: bytes


endpoints: list[Endpoint] = []


def get(
    path: str,
    *,
    answer: type[Answer] | None,
    tag: Tag,
    summary: str,
    query: type[Query] | None = None,
    help: str = "",  # noqa: A002 - what the documentation calls it
) -> Callable[[View], View]:
    """Declare a GET. The view takes the parts of the path, and ``query`` if one is declared."""

    def declare(view: View) -> View:
        endpoints.append(Endpoint("get", path, view.__name__, summary, help, tag, answer, query=query))

        @wraps(view)
        def answer_it(**parts: Any) -> Response:
            if query is not None:
                parts["query"] = read_query(query)
            found = view(**parts)
            return found if isinstance(found, Response) else Response(text_of(found), content_type=JSON)

        _route("GET", path, view.__name__, answer_it)
        return view

    return declare


def post(endpoint: Endpoint, read: Callable[[], Sent] | None = None) -> Callable[[View], View]:
    """Declare a POST. The view takes the path's parts, the ``content`` and ``now``, and returns what it Made.

    ``read`` reads a body that is not the JSON of ``endpoint.body``.
    """

    def declare(view: View) -> View:
        endpoints.append(endpoint)

        @wraps(view)
        def answer_it(**parts: Any) -> Response:
            sent = read() if read else read_body(endpoint.body or BaseModel)
            now = clock.now()

            def make() -> StoredAnswer:
                made: Made = view(content=sent.content, now=now, **parts)
                return StoredAnswer(endpoint.status, text_of(made.answer), made.location)

            return _once(sent, make, now)

        _route("POST", endpoint.path, endpoint.name, answer_it)
        return view

    return declare


def text_of(answer: Answer) -> str:
    """Return the JSON of an answer."""
    return answer.model_dump_json(by_alias=True)


def _route(method: str, path: str, name: str, view: Callable[..., Response]) -> None:
    rule = path.replace("{", "<").replace("}", ">")
    bp.add_url_rule(rule, name, with_token(view), methods=[method])


def _once(sent: Sent, make: Callable[[], StoredAnswer], now: datetime) -> Response:
    key = request.headers.get(KEY_HEADER)
    if key is not None and not (1 <= len(key) <= MAX_KEY_CHARS and set(key) <= _KEY_CHARS):
        raise Invalid(fields={KEY_HEADER: [N_("幂等键是 1 至 255 个可见的 ASCII 字符")]})
    asked = f"{request.method} {request.path}\n".encode() + sent.fingerprint
    done = once(f"user:{current_actor().user_id}", key, asked, make, now=now)
    answer = Response(done.body, done.status, content_type=JSON)
    if done.location:
        answer.headers["Location"] = done.location
    return answer


def read_query(model: type[Query]) -> Any:
    """Return the query string as a checked ``model``; raise Invalid for unknown names and values."""
    many = {
        field.alias or name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    }
    data = {
        name: values if name in many or len(values) > 1 else values[0]
        for name, values in request.args.to_dict(flat=False).items()
    }
    try:
        return model.model_validate(data)
    except ValidationError as wrong:
        refusal = invalid(wrong)
        refusal.fields = {name.partition(".")[0]: texts for name, texts in refusal.fields.items()}
        raise refusal from wrong


def read_body(model: type[BaseModel]) -> Sent:
    """Return the JSON body as a checked ``model``; no body at all is an empty object.

    Answers 400 to what is no JSON, 413 to what is too long, 415 to what is something else; raises Invalid.
    """
    request.max_content_length = current_app.config["TICKETING"].form_max_bytes
    raw = request.get_data(cache=False) or b"{}"
    if request.mimetype != JSON and (request.mimetype or raw != b"{}"):
        refuse(415, N_("请以 Content-Type: application/json 发送 JSON"))
    try:
        found = model.model_validate_json(raw, strict=True)
    except ValidationError as wrong:
        if any(error["type"] == "json_invalid" for error in wrong.errors(include_input=False)):
            refuse(400, N_("请求正文不是有效的 JSON（UTF-8）"))
        raise invalid(wrong) from wrong
    return Sent(found, found.model_dump_json().encode())


def refuse(status: int, sentence: str) -> NoReturn:
    """Answer with a problem of ``status`` that says ``sentence``, a message id."""
    abort(errors.problem(status, str(gettext(sentence))))
