"""Asks once before something that looks internal leaves for the company."""

from __future__ import annotations

from flask import request

from ticketing.core.actor import Actor
from ticketing.tickets import leaving
from ticketing.tickets.leaving import SENTENCES, Finding, LooksInternal
from ticketing.tickets.queries.leaving import findings
from ticketing.tickets.wishes import Wish
from ticketing.web.texts import gettext

CONFIRMED = "confirmed"


def ask(actor: Actor, number: str, wish: Wish) -> None:
    """Raise LooksInternal unless nothing looks so, or the person said yes to just that."""
    found = findings(actor, number, wish)
    if found and request.form.get(CONFIRMED) != leaving.seal(found):
        raise LooksInternal(extra={"findings": found})


def sentences(found: list[Finding]) -> list[str]:
    """Return the findings in the reader's language."""
    return [gettext(SENTENCES[one.sort], words=one.words) for one in found]
