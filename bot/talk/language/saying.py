"""A message as the patterns see it: plain words with single spaces, each of which knows where it stood."""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.words import fold

_NUMBER_WORDS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_ONES = {word: number for number, word in enumerate(("one", *_NUMBER_WORDS[:8]), 1)}
_NUMBERS = {
    **{word: str(number) for number, word in enumerate(_NUMBER_WORDS, 2)},
    **{word: str(number) for word, number in _TENS.items()},
    **{
        f"{ten}{gap}{one}": str(tens + ones)
        for ten, tens in _TENS.items()
        for one, ones in _ONES.items()
        for gap in " -"
    },
}
_COMPOUND = rf"(?:{'|'.join(_TENS)})[ -](?:{'|'.join(_ONES)})(?![a-z'])"
_PIECE = re.compile(rf"{_COMPOUND}|[a-z]+(?:'[a-z]+)*'?|\d+|[.,;:!?()\n+]|(?<=\s)[-\u2013\u2014]+(?=\s)|\u2014")


@dataclass(frozen=True, slots=True)
class Saying:
    """A message in plain words.

    Attributes:
        words: lower case, without accents and apostrophes, numbers as digits and apart from letters, punctuation marks
            as words of their own, a space before, between and after.
    """

    words: str
    _starts: tuple[int, ...]
    _spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the message, in characters from 0, what stands in ``words[start:end]`` begins and ends."""
        first = bisect_left(self._starts, start)
        last = max(bisect_left(self._starts, end) - 1, first)
        return self._spans[first][0], self._spans[last][1]


def read_saying(text: str, spelling: Mapping[str, str]) -> Saying:
    """The message in plain words; ``spelling`` says what a word is to be read as."""
    plain = text.lower() if text.isascii() else "".join(_one(letter) for letter in text)
    words: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    at = 1
    for piece in _PIECE.finditer(plain):
        word = piece[0].replace("'", "")
        word = "," if word[:1] in "-\u2013\u2014" else "." if word == "\n" else _NUMBERS.get(word, word)
        word = spelling.get(word, word)
        words.append(word)
        starts.append(at)
        spans.append(piece.span())
        at += len(word) + 1
    return Saying(f" {' '.join(words)} ", tuple(starts), tuple(spans))


def _one(letter: str) -> str:
    """The letter made plain, as exactly one, so that places stay."""
    return (fold(letter) or " ")[0]
