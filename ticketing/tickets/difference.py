"""Two texts side by side: which sentences only one of them has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A piece ends after a mark of punctuation or a line; the marks stay with it, so that nothing is lost.
_PIECE = re.compile(r"[^，。；！？,.;!?\n]*[，。；！？,.;!?\n]+|[^，。；！？,.;!?\n]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one text; ``is_own`` when the other one does not have it."""

    text: str
    is_own: bool


def side_by_side(theirs: str, mine: str) -> tuple[list[Stretch], list[Stretch]]:
    """Return both texts, each in stretches that are shared or its own; joined they are the texts again."""
    left, right = _PIECE.findall(theirs), _PIECE.findall(mine)
    compared = SequenceMatcher(
        None, [piece.strip() for piece in left], [piece.strip() for piece in right], autojunk=False
    )
    shown: tuple[list[Stretch], list[Stretch]] = ([], [])
    for word, from_left, to_left, from_right, to_right in compared.get_opcodes():
        for side, pieces in (
            (shown[0], left[from_left:to_left]),
            (shown[1], right[from_right:to_right]),
        ):
            if pieces:
                side.append(Stretch("".join(pieces), word != "equal"))
    return shown
