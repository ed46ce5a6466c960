"""Words as the index sees them: folding, tokens, and typing errors put right against the words of the policies."""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_SHORTEST_CORRECTED = 5
_ALIKE = 0.8
"""One wrong, missing, doubled or swapped letter in a word of five."""


def fold(text: str) -> str:
    """The text in lower case, with compatibility forms, accents and curly quotes made plain."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, folded, in order. Emoji and other scripts give none."""
    return tuple(_TOKEN.findall(fold(text)))


class Spelling:
    """Knows the words of the policies, and what a mistyped one was probably meant to be."""

    def __init__(self, words: Iterable[str]) -> None:
        """Takes every word that may be meant; their order does not matter."""
        self._known = frozenset(words)
        self._ordered = sorted(self._known)

    def meant(self, token: str) -> str | None:
        """The known word that an unknown token is one slip away from, or None.

        Numbers and words of fewer than five letters are left alone: too many words are one letter apart.
        """
        if token in self._known or len(token) < _SHORTEST_CORRECTED or not token.isalpha():
            return None
        best = process.extractOne(token, self._ordered, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
        return best[0] if best else None
