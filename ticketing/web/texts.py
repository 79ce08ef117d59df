"""gettext with its types: what comes back is text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

import flask_babel
from flask import Flask, g
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup


def gettext(sentence: str, **facts: object) -> str:
    """Return ``sentence`` in the reader's language, its placeholders filled."""
    found = _texts().gettext(sentence)
    return found % facts if facts else found


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` things in the reader's language; ``%(num)s`` is the count."""
    return _texts().ngettext(one, many, count) % {"num": count}


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Say everything in ``language`` meanwhile, whoever asks; also outside a request."""
    kept = g.pop("texts", None)
    with flask_babel.force_locale(language):
        try:
            yield
        finally:
            g.pop("texts", None)
            if kept is not None:
                g.texts = kept


def set_up(app: Flask) -> None:
    """Let templates find the language's texts once a request instead of once a sentence."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # given by Jinja's i18n extension
        lambda sentence: _texts().gettext(sentence),
        lambda one, many, count: _texts().ngettext(one, many, count),
        newstyle=True,
    )
    app.add_template_global(_in_a_page, "_")


@pass_context
def _in_a_page(context: Context, sentence: str, **facts: object) -> str:
    """What templates call ``_``: as Jinja's own, without looking for itself and formatting without need."""
    found = _texts().gettext(sentence)
    text = Markup(found) if context.eval_ctx.autoescape else found  # noqa: S704 - our own sentence
    return text % facts if "%" in found else text


def _texts() -> NullTranslations:
    try:
        found: NullTranslations = g.texts  # asked hundreds of times a page
    except AttributeError:
        found = g.texts = flask_babel.get_domain().get_translations()
    except RuntimeError:  # no request, nobody's language
        found = NullTranslations()
    return found
