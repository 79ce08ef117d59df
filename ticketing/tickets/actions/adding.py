"""Adding several things in one go: files, and the words that come with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ticketing.core.actor import Actor
from ticketing.core.db import transaction
from ticketing.core.errors import Invalid
from ticketing.core.files import Shelf, Upload
from ticketing.tickets.actions.attaching import attach
from ticketing.tickets.actions.perform import perform
from ticketing.tickets.models import Ticket
from ticketing.tickets.wishes import Wish


def attach_all(
    actor: Actor,
    number: str,
    uploads: Sequence[Upload],
    *,
    shelf: Shelf,
    now: datetime,
    is_internal: bool = False,
) -> None:
    """Add all the files or none; a refusal names the file in ``extra["file_name"]``."""
    with transaction():
        for upload in uploads:
            try:
                attach(actor, number, upload, shelf=shelf, now=now, is_internal=is_internal)
            except Invalid as refused:
                refused.extra["file_name"] = upload.name
                raise


def say(
    actor: Actor, number: str, wish: Wish | None, uploads: Sequence[Upload], *, shelf: Shelf, now: datetime
) -> Ticket | None:
    """Add files and words together: both or neither. Return the ticket to which words were added."""
    with transaction():
        attach_all(actor, number, uploads, shelf=shelf, now=now)
        return None if wish is None else perform(actor, number, wish, now=now)
