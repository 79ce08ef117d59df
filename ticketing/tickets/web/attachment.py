"""The files of a ticket as people download them."""

from __future__ import annotations

from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from ticketing.tickets.queries import files
from ticketing.tickets.web.base import bp
from ticketing.web import uploads
from ticketing.web.guards import current_actor, signed_in


@signed_in
def attachment(token: str) -> ResponseReturnValue:
    found = files.attachment(current_actor(), token)
    return uploads.download(found.token, found.name)


@bp.record
def _add(setup: BlueprintSetupState) -> None:
    """Files do not stand below their ticket: their address tells nothing of it."""
    setup.app.add_url_rule("/attachments/<token>", "tickets.attachment", attachment)
