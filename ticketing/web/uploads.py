"""Files over HTTP: how they come in and how they are given out again."""

from __future__ import annotations

import logging
from typing import cast

from flask import Response, current_app, send_file
from werkzeug.datastructures import FileStorage

from config import Config
from ticketing.core import files
from ticketing.core.errors import DomainError, NotFound
from ticketing.core.files import Shelf, Upload
from ticketing.web import errors
from ticketing.web.texts import gettext

# Nothing in a file may run, even if a browser should decide to show it.
INERT = "default-src 'none'; sandbox; frame-ancestors 'none'"
_BYTES = "application/octet-stream"
_log = logging.getLogger(__name__)


def shelf() -> Shelf:
    """Return where this application's attachments lie."""
    config = cast(Config, current_app.config["TICKETING"])
    return Shelf(config.var_dir / "attachments", config.attachment_max_bytes)


def read(sent: FileStorage) -> Upload:
    """Return the file that was sent; of one that is too large only enough to see that it is."""
    return Upload(sent.filename or "", sent.stream.read(shelf().max_bytes + 1))


def told(refusal: DomainError) -> str:
    """Return why files were not taken, in the reader's language; where it is about one, it is named."""
    why, name = errors.sentence_of(refusal), refusal.extra.get("file_name")
    return str(gettext("%(name)s：%(why)s", name=name, why=why)) if name else why


def download(token: str, name: str) -> Response:
    """Return a stored file as a download, never as a page; raise NotFound when its bytes are gone."""
    path = files.path_of(shelf().folder, token)
    if not path.is_file():
        _log.error("attachment %s has no bytes on disk", token)
        raise NotFound
    answer = send_file(path, mimetype=_BYTES, as_attachment=True, download_name=name)
    answer.headers["Content-Security-Policy"] = INERT
    return answer
