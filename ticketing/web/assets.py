"""Static files under addresses that carry a mark of their content: fetched once, and kept for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request

# A year: as long as anybody keeps anything. Another content has another address.
KEPT = "public, max-age=31536000, immutable"


def set_up(app: Flask) -> Callable[[str], str]:
    """Return the function that gives templates the address of a static file: `asset(path)`."""
    known: dict[str, str] = {}

    def asset(path: str) -> str:
        address = known.get(path)
        if address is None or app.debug:
            mark = hashlib.sha256(Path(str(app.static_folder), path).read_bytes()).hexdigest()[:10]
            address = known[path] = f"{app.static_url_path}/{path}?v={mark}"
        return address

    @app.after_request
    def keep(answer: Response) -> Response:
        """Let it be kept, where the mark is this file's: another release beside us has others."""
        if request.endpoint == "static" and answer.status_code in {200, 304}:
            path = str((request.view_args or {})["filename"])
            if f"{app.static_url_path}/{path}?v={request.args.get('v')}" == asset(path):
                answer.headers["Cache-Control"] = KEPT
        return answer

    return asset
