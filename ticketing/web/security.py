"""Response headers, cookies, trusted hosts, body limits and request ids."""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, g, has_app_context, request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from ticketing.web.errors import API_PREFIX

MAX_FILES_PER_FORM = 6
MAX_FORM_PARTS = 500
# Always let in, for health checks and demos; links never come from the Host header, so nothing is won by it.
LOOPBACK_HOSTS = ("localhost", "127.0.0.1")
SCRIPT_FREE = (
    "default-src 'self'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
ENCODED_GROWTH = 4
HSTS = "max-age=31536000"
csrf = CSRFProtect()
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def set_up(app: Flask, config: Config) -> None:
    """Make ``app`` safe to serve; call before any other extension registers its hooks."""
    _set_limits(app, config)
    if config.proxy_count:
        # Only what this many proxies wrote is believed; the host is checked below, never rewritten.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # the documented way to wrap
            app.wsgi_app, x_for=config.proxy_count, x_proto=config.proxy_count, x_host=0
        )
    behind_proxy = config.proxy_count > 0

    @app.before_request
    def mark_request() -> None:
        if request.mimetype != "multipart/form-data":
            # Only a form with files may be as large as files; percent-encoding makes text thrice as long.
            request.max_content_length = config.form_max_bytes * ENCODED_GROWTH
        g.csp_nonce = secrets.token_urlsafe(16)
        given = request.headers.get("X-Request-ID", "") if behind_proxy else ""
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)

    @app.after_request
    def add_headers(response: Response) -> Response:
        _add_headers(response, is_https=config.is_https)
        return response

    csrf.init_app(app)

    @app.before_request
    def check_origin() -> None:
        # The API takes bearer tokens only, never the cookie: nothing a foreign page could ride on.
        if not request.path.startswith(API_PREFIX):
            csrf.protect(apply_exemptions=True)

    app.jinja_env.globals["csp_nonce"] = lambda: g.get("csp_nonce", "")


def _set_limits(app: Flask, config: Config) -> None:
    host = urlsplit(config.base_url).hostname or ""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="__Host-loop" if config.is_https else "loop",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=config.session_days),
        SESSION_REFRESH_EACH_REQUEST=False,
        TRUSTED_HOSTS=sorted({host, *LOOPBACK_HOSTS}),
        MAX_CONTENT_LENGTH=config.attachment_max_bytes * MAX_FILES_PER_FORM + config.form_max_bytes,
        MAX_FORM_MEMORY_SIZE=config.form_max_bytes,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        # The token lives as long as the session: a form left open over lunch still works.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
    )


def _add_headers(response: Response, *, is_https: bool) -> None:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", SCRIPT_FREE.format(nonce=g.get("csp_nonce", "")))
    for name, value in FIXED_HEADERS.items():
        headers.setdefault(name, value)
    if is_https:
        headers.setdefault("Strict-Transport-Security", HSTS)
    if "request_id" in g:
        headers.setdefault("X-Request-ID", g.request_id)
    if request.endpoint != "static" and "Cache-Control" not in headers:
        response.vary.add("Cookie")
        is_known = "_login_user" in g and current_user.is_authenticated
        headers["Cache-Control"] = "no-store" if is_known else "private, no-cache"


class RequestIdFilter(logging.Filter):
    """Puts the request's id on every log record, ``-`` outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``record.request_id``; lets everything through."""
        record.request_id = g.get("request_id", "-") if has_app_context() else "-"
        return True
