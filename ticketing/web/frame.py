"""What is alike on every page of people with the same roles: drawn once, kept by each process."""

from __future__ import annotations

from functools import lru_cache

from flask import get_template_attribute, request
from markupsafe import Markup

from ticketing.core.actor import Actor, Role
from ticketing.web import keys, menu
from ticketing.web.texts import language

_REMEMBERED = 1024


def parts(actor: Actor) -> dict[str, object]:
    """Return the main menu as entries, and drawn (``rail``), with the sheet of keys (``keys``)."""
    return _parts(actor.roles, language(), request.endpoint or "", request.root_path)


@lru_cache(maxsize=_REMEMBERED)
def _parts(roles: frozenset[Role], _language: str, endpoint: str, _root: str) -> dict[str, object]:
    entries = menu.items(roles, endpoint)
    rail: Markup = get_template_attribute("parts/rail.html", "rail")(entries)
    sheet: Markup = get_template_attribute("parts/keys.html", "keys")(keys.SHEET, entries)
    return {"menu": entries, "rail": rail, "keys": sheet}
