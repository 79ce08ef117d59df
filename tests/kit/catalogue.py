"""The English catalogue: `make messages` brings it up to date, `make lint` refuses gaps in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "ticketing" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "lazy_pgettext": ((1, "c"), 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|%(?!%)([a-z])|\{\w+\}")
HAN = re.compile("[\u4e00-\u9fff]")
# The catalogue names no machine, no person and no moment: two people's updates do not collide over a header.
HEADER = "# English texts of 企诉闭环. Message ids are the Chinese sentences; `make messages` adds new ones."
NOISE = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid-Bugs-To",
    "Generated-By",
    "Project-Id-Version",
)


def extracted(root: Path = ROOT) -> Catalog:
    """Return every sentence of templates and code, with the files it stands in."""
    with (root / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = Catalog(locale="en", fuzzy=False)
    sources = extract_from_dir(str(root), methods, options, keywords=KEYWORDS, directory_filter=_is_ours)
    for path, _line, sentence, comments, context in sorted(
        sources, key=lambda source: (source[0], source[1])
    ):
        found.add(sentence, None, [(path, 0)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str | Path) -> bool:
    name = Path(folder).name
    return not name.startswith((".", "_")) and name not in {"node_modules", "var", "tests", "migrations"}


def stored(path: Path = CATALOGUE) -> Catalog:
    """Return the catalogue as it is kept; empty when there is none yet."""
    if not path.exists():
        return Catalog(locale="en", fuzzy=False)
    with path.open("rb") as opened:
        return read_po(opened, locale="en")


def problems(wanted: Catalog, kept: Catalog) -> list[str]:
    """Return a line for every sentence that English readers would miss or see wrongly."""
    found = []
    for message in wanted:
        if message.id:
            found += _faults(message, kept.get(message.id, message.context))
    for message in kept:
        if message.id and wanted.get(message.id, message.context) is None:
            found.append(f"no longer used: {_name(message)}")
    return found


def _faults(wanted: Message, kept: Message | None) -> list[str]:
    name = _name(wanted)
    if kept is None:
        return [f"missing: {name}  ({', '.join(path for path, _ in wanted.locations)})"]
    if kept.fuzzy:
        return [f"fuzzy: {name}"]
    texts = _texts(kept.string)
    if not texts or not all(texts):
        return [f"not translated: {name}"]
    found = []
    allowed = _placeholders(_texts(wanted.id))
    for text in texts:
        if _placeholders([text]) - allowed or (len(texts) == 1 and _placeholders([text]) != allowed):
            found.append(f"placeholders differ: {name} -> {text!r}")
        if HAN.search(text):
            found.append(f"Chinese in the English text: {name} -> {text!r}")
    return found


def _texts(value: str | list[str] | tuple[str, ...] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _placeholders(texts: list[str]) -> set[str]:
    return {match.group(0) for text in texts for match in PLACEHOLDER.finditer(text)}


def _name(message: Message) -> str:
    return repr(_texts(message.id)[0])


def update(path: Path = CATALOGUE, root: Path = ROOT) -> None:
    """Add new sentences to the catalogue, drop unused ones, keep every translation, and compile it."""
    kept, wanted = stored(path), extracted(root)
    fresh = Catalog(locale="en", header_comment=HEADER, fuzzy=False, charset="utf-8")
    for message in sorted((m for m in wanted if m.id), key=lambda m: (m.locations[0][0], _name(m))):
        old = kept.get(message.id, message.context)
        text = old.string if old is not None else None
        fresh.add(message.id, text, message.locations, context=message.context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as opened:
        write_po(opened, fresh, width=110, omit_header=False, include_lineno=False)
    _settle_header(path)
    with path.with_suffix(".mo").open("wb") as opened:
        write_mo(opened, stored(path))


def _settle_header(path: Path) -> None:
    """Take dates and names out of the header: they change without meaning."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    noise = tuple(f'"{word}' for word in NOISE)
    kept = [line for line in lines if not line.startswith(noise)]
    path.write_text("".join(kept), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Check, or with ``--update`` mend what a machine can mend; return 1 when something is missing."""
    if "--update" in arguments:
        update()
    found = problems(extracted(), stored())
    print("\n".join(found) or "The English catalogue is complete.")
    if found:
        print(f"{len(found)} problems. `make messages` adds new sentences to {CATALOGUE.relative_to(ROOT)}.")
    return 1 if found and "--update" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
