"""gettext with its types: what comes back is text."""

from __future__ import annotations

import flask_babel


def gettext(sentence: str, **facts: object) -> str:
    """Return ``sentence`` in the reader's language, its placeholders filled."""
    return str(flask_babel.gettext(sentence, **facts))


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` things in the reader's language; ``%(num)s`` is the count."""
    return str(flask_babel.ngettext(one, many, count))
