"""Text that people type and read: marking for translation, cleaning, masking."""

from __future__ import annotations

import re
import unicodedata

# Zero-width characters, bidirectional overrides and isolates, BOM: they hide or reorder what is read. Lone
# surrogates, which JSON can carry, are no characters at all.
_UNREADABLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\ud800-\udfff]")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_SHOWN_PHONE_TAIL = 4
_MOBILE_DIGITS = 11


def N_(sentence: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark ``sentence`` for the catalogue; the edge that shows it translates it."""
    return sentence


def clean_line(value: str) -> str:
    """Return one line: normalised (NFC), without control or invisible characters, spaces folded."""
    flat = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in value)
    return _SPACES.sub(" ", _UNREADABLE.sub("", unicodedata.normalize("NFC", flat))).strip()


def clean_text(value: str) -> str:
    """Return running text: as ``clean_line`` but line breaks and tabs stay."""
    unified = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = "".join(char for char in unified if char in "\n\t" or unicodedata.category(char) != "Cc")
    return _UNREADABLE.sub("", unicodedata.normalize("NFC", kept)).strip()


def mask_phone(phone: str) -> str:
    """Return ``phone`` with its middle hidden: 138****1234; short numbers show only the last two."""
    digits = phone.strip()
    if len(digits) < 7:  # noqa: PLR2004 - too short to hide a middle
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    if len(digits) == _MOBILE_DIGITS:
        return f"{digits[:3]}****{digits[-_SHOWN_PHONE_TAIL:]}"
    return f"{digits[:2]}****{digits[-_SHOWN_PHONE_TAIL:]}"


def mask_name(name: str) -> str:
    """Return the family name with the rest hidden: 张**, A****."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 4) if name else ""


def mask_email(email: str) -> str:
    """Return the address with its local part hidden after the first character."""
    local, at, host = email.partition("@")
    return f"{local[:1]}***{at}{host}" if at else mask_name(email)
