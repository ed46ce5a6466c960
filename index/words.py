"""Typing errors put right against the words that the index knows."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.words import tokens

_SHORTEST_CORRECTED = 5
_ALIKE = 0.8
"""One wrong, missing, doubled or swapped letter in a word of five."""


class Spelling:
    """Knows the words of the policies, and what a mistyped one was probably meant to be."""

    def __init__(self, words: Iterable[str]) -> None:
        """Takes every word that may be meant; their order does not matter."""
        self._known = frozenset(words)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            self._by_length[len(word)].append(word)

    def meant(self, token: str) -> str | None:
        """The known word that an unknown token is one slip away from, or None.

        Numbers and words of fewer than five letters are left alone: too many words are one letter apart.
        """
        if token in self._known or len(token) < _SHORTEST_CORRECTED or not token.isalpha():
            return None
        most = int(len(token) / _ALIKE * (1 - _ALIKE) + 1e-9)  # letters more or fewer that leave two words so alike
        near = [
            word
            for length in range(len(token) - most, len(token) + most + 1)
            for word in self._by_length.get(length, ())
        ]
        best = process.extractOne(token, near, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE)
        return best[0] if best else None

    def spelt(self, text: str) -> tuple[str, ...]:
        """A text as it was typed, and, where a word seems mistyped, once more with such words put right."""
        words = tokens(text)
        right = tuple(self.meant(word) or word for word in words)
        return (text,) if right == words else (text, " ".join(right))
