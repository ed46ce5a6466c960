"""What messages of each group say: naive Bayes over words, pairs of neighbouring words, and what they speak of."""

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge.vocabulary import Vocabulary
from knowledge.words import tokens

Array = NDArray[np.float32]
Positions = NDArray[np.int64]
Traits = frozenset[str]

FEWEST = 2
"""In how many messages a trait must stand: one that stands in one alone says nothing of others."""
DOUBT = 5.0
"""As how many further messages of a group, with words as all messages have them, its own few are taken (Dirichlet)."""
_BETWEEN = "\n"
_ARRAYS = ("starts", "groups", "gains", "frequency", "absent")


class SaidDamaged(Exception):
    """The file does not hold what was learned; the snapshot is to be built anew."""


def traits(text: str, vocabulary: Vocabulary) -> Traits:
    """What of a message is counted: words, pairs of neighbours ("my niece"), concepts ("#pupil") and broader ones."""
    words = tokens(text)
    concepts = vocabulary.with_broader(found.concept for found in vocabulary.concepts(text))
    return frozenset((*words, *map(" ".join, pairwise(words)), *(f"#{concept}" for concept in concepts)))


@dataclass(frozen=True)
class Said:
    """Naive Bayes (Maron 1961) of T traits for G groups: how much likelier each trait is in a group than anywhere.

    What is added up of a message is divided by the root of how many traits it has: they do not stand independently,
    and a long message must not count for more than it says.

    Attributes:
        known: the traits, in order.
        starts: where the entries of each trait begin, shape (T + 1,).
        groups: of each entry the group, shape (E,); a trait has an entry for each group that it stands in.
        gains: of each entry what the group gains over one in which the trait does not stand, shape (E,).
        frequency: in what share of all messages each trait stands, shape (T,).
        absent: what a group gains, mostly loses, for a trait that does not stand in it, shape (G,).
    """

    known: tuple[str, ...]
    starts: Positions
    groups: Positions
    gains: Array
    frequency: Array
    absent: Array

    @classmethod
    def fit(cls, messages: Sequence[Traits], own: Positions, groups: int) -> Self:
        """Learns from messages.

        Args:
            messages: N messages.
            own: the group of each, shape (N,).
            groups: how many there are; each has a message.
        """
        often = Counter(trait for message in messages for trait in message)
        known = tuple(sorted(trait for trait, count in often.items() if count >= FEWEST))
        place = {trait: at for at, trait in enumerate(known)}
        pairs = [
            (place[trait], group)
            for message, group in zip(messages, own.tolist(), strict=True)
            for trait in message
            if trait in place
        ]
        entries, counts = np.unique(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=0, return_counts=True)
        frequency = np.array([often[trait] for trait in known], dtype=np.float64) / max(len(messages), 1)
        sizes = np.bincount(own, minlength=groups).astype(np.float64)
        absent = np.log(DOUBT / (sizes + DOUBT))
        gains = np.log1p(counts / (DOUBT * frequency[entries[:, 0]]))
        starts = np.searchsorted(entries[:, 0], np.arange(len(known) + 1))
        kept = [array.astype(np.float32) for array in (gains, frequency, absent)]
        return cls(known, starts, entries[:, 1], *kept)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what ``write`` wrote.

        Raises:
            OSError: the file cannot be read.
            SaidDamaged: it is not what was written.
        """
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                text = arrays["known"].tobytes().decode()
                known = tuple(text.split(_BETWEEN)) if text else ()
                return cls(known, *(arrays[name] for name in _ARRAYS))
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise SaidDamaged(str(path)) from error

    def write(self, path: Path) -> None:
        """Writes it to a file.

        Raises:
            OSError: it cannot be written in whole.
        """
        packed = io.BytesIO()
        known = np.frombuffer(_BETWEEN.join(self.known).encode(), dtype=np.uint8)
        np.savez(packed, known=known, **{name: getattr(self, name) for name in _ARRAYS})
        path.write_bytes(packed.getvalue())

    def scores(self, message: Traits) -> Array:
        """How much likelier each group is for what a message says, shape (G,)."""
        places = self._places(message)
        scores = self.absent * len(places)
        for place in places:
            entries = slice(self.starts[place], self.starts[place + 1])
            scores[self.groups[entries]] += self.gains[entries]
        return np.asarray(scores * _share(places), dtype=np.float32)

    def without_themselves(self, messages: Sequence[Traits], own: Positions) -> Array:
        """The scores of messages it was learned from, shape (n, G): in its own group each is left out.

        Args:
            messages: n of those that it was fitted on.
            own: the group of each, shape (n,).
        """
        scores = np.stack([self.scores(message) for message in messages])
        for row, (message, group) in enumerate(zip(messages, own.tolist(), strict=True)):
            places = self._places(message)
            size = DOUBT * (np.exp(-self.absent[group]) - 1)
            alone = len(places) * np.log(DOUBT / (size - 1 + DOUBT))
            for place in places:
                entries = slice(self.starts[place], self.starts[place + 1])
                gain = self.gains[entries][self.groups[entries] == group].item()
                once = 1 / (DOUBT * self.frequency[place])
                alone += np.log1p(np.expm1(gain) - once)
            scores[row, group] = alone * _share(places)
        return scores

    def _places(self, message: Traits) -> list[int]:
        return sorted(self._place[trait] for trait in message if trait in self._place)  # the same sum every time

    @cached_property
    def _place(self) -> dict[str, int]:
        return {trait: at for at, trait in enumerate(self.known)}


def _share(places: Sequence[int]) -> float:
    return float(max(len(places), 1) ** -0.5)
