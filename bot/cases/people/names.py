"""Names of people as they are typed: folded, taken apart, and held against one another."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

Words = tuple[str, ...]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that have no plain letter under their mark; ``casefold`` has made ß to ss already."""
_HERS = frozenset({"mrs", "ms", "miss", "madam", "lady", "sister"})
_HIS = frozenset({"mr", "sir", "father", "lord", "master"})
TITLES = _HERS | _HIS | {"mx", "dr", "doctor", "prof", "professor", "rev", "reverend", "canon"}

_ALIKE = 0.75
"""One slip in a name of four letters, two in one of eight: enough to ask, never to be sure."""
_WHOLE_ALIKE = 85
"""Of 100: two names, run together, that differ by a slip or two."""
_INITIALS = 3
"""No more letters than this are taken for initials."""


class Likeness(IntEnum):
    """How much a typed name is that of a person."""

    FAR = 0
    """Somebody else's."""
    NEAR = 1
    """A part of it fits: the surname, or a given name alone, or the initials."""
    CLOSE = 2
    """All of it fits, or nearly: a typing error, a short form, an initial, a half of a double name."""
    SAME = 3
    """The whole name, but for marks, hyphens and case."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: its words without titles, and whose title it has."""

    words: Words
    hers: bool = False
    his: bool = False

    def contradicts(self, other: "Name") -> bool:
        """Whether their titles cannot be one person's."""
        return (self.hers and other.his) or (self.his and other.hers)


def fold(text: str) -> Words:
    """The words of a text in plain small letters: no marks, no apostrophes, hyphens and dots as gaps."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    plain = re.sub(r"['’‘`´]", "", plain.casefold().translate(_LETTERS))  # noqa: RUF001 (apostrophes as typed)
    return tuple(re.findall(r"[^\W_]+", plain))


def name(words: Sequence[str]) -> Name:
    """A name of folded words."""
    return Name(
        tuple(word for word in words if word not in TITLES), not _HERS.isdisjoint(words), not _HIS.isdisjoint(words)
    )


def likeness(typed: Words, known: Words, short: Sequence[Collection[str]]) -> Likeness:
    """How much a typed name is a known one.

    Args:
        typed: folded, without titles.
        known: likewise: given names first, surname last.
        short: given names that may be one person's, list by list.
    """
    if not typed or not known:
        return Likeness.FAR
    if "".join(typed) == "".join(known):
        return Likeness.SAME if len(known) > 1 else Likeness.CLOSE
    if _is_whole_alike("".join(typed), "".join(known)) or sorted(typed) == sorted(known):
        return Likeness.CLOSE
    if len(typed) == 1:
        return _of_one_word(typed[0], known, short)
    if all(len(word) == 1 for word in typed):
        return Likeness.NEAR if "".join(typed) == _initials(known) else Likeness.FAR
    return _of_several(typed, known, short)


def _is_whole_alike(typed: str, known: str) -> bool:
    return fuzz.ratio(typed, known) >= _WHOLE_ALIKE or OSA.distance(typed, known) <= 1


def _of_one_word(word: str, known: Words, short: Sequence[Collection[str]]) -> Likeness:
    if 1 < len(word) <= _INITIALS and word == _initials(known):
        return Likeness.NEAR
    fits = any(is_alike(word, part) for part in known) or is_short(word, known[0], short)
    return Likeness.NEAR if fits else Likeness.FAR


def _of_several(typed: Words, known: Words, short: Sequence[Collection[str]]) -> Likeness:
    surnames = known[1:] or known
    for place, word in enumerate(typed):
        others = typed[:place] + typed[place + 1 :]
        given = any(_is_given(other, known, short) for other in others)
        if given and any(is_alike(word, surname) for surname in surnames):
            return Likeness.CLOSE
        if word in surnames and len(word) > 1:
            return Likeness.NEAR
    return Likeness.FAR


def _is_given(word: str, known: Words, short: Sequence[Collection[str]]) -> bool:
    """Whether a word may be the given name, or one of them: as it is, with a slip, in short, or by its initial."""
    fits = any(
        is_alike(word, given) or (min(len(word), len(given)) == 1 and word[0] == given[0])
        for given in known[:-1] or known
    )
    return fits or is_short(word, known[0], short)


def is_alike(word: str, other: str) -> bool:
    """Whether two words are one but for a slip; words of one or two letters must be equal."""
    if min(len(word), len(other)) <= 2:  # noqa: PLR2004 (Ng and Nz are two names)
        return word == other
    return OSA.normalized_similarity(word, other) >= _ALIKE


def is_short(word: str, given: str, short: Sequence[Collection[str]]) -> bool:
    """Whether two given names may be one person's: Bill and William."""
    return any(word in names and given in names for names in short)


def _initials(words: Words) -> str:
    return "".join(word[0] for word in words)
