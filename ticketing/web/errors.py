"""How a refusal looks over HTTP: a page with a way on, or problem+json (RFC 9457) for the API."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from ticketing.core import errors, files
from ticketing.core.db import db
from ticketing.core.text import N_
from ticketing.web import keeping

API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"
SERVER_ERROR = 500
_ENDS = ("。", "！", "？", ".", "!", "?")
_log = logging.getLogger(__name__)

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.NotPermitted: 403,
    errors.WrongState: 409,
    errors.ChangedMeanwhile: 409,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.KeyReused: 422,
    files.TooLarge: 413,
}
NAMES: dict[type[errors.DomainError], str] = {
    errors.NotFound: "not-found",
    errors.NotPermitted: "not-permitted",
    errors.WrongState: "wrong-state",
    errors.ChangedMeanwhile: "changed-meanwhile",
    errors.Invalid: "invalid",
    errors.TooMany: "too-many",
    errors.KeyReused: "key-reused",
    files.TooLarge: "too-large",
}
TITLES = {
    400: N_("请求无法理解"),
    401: N_("请先登录"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    405: N_("不能这样访问"),
    409: N_("现在不能这样做"),
    413: N_("内容太大"),
    415: N_("不支持的格式"),
    422: N_("有内容需要修改"),
    429: N_("操作过于频繁"),
    500: N_("系统出了问题"),
    503: N_("系统正忙"),
}
SENTENCES = {
    400: N_("浏览器发来的内容不完整或已过期。"),
    401: N_("登录后才能看到这一页。"),
    403: N_("这一页不对您的岗位开放。"),
    404: N_("没有找到，或者您无权查看。"),
    405: N_("这个地址不接受这样的操作。"),
    413: N_("发送的内容超过了允许的大小。"),
    415: N_("发送的内容不是这里能读的格式。"),
    429: N_("操作过于频繁，请稍后再试。"),
    500: N_("问题已记录，不是您的操作造成的。"),
    503: N_("数据库暂时没有应答。"),
}
ADVICE = {
    400: N_("请返回上一页，刷新后再试。"),
    401: N_("请登录后继续。"),
    403: N_("如果工作需要，请联系本单位管理员。"),
    404: N_("请核对地址或编号，也可以从首页重新查找。"),
    405: N_("它只用来提交表单，不能直接打开。请回到首页，从页面上的按钮进入。"),
    409: N_("请返回查看最新情况，再决定下一步。"),
    413: N_("请返回上一页，缩短文字或减小附件。您填写的内容还在上一页。"),
    415: N_("请换一种格式再试。"),
    422: N_("请返回上一页修改后再提交。"),
    429: N_("请稍等片刻再试。"),
    500: N_("请稍后再试；如果仍然不行，请把下面的编号告诉管理员。"),
    503: N_("请稍后再试。您填写的内容还在上一页。"),
}
ADVICE_TO_READERS = {503: N_("请稍后再试。")}
"""What to do where a page was only looked at and nothing was filled in."""


def set_up(app: Flask) -> None:
    """Register the answers to every refusal and to every bug."""
    app.register_error_handler(errors.DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _bug)


def wants_problem() -> bool:
    """Return whether this request is the API's."""
    return request.path.startswith(API_PREFIX)


def sentence_of(error: errors.DomainError) -> str:
    """Return the refusal's sentence in the reader's language."""
    return str(gettext(error.text, **error.facts))


def fields_of(error: errors.DomainError) -> dict[str, list[str]]:
    """Return the refusal's messages by field, in the reader's language; facts fill them too."""
    return {
        name: [str(gettext(text, **error.facts)) for text in texts] for name, texts in error.fields.items()
    }


def status_of(error: errors.DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def problem(
    status: int,
    detail: str,
    *,
    name: str | None = None,
    fields: Mapping[str, list[str]] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """Return a problem+json answer; ``name`` identifies the kind, ``extra`` adds members."""
    body: dict[str, Any] = {
        "type": f"urn:closed-loop:problem:{name}" if name else "about:blank",
        "title": str(gettext(TITLES.get(status, TITLES[400]))),
        "status": status,
        "detail": detail,
    }
    if fields:
        body["errors"] = dict(fields)
    for member, value in (extra or {}).items():
        body.setdefault(member, value)
    return Response(json.dumps(body, ensure_ascii=False, default=str), status, content_type=PROBLEM_TYPE)


def page(status: int, sentence: str | None = None, *, advice: str | None = None) -> Response:
    """Return the page that says what was refused, what to do, and how to get back."""
    html = render_template(
        "refused.html",
        status=status,
        title=gettext(TITLES.get(status, TITLES[400])),
        sentence=sentence or gettext(SENTENCES.get(status, SENTENCES[400])),
        advice=advice or _advice(status),
        request_id=g.get("request_id", "") if status >= SERVER_ERROR else "",
        again=_same_address() if status >= SERVER_ERROR else None,
        back=_way_back(),
    )
    return Response(html, status, content_type="text/html; charset=utf-8")


def _advice(status: int) -> str:
    known = ADVICE | ADVICE_TO_READERS if request.method == "GET" else ADVICE
    return str(gettext(known.get(status, ADVICE[400])))


def _finished(sentence: str) -> str:
    """Return a refusal's sentence with its full stop: beside a field it stands without one."""
    return sentence if sentence.endswith(_ENDS) else str(gettext("%(sentence)s。", sentence=sentence))


def _same_address() -> str | None:
    """Return the address that was only looked at: opening it again does no harm, and may help."""
    return keeping.local_target(keeping.here()) if request.method == "GET" else None


def _way_back() -> str | None:
    """Return the page the person came from, if it is one of ours: of a form its own page, never this one."""
    referrer = request.referrer or ""
    is_other = referrer != request.url or request.method == "POST"
    return referrer if referrer.startswith(request.host_url) and is_other else None


def _domain_error(error: errors.DomainError) -> ResponseReturnValue:
    status = status_of(error)
    name = next((NAMES[kind] for kind in type(error).__mro__ if kind in NAMES), None)
    extra = dict(error.extra)
    if wants_problem():
        answer = problem(status, sentence_of(error), name=name, fields=fields_of(error), extra=extra)
    else:
        shown = [_said_on_a_page(error), *(text for texts in fields_of(error).values() for text in texts)]
        answer = page(status, " ".join(dict.fromkeys(map(_finished, shown))))
    if "retry_after_seconds" in extra:
        answer.headers["Retry-After"] = str(extra["retry_after_seconds"])
    return answer


def _said_on_a_page(error: errors.DomainError) -> str:
    """Return the sentence; of a page that is not for this person it says that it is the page."""
    if request.method == "GET" and error.text == errors.NotPermitted.sentence:
        return str(gettext(SENTENCES[403]))
    return sentence_of(error)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 - redirects
        return error.get_response()
    answer = _plain(error.code)
    for header, value in error.get_headers():
        if header.lower() in {"allow", "retry-after", "www-authenticate"}:
            answer.headers[header] = value
    return answer


def _wrong_host(_error: SecurityError) -> ResponseReturnValue:
    """Answer a Host header that is not ours: no page, for a page would have links."""
    return Response("400 unknown host", 400, content_type="text/plain; charset=utf-8")


def _plain(status: int) -> Response:
    if wants_problem():
        return problem(status, str(gettext(SENTENCES.get(status, SENTENCES[400]))))
    return page(status)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    _record("database unavailable", error)
    answer = _last_resort(503)
    answer.headers["Retry-After"] = "5"
    return answer


def _bug(error: Exception) -> ResponseReturnValue:
    _record("unexpected error", error)
    return _last_resort(SERVER_ERROR)


def _record(what: str, error: Exception) -> None:
    """Log where it broke, never what was typed: an exception's own words may quote rows and forms."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error(
        "%s: %s, request %s, %s\n%s",
        what,
        type(error).__name__,
        g.get("request_id", "-"),
        request.endpoint,
        frames,
    )


def _last_resort(status: int) -> Response:
    """Answer even when the frame itself cannot be rendered."""
    try:
        db.session.rollback()
        return _plain(status)
    except Exception as error:  # noqa: BLE001 - nothing below this may fail
        _record("the error page failed too", error)
        text = f"{TITLES[status]} / Something went wrong ({g.get('request_id', '-')})"
        return Response(text, status, content_type="text/plain; charset=utf-8")
