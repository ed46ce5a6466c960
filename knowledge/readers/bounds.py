"""The bounds beyond which no document is read: what parsers take too long for is no policy."""

import re

from knowledge.readers.errors import UnreadableDocument

MAX_CHARACTERS = 500_000
"""The longest document we read: some 80,000 words."""

MAX_LINES = 20_000
"""The most lines we read in one document."""

MAX_EFFORT = 40_000_000
"""The most that the paragraphs of a document come to, each its characters times its punctuation marks.

Ordinary prose comes to some ten times its length; a parser needs two seconds for the most that we allow.
"""


_MARK = re.compile(r"[^\w\s]|_")


class Effort:
    """The work that one document may ask of a parser whose time grows with the square of what it is given."""

    def __init__(self) -> None:
        """Begins a document."""
        self._left = MAX_EFFORT

    def spend_on(self, text: str) -> None:
        """Counts a paragraph before it is parsed.

        Raises:
            UnreadableDocument: with what was counted before it is more than the document may ask for.
        """
        self.spend(len(text) * len(_MARK.findall(text)))

    def spend(self, amount: int) -> None:
        """Counts work of another kind.

        Raises:
            UnreadableDocument: with what was counted before it is more than the document may ask for.
        """
        self._left -= amount
        if self._left < 0:
            reason = "it holds more markup than can be read within seconds"
            raise UnreadableDocument(reason)


def refuse_too_large(source: str) -> None:
    """Lets pass what is of a size that we read within seconds.

    Raises:
        UnreadableDocument: it has more than MAX_CHARACTERS characters or MAX_LINES lines.
    """
    if len(source) > MAX_CHARACTERS:
        raise UnreadableDocument(f"it has more than {MAX_CHARACTERS:,} characters")
    if len(source.splitlines()) > MAX_LINES:
        raise UnreadableDocument(f"it has more than {MAX_LINES:,} lines")
