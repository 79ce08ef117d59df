"""gettext with its types: what comes back is text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from gettext import NullTranslations

import flask_babel
from flask import Flask, g
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

_REMEMBERED = 8192


def gettext(sentence: str, **facts: object) -> str:
    """Return ``sentence`` in the reader's language, its placeholders filled."""
    found = _said(language(), sentence)
    return found % facts if facts else found


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` things in the reader's language; ``%(num)s`` is the count."""
    return _translations().ngettext(one, many, count) % {"num": count}


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Say everything in ``language`` meanwhile, whoever asks; also outside a request."""
    kept = g.pop("texts_in", None)
    with flask_babel.force_locale(language):
        try:
            yield
        finally:
            g.pop("texts_in", None)
            if kept is not None:
                g.texts_in = kept


def set_up(app: Flask) -> None:
    """Let templates find the reader's language once a request instead of once a sentence."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # given by Jinja's i18n extension
        lambda sentence: _said(language(), sentence),
        lambda one, many, count: _translations().ngettext(one, many, count),
        newstyle=True,
    )
    app.add_template_global(_in_a_page, "_")


@pass_context
def _in_a_page(context: Context, sentence: str, **facts: object) -> str:
    """What templates call ``_``: as Jinja's own, without looking for itself and formatting without need."""
    found = _said(language(), sentence)
    text = Markup(found) if context.eval_ctx.autoescape else found  # noqa: S704 - our own sentence
    return text % facts if "%" in found else text


@lru_cache(maxsize=_REMEMBERED)
def _said(_in: str, sentence: str) -> str:
    """The sentence in the present language, which is named for remembering's sake."""
    return _translations().gettext(sentence)


def language() -> str:
    """Return the reader's language by its code; empty outside a request."""
    try:
        # Asked two hundred times a page: past the proxy that ``g`` is.
        found: str = g._get_current_object().texts_in  # noqa: SLF001 - Werkzeug documents it
    except AttributeError:
        found = g.texts_in = str(flask_babel.get_locale())
    except RuntimeError:  # no request, nobody's language
        found = ""
    return found


def _translations() -> NullTranslations:
    try:
        found: NullTranslations = flask_babel.get_domain().get_translations()
    except RuntimeError:
        found = NullTranslations()
    return found
