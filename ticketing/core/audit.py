"""What administrators change: one log line each, with who and what, never personal data."""

from __future__ import annotations

import logging

from ticketing.core.actor import Actor

_log = logging.getLogger("ticketing.audit")


def note(actor: Actor, action: str, which: str, **changes: object) -> None:
    """Log that ``actor`` did ``action`` to the thing called ``which``, with the values set."""
    said = " ".join(f"{name}={value!r}" for name, value in changes.items())
    _log.info("user %s %s %s: %s", actor.user_id, action, which, said)
