"""What came of handing a message over, whatever the wire."""

from __future__ import annotations


class NotTaken(Exception):
    """The message was not taken now; ``kind`` says why in a word, never what the other side wrote."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


class Refused(NotTaken):
    """The other side will never take this message; it is well itself."""
