"""Nothing typed is lost: forms posted after the session ended come back after signing in again.

Any form page takes part with one line after building its form: ``keeping.refill(form)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, request
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

KEPT_MAX_BYTES = 256 * 1024
KEPT_MAX_SECONDS = 24 * 3600
_SECRET_WORDS = ("password", "csrf", "token", "secret")
_CONTROL_FIELDS = {"kept", "next"}
_KEYS_OF_A_FORM = {"once", "version", "confirm"}
_CODE = re.compile(r"[a-z_]*|[!-~]{1,3}")
_EXTENSION = "keeping"
_LAST_CONTROL_CHAR = 31

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Memory:
    """What this layer cannot do itself: what is kept about a person. Ids are users' ids."""

    kept_form: Callable[[int, str], Fields | None]
    set_locale: Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A form on its way through the sign-in page; ``owner`` is whose session had ended, if known."""

    target: str
    owner: int | None
    fields: Fields

    @property
    def path(self) -> str:
        """The path alone, under which the fields are kept."""
        return urlsplit(self.target).path


def set_up(app: Flask, memory: Memory) -> None:
    """Tell ``app`` what it can remember about people."""
    app.extensions[_EXTENSION] = memory


def memory_of() -> Memory:
    """Return what the running application can remember."""
    return cast(Memory, current_app.extensions[_EXTENSION])


def posted_fields() -> Fields:
    """Return the text fields of this request without secrets, files and our own control fields."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _CONTROL_FIELDS and not any(word in name.lower() for word in _SECRET_WORDS)
    ]


def written(fields: Fields) -> list[str]:
    """Return the values a person wrote, for reading: no key of the form, no choice's code, nothing short."""
    values = [value for name, value in fields if name not in _KEYS_OF_A_FORM and not _CODE.fullmatch(value)]
    return [value for value in values if value.strip()]


def is_own_page() -> bool:
    """Return whether this POST comes from one of our own pages: no other site may plant text."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")


def seal(owner: int | None) -> str | None:
    """Return this request's form, signed, for one hidden field; None when there is nothing or too much."""
    fields = posted_fields()
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    if not any(value for _name, value in fields) or size > KEPT_MAX_BYTES:
        return None
    sealed: str = _serializer().dumps([here(), owner, fields])
    return sealed


def unseal(sealed: str) -> Kept | None:
    """Return what ``seal`` packed; None when it was altered or is older than a day."""
    try:
        target, owner, fields = _serializer().loads(sealed, max_age=KEPT_MAX_SECONDS)
    except BadData:
        return None
    return Kept(target, owner, [(name, value) for name, value in fields])


def here() -> str:
    """Return this request's own path with its query, without the mark of a kept form."""
    query = urlencode([pair for pair in request.args.items(multi=True) if pair[0] != "kept"])
    return f"{request.path}?{query}" if query else request.path


def refill(form: FlaskForm) -> bool:
    """Fill ``form`` with what was kept for this person at this path; return whether there was anything."""
    if request.method != "GET" or "kept" not in request.args or not current_user.is_authenticated:
        return False
    fields = memory_of().kept_form(current_user.id, request.path)
    if fields is None:
        return False
    form.process(formdata=MultiDict(fields))
    return True


def local_target(target: str | None) -> str | None:
    """Return ``target`` if it is a page of this site that can be opened; None for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or any(ord(char) <= _LAST_CONTROL_CHAR for char in target):
        return None
    path = urlsplit(target).path
    return target if endpoint_of(path, "GET") else None


def endpoint_of(path: str, method: str) -> str | None:
    """Return the endpoint that answers ``method`` at ``path``, if there is one."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, _values = adapter.match(path, method=method)
    except (RequestRedirect, HTTPException):
        return None
    return str(endpoint)


def refills_itself(path: str) -> bool:
    """Return whether the page that shows the form and the one that takes it are the same."""
    endpoint = endpoint_of(path, "POST")
    return endpoint is not None and endpoint == endpoint_of(path, "GET")


def with_mark(target: str) -> str:
    """Return ``target`` with the mark that asks the page to refill its form."""
    return f"{target}{'&' if urlsplit(target).query else '?'}kept=1"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept-form")
