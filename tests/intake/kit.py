"""A company's browser for the tests of its pages."""

from __future__ import annotations

import io
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from tests.accounts.kit import csrf_of
from tests.kit.entering import client_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_HIDDEN = re.compile(r'<input[^>]*name="(once|version|anyway)"[^>]*value="([^"]*)"')


def enter(app: Flask, who: str = "enterprise") -> FlaskClient:
    """Return a browser in which a person of the demo district has signed in."""
    return client_of(app, who)


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of the form on a page."""
    return {"csrf_token": csrf_of(page), **dict(_HIDDEN.findall(page.text))}


def answers(**changed: Any) -> dict[str, Any]:
    """Return what a clerk types into the form."""
    return {
        "title": "厂区屋顶光伏并网申请没有回音",
        "description": "11 月 3 日交了材料，至今没有答复。",
        "category": "PWR",
        "kind": "help",
        "level": "normal",
        "site": "PK01",
        "contact_name": "林知夏",
        "contact_phone": "0512-6680 0000",
        "contact_email": "",
        "do": "send",
        **changed,
    }


def send(client: FlaskClient, path: str = "/requests/new", **changed: Any) -> TestResponse:
    """Open the form and send it, once."""
    return post_parts(client, path, {**hidden(client.get(path)), **answers(**changed)})


def post_parts(client: FlaskClient, path: str, fields: dict[str, Any]) -> TestResponse:
    """Post a form with files as a browser does, held in memory: the client's own way leaves a file open."""
    stream, length, boundary = stream_encode_multipart(fields, use_tempfile=False)
    content_type = f'multipart/form-data; boundary="{boundary}"'
    return client.post(path, input_stream=stream, content_length=length, content_type=content_type)


def upload(name: str, content: bytes) -> FileStorage:
    """Return a file as a browser sends it."""
    return FileStorage(io.BytesIO(content), filename=name)
