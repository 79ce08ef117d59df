"""What no linter knows: file limits, one reader of the clock, templates without inline code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
CODE = ("config.py", "wsgi.py", "ticketing/**/*.py", "migrations/**/*.py", "deploy/**/*.py", "tests/**/*.py")
LIMITS = {"templates": 150}
USUAL_LIMIT = 400
CLOCK = "ticketing/core/clock.py"
# Calls that read the machine clock. A stopwatch (time.monotonic, time.perf_counter) tells no time.
CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("func", "now"),
    ("func", "current_timestamp"),
}
# A module begins with it, after comments at most; parsing every file for it would take seconds.
DOCSTRING = re.compile(r'(?:#.*\n|\s)*"""\s*[^\s"]')
HAN = re.compile("[\u4e00-\u9fff]")
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
OWN_NAMES = {"中文"}  # a language is offered under its own name


def files(*patterns: str) -> list[Path]:
    """Return the project's own files; what is built or fetched is not ours."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not {"vendor", "__pycache__", ".git"} & set(path.parts))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(read(path))


def listed(offenders: list[str]) -> str:
    """Name every offender; pytest's own comparison shows the first."""
    return "\n".join(offenders)


PYTHON = files(*CODE)
TEMPLATES = files("templates/**/*.html")
ASSETS = files("static/**/*.js", "static/**/*.css")


def test_there_are_files_of_every_kind():
    assert len(PYTHON) > 300
    assert len(TEMPLATES) > 100
    assert len(ASSETS) > 10


def test_no_file_outgrows_its_limit():
    too_long = [
        f"{name(path)}: {lines} lines, at most {limit}"
        for path in [*PYTHON, *TEMPLATES, *ASSETS]
        if (lines := len(read(path).splitlines()))
        > (limit := LIMITS.get(name(path).partition("/")[0], USUAL_LIMIT))
    ]

    assert not too_long, listed(too_long)


def test_every_module_says_what_it_is_for():
    modules = [path for path in PYTHON if path.name != "__init__.py"]
    packages = [path for path in PYTHON if path.name == "__init__.py"]

    silent = [name(path) for path in modules if not DOCSTRING.match(read(path))]
    full = [name(path) for path in packages if read(path).strip()]
    assert not silent, listed(silent)
    assert not full, listed(full)


def clock_calls(parsed: ast.Module) -> list[str]:
    """Return the calls in a module that read the machine clock, as line:name."""
    found = []
    for node in ast.walk(parsed):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            owner_name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (owner_name, node.func.attr) in CLOCK_CALLS:
                found.append(f"{node.lineno}: {owner_name}.{node.func.attr}")
    return found


def test_clock_calls_are_seen():
    assert clock_calls(ast.parse("datetime.now(UTC)\nx = datetime.datetime.utcnow()\nfunc.now()")) == [
        "1: datetime.now",
        "2: datetime.utcnow",
        "3: func.now",
    ]
    assert clock_calls(ast.parse("clock.now()\ntime.monotonic()")) == []


def test_only_the_clock_reads_the_clock():
    product = files("config.py", "wsgi.py", "ticketing/**/*.py")

    calls = [f"{name(path)}:{call}" for path in product for call in clock_calls(tree(path))]

    others = [call for call in calls if not call.startswith(f"{CLOCK}:")]
    assert calls, "the clock itself is not seen"
    assert not others, listed(others)


FORBIDDEN_IN_TEMPLATES = {
    "marks text as safe": re.compile(r"\|\s*safe\b|\bMarkup\(|\{%-?\s*autoescape\s+false"),
    "has an inline style": re.compile(r"<[a-zA-Z][^<>]*\sstyle\s*=|<style\b", re.DOTALL),
    "has an inline handler": re.compile(r"<[a-zA-Z][^<>]*\son[a-z]+\s*=", re.DOTALL),
    "has a script without nonce": re.compile(r"<script\b(?![^>]*\bnonce=)", re.DOTALL),
    "has a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "loads from elsewhere": re.compile(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//"),
    "posts without a CSRF token": re.compile(
        r"<form\b[^>]*method\s*=\s*[\"']post[\"'](?!(?:(?!</form>).)*(?:csrf|hidden_fields|form_frame|caller\())",
        re.IGNORECASE | re.DOTALL,
    ),
}


@pytest.mark.parametrize(
    ("sin", "sample"),
    [
        ("marks text as safe", "{{ text | safe }}"),
        ("has an inline style", '<p class="a"\n  style="color: red">'),
        ("has an inline handler", "<a href='#' onclick='x()'>"),
        ("has a script without nonce", "<script src='/a.js'></script>"),
        ("has a javascript: address", "<a href='javascript:x'>"),
        ("loads from elsewhere", '<script nonce="x" src="//cdn.example/x.js">'),
        ("posts without a CSRF token", '<form method="post"><input></form><p>{{ csrf }}</p>'),
    ],
)
def test_a_sin_is_seen(sin, sample):
    assert FORBIDDEN_IN_TEMPLATES[sin].search(sample)


@pytest.mark.parametrize("sin", FORBIDDEN_IN_TEMPLATES)
def test_no_template_does_what_the_security_policy_forbids(sin):
    sought = FORBIDDEN_IN_TEMPLATES[sin]

    sinners = [
        f"{name(path)} {sin}: {found.group(0)[:80]!r}"
        for path in TEMPLATES
        if (found := sought.search(JINJA_COMMENT.sub("", read(path))))
    ]

    assert not sinners, listed(sinners)


def untranslated(text: str) -> list[str]:
    """Return the Chinese of a template that gettext never sees, be it running text or a string."""
    return _stray(JINJA.parse(text))


def _stray(node: nodes.Node) -> list[str]:
    match node:
        case nodes.Call(node=nodes.Name(name=called)) if called in GETTEXT:
            return []
        case nodes.TemplateData(data=str(words)) | nodes.Const(value=str(words)):
            return [words.strip()] if HAN.search(words) and words not in OWN_NAMES else []
    return [words for child in node.iter_child_nodes() for words in _stray(child)]


def test_untranslated_chinese_is_seen():
    assert untranslated("<p>你好</p>") == ["<p>你好</p>"]
    assert untranslated("{{ x if y else '你好' }}") == ["你好"]
    assert untranslated("{{ _('再见') ~ '你好' }}") == ["你好"]
    assert untranslated("{# 说明 #}{{ _('你好 %(n)s', n=n) }}{% trans %}再见{% endtrans %}") == []


def test_every_chinese_sentence_of_a_template_passes_through_gettext():
    strays = [f"{name(path)}: {words}" for path in TEMPLATES for words in untranslated(read(path))]

    assert not strays, listed(strays)


def test_every_template_can_be_read():
    faults = [fault for path in TEMPLATES for fault in unreadable(path)]

    assert not faults, listed(faults)


def unreadable(path: Path) -> list[str]:
    """Return why the extractor of messages cannot read a template."""
    try:
        with path.open("rb") as opened:
            list(babel_extract(opened, ["_"], [], {"silent": "false"}))
    except TemplateSyntaxError as error:
        return [f"{name(path)}:{error.lineno}: {error.message}"]
    return []


def test_nothing_names_a_machine_path_or_a_package_mirror():
    text_files = files("*.*", "Makefile", ".ci/*", ".npmrc", "docs/**/*.md", "deploy/**/*", *CODE)
    # Pieced together so that this file does not find itself.
    sins = re.compile("|".join(["/wo" + "rk/", "--extra-" + "index-url", '"resolved": ' + '"http']))

    assert [name(path) for path in text_files if sins.search(read(path))] == []
