"""Files sent along with a request to return a ticket: kept inside, with the request or not at all."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask import request

from ticketing.core.actor import Actor
from ticketing.core.files import Upload
from ticketing.tickets.actions.attaching import attach
from ticketing.web import uploads

FIELD = "evidence"


def sent() -> list[Upload]:
    """Return the files of the form, in their order."""
    return [uploads.read(one) for one in request.files.getlist(FIELD) if one.filename]


def marks(files: list[Upload]) -> str:
    """Return what tells these files from others, for a form that is sent twice."""
    return "".join(hashlib.sha256(one.content).hexdigest() for one in files)


def keep(actor: Actor, number: str, files: list[Upload], now: datetime) -> None:
    """Add the files to the ticket, hidden from the company."""
    for one in files:
        attach(actor, number, one, shelf=uploads.shelf(), now=now, is_internal=True)
