"""Files over the API."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, request

from ticketing.core.errors import Invalid
from ticketing.core.files import Upload
from ticketing.core.text import N_
from ticketing.tickets.actions import attaching
from ticketing.tickets.api.serialise import AttachmentOut, attachment_of
from ticketing.tickets.queries import files
from ticketing.web import uploads
from ticketing.web.endpoints import Endpoint, Made, Sent, Tag, get, post, refuse
from ticketing.web.guards import current_actor

_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": N_("一个文件")},
        "is_internal": {"type": "boolean", "default": False, "description": N_("企业看不到")},
    },
}


@dataclass(frozen=True, slots=True)
class SentFile:
    """What the form held."""

    upload: Upload
    is_internal: bool


def read_form() -> Sent:
    """Return the one file of a multipart form; raise Invalid naming what is missing or not known."""
    config = current_app.config["TICKETING"]
    request.max_content_length = config.attachment_max_bytes + config.form_max_bytes
    if request.mimetype != "multipart/form-data":
        refuse(415, N_("请以 multipart/form-data 发送文件"))
    flag = request.form.get("is_internal", "false")
    wrong = {name: [N_("这里没有这一项")] for name in (*request.form, *request.files)}
    wrong.pop("is_internal", None)
    wrong.pop("file", None)
    if flag not in {"true", "false"}:
        wrong["is_internal"] = [N_("请填写 true 或 false")]
    sent = request.files.getlist("file")
    if len(sent) != 1:
        wrong["file"] = [N_("请发送一个文件")]
    if wrong:
        raise Invalid(fields=wrong)
    upload = uploads.read(sent[0])
    told = f"{upload.name}\n{flag}\n{hashlib.sha256(upload.content).hexdigest()}"
    return Sent(SentFile(upload, flag == "true"), told.encode("utf-8", "surrogatepass"))


@post(
    Endpoint(
        "post",
        "/tickets/{number}/attachments",
        "attach_file",
        N_("给诉求添加附件"),
        N_("一次一个文件；按内容核对格式，一件诉求最多 10 个。"),
        Tag.FILES,
        AttachmentOut,
        form=_FORM,
        status=201,
    ),
    read_form,
)
def attach_file(number: str, content: SentFile, now: datetime) -> Made:
    made = attaching.attach(
        current_actor(),
        number,
        content.upload,
        shelf=uploads.shelf(),
        now=now,
        is_internal=content.is_internal,
    )
    return Made(attachment_of(made), f"/api/v1/attachments/{made.token}")


@get("/attachments/{token}", answer=None, tag=Tag.FILES, summary=N_("下载一个附件"))
def download_file(token: str) -> Response:
    found = files.attachment(current_actor(), token)
    return uploads.download(found.token, found.name)
