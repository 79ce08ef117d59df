"""Files that people send: which are taken, what they are called, where their bytes lie."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import filetype

from ticketing.core.errors import Invalid
from ticketing.core.text import N_, clean_line

MAX_NAME_BYTES = 180
FOLDER_MODE, FILE_MODE = 0o750, 0o640
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK\x03\x04"
_MAX_ZIP_ENTRIES = 5_000
_MAX_UNPACKED_BYTES = 512 << 20
_TEXT_CODES = ("utf-8-sig", "gb18030")
_MACRO_PARTS = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml)$", re.IGNORECASE)


class NotTaken(Invalid):
    """A file of a sort that is not taken, or that is not what its name says."""

    sentence = N_("不能添加这个文件。可以添加：%(kinds)s；内容须与扩展名一致，不含宏")


class TooLarge(Invalid):
    """A file beyond the limit."""

    sentence = N_("文件超过 %(most)s MB")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sends, under the name it had there."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files lie, and how large one may be."""

    folder: Path
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of file that is taken. ``is_it`` looks at the bytes."""

    content_type: str
    is_it: Callable[[bytes], bool]


def _sniffed(*content_types: str) -> Callable[[bytes], bool]:
    def is_it(content: bytes) -> bool:
        found = filetype.guess(content)
        return found is not None and found.mime in content_types

    return is_it


def _is_ole(content: bytes) -> bool:
    """Old Word, Excel and PowerPoint, which may hold macros: their storage names it."""
    return content.startswith(_OLE_MAGIC) and "_VBA_PROJECT".encode("utf-16-le") not in content


def _zip_with(part: str) -> Callable[[bytes], bool]:
    """Return what says whether a file is a sound zip of which one member's name begins with ``part``."""

    def is_it(content: bytes) -> bool:
        if not content.startswith(_ZIP_MAGIC):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                members = packed.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        if len(members) > _MAX_ZIP_ENTRIES or sum(m.file_size for m in members) > _MAX_UNPACKED_BYTES:
            return False
        names = [member.filename for member in members]
        return any(name.startswith(part) for name in names) and not any(map(_MACRO_PARTS.search, names))

    return is_it


def _is_text(content: bytes) -> bool:
    """Plain text in UTF-8 or GB 18030: no control characters."""
    for code in _TEXT_CODES:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        return bool(text.strip()) and not any(ord(char) < ord(" ") and char not in "\r\n\t" for char in text)
    return False


_OFFICE = "application/vnd.openxmlformats-officedocument."
SORTS = {
    "pdf": Sort("application/pdf", _sniffed("application/pdf")),
    "jpg": Sort("image/jpeg", _sniffed("image/jpeg")),
    "jpeg": Sort("image/jpeg", _sniffed("image/jpeg")),
    "png": Sort("image/png", _sniffed("image/png")),
    "gif": Sort("image/gif", _sniffed("image/gif")),
    "webp": Sort("image/webp", _sniffed("image/webp")),
    "heic": Sort("image/heic", _sniffed("image/heic")),
    "doc": Sort("application/msword", _is_ole),
    "xls": Sort("application/vnd.ms-excel", _is_ole),
    "ppt": Sort("application/vnd.ms-powerpoint", _is_ole),
    "wps": Sort("application/vnd.ms-works", _is_ole),
    "et": Sort("application/vnd.ms-excel", _is_ole),
    "docx": Sort(f"{_OFFICE}wordprocessingml.document", _zip_with("word/")),
    "xlsx": Sort(f"{_OFFICE}spreadsheetml.sheet", _zip_with("xl/")),
    "pptx": Sort(f"{_OFFICE}presentationml.presentation", _zip_with("ppt/")),
    "ofd": Sort("application/ofd", _zip_with("OFD.xml")),
    "txt": Sort("text/plain", _is_text),
    "csv": Sort("text/csv", _is_text),
    "mp4": Sort("video/mp4", _sniffed("video/mp4")),
}


def clean_name(name: str) -> str:
    """Return a file's name without folders, invisible or forbidden characters, short enough for any disk."""
    last = clean_line(name.replace("\\", "/").rpartition("/")[2]).encode("utf-8", "replace").decode()
    stem, dot, extension = _FORBIDDEN.sub("_", last).strip(". ").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    room = MAX_NAME_BYTES - len(extension.encode()) - 1
    short = stem.strip().encode()[: max(room, 0)].decode(errors="ignore") or "file"
    return f"{short}.{extension}" if extension else short


def sort_of(name: str, content: bytes) -> Sort:
    """Return what a file is, by its name and its bytes, which must agree; raise NotTaken."""
    sort = SORTS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if sort is None or not content or not sort.is_it(content):
        kinds = ", ".join(SORTS)
        raise NotTaken(fields={"file": [NotTaken.sentence]}, kinds=kinds)
    return sort


def path_of(folder: Path, token: str) -> Path:
    """Return where the bytes of ``token`` lie."""
    return folder / token[:2] / token


def keep(folder: Path, token: str, content: bytes) -> Path:
    """Write the bytes so that they survive a power cut, and return where they lie."""
    path = path_of(folder, token)
    for part in (folder, path.parent):
        part.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(opened, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    for part in (path.parent, folder):
        _sync(part)
    return path


def forget(folder: Path, token: str) -> None:
    """Take the bytes of ``token`` away, if they are there."""
    path_of(folder, token).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
