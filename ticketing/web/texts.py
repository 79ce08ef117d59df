"""gettext with its types: what comes back is text."""

from __future__ import annotations

from gettext import NullTranslations

import flask_babel
from flask import Flask, g


def gettext(sentence: str, **facts: object) -> str:
    """Return ``sentence`` in the reader's language, its placeholders filled."""
    return str(flask_babel.gettext(sentence, **facts))


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` things in the reader's language; ``%(num)s`` is the count."""
    return str(flask_babel.ngettext(one, many, count))


def set_up(app: Flask) -> None:
    """Let templates find the language's texts once a request instead of once a sentence."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # given by Jinja's i18n extension
        lambda sentence: _texts().gettext(sentence),
        lambda one, many, count: _texts().ngettext(one, many, count),
        newstyle=True,
    )


def _texts() -> NullTranslations:
    if "texts" not in g:
        g.texts = flask_babel.get_domain().get_translations()
    found: NullTranslations = g.texts
    return found
