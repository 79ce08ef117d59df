"""How templates are found and run: Flask's way, with less to do while a page is made."""

from __future__ import annotations

import json
import re
from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import Template
from jinja2.ext import Extension

from ticketing.web.texts import gettext, language

_PLAIN_SENTENCE = re.compile(r"""(?<![\w.])_\((["'])([^"'\\%{}]+)\1\)""")


class Environment(FlaskEnvironment):
    """Templates that share one dictionary of globals, translated once for each language.

    Jinja gives each template a chain of dictionaries, and compares all their names at each import of a part;
    of one dictionary they are compared in no time. A page imports a dozen parts, and says some eighty
    sentences: those without placeholders are put into the compiled template, one for each language.
    """

    language: str | None = None

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.add_extension(Sentences)
        self._by_language: dict[str, Environment] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template finds beside its context: the application's, and ``d``."""
        return {**self.globals, **d} if d else self.globals

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002 - Jinja's own name
        """Return a template in the language of whoever reads the page."""
        wanted = "" if self.language is not None else language()
        if not wanted:
            return super().get_template(name, parent, globals)
        return self._in(wanted).get_template(name, parent, globals)

    def _in(self, wanted: str) -> Environment:
        """The same environment with compiled templates of its own."""
        if wanted not in self._by_language:
            made: Environment = self.overlay()
            made.language = wanted
            self._by_language[wanted] = made
        return self._by_language[wanted]


class Sentences(Extension):
    """Puts the translation of ``_("…")`` in its place before a template is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source in the environment's language."""
        if getattr(self.environment, "language", None) is None:
            return source
        return _PLAIN_SENTENCE.sub(_said, source)


def _said(found: re.Match[str]) -> str:
    text = gettext(found[2])
    return found[0] if "%" in text else f"({json.dumps(text, ensure_ascii=False)}|safe)"
