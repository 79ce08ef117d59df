"""What a notice says, in its reader's language."""

from __future__ import annotations

from datetime import datetime

from config import DISTRICT_ZONE
from ticketing.notify.queries.notices import Told
from ticketing.web import filters
from ticketing.web.texts import gettext as _


def said(news: Told) -> str:
    """Return the sentence of a notice; its moment, kept as local time, as people say it."""
    facts = dict(news.facts)
    if "when" in facts:
        at = datetime.fromisoformat(facts["when"]).replace(tzinfo=DISTRICT_ZONE)
        facts["when"] = filters.dated(at)
    return _(news.sentence, **facts)
