"""Cutting Chinese text into words with rjieba's dictionary: for learning only, never while a page is made.

The dictionary takes 34 MB of memory, so this module is imported where a process learns and then ends. Words
the library would only guess at are left out: names of people and companies fall into single characters and
are lost.
"""

from __future__ import annotations

import rjieba


def cut(text: str) -> list[str]:
    """Return ``text`` in words of the dictionary, one after the other."""
    found: list[str] = rjieba.cut(text, False)
    return found
